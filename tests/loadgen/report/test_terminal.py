"""The summary on a terminal: what it says, in which order, and that it fits."""

from __future__ import annotations

import dataclasses
import io

import pytest
from rich.console import Console

from loadgen.measurement import Measurement
from loadgen.report.terminal import render
from tests.loadgen import samples

FULL = samples.measurement()
BAD = samples.measurement(
    open_loop=True, planned_requests=20_000.0, waited=30, worker_cpu_percent=(97.0, 40.0)
)


def shown(measurement: Measurement, width: int = 80) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width).print(render(measurement))
    return stream.getvalue()


def test_what_decides_comes_first() -> None:
    lines = [line.rstrip() for line in shown(FULL).splitlines() if line.strip()]
    assert lines[0] == " PASSED  http://localhost:8000  sustained, 100 users"
    assert lines[1] == " Generator         VALID: the numbers are about the target"
    assert lines[2] == " Throughput        1,050.5 req/s   answers in 15s"
    assert lines[3] == " Error rate        0.14 %          22 failed of 15,760 requests"
    assert lines[4].split() == ["Times", "p50", "p90", "p95", "p99", "p99.9", "max"]
    assert lines[5].startswith(" Response time       93.")


def test_endpoints_and_outcomes_follow() -> None:
    text = shown(FULL)
    assert text.index("Response time") < text.index("/api/orders") < text.index("HTTP 500")
    assert text.index("HTTP 503") < text.index("timeout") < text.index("12 sent more than 1 ms")
    assert "About the generator" not in text


def test_reasons_stand_at_the_end_where_the_eye_is() -> None:
    text = shown(BAD)
    assert text.index("INVALID: the numbers are about the generator") < text.index("Response time")
    last = text[text.index("About the generator") :]
    assert " ! 21.2 % of the planned requests" in last
    assert " ! Worker 0 used 97 %" in last
    assert " - Arrivals that waited for a free connection: 30" in last


def test_at_most_three_sentences_say_what_the_run_points_to() -> None:
    points = shown(FULL, width=400).partition("What this points to")[2].splitlines()[1:]
    assert [line[:2] for line in points if line.strip()] == [" -"] * 3
    assert "/api/orders has 86.4 % of the failures" in "".join(points)
    assert "points to" not in shown(samples.measurement(requests=20))


def test_an_invalid_run_points_to_the_generator_once() -> None:
    assert "points to" not in shown(BAD)


def test_a_clean_run_of_one_endpoint_is_short() -> None:
    whole = dataclasses.replace(samples.tally(500, 20.0), late=0)
    text = shown(dataclasses.replace(FULL, total=whole, endpoints=FULL.endpoints[:1]))
    assert "/api/health" not in text
    assert "HTTP 200" not in text
    assert "Response time" in text


def test_a_run_that_could_not_be_done_says_why_at_once() -> None:
    lines = [
        line.strip() for line in shown(samples.empty_measurement()).splitlines() if line.strip()
    ]
    assert lines[0].startswith("FAILED  http://localhost:8000")
    assert lines[1] == "The run could not be done: worker 1 was killed by SIGKILL."
    assert "Response time" not in "\n".join(lines)


def test_no_success_is_said_even_when_every_request_was_answered() -> None:
    whole = samples.tally(100, 20.0, failed=100)
    text = shown(dataclasses.replace(FULL, total=whole))
    assert "FAILED" in text
    assert "No request succeeded." in text


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("measurement", [FULL, BAD, samples.empty_measurement()])
def test_nothing_is_cut_at_80_columns(measurement: Measurement, width: int) -> None:
    text = shown(measurement, width)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("width", [1, 10, 20, 40])
def test_a_narrow_terminal_cuts_and_does_not_break(width: int) -> None:
    assert max(map(len, shown(BAD, width).splitlines())) <= width


def test_a_long_name_is_cut_before_the_numbers_are() -> None:
    endpoint = dataclasses.replace(FULL.endpoints[2], name="/api/" + "x" * 200)
    text = shown(dataclasses.replace(FULL, endpoints=(endpoint, FULL.endpoints[1])))
    (line,) = [line for line in text.splitlines() if line.startswith(" /api/xxx")]
    assert "…" in line
    assert "4,728" in line


def test_answers_that_failed_a_check_are_shown_with_their_reason() -> None:
    text = shown(samples.measurement_with_checks(), 120)
    assert "/api/users: body does not contain '\"ok\": true': <b>`oops`" in text
    assert "/api/orders: status 503 is not in 200, 300-399 " in text


def test_names_are_not_markup() -> None:
    endpoint = dataclasses.replace(FULL.endpoints[2], name="[red]a[/red]")
    assert "[red]a[/red]" in shown(
        dataclasses.replace(FULL, endpoints=(endpoint, FULL.endpoints[1]))
    )


def test_colour_repeats_what_the_words_say() -> None:
    """Only the verdicts are coloured; with NO_COLOR the text is the same."""
    colour, none = io.StringIO(), io.StringIO()
    Console(file=colour, width=80, force_terminal=True, color_system="standard").print(render(BAD))
    Console(file=none, width=80, force_terminal=True, no_color=True).print(render(BAD))
    assert "\x1b[1;33mINCONCLUSIVE" in colour.getvalue()
    assert "\x1b[31mINVALID" in colour.getvalue()
    assert "\x1b[31m" not in none.getvalue()
    assert "INCONCLUSIVE" in none.getvalue()
