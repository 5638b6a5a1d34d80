"""slo.compare: changes that are known, and simulated pairs of runs of the same thing."""

from __future__ import annotations

import dataclasses
import math

import pytest

from benchmarks.sim_slo import compared
from slo.compare import Change, Margin, Row, compare
from slo.metric import ErrorRate, Percentile, Phase, Unit
from slo.sample import Counts, Sample
from tests.slo.traffic import counts

BETTER, SAME, CANT_TELL, WORSE = Change
P50, P95 = Percentile(percent=50), Percentile(percent=95)


def run(**endpoints: Counts) -> Sample:
    """A run of these endpoints; what all of them came to is that of the first."""
    return Sample(t_s=60.0, total=next(iter(endpoints.values())), endpoints=endpoints)


def spread(middle_ms: float, n: int, *, failed: int = 0) -> Counts:
    """Requests around a middle, evenly over the 20 percent on both sides."""
    each = n // 100
    return counts({middle_ms * (0.8 + 0.004 * k): each for k in range(100)}, failed=failed)


def rows(old: Counts, new: Counts, **options: float) -> dict[str, Row]:
    """The rows of all endpoints together, by the text of their metric."""
    result = compare(run(a=old), run(a=new), margin=Margin(**options), percentiles=(P50, P95))
    return {row.metric.text: row for row in result.rows}


@pytest.mark.parametrize(
    ("middle_ms", "expected"),
    [
        pytest.param(10.0, SAME, id="the same"),
        pytest.param(10.2, SAME, id="2 % slower is within the margin"),
        pytest.param(10.5, CANT_TELL, id="5 % slower is the margin"),
        pytest.param(11.0, WORSE, id="10 % slower"),
        pytest.param(9.0, BETTER, id="10 % faster"),
    ],
)
def test_a_percentile_by_its_ratio(middle_ms: float, expected: Change) -> None:
    row = rows(spread(10.0, 20_000), spread(middle_ms, 20_000))["p50"]
    assert row.change is expected
    assert row.ratio is not None
    assert row.difference is not None
    assert row.ratio.low < middle_ms / 10 < row.ratio.high
    assert row.difference.low < middle_ms - 10 < row.difference.high
    assert row.baseline == pytest.approx(10.0, rel=5e-3)
    assert row.current == pytest.approx(middle_ms, rel=5e-3)
    assert (row.unit, row.supported) == (Unit.MS, True)
    wanted = "The change is about as large as the margin." if expected is CANT_TELL else ""
    assert row.reason == wanted


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(20, 20, SAME, id="the same"),
        pytest.param(20, 400, WORSE, id="1.9 points more"),
        pytest.param(400, 20, BETTER, id="1.9 points fewer"),
        pytest.param(0, 0, SAME, id="none in both"),
        pytest.param(400, 420, CANT_TELL, id="too much noise for a tenth of a point"),
    ],
)
def test_an_error_rate_by_its_difference(old: int, new: int, expected: Change) -> None:
    row = rows(spread(10, 20_000, failed=old), spread(10, 20_000, failed=new))["error_rate"]
    assert row.change is expected
    assert (row.baseline, row.current) == (old / 200, new / 200)
    assert (row.unit, row.ratio) == (Unit.PERCENT, None)
    assert row.difference is not None
    assert row.difference.low < (new - old) / 200 + 1e-12
    assert row.difference.high > (new - old) / 200 - 1e-12


def test_the_margin_of_an_error_rate_grows_with_it() -> None:
    half = spread(10, 200_000, failed=100_000)
    assert rows(half, half)["error_rate"].change is SAME
    assert rows(half, half, ratio=0.001)["error_rate"].change is CANT_TELL


def test_a_sample_that_is_too_small_says_what_it_takes() -> None:
    row = rows(spread(10.0, 800), spread(10.3, 800))["p50"]
    assert (row.change, row.supported) == (CANT_TELL, False)
    assert row.reason.startswith("The sample is too small for this margin: it takes about")
    times = float(row.reason.split()[-4])
    larger = round(800 * times / 100 + 1) * 100
    assert rows(spread(10.0, larger), spread(10.0, larger))["p50"].supported
    smaller = round(400 * times / 100) * 100
    assert not rows(spread(10.0, smaller), spread(10.0, smaller))["p50"].supported


@pytest.mark.parametrize("n", [0, 20, 80])
def test_a_percentile_that_a_run_does_not_support(n: int) -> None:
    small = counts({10.0: n})
    for old, new in ((small, spread(10, 800)), (spread(10, 800), small)):
        row = rows(old, new)["p95"]
        assert row.reason == f"{n} requests are too few for p95: it takes 100."
        assert (row.change, row.baseline, row.ratio) == (CANT_TELL, None, None)


