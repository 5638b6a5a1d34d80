"""How precisely does the open loop hit its schedule, and what does the precision cost?

1,000, 10,000 and 30,000 requests/s by 64 connections from one core, once with precision exact
(spinning towards a due send) and once with precision cpu (sleeping).
"""

from collections.abc import Iterator, Sequence

from benchmarks.harness import Lab, main, median, turns
from benchmarks.peers.loadgen import result, variant
from benchmarks.record import Row

__all__ = ["MUST_REACH", "answer", "runs"]

MUST_REACH = "exact: lag p50 ≤ 5 µs, p99 ≤ 150 µs; offered = achieved within 0.1 %"
RATES_RPS = (1_000, 10_000, 30_000)
CONNECTIONS = 64
SUBJECTS = tuple(variant(name, "--precision", name) for name in ("exact", "cpu"))


def runs(lab: Lab) -> Iterator[Row]:
    """Both precisions in turn, at each rate."""
    for rate_rps in RATES_RPS:
        for round_, peer in turns(SUBJECTS, lab.rounds):
            load = lab.load(CONNECTIONS, rate_rps=rate_rps)
            run = lab.measure(peer, load)
            told = result(load)
            yield {
                "round": round_,
                **run,
                "validity": told["validity"]["verdict"],
                "lag_p50_s": told["schedule_lag_ms"]["p50"] / 1e3,
                "lag_p99_s": told["schedule_lag_ms"]["p99"] / 1e3,
                "offered_rps": told["validity"]["offered_rps"],
                "achieved_rps": told["validity"]["achieved_rps"],
                "steady_cores": float(run["steady_cpu_s"]) / float(run["steady_s"]),
            }


def answer(rows: Sequence[Row]) -> str:
    """The figures, from the CSV; tails are those of the quietest round."""
    return "; ".join(
        f"{rate:,}/s {precision}: {_figures([row for row in rows if _of(row, rate, precision)])}"
        for rate in RATES_RPS
        for precision in ("exact", "cpu")
    )


def _of(row: Row, rate_rps: int, precision: str) -> bool:
    return row["peer"] == precision and row["rate_rps"] == rate_rps


def _figures(rows: Sequence[Row]) -> str:
    quietest = min(rows, key=lambda row: row["lag_p99_s"])
    lag = [f"{float(quietest[name]) * 1e6:.1f}" for name in ("lag_p50_s", "lag_p99_s")]
    achieved = median(rows, "achieved_rps") / median(rows, "offered_rps")
    return (
        f"lag p50 {lag[0]} µs, p99 {lag[1]} µs (quietest), {achieved:.2%} achieved, "
        f"{median(rows, 'steady_cores'):.2f} of a core"
    )


if __name__ == "__main__":
    main(__doc__, runs, answer, rounds=7, seconds=8.0)
