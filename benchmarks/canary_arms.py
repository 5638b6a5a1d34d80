"""Servers whose answers are drawn by lot, and whole verifications of them: for tests and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from slo.calibration import Calibration, Calibrator
from slo.canary import CanaryJudge, CanaryJudgement, CanaryVerdict
from slo.detector import watched_objectives
from slo.grammar import parse
from slo.histogram import FINE_BITS, Histogram, bucket_count, bucket_index
from slo.metric import Phase
from slo.policy import Policy
from slo.sample import Counts, Sample

__all__ = ["Server", "calibrated", "counted", "verified"]

MEDIAN_NS = 20e6
SIGMA = 0.5
EVERYTHING = "everything"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """How an arm answers, by endpoint or in EVERYTHING.

    Attributes:
        rate_rps: requests per second and endpoint.
        rates_rps: of endpoints that have another one.
        endpoints: names.
        slower: factor of all response times; the median is 20 ms, the p99 64 ms.
        tail: share of requests that take ten times as long.
        errors: share that fails with 500.
        redirects: share that is answered with 307.
        stalls: 2 s about every 30 s, in which all answers take a second and more.
        silent_from_s: from here on nothing is answered.
    """

    rate_rps: int = 100
    rates_rps: Mapping[str, int] = field(default_factory=dict)
    endpoints: Sequence[str] = ("/a",)
    slower: Mapping[str, float] = field(default_factory=dict)
    tail: Mapping[str, float] = field(default_factory=dict)
    errors: Mapping[str, float] = field(default_factory=dict)
    redirects: float = 0.0
    stalls: bool = False
    silent_from_s: int = 1 << 30

    def samples(self, seconds: int, seed: int) -> list[Sample]:
        """The state after each second."""
        lots = np.random.default_rng(seed)
        begins = lots.random(seconds + 1) < (1 / 30 if self.stalls else 0)
        so_far = {name: Counts.none() for name in self.endpoints}
        samples = []
        for second in range(seconds):
            stalled = bool(begins[second] or begins[second + 1])
            for name in self.endpoints if second < self.silent_from_s else ():
                so_far[name] += self._answers(name, stalled, lots)
            total = sum(so_far.values(), Counts.none())
            samples.append(Sample(t_s=second + 1.0, total=total, endpoints=dict(so_far)))
        return samples

    def _answers(self, name: str, stalled: bool, lots: np.random.Generator) -> Counts:
        n = self.rates_rps.get(name, self.rate_rps)
        times_ns = MEDIAN_NS * np.exp(lots.normal(0, SIGMA, n)) * _of(self.slower, name, 1.0)
        times_ns = np.where(lots.random(n) < _of(self.tail, name, 0.0), 10 * times_ns, times_ns)
        if stalled:
            times_ns += 1e9 * (1 + lots.random(n))
        failed = int(lots.binomial(n, _of(self.errors, name, 0.001)))
        redirected = int(lots.binomial(n - failed, self.redirects))
        status_codes = {200: n - failed - redirected, 500: failed, 307: redirected}
        return counted(times_ns, failed=failed, status_codes=status_codes)


def counted(
    times_ns: np.ndarray[tuple[int], np.dtype[np.float64]],
    *,
    failed: int,
    status_codes: Mapping[int, int],
) -> Counts:
    """Requests with these response times."""
    index = bucket_index(FINE_BITS, times_ns.astype(np.uint64))
    latency = Histogram(
        bits=FINE_BITS,
        counts=np.bincount(index, minlength=bucket_count(FINE_BITS)).astype(np.uint64),
        sum_ns=int(times_ns.sum()),
        min_ns=int(times_ns.min()),
        max_ns=int(times_ns.max()),
    )
    return Counts(
        finished=latency.n,
        failed=failed,
        status_codes=status_codes,
        times={Phase.LATENCY: latency},
    )


def calibrated(
    server: Server,
    seconds: int,
    seed: int,
    *,
    objectives: Sequence[str] = (),
    twin: Server | None = None,
) -> Calibration:
    """A calibration with a server and its twin, which is the same unless another is given."""
    watched = watched_objectives([parse(text) for text in objectives], server.endpoints)
    calibrator = Calibrator(watched)
    other = (twin or server).samples(seconds, seed + 1)
    for one, two in zip(server.samples(seconds, seed), other, strict=True):
        calibrator.look(one, two)
    return calibrator.conclude()


def verified(
    calibration: Calibration,
    usual: Server,
    canary: Server,
    seconds: int,
    seed: int,
    *,
    policy: Policy | None = None,
) -> CanaryJudgement:
    """A comparison, watched every second and ended by the first FAIL or INVALID."""
    judge = CanaryJudge(calibration, policy=policy)
    pairs = zip(usual.samples(seconds, seed), canary.samples(seconds, seed + 1), strict=True)
    for one, other in pairs:
        judgement = judge.look(one, other)
        if judgement.verdict is not CanaryVerdict.INCONCLUSIVE:
            return judgement
    return judge.conclude()


def _of(by_name: Mapping[str, float], name: str, usual: float) -> float:
    return by_name.get(name, by_name.get(EVERYTHING, usual))
