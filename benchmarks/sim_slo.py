"""How often is the gate wrong? Simulated runs whose truth is known, for docs/statistics.md.

`python -m benchmarks.sim_slo` prints them; the tests run the same simulations with fewer runs.
All random numbers are seeded, so that every run of it prints the same.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from slo.compare import Change, RunComparison, compare
from slo.histogram import FINE_BITS, Histogram, bucket_lows_ns, bucket_mids_ns
from slo.metric import Phase
from slo.sample import Counts, Sample
from slo.sequential import (
    LEAST_SECONDS,
    PASS_AFTER_S,
    dispersion,
    log_evidence_above,
    log_evidence_below,
)

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Decisions", "bursts", "compared", "independent", "main", "poisson", "watched"]

ALPHA = 0.05
SECONDS = 300
RATE_RPS = 200
SLOTS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What many runs came to that were watched every second and stopped when decided.

    Attributes:
        passed, failed: shares of the runs.
        median_s: seconds until the decision; None when fewer than half were decided.
    """

    passed: float
    failed: float
    median_s: float | None


def watched(
    bad: npt.NDArray[np.int64],
    n: npt.NDArray[np.int64],
    limit: float,
    *,
    alpha: float = ALPHA,
    pass_after_s: int = PASS_AFTER_S,
) -> Decisions:
    """Watches many runs at once, each as `slo.sequential.Trial` does (a test holds them equal).

    Args:
        bad: bad requests, shape (runs, seconds).
        n: all requests, likewise.
        limit: the share that is allowed, 0..1.
        alpha: chance of a wrong decision.
        pass_after_s: there is no PASS before.
    """
    all_bad, all_n = bad.cumsum(axis=1), n.cumsum(axis=1)
    ratios = (bad * bad / n).cumsum(axis=1)
    seconds = np.arange(1, bad.shape[1] + 1)
    needed = -math.log(alpha) * dispersion(all_bad, all_n, ratios, seconds)
    fails = log_evidence_above(all_bad, all_n, limit) >= needed
    passes = log_evidence_below(all_bad, all_n, limit) >= needed
    fails &= seconds >= LEAST_SECONDS
    passes &= seconds >= max(LEAST_SECONDS, pass_after_s)
    never = bad.shape[1]
    fail_at = np.where(fails.any(axis=1), fails.argmax(axis=1), never)
    pass_at = np.where(passes.any(axis=1), passes.argmax(axis=1), never)
    first = np.minimum(fail_at, pass_at)
    median = float(np.median(first)) + 1
    return Decisions(
        passed=float((pass_at < fail_at).mean()),
        failed=float((fail_at < pass_at).mean()),
        median_s=median if median <= never else None,
    )


