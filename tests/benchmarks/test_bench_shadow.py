"""The arithmetic of the mirrors' table: differences within rounds, medians over them."""

from __future__ import annotations

from benchmarks.bench_shadow import answer
from benchmarks.mirrors import BAD_CANARIES
from benchmarks.record import Row


def _row(round_: int, peer: str, p50_us: float, p99_us: float, canary: str = "answers") -> Row:
    return {
        "round": round_,
        "peer": peer,
        "canary": canary,
        "p50_s": p50_us / 1e6,
        "p99_s": p99_us / 1e6,
        "fast_rps": 12_345.0,
    }


def test_what_is_added_is_added_to_the_same_round() -> None:
    rows = [
        row
        for round_, base_us in enumerate((10.0, 1_000.0, 20.0))
        for row in (
            _row(round_, "direct", base_us, 2 * base_us),
            _row(round_, "nginx", base_us + 100, 2 * base_us + 200),
            _row(round_, "envoy", base_us + 300, 2 * base_us + 500),
            _row(round_, "loadgen", base_us + 150, 2 * base_us + 400),
            *(
                _row(round_, "loadgen", base_us, 2 * base_us + 400 + extra_us, kind)
                for kind, extra_us in zip(BAD_CANARIES, (0, 7, -7), strict=True)
            ),
        )
    ]
    assert answer(rows).split("; ") == [
        "1.50 × nginx's",
        "nginx adds 100 µs (p99 200), 12,345 requests/s",
        "envoy adds 300 µs (p99 500), 12,345 requests/s",
        "loadgen adds 150 µs (p99 400), 12,345 requests/s",
        "canary hangs: p99 +0 µs",
        "canary resets: p99 +7 µs",
        "canary slow: p99 -7 µs",
    ]
