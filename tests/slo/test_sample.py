"""slo.sample: what an objective reads off a sample, counted by hand."""

from __future__ import annotations

import pytest

from slo.grammar import parse
from slo.metric import Phase
from slo.sample import Counts, Reading, Sample, read
from tests.slo.traffic import counts

ALL = counts({10: 6, 20: 3, 40: 1}, failed=2, status_codes={200: 6, 404: 2, 500: 1, 503: 1})
PART = counts({10: 1})
SAMPLE = Sample(t_s=4.0, total=ALL, endpoints={"/a": PART})


@pytest.mark.parametrize(
    ("text", "n", "part"),
    [
        pytest.param("p99 < 15ms", 10, 4, id="slower than a limit between the values"),
        pytest.param("max < 41ms", 10, 0, id="nothing above"),
        pytest.param("ttfb p90 <= 11ms", 10, 4, id="another phase"),
        pytest.param("tls p90 < 10ms", 0, 0, id="a phase that is not measured"),
        pytest.param("error_rate < 1%", 10, 2, id="failed of finished"),
        pytest.param("status 5xx < 1%", 10, 2, id="a class of status"),
        pytest.param("status 404 < 1%", 10, 2, id="one status"),
        pytest.param("throughput > 1", 10, 10, id="answers"),
        pytest.param("mean < 15ms", 10, 160_000_000, id="the sum of the times"),
        pytest.param("p99 of /a < 15ms", 1, 0, id="an endpoint"),
        pytest.param("error_rate of /b < 1%", 0, 0, id="an endpoint without requests"),
    ],
)
def test_readings(text: str, n: int, part: int) -> None:
    found = read(parse(text), SAMPLE)
    assert (found.t_s, found.n, found.part) == (4.0, n, part)


@pytest.mark.parametrize("limit_us", ["0.3", "1", "1.9"])
def test_a_value_at_the_limit(limit_us: str) -> None:
    """0.3 us is 299.99999999999994 ns to a computer, and yet a value of 300 ns is at it."""
    at = counts({float(limit_us) / 1000: 1})  # so short times have buckets of 1 ns
    sample = Sample(t_s=1.0, total=at, endpoints={})
    assert read(parse(f"p50 <= {limit_us}us"), sample).part == 0
    assert read(parse(f"p50 < {limit_us}us"), sample).part == 1


def test_squares_of_a_mean() -> None:
    expected = (6 * 10**2 + 3 * 20**2 + 40**2) * 1e12
    assert read(parse("mean < 15ms"), SAMPLE).squares == pytest.approx(expected, rel=2e-3)


def test_a_window_is_a_difference() -> None:
    early = Reading(t_s=1.0, n=10, part=1, squares=2.0)
    late = Reading(t_s=3.5, n=40, part=2, squares=5.0)
    assert late.since(early) == Reading(t_s=2.5, n=30, part=1, squares=3.0)


def test_times_since_an_earlier_state() -> None:
    later = counts({10: 8, 20: 3, 40: 1})
    assert later.time_since(Phase.LATENCY, ALL).n == 2
    assert later.time_since(Phase.LATENCY, Counts.none()).n == 12
    assert Counts.none().time_since(Phase.TLS, Counts.none()).n == 0


def test_counts_add_up_and_come_apart_again() -> None:
    first = counts({1.0: 10, 20.0: 2}, failed=1, status_codes={200: 11, 500: 1})
    second = counts({1.0: 5, 3.0: 4}, failed=2, status_codes={200: 7, 503: 2})
    both = first + second
    assert (both.finished, both.failed) == (21, 3)
    assert both.status_codes == {200: 18, 500: 1, 503: 2}
    later = both.since(first)
    assert (later.finished, later.failed) == (9, 2)
    assert later.status_codes == {200: 7, 500: 0, 503: 2}
    assert later.time(Phase.LATENCY).counts.tolist() == second.time(Phase.LATENCY).counts.tolist()


def test_a_phase_that_only_one_has_is_kept() -> None:
    one = counts({1.0: 10})
    assert (one + Counts.none()).time(Phase.LATENCY).n == 10
    assert (Counts.none() + one).time(Phase.LATENCY).n == 10
