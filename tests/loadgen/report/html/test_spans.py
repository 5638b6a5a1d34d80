"""Seconds put together: counts add up, and the worst second of a span stays in sight."""

from __future__ import annotations

import dataclasses

import pytest

from loadgen.report.html.spans import condense
from tests.loadgen import samples

SECONDS = [samples.second(t_s) for t_s in range(1, 101)]


@pytest.mark.parametrize(
    ("most", "spans", "length_s"),
    [(100, 100, 1.0), (1000, 100, 1.0), (99, 50, 2.0), (30, 25, 4.0), (1, 1, 100.0)],
)
def test_no_more_spans_than_asked_for(most: int, spans: int, length_s: float) -> None:
    condensed = condense(SECONDS, most)
    assert len(condensed) == spans
    assert {span.length_s for span in condensed} == {length_s}
    assert sum(span.whole.sent for span in condensed) == sum(second.sent for second in SECONDS)
    assert condensed[-1].whole.t_s == 100.0


def test_the_worst_second_stands_for_the_times_of_its_span() -> None:
    slow = dataclasses.replace(
        SECONDS[1],
        p95_ms=900.0,
        p99_ms=None,
        users=7,
        in_flight=500,
        errors={"reset": 4},
        own_lag_p99_ms=12.5,
        worker_cpu_percent=(10.0, 95.0),
    )
    (span,) = condense([SECONDS[0], slow], 1)
    assert (span.whole.p50_ms, span.whole.p95_ms, span.whole.p99_ms) == (95.4, 900.0, 398.7)
    assert (span.whole.users, span.whole.in_flight) == (100, 500)
    assert span.whole.errors == {"timeout": 2, "reset": 4}
    assert span.whole.own_lag_p99_ms == 12.5
    assert span.whole.worker_cpu_percent == (34.2, 95.0)


def test_a_count_of_a_shorter_last_second_is_a_rate_of_that_second() -> None:
    half = dataclasses.replace(SECONDS[1], t_s=1.5, sent=400)
    first, last = condense([SECONDS[0], half], 10)
    assert (first.length_s, last.length_s) == (1.0, 0.5)
    assert last.per_second(last.whole.sent) == 800.0


def test_a_span_without_any_time_of_a_kind_has_none() -> None:
    silent = [dataclasses.replace(second, p99_ms=None) for second in SECONDS[:4]]
    assert [span.whole.p99_ms for span in condense(silent, 2)] == [None, None]


def test_nothing_is_nothing() -> None:
    assert condense([], 10) == ()
