"""How often is the canary judge wrong, and what does it find? Simulated arms, for the docs.

`python -m benchmarks.sim_canary` prints the tables of docs/statistics.md; the tests run the same
simulations with fewer runs. All random numbers are seeded.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.canary_alarms import CALIBRATION_S, NEVER, RATE_RPS, SECONDS, World, alarms_s
from benchmarks.canary_arms import Server, calibrated, verified
from slo.canary import CanaryVerdict
from slo.detector import Look

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["main"]

BURSTY = World(stalls=True)
ROWS = (
    ("equal arms", World(), World()),
    ("equal arms that stall", BURSTY, BURSTY),
    ("twice as many slow requests", World(), World(slow=2.0)),
    ("twice as many slow requests, both stall", BURSTY, World(slow=2.0, stalls=True)),
    ("half of the requests fail", World(), World(errors=0.5)),
    ("half of the requests fail, both stall", BURSTY, World(errors=0.5, stalls=True)),
    ("1 point more errors", World(), World(errors=0.011)),
)
SIX = tuple(f"/{letter}" for letter in "abcdef")
VERDICTS = (
    ("the same", Server(), Server()),
    ("2 % slower", Server(), Server(slower={"/a": 1.02})),
    ("10 % slower", Server(), Server(slower={"/a": 1.1})),
    ("30 % slower", Server(), Server(slower={"/a": 1.3})),
    ("1 point more errors", Server(), Server(errors={"/a": 0.011})),
    ("a tail: 2 % take ten times as long", Server(), Server(tail={"/a": 0.02})),
    ("the same, both stall", Server(stalls=True), Server(stalls=True)),
    ("30 % slower, both stall", Server(stalls=True), Server(slower={"/a": 1.3}, stalls=True)),
    (
        "one of six endpoints 30 % slower",
        Server(endpoints=SIX, rate_rps=50),
        Server(endpoints=SIX, rate_rps=50, slower={"/c": 1.3}),
    ),
)
VERDICT_S = 300


def main() -> None:
    """Prints both tables in Markdown."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--runs", type=int, default=2_000, help="simulated alarms a row")
    parser.add_argument("--verdicts", type=int, default=100, help="whole verifications a row")
    options = parser.parse_args()
    print(f"{options.runs:,} runs of {SECONDS} s a row, {RATE_RPS} requests/s per arm\n")
    print("| canary beside baseline | alarm | median | 95 % within | mostly by |")
    print("|---|---|---|---|---|")
    for name, usual, canary in ROWS:
        print(_alarm_line(name, alarms_s(usual, canary, options.runs, seed=len(name))), flush=True)
    print(
        f"\n{options.verdicts} verifications of {VERDICT_S} s a row, effects and power included\n"
    )
    print(f"| the canary is | {' | '.join(CanaryVerdict)} | median until FAIL |")
    print("|---|---|---|---|---|---|")
    for name, server, other in VERDICTS:
        print(_verdict_line(name, server, other, options.verdicts), flush=True)


def _alarm_line(name: str, alarms: Mapping[Look, npt.NDArray[np.float64]]) -> str:
    first = np.min(list(alarms.values()), axis=0)
    by = max(alarms, key=lambda look: float((alarms[look] == first)[first < NEVER].sum()))
    share = float((first < NEVER).mean())
    late = np.quantile(first, 0.95, method="higher")
    times = [f"{each:.0f} s" if each < NEVER else "–" for each in (np.median(first), late)]
    detector = f"{by.detector}, {by.subject}" if share > 0.5 else "–"
    return f"| {name} | {share:.2%} | {' | '.join(times)} | {detector} |"


def _verdict_line(name: str, usual: Server, canary: Server, runs: int) -> str:
    found: Counter[CanaryVerdict] = Counter()
    seconds = []
    for run in range(runs):
        calibration = calibrated(usual, CALIBRATION_S, 10 * run)
        judgement = verified(calibration, usual, canary, VERDICT_S, 10 * run + 5)
        found[judgement.verdict] += 1
        failed = judgement.verdict is CanaryVerdict.FAIL
        seconds.append(judgement.seconds if failed else NEVER)
    middle = float(np.median(seconds))
    shares = " | ".join(f"{found[verdict] / runs:.0%}" for verdict in CanaryVerdict)
    return f"| {name} | {shares} | {f'{middle:.0f} s' if middle < NEVER else '–'} |"


if __name__ == "__main__":
    main()