def independent(
    share: float, runs: int, seed: int, *, rate: int = RATE_RPS, seconds: int = SECONDS
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Runs in which each request is bad with this chance, whatever the others are.

    Returns:
        (bad, all) requests, shape (runs, seconds).
    """
    bad = np.random.default_rng(seed).binomial(rate, share, (runs, seconds))
    return bad, np.full(bad.shape, rate)


def poisson(
    rate_rps: float, runs: int, seed: int, *, seconds: int = SECONDS
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Runs whose answers come by chance: (instants without one, instants) of each second."""
    answers = np.random.default_rng(seed).poisson(rate_rps, (runs, seconds))
    return SLOTS_PER_S - answers, np.full(answers.shape, SLOTS_PER_S)


def bursts(
    share: float, runs: int, seed: int, *, rate: int = RATE_RPS, seconds: int = SECONDS
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Runs that stall for 2 s about every 30 s; then every request is bad, else this share.

    Returns:
        (bad, all) requests, shape (runs, seconds).
    """
    rng = np.random.default_rng(seed)
    begins = rng.random((runs, seconds + 1)) < 1 / 30
    stalled = begins[:, 1:] | begins[:, :-1]
    bad = np.where(stalled, rate, rng.binomial(rate, share, stalled.shape))
    return bad, np.full(bad.shape, rate)


STALLED_SHARE = 1 - (1 - 1 / 30) ** 2
"""Of the seconds of `bursts`."""


def compared(
    n: int,
    pairs: int,
    seed: int,
    *,
    slower: float = 1.0,
    stalls: float = 0.0,
    endpoints: int = 1,
) -> Iterator[RunComparison]:
    """Compares pairs of runs; the second's response times are longer by a factor.

    Args:
        n: requests of a run, spread evenly over the endpoints.
        pairs: how many.
        seed: of the random numbers.
        slower: 1 makes two runs of the same thing.
        stalls: stalls per run, on average; each makes a 150th of the requests take seconds.
        endpoints: how many.
    """
    rng = np.random.default_rng(seed)
    base, other = _lognormal(1.0), _lognormal(slower)
    stall = _lognormal(50.0)
    for _ in range(pairs):
        runs = []
        for shares in (base, other):
            slow = min(1.0, rng.poisson(stalls) / 150)
            mixed = (1 - slow) * shares + slow * stall
            runs.append(_run(rng, mixed, n, endpoints))
        yield compare(*runs)


def _lognormal(slower: float) -> npt.NDArray[np.float64]:
    """The share of each bucket: median 20 ms times the factor, sigma 0.5, p99 at 64 ms."""
    lows = np.log(np.maximum(bucket_lows_ns(FINE_BITS).astype(np.float64), 0.5))
    z = (lows - math.log(20e6 * slower)) / 0.5
    below = np.array([0.5 * math.erfc(-each / math.sqrt(2)) for each in z])
    shares: npt.NDArray[np.float64] = np.maximum(np.diff(below, append=1.0), 0.0)
    shares /= shares.sum()
    return shares


def _run(
    rng: np.random.Generator, shares: npt.NDArray[np.float64], n: int, endpoints: int
) -> Sample:
    parts = {f"/{number}": _counts(rng, shares, n // endpoints) for number in range(endpoints)}
    latency = sum(
        (part.times[Phase.LATENCY] for part in parts.values()), Histogram.empty(FINE_BITS)
    )
    total = Counts(
        finished=sum(part.finished for part in parts.values()),
        failed=sum(part.failed for part in parts.values()),
        status_codes={200: latency.n},
        times={Phase.LATENCY: latency},
    )
    return Sample(t_s=float(SECONDS), total=total, endpoints=parts)


def _counts(rng: np.random.Generator, shares: npt.NDArray[np.float64], n: int) -> Counts:
    counts = rng.multinomial(n, shares).astype(np.uint64)
    mids_ns = bucket_mids_ns(FINE_BITS)
    touched = mids_ns[np.flatnonzero(counts)]
    latency = Histogram(
        bits=FINE_BITS,
        counts=counts,
        sum_ns=int((counts * mids_ns).sum()),
        min_ns=int(touched[0]),
        max_ns=int(touched[-1]),
    )
    failed = int(rng.binomial(n, 0.001))
    return Counts(finished=n, failed=failed, status_codes={200: n}, times={Phase.LATENCY: latency})


def main() -> None:
    """Prints both tables in Markdown."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--runs", type=int, default=2_000, help="simulated runs or pairs a row")
    runs = parser.parse_args().runs
    print(f"{runs:,} runs of {SECONDS} s a row, {RATE_RPS} requests/s, alpha {ALPHA:.0%}\n")
    print("| limit | true share | wrong | right | undecided | median time to decide |")
    print("|---|---|---|---|---|---|")
    for line in _sequential_lines(runs):
        print(line)
    print("\n| requests a run | the second run is | better | same | can't tell | worse |", end="")
    print(" supports the margin |\n|---|---|---|---|---|---|---|")
    for line in _compare_lines(runs):
        print(line)


def _sequential_lines(runs: int) -> Iterator[str]:
    for limit in (0.05, 0.01, 0.001):
        for factor in (1.0, 2.0, 1.2, 0.8, 0.5):
            counts = independent(limit * factor, runs, seed=round(1e6 * limit * factor))
            what = "at the limit" if factor == 1 else f"{100 * limit * factor:.3g} %"
            yield _sequential_line(f"{limit:.1%}", what, factor, watched(*counts, limit))
    for factor in (1.0, 0.95, 1.05):
        lacking = 1 - 1000 / SLOTS_PER_S
        what = "at the limit" if factor == 1 else f"{1000 * factor:.0f}/s"
        result = watched(*poisson(1000 * factor, runs, seed=round(1e3 * factor)), lacking)
        yield _sequential_line("1000/s or more", what, 2 - factor, result)
    for limit in (0.01, 0.05, 0.1, 0.2):
        for after in (10, 30, 60, 90, 120, 180):
            result = watched(*bursts(0.002, runs, seed=after), limit, pass_after_s=after)
            true = STALLED_SHARE + (1 - STALLED_SHARE) * 0.002
            what = f"{true:.1%} in stalls of 2 s, PASS after {after} s"
            yield _sequential_line(f"{limit:.0%}", what, true / limit, result)


def _sequential_line(limit: str, what: str, factor: float, result: Decisions) -> str:
    """A row; at the limit itself both decisions are wrong, and the worse counts."""
    wrong, right = result.passed, result.failed
    if factor < 1:
        wrong, right = right, wrong
    undecided = abs(1 - result.passed - result.failed)  # never -0.0
    if factor == 1:
        wrong, right = max(result.passed, result.failed), 0.0
    shown = f"{right:.1%}" if factor != 1 else "–"
    median = "–" if result.median_s is None else f"{result.median_s:.0f} s"
    return f"| {limit} | {what} | {wrong:.1%} | {shown} | {undecided:.1%} | {median} |"


def _compare_lines(runs: int) -> Iterator[str]:
    for n in (10_000, 100_000, 400_000):
        for slower in (1.0, 1.03, 1.1, 1.3):
            what = "the same" if slower == 1 else f"{slower - 1:.0%} slower"
            pairs = compared(n, runs, seed=n, slower=slower)
            yield _compare_line(f"{n:,}", what, pairs, runs)
    pairs = compared(100_000, runs, seed=7, endpoints=5)
    yield _compare_line("100,000", "the same, 5 endpoints", pairs, runs)
    pairs = compared(100_000, runs, seed=8, stalls=10.0)
    yield _compare_line("100,000", "the same, ten stalls of 2 s in 300 s", pairs, runs)


def _compare_line(n: str, what: str, pairs: Iterator[RunComparison], runs: int) -> str:
    found: Counter[Change] = Counter()
    supported = 0
    for pair in pairs:
        found[pair.change] += 1
        supported += all(row.supported for row in pair.rows if row.scope is None)
    shares: Mapping[Change, str] = {change: f"{found[change] / runs:.1%}" for change in Change}
    cells = " | ".join(shares[change] for change in Change)
    return f"| {n} | {what} | {cells} | {supported / runs:.1%} |"


if __name__ == "__main__":
    main()
