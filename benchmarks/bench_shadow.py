"""What does mirroring live traffic cost the client, next to nginx's and Envoy's mirror?

Every request is mirrored. The mirror has one core to itself; the client, production and the
canary share another. Added is the median (p99) through the proxy less the median (p99) without,
of the same round, at 2,000 requests/s. Bad canaries hang, reset, or take a second.
"""

import dataclasses
import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from benchmarks.harness import Lab, main, turns
from benchmarks.mirrors import BAD_CANARIES, MIRRORS, running_canary, running_mirror
from benchmarks.nginx import running_nginx
from benchmarks.peers.loadgen import PEER, result, variant
from benchmarks.record import Cell, Row

__all__ = ["MUST_REACH", "answer", "runs"]

MUST_REACH = (
    "added median ≤ 3 × nginx's; ≥ 10,000 requests/s on one core; "
    "a bad canary adds nothing measurable to the p99"
)
RATE_RPS = 2_000
CONNECTIONS = 16
FAST_CONNECTIONS = 32
DIRECT = "direct"
GOOD = "answers"
CLIENT = variant("loadgen", "--precision", "cpu")
"""It shares its core, so it must not spin."""


def runs(lab: Lab) -> Iterator[Row]:
    """One row per subject and round; of loadgen one for each bad canary besides."""
    cpu = lab.where.client_cpu
    subjects = [DIRECT, *MIRRORS, *(f"loadgen, canary {kind}" for kind in BAD_CANARIES)]
    with running_nginx(cpu=cpu) as production, running_nginx(cpu=cpu) as canary:
        for round_, subject in turns(subjects, lab.rounds):
            name, _, kind = subject.partition(", canary ")
            figures = _measure(lab, name, kind or GOOD, production.port, canary.port)
            yield {"round": round_, "peer": name, "canary": kind or GOOD, **figures}


def answer(rows: Sequence[Row]) -> str:
    """The figures, from the CSV: medians over rounds, differences taken within rounds."""
    added = {name: _added(rows, name, "p50_s") for name in MIRRORS}
    added_p99 = {name: _added(rows, name, "p99_s") for name in MIRRORS}
    told = [
        f"{name} adds {_us(added[name])} µs (p99 {_us(added_p99[name])}), "
        f"{_rate(rows, name):,.0f} requests/s"
        for name in MIRRORS
    ]
    nginx, own = added["nginx"], added["loadgen"]
    ratio = statistics.median(a / b for a, b in zip(own, nginx, strict=True))
    bad = [
        f"canary {kind}: p99 {statistics.median(_bad(rows, kind)) * 1e6:+.0f} µs"
        for kind in BAD_CANARIES
    ]
    return "; ".join([f"{ratio:.2f} × nginx's", *told, *bad])


def _measure(lab: Lab, name: str, kind: str, production: int, canary: int) -> dict[str, Cell]:
    """A paced run for the latency, then a short one as fast as it goes."""
    if name == DIRECT:
        return _figures(lab, f"http://127.0.0.1:{production}/")
    where, folder = lab.where, lab.scratch
    with ExitStack() as stack:
        if kind != GOOD:
            bad = running_canary(kind, cpu=where.client_cpu, folder=folder)
            canary = stack.enter_context(bad)
        mirror = running_mirror(
            name, production=production, canary=canary, cpu=where.server_cpu, folder=folder
        )
        return _figures(lab, stack.enter_context(mirror))


def _figures(lab: Lab, url: str) -> dict[str, Cell]:
    paced = dataclasses.replace(lab.load(CONNECTIONS, rate_rps=RATE_RPS), url=url)
    with lab.start(CLIENT, paced) as client:
        client.wait(paced.seconds + 60, fine=PEER.fine)
    told = result(paced)
    fast = dataclasses.replace(lab.load(FAST_CONNECTIONS), url=url)
    with lab.start(CLIENT, fast) as client:
        client.wait(fast.seconds + 60, fine=PEER.fine)
    return {
        "rate_rps": RATE_RPS,
        "achieved_rps": told["throughput_rps"],
        "failed": told["requests"]["failed"],
        "p50_s": told["service_ms"]["p50"] / 1e3,
        "p99_s": told["service_ms"]["p99"] / 1e3,
        "fast_rps": result(fast)["throughput_rps"],
    }


def _by_round(rows: Sequence[Row], name: str, kind: str, column: str) -> list[float]:
    chosen = [row for row in rows if (row["peer"], row["canary"]) == (name, kind)]
    return [float(row[column]) for row in sorted(chosen, key=lambda row: int(row["round"]))]


def _added(rows: Sequence[Row], name: str, column: str) -> list[float]:
    through = _by_round(rows, name, GOOD, column)
    return [a - b for a, b in zip(through, _by_round(rows, DIRECT, GOOD, column), strict=True)]


def _bad(rows: Sequence[Row], kind: str) -> list[float]:
    """What a bad canary adds to the client's p99 that a good one does not."""
    bad, good = (_by_round(rows, "loadgen", each, "p99_s") for each in (kind, GOOD))
    return [a - b for a, b in zip(bad, good, strict=True)]


def _us(values: Sequence[float]) -> str:
    return f"{statistics.median(values) * 1e6:.0f}"


def _rate(rows: Sequence[Row], name: str) -> float:
    return statistics.median(_by_round(rows, name, GOOD, "fast_rps"))


if __name__ == "__main__":
    main(__doc__, runs, answer, rounds=7, seconds=5.0)
