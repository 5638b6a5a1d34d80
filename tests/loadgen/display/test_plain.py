"""Lines for logs."""

from __future__ import annotations

import io
import re

import pytest

from loadgen.display.plain import PlainDisplay, line
from loadgen.progress import RunPhase
from tests.loadgen import judged, samples


def lines(total_s: int, every_s: float) -> list[str]:
    stream = io.StringIO()
    with PlainDisplay(stream, every_s=every_s) as display:
        for progress in samples.progress_of_a_run(total_s):
            display.update(progress)
    assert stream.getvalue().endswith("\n")
    return stream.getvalue().splitlines()


def test_a_line_says_it_all() -> None:
    assert line(samples.progress(), 1_048.25) == (
        " 2m 08s of 5m 00s  measuring     1,048.2 req/s  p50 95.1 ms  p95 244 ms  p99 398 ms  "
        "errors 0.054 %  in flight 97"
    )


def test_a_judged_run_says_how_its_objectives_stand() -> None:
    progress = samples.progress(judgement=judged.violated().slo)
    assert line(progress, 5.0).endswith("objectives 1 holds, 4 violated, 1 undecided")


def test_before_anything_ended_a_line_claims_nothing() -> None:
    nothing = samples.progress(succeeded=0, failed=0, p50_ms=None, p95_ms=None, p99_ms=None)
    assert "errors none finished" in line(nothing, 0.0)
    assert "p99 –" in line(nothing, 0.0)
    connecting = samples.progress(0.0, phase=RunPhase.CONNECTING)
    assert line(connecting, 5.0) == "     0s of 5m 00s  connecting"
    warming = samples.progress(3.0, phase=RunPhase.WARM_UP)
    assert line(warming, 5.0) == "     3s of 5m 00s  warm-up          5.00 req/s"


def test_every_five_seconds_and_at_each_new_phase() -> None:
    starts = [text.split(" of ")[0].strip() for text in lines(22, 5.0)]
    assert starts == ["0s", "1s", "2s", "5s", "10s", "15s", "20s", "22s"]


def test_every_second() -> None:
    starts = [text.split(" of ")[0].strip() for text in lines(4, 1.0)]
    assert starts == ["0s", "1s", "2s", "3s", "4s", "4s"]


def test_the_rate_is_the_mean_since_the_line_before() -> None:
    """The sample run's rates of the seconds 6 to 10, by hand: 1000 + 37(t % 7) - 19(t % 5) + 2."""
    (line_at_10,) = [text for text in lines(22, 5.0) if text.startswith("    10s")]
    rates = [1205, 964, 982, 1000, 1113]
    assert f"{sum(rates) / 5:,.1f} req/s" in line_at_10


@pytest.mark.parametrize("shift_s", [-0.05, 0.05])
def test_a_clock_that_is_not_exact_loses_no_line(shift_s: float) -> None:
    stream = io.StringIO()
    with PlainDisplay(stream, every_s=5.0) as display:
        for t in range(1, 21):
            display.update(samples.progress(t + shift_s))
    assert len(stream.getvalue().splitlines()) == 5  # at 1, 5, 10, 15 and 20 s


def test_no_control_characters() -> None:
    assert not re.search(r"[\x00-\x1f\x7f]", "".join(lines(30, 5.0)))
