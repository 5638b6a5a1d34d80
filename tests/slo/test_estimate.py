"""slo.estimate: values, limits and verdicts, each by arithmetic that fits in a head."""

from __future__ import annotations

import math

import pytest

from slo.estimate import of_histogram, of_reading
from slo.grammar import parse
from slo.metric import Unit
from slo.objective import Comparison, Decide
from slo.sample import Reading
from slo.verdict import Verdict
from tests.slo.traffic import times

PASS, INCONCLUSIVE, FAIL = Verdict


def reading(n: int, part: int, t_s: float = 10.0, squares: float = 0.0) -> Reading:
    return Reading(t_s=t_s, n=n, part=part, squares=squares)


@pytest.mark.parametrize(
    ("text", "of", "observed", "limit", "unit"),
    [
        ("error_rate < 1%", reading(1_000, 5), 0.5, 1.0, Unit.PERCENT),
        ("status 5xx < 0.1%", reading(1_000, 5), 0.5, 0.1, Unit.PERCENT),
        ("throughput > 90", reading(1_000, 1_000), 100.0, 90.0, Unit.PER_S),
        ("mean < 3ms", reading(4, 8_000_000), 2.0, 3.0, Unit.MS),
        ("p99.9 < 3ms", reading(10_000, 7), 0.07, 0.1, Unit.PERCENT),
        ("max < 3ms", reading(10_000, 7), 0.07, 0.0, Unit.PERCENT),
    ],
)
def test_values(text: str, of: Reading, observed: float, limit: float, unit: Unit) -> None:
    found = of_reading(parse(text), of)
    assert found.observed == pytest.approx(observed)
    assert (found.limit, found.unit, found.n, found.lack) == (limit, unit, of.n, "")


@pytest.mark.parametrize(
    ("text", "of", "point", "confident"),
    [
        pytest.param("error_rate < 1%", reading(1_000, 2), PASS, PASS, id="clearly below"),
        pytest.param("error_rate < 1%", reading(1_000, 8), PASS, INCONCLUSIVE, id="just below"),
        pytest.param("error_rate < 1%", reading(1_000, 10), FAIL, INCONCLUSIVE, id="at it"),
        pytest.param("error_rate <= 1%", reading(1_000, 10), PASS, INCONCLUSIVE, id="may be at"),
        pytest.param("error_rate < 1%", reading(1_000, 30), FAIL, FAIL, id="clearly above"),
        pytest.param("p99 < 5ms", reading(1_000, 10), PASS, INCONCLUSIVE, id="p99, 1 % slower"),
        pytest.param("p99.9 < 5ms", reading(7_000, 7), PASS, INCONCLUSIVE, id="p99.9, 0.1 %"),
        pytest.param("p99 < 5ms", reading(1_000, 11), FAIL, INCONCLUSIVE, id="p99, 1.1 %"),
        pytest.param("p99 < 5ms", reading(10_000, 50), PASS, PASS, id="p99, 0.5 % of many"),
        pytest.param("throughput > 99", reading(1_000, 1_000), PASS, INCONCLUSIVE, id="rate"),
        pytest.param("throughput > 80", reading(1_000, 1_000), PASS, PASS, id="rate far above"),
        pytest.param("throughput > 120", reading(1_000, 1_000), FAIL, FAIL, id="rate far below"),
        pytest.param("throughput > 9", reading(0, 0), FAIL, FAIL, id="silence is a throughput"),
        pytest.param("max < 5ms", reading(1_000, 0), PASS, PASS, id="a maximum is a fact"),
        pytest.param("max < 5ms", reading(1_000, 1), FAIL, FAIL, id="and so is one above"),
        pytest.param(
            "mean < 3ms", reading(100, 10**8, squares=1.1e14), PASS, PASS, id="mean of 1, sd 0.3"
        ),
        pytest.param(
            "mean < 3ms", reading(100, 10**8, squares=2e16), PASS, INCONCLUSIVE, id="sd of 14"
        ),
    ],
)
def test_verdicts(text: str, of: Reading, point: Verdict, confident: Verdict) -> None:
    found = of_reading(parse(text), of)
    assert (found.verdict(Decide.POINT), found.verdict(Decide.CONFIDENT)) == (point, confident)


@pytest.mark.parametrize(
    ("text", "of", "lack"),
    [
        ("error_rate < 1%", reading(0, 0), "no requests to judge"),
        ("mean < 1ms", reading(0, 0), "no requests to judge"),
        ("p99 < 1ms", reading(0, 0), "no requests to judge"),
        ("p99 < 1ms", reading(499, 400), "499 requests are too few for p99: it takes 500."),
        ("error_rate < 1%, min_samples 1000", reading(999, 0), "fewer than min_samples 1,000"),
        ("throughput > 1, min_samples 9", reading(8, 8), "8 requests are fewer than"),
    ],
)
def test_what_is_lacking_is_inconclusive(text: str, of: Reading, lack: str) -> None:
    found = of_reading(parse(text), of)
    assert lack in found.lack
    assert found.verdict(Decide.POINT) is INCONCLUSIVE
    assert found.verdict(Decide.CONFIDENT) is INCONCLUSIVE


def test_no_time_is_no_throughput() -> None:
    found = of_reading(parse("throughput > 1"), reading(0, 0, t_s=0.0))
    assert (found.observed, found.interval) == (None, None)
    assert found.verdict(Decide.POINT) is INCONCLUSIVE


def test_a_percentile_of_all_times() -> None:
    found = of_histogram(parse("p95 < 25ms"), times({10: 900, 20: 60, 40: 40}))
    assert found.observed == pytest.approx(20.0, rel=1e-3)
    assert (found.limit, found.comparison, found.unit) == (25.0, Comparison.BELOW, Unit.MS)
    # Ranks 936 and 964 of 1,000 by the binomial distribution: 20 ms and 40 ms.
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((20.0, 40.0), rel=1e-3)
    assert found.verdict(Decide.POINT) is PASS
    assert found.verdict(Decide.CONFIDENT) is INCONCLUSIVE


def test_a_percentile_that_the_sample_cannot_support_has_no_value() -> None:
    found = of_histogram(parse("p99 < 25ms"), times({10: 100}))
    assert (found.observed, found.n) == (None, 100)
    assert found.interval is not None
    assert math.isinf(found.interval.high)
    assert found.verdict(Decide.POINT) is INCONCLUSIVE


def test_the_maximum_of_all_times_is_exact() -> None:
    found = of_histogram(parse("max <= 40.123457ms"), times({10: 3, 40.123457: 1}))
    assert (found.observed, found.interval) == (40.123457, None)
    assert found.verdict(Decide.CONFIDENT) is PASS


def test_nothing_has_no_maximum() -> None:
    found = of_histogram(parse("max < 1ms"), times({}))
    assert (found.observed, found.verdict(Decide.POINT)) == (None, INCONCLUSIVE)
