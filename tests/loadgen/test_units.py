"""Durations, spans, counts, rates and stages, as people write and mistype them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgen.units import (
    UnitError,
    format_duration,
    format_number,
    format_span,
    parse_count,
    parse_duration,
    parse_number,
    parse_rate,
    parse_span,
    parse_stages,
)

DURATION = "a duration such as 300, 300s, 5m, 1h30m or 10ms"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("300", 300.0),
        ("300s", 300.0),
        ("5m", 300.0),
        ("1h30m", 5400.0),
        ("1d", 86400.0),
        ("1h0m1s", 3601.0),
        ("10ms", 0.010),
        ("2us", 0.000002),
        ("7us", 0.000007),
        ("0", 0.0),
        ("0.5", 0.5),
        (".5s", 0.5),
        ("1.5m", 90.0),
        ("  5m  ", 300.0),
        ("1s500ms", 1.5),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"found '', expected {DURATION}"),
        ("ten", f"found 'ten', expected {DURATION}"),
        ("nan", f"found 'nan', expected {DURATION}"),
        ("inf", f"found 'inf', expected {DURATION}"),
        ("1e3", f"found '1e3', expected {DURATION}"),
        ("5m5", f"found '5m5', expected {DURATION}"),
        ("-5", "found '-5', expected a duration of 0 or more"),
        ("-5s", "found '-5s', expected a duration of 0 or more"),
        ("5 mins", f"found '5 mins', expected {DURATION}; did you mean 5m?"),
        ("5M", f"found '5M', expected {DURATION}; did you mean 5m?"),
        ("1hour 30minutes", f"found '1hour 30minutes', expected {DURATION}; did you mean 1h30m?"),
        (
            "5x",
            f"found '5x', expected {DURATION}; 'x' is no unit, the units are d, h, m, s, ms, us",
        ),
        (
            "1m1h",
            f"found '1m1h', expected {DURATION}: each unit once, the larger before the smaller",
        ),
        (
            "1s1s",
            f"found '1s1s', expected {DURATION}: each unit once, the larger before the smaller",
        ),
        ("٣", f"found '٣', expected {DURATION}"),
        ("9" * 101, f"found '99999999999999999999'... (101 characters), expected {DURATION}"),
    ],
)
def test_what_is_no_duration(text: str, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_duration(text)
    assert str(caught.value) == message


def test_a_duration_out_of_range_is_told_the_range() -> None:
    with pytest.raises(UnitError, match=r"^found '1ms', expected a duration from 100ms to 30d$"):
        parse_duration("1ms", low_s=0.1, high_s=30 * 86_400)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("10ms..100ms", (0.01, 0.1)),
        ("0.5..2", (0.5, 2.0)),
        ("0", (0.0, 0.0)),
        ("1s..1s", (1.0, 1.0)),
        ("10ms .. 1s", (0.01, 1.0)),
    ],
)
def test_spans(text: str, span: tuple[float, float]) -> None:
    assert parse_span(text) == span


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "100ms..10ms",
            "found '100ms..10ms', expected the shorter duration before the longer one",
        ),
        (
            "10..100ms",
            "found '10..100ms', expected the shorter duration before the longer one; "
            "did you mean 10ms..100ms?",
        ),
        ("1..", f"found '', expected {DURATION} on each side of .."),
        ("x..1", f"found 'x', expected {DURATION} on each side of .."),
        ("x", "found 'x', expected a duration such as 20ms or a range such as 10ms..100ms"),
        ("-1", "found '-1', expected a duration of 0 or more"),
    ],
)
def test_what_is_no_span(text: str, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_span(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0", 0),
        ("100", 100),
        ("10k", 10_000),
        ("1.5k", 1_500),
        ("2M", 2_000_000),
        ("1_000", 1_000),
        ("1e3", 1_000),
        ("18446744073709551615", 2**64 - 1),
    ],
)
def test_counts(text: str, count: int) -> None:
    assert parse_count(text) == count


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "found '', expected a whole number from 1 to 1000"),
        ("1.5", "found '1.5', expected a whole number"),
        ("-1", "found '-1', expected a whole number from 1 to 1000"),
        ("0", "found '0', expected a whole number from 1 to 1000"),
        ("1001", "found '1001', expected a whole number from 1 to 1000"),
        ("nan", "found 'nan', expected a whole number from 1 to 1000"),
        ("1,000", "found '1,000', expected a whole number from 1 to 1000"),
        ("many", "found 'many', expected a whole number from 1 to 1000"),
    ],
)
def test_what_is_no_count(text: str, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_count(text, low=1, high=1000)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "rate"), [("1000", 1000.0), ("1000/s", 1000.0), ("1.5k/s", 1500.0), (".5", 0.5)]
)
def test_rates(text: str, rate: float) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [
        (parse_rate, "fast", "found 'fast', expected a rate per second of 0 or more"),
        (parse_rate, "-1", "found '-1', expected a rate per second of 0 or more"),
        (parse_rate, "1e400", "found '1e400', expected a rate per second of 0 or more"),
        (parse_number, "inf", "found 'inf', expected a number of 0 or more"),
        (parse_number, "5%", "found '5%', expected a number of 0 or more"),
    ],
)
def test_what_is_no_number(parse: Callable[[str], float], text: str, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse(text)
    assert str(caught.value) == message


def test_stages() -> None:
    points = parse_stages("0:100, 30s:1k, 2m:1000, 2m:0")
    assert points == ((0.0, 100.0), (30.0, 1000.0), (120.0, 1000.0), (120.0, 0.0))


STAGES = "times and levels such as 0:100,30s:1000,2m:1000"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"found '', expected {STAGES}"),
        ("100", f"found '100', expected {STAGES}"),
        ("0:1,", f"found '', expected {STAGES}"),
        (
            "0:x",
            f"stage '0:x': found 'x', expected a level of 0 or more; stages are {STAGES}",
        ),
        ("1x:5", "stage '1x:5': found '1x', expected"),
        (
            "30s:1,10s:2",
            "found 10s after 30s, expected times since the start of the load, "
            "each later than the one before",
        ),
    ],
)
def test_what_are_no_stages(text: str, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_stages(text)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0s"),
        (1.5, "1.5s"),
        (300.0, "5m"),
        (5400.0, "1h30m"),
        (5430.0, "1h30m30s"),
        (0.01, "10ms"),
        (0.0005, "500us"),
        (2_592_000.0, "30d"),
    ],
)
def test_durations_are_shown_as_people_write_them(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.integers(min_value=0, max_value=10**13))
def test_a_shown_duration_reads_as_what_it_was(microseconds: int) -> None:
    seconds = microseconds / 1e6
    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds, rel=1e-6)


@pytest.mark.parametrize(("span", "text"), [((0.0, 0.0), "0s"), ((0.01, 0.1), "10ms..100ms")])
def test_shown_spans(span: tuple[float, float], text: str) -> None:
    assert format_span(span) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1000.0, "1000"), (1e7, "10000000"), (0.25, "0.25"), (1 / 3, "0.333333")]
)
def test_shown_numbers(value: float, text: str) -> None:
    assert format_number(value) == text


def _refusal(parse: Callable[[str], object], text: str) -> str:
    try:
        parse(text)
    except UnitError as error:
        return str(error)
    return ""


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    for parse in (parse_duration, parse_span, parse_count, parse_rate, parse_stages):
        assert len(_refusal(parse, text).splitlines()) <= 1
