"""Is an equal canary ever rejected, and how soon is one that is worse?

Two built-in targets with response times as servers have them (lognormal, median 20 ms, p99 64 ms)
and six endpoints get the same requests in the same seconds. There are no objectives, so that all
that can be found has to be found by comparing; a third of the time is calibration.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.harness import median
from benchmarks.record import Row, Where, write
from loadgen.plan import Endpoint, Plan, Precision
from loadgen.target import running_target
from rollout.canary.comparison import Comparison, ComparisonOptions
from slo.canary import CanaryVerdict

__all__ = ["CASES", "MUST_REACH", "answer", "main", "runs"]

MUST_REACH = "20 of 20 equal pairs do not FAIL; each regression FAILs, with its endpoint named"
USUAL = "lognormal:20ms,0.5"
EQUAL = "equal"
SLOW_PATH = "/api/search"
CASES: Mapping[str, Mapping[str, str]] = {
    EQUAL: {},
    "30 % slower": {"latency": "lognormal:26ms,0.5"},
    "1 % more errors": {"error_rate": "1%"},
    "one slow endpoint of six": {"slow": f"{SLOW_PATH}=lognormal:40ms,0.5"},
    "a bimodal tail": {"latency": "bimodal:20ms,200ms,5%"},
}
"""What the canary is told to be, besides what the baseline is."""
RATE_RPS = 300
CONNECTIONS = 100
PLAN = Plan(
    endpoints=tuple(
        Endpoint(path=f"/api/{name}")
        for name in ("health", "users", "orders", "products", "analytics", "search")
    ),
    connections=CONNECTIONS,
    precision=Precision.CPU,
)


def runs(rounds: int, worse_rounds: int, seconds: float, where: Where) -> Iterator[Row]:
    """A row for each comparison, each with fresh servers.

    Args:
        rounds: of the equal pair.
        worse_rounds: of each regression.
        seconds: of a comparison, its calibration included.
        where: which cores are used.
    """
    for case, worse in CASES.items():
        for round_ in range(rounds if case == EQUAL else worse_rounds):
            yield _compared(case, worse, round_, seconds, where)


def _compared(
    case: str, worse: Mapping[str, str], round_: int, seconds: float, where: Where
) -> Row:
    usual = "20ms" if "bimodal" in worse.get("latency", "") else USUAL
    with ExitStack() as stack:
        os.sched_setaffinity(0, {where.server_cpu})  # the targets inherit it
        baseline = stack.enter_context(running_target(latency=usual, seed=2 * round_))
        told = {"latency": usual, **worse}
        canary = stack.enter_context(
            running_target(**told, seed=2 * round_ + 1)  # type: ignore[arg-type]  # texts, by name
        )
        os.sched_setaffinity(0, {where.client_cpu})
        options = ComparisonOptions(
            baseline_url=baseline, canary_url=canary, rate_rps=RATE_RPS, duration_s=seconds
        )
        began_s = time.monotonic()
        result = Comparison(PLAN, options).run()
    judgement = result.judgement
    named = sorted({reason.endpoint for reason in judgement.reasons if reason.endpoint})
    return {
        "case": case,
        "round": round_,
        "seconds": seconds,
        "rate_rps": RATE_RPS,
        "verdict": judgement.verdict,
        "compared_s": judgement.seconds,
        "wall_s": time.monotonic() - began_s,
        "named": " ".join(named),
        "generator": " ".join(run.health.verdict for run in result.runs),
    }


def answer(rows: Sequence[Row]) -> str:
    """The figures, from the CSV: how the equal pairs ended, how long each regression took."""
    equal = [row for row in rows if row["case"] == EQUAL]
    counts = {verdict: sum(row["verdict"] == verdict for row in equal) for verdict in CanaryVerdict}
    ended = ", ".join(f"{n} {verdict}" for verdict, n in counts.items() if n or verdict == "FAIL")
    parts = [f"{EQUAL}, {len(equal)} pairs: {ended}"]
    for case in list(CASES)[1:]:
        of = [row for row in rows if row["case"] == case]
        failed = [row for row in of if row["verdict"] == CanaryVerdict.FAIL]
        after = f" after {median(failed, 'compared_s'):.0f} s" if failed else ""
        parts.append(f"{case}: {len(failed)} of {len(of)} FAIL{after}{_named(case, failed)}")
    return "; ".join(parts)


def _named(case: str, failed: Sequence[Row]) -> str:
    if not failed or "endpoint" not in case:
        return ""
    right = sum(row["named"] == SLOW_PATH for row in failed)
    return f", {SLOW_PATH} alone named in {right}"


def main() -> None:
    """Reads the command line, measures, writes, prints the answer."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="the CSV to write")
    for name, value in (("rounds", 20), ("worse-rounds", 3), ("seconds", 150.0)):
        parser.add_argument(
            f"--{name}", type=type(value), default=value, help="default: %(default)s"
        )
    given = parser.parse_args()
    where = Where.here()
    print(
        answer(
            write(given.out, runs(given.rounds, given.worse_rounds, given.seconds, where), where)
        )
    )


if __name__ == "__main__":
    main()
