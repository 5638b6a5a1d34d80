"""The live picture: what it says and that it fits."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from loadgen.display.panel import draw, rate_rps, sparkline
from loadgen.progress import Progress, RunPhase
from tests.loadgen import judged, samples

RATES = [1_000.0] * 30 + [500.0, 0.0, 1_000.0]


def shown(progress: Progress | None, width: int = 80) -> list[str]:
    stream = io.StringIO()
    Console(file=stream, width=width).print(draw(progress, RATES, width))
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_all_that_one_wants_to_know() -> None:
    lines = [line for line in shown(samples.progress()) if line]
    assert lines[0].startswith("measuring")
    assert lines[0].endswith("2m 08s of 5m 00s, 2m 52s left")
    assert lines[1].split() == ["Rate", "1,048", "req/s", "█" * 30 + "▅▁█"]
    assert lines[2:] == [
        "Requests     134,310 sent, 73 failed (0.054 %), 97 in flight, 100 users",
        "Errors       http_500 52, timeout 21",
        "Generator    own lag p99 41.0 µs, worker CPU 36 % (busiest of 2)",
        "                  p50       p95       p99       max",
        "Last second   95.4 ms    245 ms    399 ms    812 ms",
        "Whole run     95.1 ms    244 ms    398 ms    1.20 s",
    ]


def test_an_open_loop_shows_what_is_offered_and_no_users() -> None:
    text = "\n".join(shown(samples.progress(offered_rps=1_050.0, users=0)))
    assert "offered 1,050.0" in text
    assert "users" not in text


def test_a_judged_run_shows_how_its_objectives_stand() -> None:
    rows = [line.strip() for line in shown(samples.progress(judgement=judged.passed().slo))]
    assert "Objectives   2 hold" in rows
    violated = samples.progress(judgement=judged.violated().slo)
    text = " ".join(" ".join(shown(violated, 120)).split())
    assert (
        "Objectives 1 holds, 4 violated, 1 undecided: P50 latency 100.4ms exceeds threshold 100ms"
    ) in text


def test_before_there_is_anything() -> None:
    assert shown(None) == ["starting workers"]
    nothing = samples.progress(
        0.0, phase=RunPhase.CONNECTING, second=None, p50_ms=None, p95_ms=None, p99_ms=None,
        max_ms=None, sent=0, succeeded=0, failed=0, errors={"timeout": 0}, own_lag_p99_ms=None,
        worker_cpu_percent=(),
    )  # fmt: skip
    text = "\n".join(shown(nothing))
    assert "connecting" in text
    assert "– req/s" in text
    assert "0 sent, 0 failed (– %)" in text
    assert "Errors       none" in text
    assert "own lag p99 –, worker CPU –" in text
    assert text.count("–") == 4 + 8


def test_the_end_waits_for_the_last_answers() -> None:
    text = "\n".join(shown(samples.progress(300.0, phase=RunPhase.DRAINING)))
    assert "5m 00s of 5m 00s, last answers" in text


def test_many_classes_of_errors_are_shortened_from_the_smallest() -> None:
    errors = {f"http_{code}": code for code in range(500, 508)}
    text = "\n".join(shown(samples.progress(errors=errors)))
    assert (
        "http_507 507, http_506 506, http_505 505, http_504 504, http_503 503, 3 more"
        in " ".join(text.split())
    )


@pytest.mark.parametrize("width", [1, 10, 20, 40, 80, 120, 300])
@pytest.mark.parametrize("phase", list(RunPhase))
def test_it_fits_every_terminal(width: int, phase: RunPhase) -> None:
    lines = shown(samples.progress(phase=phase, offered_rps=1_050.0), width)
    assert max(map(len, lines)) <= width


def test_nothing_is_cut_at_80_columns() -> None:
    long = samples.progress(35_000.0, total_s=86_400.0, phase=RunPhase.CONNECTING, sent=10**10)
    assert "…" not in "\n".join(shown(long))


@pytest.mark.parametrize(
    ("values", "width", "expected"),
    [
        ([], 10, ""),
        ([0, 0], 10, "▁▁"),
        ([1, 2, 3, 4, 5, 6, 7, 8], 8, "▂▃▄▅▆▇██"),
        ([8, 1], 1, "█"),
        ([5, 5], 0, ""),
        ([5, 5], -3, ""),
    ],
)
def test_sparkline(values: list[float], width: int, expected: str) -> None:
    assert sparkline(values, width) == expected


def test_the_rate_counts_every_request_that_ended() -> None:
    assert rate_rps(samples.progress()) == 1_048
    assert rate_rps(samples.progress(second=None)) is None
