"""slo.grammar: each form, each mistake with its column, and text that reads back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.grammar import GrammarError, closest, parse, scope_problems
from slo.metric import (
    ErrorRate,
    Maximum,
    Mean,
    Percentile,
    Phase,
    StatusRate,
    Throughput,
)
from slo.objective import (
    MAX_WINDOW_S,
    Comparison,
    Decide,
    Objective,
    Window,
    WindowKind,
)

BELOW, AT_MOST, ABOVE, AT_LEAST = Comparison
WITHIN, FOR = WindowKind


def window(kind: WindowKind, seconds: int) -> Window:
    return Window(kind=kind, seconds=seconds)


P95 = Percentile(percent=95)
P99 = Percentile(percent=99)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "p99 of /api/orders < 250ms",
            Objective(metric=P99, scope="/api/orders", comparison=BELOW, limit=250),
        ),
        (
            "error_rate < 1% within 30s",
            Objective(metric=ErrorRate(), comparison=BELOW, limit=1, window=window(WITHIN, 30)),
        ),
        (
            "p95 < 300ms for 1m",
            Objective(metric=P95, comparison=BELOW, limit=300, window=window(FOR, 60)),
        ),
        (
            "status 5xx < 0.1%",
            Objective(metric=StatusRate(first=500, last=599), comparison=BELOW, limit=0.1),
        ),
        (
            "status 503 <= 0%",
            Objective(metric=StatusRate(first=503, last=503), comparison=AT_MOST, limit=0),
        ),
        (
            "ttfb p90 < 80ms",
            Objective(metric=Percentile(percent=90, phase=Phase.TTFB), comparison=BELOW, limit=80),
        ),
        ("throughput > 1000", Objective(metric=Throughput(), comparison=ABOVE, limit=1000)),
        ("throughput >= 1e3/s", Objective(metric=Throughput(), comparison=AT_LEAST, limit=1000)),
        (
            "schedule_lag p99 < 1ms",
            Objective(metric=Percentile(percent=99, phase=Phase.LAG), comparison=BELOW, limit=1),
        ),
        ("p99.9 < 2s", Objective(metric=Percentile(percent=99.9), comparison=BELOW, limit=2000)),
        ("p99<80us", Objective(metric=P99, comparison=BELOW, limit=0.08)),
        ("p99 < 250 ms", Objective(metric=P99, comparison=BELOW, limit=250)),
        ("latency mean < 3ms", Objective(metric=Mean(), comparison=BELOW, limit=3)),
        (
            "connect max <= 1s",
            Objective(metric=Maximum(phase=Phase.CONNECT), comparison=AT_MOST, limit=1000),
        ),
        (
            r'p99 of "GET \"x\\" < 1ms',
            Objective(metric=P99, scope='GET "x\\', comparison=BELOW, limit=1),
        ),
        (
            "p99 of of < 1ms within 1m30s",
            Objective(metric=P99, scope="of", comparison=BELOW, limit=1, window=window(WITHIN, 90)),
        ),
        (
            "p99 < 1ms for 1h, abort",
            Objective(metric=P99, comparison=BELOW, limit=1, window=window(FOR, 3600), abort=True),
        ),
        (
            "p99 < 1ms, after 10, min_samples 100, decide confident",
            Objective(
                metric=P99,
                comparison=BELOW,
                limit=1,
                after_s=10,
                min_samples=100,
                decide=Decide.CONFIDENT,
            ),
        ),
    ],
)
def test_what_can_be_written(text: str, expected: Objective) -> None:
    assert parse(text) == expected
    assert parse(expected.text) == expected


def test_how_to_decide_unless_the_text_says_it() -> None:
    assert parse("p99 < 1ms", decide=Decide.CONFIDENT).decide is Decide.CONFIDENT
    assert parse("p99 < 1ms, decide point", decide=Decide.CONFIDENT).decide is Decide.POINT


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "the text ends here, expected what is measured"),
        ("p95", 4, "the text ends here, expected <, <=, > or >=, or `of` and an endpoint"),
        ("p95 <", 6, "the text ends here, expected a time such as 250ms"),
        ("p95 < 300", 7, "found '300', expected a time such as 250ms"),
        ("p95 < fast", 7, "found 'fast', expected a time"),
        ("p95 < 3m", 7, "found '3m', expected a time"),
        ("p95 < 3 %", 9, "found '%', expected a time"),
        ("pp5 < 3ms", 1, "found 'pp5', expected what is measured.*did you mean p95?"),
        ("p100 < 3ms", 1, "found 'p100', expected more than p0 and less than p100"),
        ("avg < 3ms", 1, "did you mean mean?"),
        ("http_req_failed < 1%", 1, "did you mean error_rate?"),
        ("latncy p95 < 2ms", 1, "did you mean latency?"),
        ("ttfb < 2ms", 6, "found '<', expected p90, mean or max"),
        ("ttfb p95x < 2ms", 6, "found 'p95x', expected p90, mean or max; did you mean p95?"),
        ("status 6xx < 1%", 8, "expected a status such as 503 or a class such as 5xx"),
        ("status < 1%", 8, "expected a status"),
        ("p95 > 300ms", 5, "found '>', an objective says what must hold; expected < or <="),
        ("p95 = 3ms", 5, "found '=', expected <, <="),
        ("p95 for /x < 3ms", 5, "found 'for', expected <"),
        ("p95 off /x < 3ms", 5, "did you mean of?"),
        ("p95 of < 3ms", 8, "expected the name of an endpoint"),
        ('p95 of "" < 3ms', 8, "expected the name of an endpoint"),
        ('p95 of "x < 3ms', 8, "a quote is opened and not closed, expected the name"),
        ("error_rate < 1", 14, "found '1', expected a share such as 0.5%"),
        ("error_rate < 120%", 14, "the limit is out of range; expected 0 to 100%"),
        ("error_rate < 0%", 14, "nothing is below 0"),
        ("throughput > 9ms", 14, "expected a rate such as 1000 or 1000/s"),
        ("p95 < 3ms withn 30s", 11, "expected a window .*did you mean within?"),
        ("p95 < 3ms abort", 11, "expected a window .*, an option after a comma, or the end"),
        ("p95 < 3ms for 1m for 2m", 18, "found 'for', expected a window"),
        ("p95 < 3ms within 0s", 18, "expected a window of 1s to 3600s, whole seconds"),
        ("p95 < 3ms within 1.5s", 18, "expected a window of 1s to 3600s, whole seconds"),
        ("p95 < 3ms within", 17, "the text ends here, expected a duration"),
        ("p95 < 3ms within soon", 18, "found 'soon', expected a duration such as 30s"),
        (
            "p95 < 3ms, abrt",
            12,
            "expected abort, after, min_samples or decide; did you mean abort?",
        ),
        ("p95 < 3ms,", 11, "the text ends here, expected abort, after"),
        ("p95 < 3ms, after 1e99s", 18, "expected a duration that a run can last"),
        ("p95 < 3ms, min_samples 1.5", 24, "found '1.5', expected a whole number"),
        ("p95 < 3ms, decide konfident", 19, "did you mean confident?"),
    ],
)
def test_mistakes_say_where_and_what_is_expected(text: str, column: int, message: str) -> None:
    with pytest.raises(GrammarError, match=message.replace("?", r"\?")) as caught:
        parse(text)
    assert caught.value.column == column
    assert str(caught.value).startswith(f"column {column}: ")
    assert caught.value.caret == f"{text}\n{' ' * (column - 1)}^"
    assert "\n" not in str(caught.value)


LIMITS_MS = st.floats(0.001, 1e6)
PERCENTS = st.floats(0.001, 99.999).map(lambda percent: round(percent, 3))
PHASES = st.sampled_from(Phase)
NAMES = st.none() | st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=20
)
WINDOWS = st.none() | st.builds(
    Window, kind=st.sampled_from(WindowKind), seconds=st.integers(1, MAX_WINDOW_S)
)
OBJECTIVES = st.builds(
    Objective,
    metric=st.builds(Percentile, percent=PERCENTS, phase=PHASES)
    | st.builds(Mean, phase=PHASES)
    | st.builds(Maximum, phase=PHASES),
    comparison=st.sampled_from([BELOW, AT_MOST]),
    limit=LIMITS_MS,
    scope=NAMES,
    window=WINDOWS,
    abort=st.booleans(),
    after_s=st.floats(0, 1e6),
    min_samples=st.integers(0, 10**9),
    decide=st.sampled_from(Decide),
)


@given(OBJECTIVES)
def test_text_reads_back_as_the_same_objective(objective: Objective) -> None:
    assert parse(objective.text) == objective


@given(st.text(max_size=40))
def test_any_text_is_an_objective_or_a_mistake_with_a_place(text: str) -> None:
    column = 1
    try:
        parse(text)
    except GrammarError as error:
        column = error.column
    assert 1 <= column <= len(text) + 1


def test_names_that_the_plan_does_not_have() -> None:
    objectives = [parse("p99 < 1ms"), parse("p99 of /b < 1ms"), parse("p95 of /order < 2ms")]
    assert scope_problems(objectives, ["/orders", "/b"]) == (
        "objective 'p95 of /order < 2ms': no endpoint is called '/order'; "
        "expected one of /orders, /b; did you mean /orders?",
    )


def test_the_closest_word() -> None:
    assert closest("ABROT", ["abort", "after"]) == "; did you mean abort?"
    assert closest("xyz", ["abort", "after"]) == ""
