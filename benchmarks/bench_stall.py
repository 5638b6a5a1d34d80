"""Does a stalled server show in the percentiles as arithmetic says it must?

The built-in target takes 50 ms for an answer and stalls for the last second of every five.
1,000 requests/s for 20 s: four in five wait 50 ms, one in five 50 ms and anything up to 1 s
more, each length as likely as the other. Connections are never short.
"""

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.harness import Lab, main
from benchmarks.peers import PEERS
from benchmarks.peers.loadgen import result
from benchmarks.record import Row
from loadgen.target.launch import running_target

__all__ = ["MUST_REACH", "answer", "expected_s", "runs"]

MUST_REACH = "p50, p90, p99 and max within 3 % of arithmetic"
RATE_RPS = 1_000
LATENCY_S = 0.050
EVERY_S = 5.0
STALL_S = 1.0
CONNECTIONS = 1_500  # a stall gathers 1,000 arrivals, and 50 are always on their way
QUANTILES: Mapping[str, float] = {"p50": 0.50, "p90": 0.90, "p99": 0.99, "max": 1.0}


def expected_s(quantile: float) -> float:
    """The quantile of the response time; symbols: latency L, stall F in every E.

    Of all arrivals 1 - F/E take L, and F/E take L + U with U uniform in (0, F):
    q = 1 - F/E + (F/E)(t - L)/F   =>   t = L + max(0, F - E(1 - q)).
    """
    return LATENCY_S + max(0.0, STALL_S - EVERY_S * (1 - quantile))


def runs(lab: Lab) -> Iterator[Row]:
    """One row per round, each with a fresh target."""
    os.sched_setaffinity(0, {lab.where.server_cpu})  # the target inherits it
    stall = f"every:{EVERY_S:g}s,for:{STALL_S:g}s"
    for round_ in range(lab.rounds):
        with running_target(latency=f"{LATENCY_S:g}s", stall=stall) as url:
            load = dataclasses.replace(lab.load(CONNECTIONS, rate_rps=RATE_RPS), url=url)
            with lab.start(PEERS["loadgen"], load) as client:
                client.wait(load.seconds + 60, fine=PEERS["loadgen"].fine)
        latency_ms = result(load)["latency_ms"]
        yield {
            "round": round_,
            "rate_rps": RATE_RPS,
            "seconds": load.seconds,
            **{f"{name}_s": latency_ms[name] / 1e3 for name in QUANTILES},
            **{f"expected_{name}_s": expected_s(q) for name, q in QUANTILES.items()},
        }


def answer(rows: Sequence[Row]) -> str:
    """The figures, from the CSV: of each quantile the median deviation over rounds."""
    return ", ".join(f"{name} {_deviation(rows, name):+.2%}" for name in QUANTILES)


def _deviation(rows: Sequence[Row], name: str) -> float:
    ratios = sorted(float(row[f"{name}_s"]) / float(row[f"expected_{name}_s"]) for row in rows)
    return ratios[len(ratios) // 2] - 1


if __name__ == "__main__":
    main(__doc__, runs, answer, rounds=3, seconds=20.0)