def test_a_change_that_the_sample_does_not_bound() -> None:
    few, many = run(a=spread(10, 100)), run(a=spread(10, 800))
    quartiles = tuple(Percentile(percent=percent) for percent in (25, 50, 75))
    row = compare(few, many, percentiles=(*quartiles, P95)).rows[3]
    assert row.ratio is not None
    assert row.ratio.low == 0
    assert row.difference is not None
    assert math.isinf(row.difference.low)
    assert row.reason == "The sample does not bound the change; more requests are needed."


def test_times_of_zero_have_no_ratio() -> None:
    assert rows(counts({0.0: 500}), counts({0.0: 500}))["p50"].change is CANT_TELL


def test_no_requests_have_no_error_rate() -> None:
    row = rows(Counts.none(), spread(10, 800))["error_rate"]
    assert (row.change, row.reason) == (CANT_TELL, "A run had no requests here.")


def test_endpoints_that_both_runs_have() -> None:
    many = spread(10.0, 20_000)
    result = compare(run(a=many, b=many, old=many), run(a=many, b=spread(15.0, 20_000), new=many))
    assert {row.scope for row in result.rows} == {None, "a", "b"}
    assert (result.only_in_baseline, result.only_in_current) == (("old",), ("new",))
    worse = {(row.scope, row.metric.text) for row in result.rows if row.change is WORSE}
    assert worse == {("b", "p50"), ("b", "p95"), ("b", "p99")}
    assert result.change is WORSE  # although all together are the same


def test_rows_share_the_error() -> None:
    """Bonferroni: three endpoints and all together, three percentiles and the error rate."""
    many = spread(10.0, 20_000)
    alone = compare(run(a=many), run(a=many))
    assert {row.difference.confidence for row in alone.rows if row.difference} == {1 - 0.05 / 4}
    several = compare(run(a=many, b=many, c=many), run(a=many, b=many, c=many))
    assert {row.difference.confidence for row in several.rows if row.difference} == {1 - 0.05 / 16}


@pytest.mark.parametrize(
    ("latency_ms", "failed", "expected"),
    [
        (10.0, 0, SAME),
        (5.0, 0, BETTER),
        (5.0, 20_000, WORSE),
        (10.5, 0, CANT_TELL),
    ],
)
def test_the_run_as_a_whole(latency_ms: float, failed: int, expected: Change) -> None:
    old, new = spread(10.0, 20_000), spread(latency_ms, 20_000, failed=failed)
    assert compare(run(a=old), run(a=new), percentiles=(P50,)).change is expected


@pytest.mark.parametrize("field", ["ratio", "error_points"])
def test_without_a_margin_nothing_is_the_same(field: str) -> None:
    with pytest.raises(ValueError, match=f"margin: {field} 0 is out of range"):
        Margin(**{field: 0.0})


def test_another_phase() -> None:
    ttfb = dataclasses.replace(P50, phase=Phase.TTFB)
    many = spread(10.0, 20_000)
    result = compare(run(a=many), run(a=many), percentiles=(ttfb,))
    assert [row.metric for row in result.rows] == [ttfb, ErrorRate()]
    assert result.rows[0].change is SAME


PAIRS = 400
NOISE = 3 * math.sqrt(0.05 * 0.95 / PAIRS)


@pytest.mark.parametrize(
    ("n", "endpoints"),
    [
        pytest.param(2_000, 1, id="small runs"),
        pytest.param(20_000, 4, id="with endpoints"),
    ],
)
def test_two_runs_of_the_same_thing_are_seldom_called_different(n: int, endpoints: int) -> None:
    found = [pair.change for pair in compared(n, PAIRS // endpoints, seed=n, endpoints=endpoints)]
    different = sum(change in {BETTER, WORSE} for change in found) / len(found)
    assert different <= 0.05 + NOISE


def test_they_are_the_same_where_the_sample_supports_the_margin() -> None:
    pairs = list(compared(150_000, PAIRS, seed=17))
    supported = [pair for pair in pairs if all(row.supported for row in pair.rows)]
    assert len(supported) > 0.9 * PAIRS
    same = sum(pair.change is SAME for pair in supported) / len(supported)
    assert same >= 0.95


def test_a_real_change_is_found() -> None:
    found = [pair.change for pair in compared(150_000, 50, seed=18, slower=1.1)]
    assert found == [WORSE] * 50
    found = [pair.change for pair in compared(150_000, 50, seed=19, slower=0.85)]
    assert found == [BETTER] * 50
