"""slo.histogram against NumPy's percentiles, the hdrhistogram package and its own definition."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from slo.histogram import (
    COARSE_BITS,
    FINE_BITS,
    MAX_NS,
    Histogram,
    bucket_count,
    bucket_index,
    bucket_lows_ns,
    bucket_mids_ns,
)

BITS = pytest.mark.parametrize("bits", [FINE_BITS, COARSE_BITS])
IN_RANGE = st.lists(st.integers(0, MAX_NS), min_size=1, max_size=200)
ANY = st.lists(st.integers(0, 2**63), max_size=50)
EDGES = sorted({max(0, min((1 << k) + d, MAX_NS)) for k in range(43) for d in (-1, 0, 1)})


def same(actual: Histogram, expected: Histogram) -> bool:
    return (
        actual.bits == expected.bits
        and np.array_equal(actual.counts, expected.counts)
        and (actual.sum_ns, actual.min_ns, actual.max_ns, actual.saturated)
        == (expected.sum_ns, expected.min_ns, expected.max_ns, expected.saturated)
    )


def test_fine_buckets_are_those_of_hdrhistogram_with_three_digits() -> None:
    peer = HdrHistogram(1, MAX_NS, 3)
    for value in EDGES:
        peer.record_value(value)
    ours = Histogram.from_values(EDGES)
    theirs = np.array([peer.get_count_at_index(i) for i in range(bucket_count(FINE_BITS))])
    assert np.array_equal(ours.counts, theirs)


def test_percentiles_are_those_of_hdrhistogram() -> None:
    values = np.random.default_rng(7).lognormal(16, 1.5, 10_000).astype(np.uint64)
    peer = HdrHistogram(1, MAX_NS, 3)
    for value in values:
        peer.record_value(int(value))
    percents = (50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 100.0)
    ours = Histogram.from_values(values.tolist()).quantiles_ns([p / 100 for p in percents])
    theirs = [peer.get_value_at_percentile(p) for p in percents]
    # hdrhistogram reports the upper edge of a bucket, we its middle.
    assert [peer.get_highest_equivalent_value(ns) for ns in ours] == theirs


@BITS
@pytest.mark.parametrize("value", EDGES)
def test_a_value_lies_in_its_bucket_and_near_its_middle(bits: int, value: int) -> None:
    index = int(bucket_index(bits, np.array([value], dtype=np.uint64))[0])
    edges = [*bucket_lows_ns(bits).tolist(), MAX_NS + 1]
    assert edges[index] <= value < edges[index + 1]
    assert abs(int(bucket_mids_ns(bits)[index]) - value) <= value / 2 ** (bits + 1)


@BITS
def test_buckets_join_without_gap_up_to_the_largest_value(bits: int) -> None:
    lows = bucket_lows_ns(bits)
    assert np.array_equal(bucket_index(bits, lows), np.arange(bucket_count(bits)))
    assert np.array_equal(bucket_index(bits, lows[1:] - np.uint64(1)), np.arange(len(lows) - 1))
    assert int(bucket_index(bits, np.array([MAX_NS], dtype=np.uint64))[0]) == len(lows) - 1


@BITS
@given(values=IN_RANGE, parts=st.lists(st.integers(1, 1024), min_size=1, max_size=10))
def test_quantiles_are_numpys_within_the_promised_error(
    bits: int, values: list[int], parts: list[int]
) -> None:
    qs = [part / 1024 for part in sorted(parts)]  # exact in binary, so that ranks are exact
    expected = np.percentile(
        np.array(values, dtype=np.int64), [100 * q for q in qs], method="inverted_cdf"
    )
    for actual, value in zip(
        Histogram.from_values(values, bits).quantiles_ns(qs), expected, strict=True
    ):
        assert actual == pytest.approx(int(value), rel=2 ** -(bits + 1), abs=0)


@pytest.mark.parametrize("n", [1, 7, 10, 100, 1000])
@pytest.mark.parametrize("text", ["0.07", "0.1", "0.29", "0.5", "0.57", "0.9", "0.99", "1"])
def test_ranks_are_those_of_the_decimal_fraction(n: int, text: str) -> None:
    """0.07, 0.29, 0.57 of 100 come out above 7, 29, 57 in binary arithmetic."""
    expected = ceil(Fraction(text) * n)
    assert Histogram.from_values(range(1, n + 1)).quantile_ns(float(text)) == expected


@given(values=ANY)
def test_count_sum_and_extremes_are_exact(values: list[int]) -> None:
    histogram = Histogram.from_values(values)
    assert histogram.n == len(values)
    assert histogram.sum_ns == sum(values)
    assert (histogram.min_ns, histogram.max_ns) == (min(values, default=0), max(values, default=0))
    assert histogram.saturated == len([value for value in values if value > MAX_NS])
    assert histogram.mean_ns == (sum(values) / len(values) if values else None)


@given(values=ANY)
def test_quantiles_never_leave_the_extremes(values: list[int]) -> None:
    histogram = Histogram.from_values(values, COARSE_BITS)
    for value in histogram.quantiles_ns((0.001, 0.5, 1.0)):
        assert value is None if not values else histogram.min_ns <= (value or 0)
        assert value is None or value <= histogram.max_ns


def test_a_single_value_is_reported_exactly() -> None:
    assert Histogram.from_values([123_456_789], COARSE_BITS).quantile_ns(0.5) == 123_456_789


def test_a_value_beyond_the_range_is_counted_and_is_the_maximum() -> None:
    histogram = Histogram.from_values([1000, MAX_NS + 5])
    assert (histogram.n, histogram.saturated, histogram.max_ns) == (2, 1, MAX_NS + 5)
    assert int(histogram.counts[-1]) == 1


@BITS
@given(first=ANY, second=ANY)
def test_a_sum_holds_the_values_of_both(bits: int, first: list[int], second: list[int]) -> None:
    both = Histogram.from_values(first, bits) + Histogram.from_values(second, bits)
    assert same(both, Histogram.from_values([*first, *second], bits))


@BITS
@given(earlier=ANY, later=ANY)
def test_a_difference_holds_the_values_that_came_after(
    bits: int, earlier: list[int], later: list[int]
) -> None:
    expected = Histogram.from_values(later, bits)
    difference = Histogram.from_values([*earlier, *later], bits) - Histogram.from_values(
        earlier, bits
    )
    assert np.array_equal(difference.counts, expected.counts)
    assert (difference.sum_ns, difference.saturated) == (expected.sum_ns, expected.saturated)
    if later:
        assert difference.min_ns <= min(later)
        assert difference.max_ns >= max(later)
        extremes = np.array(
            [difference.min_ns, min(later), difference.max_ns, max(later)], dtype=np.uint64
        )
        index = bucket_index(bits, extremes)
        assert (index[0], index[2]) == (index[1], index[3])
    else:
        assert (difference.min_ns, difference.max_ns) == (0, 0)


def test_the_extremes_of_a_difference_lie_within_those_of_all() -> None:
    earlier = Histogram.from_values([5_000_000])
    difference = Histogram.from_values([5_000_000, 5_000_001]) - earlier
    assert (difference.min_ns, difference.max_ns) == (5_000_000, 5_000_001)


def test_cumulative_counts_end_with_all() -> None:
    histogram = Histogram.from_values([1, 1, 3])
    assert histogram.cumulative[:5].tolist() == [0, 2, 2, 3, 3]
    assert histogram.cumulative[-1] == 3


@pytest.mark.parametrize(
    ("n", "q", "supported"),
    [
        (9, 0.5, False),
        (10, 0.5, True),
        (99, 0.95, False),
        (100, 0.95, True),
        (500, 0.99, True),
        (49_999, 0.9999, False),
        (50_000, 0.9999, True),
        (1000, 1.0, False),
        (0, 0.5, False),
    ],
)
def test_a_quantile_needs_five_values_beyond_it(n: int, q: float, supported: bool) -> None:
    histogram = Histogram.from_values([2_000_000] * n)
    assert histogram.supports(q) is supported
    assert histogram.percentile_ms(q) == (2.0 if supported else None)


def test_named_percentiles_are_in_milliseconds() -> None:
    histogram = Histogram.from_values(range(1_000_000, 1_001_000_000, 1_000_000))
    assert histogram.p50_ms == pytest.approx(500, rel=0.0005)
    assert histogram.p95_ms == pytest.approx(950, rel=0.0005)
    assert histogram.p99_ms == pytest.approx(990, rel=0.0005)
    assert histogram.percentiles_ms((0.5, 0.99, 0.999)) == (
        histogram.p50_ms,
        histogram.p99_ms,
        None,
    )


def test_an_empty_histogram_has_no_quantiles() -> None:
    assert Histogram.empty(FINE_BITS).quantiles_ns((0.5, 0.9)) == (None, None)
    assert Histogram.empty(FINE_BITS).p99_ms is None


@pytest.mark.parametrize("qs", [(0.0,), (1.1,), (-0.5,), (float("nan"),), (0.9, 0.5)])
def test_quantiles_out_of_range_or_order_are_refused(qs: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="expected 0 < q <= 1, ascending"):
        Histogram.from_values([1]).quantiles_ns(qs)


def test_histograms_of_different_precision_do_not_mix() -> None:
    fine, coarse = Histogram.empty(FINE_BITS), Histogram.empty(COARSE_BITS)
    with pytest.raises(ValueError, match="10 and 6 bits: expected the same precision"):
        fine + coarse
    with pytest.raises(ValueError, match="10 and 6 bits: expected the same precision"):
        fine - coarse


def test_what_is_not_an_earlier_state_cannot_be_subtracted() -> None:
    with pytest.raises(ValueError, match="expected an earlier state"):
        Histogram.from_values([1]) - Histogram.from_values([2])


def test_counts_must_have_the_shape_of_the_bits() -> None:
    counts = np.zeros(5, dtype=np.uint64)
    with pytest.raises(ValueError, match=r"shape \(5,\); expected \(33792,\)"):
        Histogram(bits=FINE_BITS, counts=counts, sum_ns=0, min_ns=0, max_ns=0)


def test_a_histogram_does_not_change() -> None:
    with pytest.raises(ValueError, match="read-only"):
        Histogram.empty(FINE_BITS).counts[0] = 1


@BITS
@given(values=IN_RANGE, least=st.integers(0, MAX_NS))
def test_counting_from_a_value_counts_the_middles(bits: int, values: list[int], least: int) -> None:
    counts = Histogram.from_values(values, bits).counts
    expected = int(counts[bucket_mids_ns(bits) >= least].sum())
    assert Histogram.from_values(values, bits).count_from(least) == expected


def test_nothing_is_counted_from_beyond_the_range() -> None:
    histogram = Histogram.from_values([MAX_NS])
    assert (histogram.count_from(0), histogram.count_from(MAX_NS + 1)) == (1, 0)


def test_folding_is_recording_with_less_precision() -> None:
    values = [0, 1, 63, 64, 999, 1_234_567, 1_240_000, 98_765_432_101, MAX_NS + 5]
    folded = Histogram.from_values(values).folded(COARSE_BITS)
    expected = Histogram.from_values(values, COARSE_BITS)
    assert folded.counts.tolist() == expected.counts.tolist()
    assert (folded.n, folded.sum_ns, folded.min_ns, folded.max_ns, folded.saturated) == (
        expected.n,
        expected.sum_ns,
        expected.min_ns,
        expected.max_ns,
        expected.saturated,
    )
    with pytest.raises(ValueError, match="histogram of 6 bits cannot be folded to 10"):
        folded.folded(10)
