"""Evidence that may be looked at every second: a share is proven above or below its limit.

An ordinary test that is repeated each second and stopped at the first alarm is wrong far more
often than it says. Here the evidence is an e-process E: while the hypothesis that it speaks
against is true, the chance that E *ever* reaches 1/alpha is at most alpha (Ville's
inequality), so looking is free. Pure.

    S bad of N requests; hypothesis p <= p0:

          1 - I_p0(a+S, b+N-S)           B(a+S, b+N-S)
    E  =  --------------------  *  --------------------------
            1 - I_p0(a, b)         B(a, b) p0^S (1-p0)^(N-S)

is the likelihood ratio of p to p0, averaged over p > p0 by a Beta(a, b) whose mean is near p0;
each ratio is a supermartingale for every p <= p0, and so is their average. The hypothesis
p >= p0 has the mirror image. With p0 = 1/2 this is the sign test of paired blocks.

Source: Robbins, Annals of Mathematical Statistics 41 (1970); Howard, Ramdas, McAuliffe, Sekhon,
Annals of Statistics 49 (2021), arXiv 1810.08240; Lindon and Malek, NeurIPS 2022, arXiv 2011.03567.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from slo.special import log_beta, log_beta_tails
from slo.verdict import Verdict

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["PASS_AFTER_S", "Trial", "dispersion", "log_evidence_above", "log_evidence_below"]

LEAST_SECONDS = 10
"""Before that nothing is decided, however clear it looks."""
PASS_AFTER_S = 120
"""Before that nothing passes: in so long a run what comes about every 40 s, or more often, has
been seen with a chance of 95 % (1 - e^-3), and a run that has not seen it would wrongly pass."""


def log_evidence_above(
    bad: npt.ArrayLike, n: npt.ArrayLike, limit: float
) -> npt.NDArray[np.float64]:
    """Logarithm of the evidence that the share of bad requests is above the limit.

    Args:
        bad: so far, any shape.
        n: all so far, of the same shape.
        limit: 0 < limit < 1, a share.

    Returns:
        Natural logarithms; log(1/alpha) and more proves it at level alpha.
    """
    return _log_evidence(bad, n, limit, above=True)


def log_evidence_below(
    bad: npt.ArrayLike, n: npt.ArrayLike, limit: float
) -> npt.NDArray[np.float64]:
    """Logarithm of the evidence that the share of bad requests is below the limit.

    Arguments and result as in `log_evidence_above`.
    """
    return _log_evidence(bad, n, limit, above=False)


def dispersion(
    bad: npt.ArrayLike, n: npt.ArrayLike, ratios: npt.ArrayLike, seconds: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """How many times more the counts of the seconds vary than independent requests would.

    Pearson's statistic by its degrees of freedom: sum of (b - p n)^2 / (n p (1-p)) over the
    seconds, divided by their number - 1, written so that running sums suffice.

    Args:
        bad: sum of the seconds' bad requests b.
        n: sum of their requests.
        ratios: sum of b^2 / n over the seconds.
        seconds: how many had requests.

    Returns:
        1 or more: counts that vary less than chance are taken as chance.
    """
    total_bad, total, sum_of_ratios, count = (
        np.asarray(value, dtype=np.float64) for value in (bad, n, ratios, seconds)
    )
    share = total_bad / np.maximum(total, 1)
    variance = np.maximum(share * (1 - share), 1e-300)
    pearson = (sum_of_ratios - share * total_bad) / variance
    known = (count > 1) & (total_bad > 0) & (total_bad < total)
    result: npt.NDArray[np.float64] = np.where(
        known, np.maximum(1.0, pearson / np.maximum(count - 1, 1)), 1.0
    )
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A share on trial, second by second: is it within its limit?

    For independent requests a decision that is wrong has a chance of at most alpha, however
    often it is looked at. Bursts weaken the evidence by their dispersion, once one was seen;
    a run that ends before the first burst cannot know of it. Therefore PASS takes longer than
    FAIL: bursts that are not there yet can only make it worse.

    Attributes:
        limit: 0..1, the largest share of bad requests that is allowed.
        alpha: 0 < alpha < 1, the chance of a wrong decision.
        pass_after_s: there is no PASS before so many seconds with requests, and no decision at
            all before ten.
        bad, n, ratios, seconds: as in `dispersion`, so far.
        verdict: PASS, FAIL, or INCONCLUSIVE while undecided; the first decision stays.
    """

    limit: float
    alpha: float
    pass_after_s: float = PASS_AFTER_S
    bad: int = 0
    n: int = 0
    ratios: float = 0.0
    seconds: int = 0
    verdict: Verdict = Verdict.INCONCLUSIVE

    def second(self, *, bad: int, n: int) -> Trial:
        """The trial after one more second.

        Args:
            bad: bad requests of this second.
            n: all requests of this second.
        """
        if not n:
            return self
        later = replace(
            self,
            bad=self.bad + bad,
            n=self.n + n,
            ratios=self.ratios + bad * bad / n,
            seconds=self.seconds + 1,
        )
        if self.verdict is not Verdict.INCONCLUSIVE or later.seconds < LEAST_SECONDS:
            return later
        verdict = later._decision()
        if verdict is Verdict.PASS and later.seconds < self.pass_after_s:
            return later
        return replace(later, verdict=verdict)

    def _decision(self) -> Verdict:
        if self.limit <= 0:  # a single bad request disproves it, and nothing can prove it
            return Verdict.FAIL if self.bad else Verdict.INCONCLUSIVE
        if self.limit >= 1:
            return Verdict.PASS
        spread = float(dispersion(self.bad, self.n, self.ratios, self.seconds))
        needed = -math.log(self.alpha) * spread
        if _log_likelihood_ratio(self.bad, self.n, self.limit) < needed:
            return Verdict.INCONCLUSIVE  # an average is never more than the largest: saves time
        above = self.bad > self.limit * self.n
        evidence = log_evidence_above if above else log_evidence_below
        if float(evidence(self.bad, self.n, self.limit)) < needed:
            return Verdict.INCONCLUSIVE
        return Verdict.FAIL if above else Verdict.PASS


def _log_likelihood_ratio(bad: int, n: int, limit: float) -> float:
    """Of the observed share to the limit: what evidence can be at most."""
    observed = bad / n
    failures = bad * math.log(observed / limit) if bad else 0.0
    return failures + ((n - bad) * math.log((1 - observed) / (1 - limit)) if bad < n else 0.0)


def _log_evidence(
    bad: npt.ArrayLike, n: npt.ArrayLike, limit: float, *, above: bool
) -> npt.NDArray[np.float64]:
    failures = np.asarray(bad, dtype=np.float64)
    successes = np.asarray(n, dtype=np.float64) - failures
    a, b = max(1.0, limit / (1 - limit)), max(1.0, (1 - limit) / limit)
    side = 1 if above else 0
    weight = log_beta_tails(a + failures, b + successes, limit)[side]
    prior_weight = log_beta_tails(a, b, limit)[side]
    mixture = log_beta(a + failures, b + successes) - log_beta(a, b) + weight - prior_weight
    result: npt.NDArray[np.float64] = mixture - (
        failures * math.log(limit) + successes * math.log1p(-limit)
    )
    return result
