"""PASS, FAIL or INCONCLUSIVE, with the evidence: what judging an objective or a run gives. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from slo.interval import Interval
from slo.metric import Unit
from slo.objective import Comparison, Objective

__all__ = ["Finding", "Judgement", "Verdict", "worst"]


class Verdict(StrEnum):
    """What is known of an objective, the best first; no data is INCONCLUSIVE, never PASS."""

    PASS = "PASS"
    INCONCLUSIVE = "INCONCLUSIVE"
    FAIL = "FAIL"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several; INCONCLUSIVE when there are none."""
    order = list(Verdict)
    return max(verdicts, key=order.index, default=Verdict.INCONCLUSIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One objective's verdict and what it rests on.

    Within a window a percentile is judged by the share of requests that break the limit
    (p99 < L says the same as: less than 1 % are slower), so observed, limit, comparison and
    unit are then those of the share, in percent.

    Attributes:
        observed: in `unit`; for a window the worst one's value; None when there is no value.
        limit: in `unit`.
        n: requests that `observed` rests on.
        interval: of `observed`, in `unit`; None when there is none. An end that the sample
            does not bound is infinite.
        since_s: FAIL: seconds of measured time at which the violation began; else None.
        until_s: the end of what `observed` is about, in seconds of measured time.
        certain: an anytime-valid bound has decided: looking on would not change it.
        reason: INCONCLUSIVE: a sentence that says why; else "".
    """

    objective: Objective
    verdict: Verdict
    observed: float | None
    limit: float
    comparison: Comparison
    unit: Unit
    n: int
    interval: Interval | None
    since_s: float | None = None
    until_s: float = 0.0
    certain: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict on a run, so far or in the end.

    Attributes:
        verdict: the worst of the findings; INCONCLUSIVE without any.
        findings: one per objective, in their order.
        violations: sentences, one per violated objective.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    violations: tuple[str, ...]

    @property
    def abort(self) -> bool:
        """True when an objective that asks for it is violated: end the run."""
        return any(
            finding.objective.abort and finding.verdict is Verdict.FAIL for finding in self.findings
        )

    @property
    def certain(self) -> bool:
        """True when more seconds would not change the verdict: end the run if time is dear.

        One certain FAIL decides the run; a PASS needs all of them.
        """
        failed = any(f.certain and f.verdict is Verdict.FAIL for f in self.findings)
        return failed or (bool(self.findings) and all(f.certain for f in self.findings))
