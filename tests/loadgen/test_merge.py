"""loadgen._merge: C histograms equal to slo's in NumPy and to the hdrhistogram package."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt
import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from loadgen import _merge
from loadgen.arena import HISTOGRAM_HEAD, Arena
from loadgen.errors import LayoutError
from slo.histogram import COARSE_BITS, FINE_BITS, MAX_NS, Histogram, bucket_count

BITS = pytest.mark.parametrize("bits", [FINE_BITS, COARSE_BITS])
VALUES = st.lists(st.integers(0, 2**50), max_size=50)
HEAD_WORDS = HISTOGRAM_HEAD.itemsize // 8


def memory_of(
    parts: list[list[int]], bits: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """One recorded histogram per part, back to back, and their offsets."""
    size_words = HEAD_WORDS + bucket_count(bits)
    memory = np.zeros(size_words * len(parts), dtype=np.uint64)
    offsets = np.arange(len(parts), dtype=np.uint64) * np.uint64(8 * size_words)
    for offset, values in zip(offsets.tolist(), parts, strict=True):
        _merge.init(memory.view(np.uint8), offset, bits)
        _merge.record(memory.view(np.uint8), offset, np.array(values, dtype=np.uint64))
    return memory, offsets


def merged(parts: list[list[int]], bits: int) -> npt.NDArray[np.uint64]:
    memory, offsets = memory_of(parts, bits)
    return _merge.merge(memory.view(np.uint8), offsets, bits)


def head(words: npt.NDArray[np.uint64]) -> dict[str, int]:
    names = ("count", "sum_ns", "min_ns", "max_ns", "saturated", "bits", "buckets")
    view = words[:HEAD_WORDS].view(HISTOGRAM_HEAD)[0]
    return {name: int(view[name]) for name in names}


@BITS
@given(parts=st.lists(VALUES, max_size=5))
def test_merging_is_recording_everything_into_one(bits: int, parts: list[list[int]]) -> None:
    words = merged(parts, bits)
    expected = Histogram.from_values([value for part in parts for value in part], bits)
    assert np.array_equal(words[HEAD_WORDS:], expected.counts)
    assert head(words) == {
        "count": expected.n,
        "sum_ns": expected.sum_ns,
        "min_ns": expected.min_ns if expected.n else 2**64 - 1,
        "max_ns": expected.max_ns,
        "saturated": expected.saturated,
        "bits": bits,
        "buckets": bucket_count(bits),
    }


@BITS
@given(
    values=VALUES,
    qs=st.lists(st.floats(0, 1, exclude_min=True), max_size=12).map(sorted),
    decimals=st.lists(st.integers(1, 100), max_size=4).map(sorted),
)
def test_quantiles_in_c_and_in_numpy_are_equal(
    bits: int, values: list[int], qs: list[float], decimals: list[int]
) -> None:
    for asked in (qs, [percent / 100 for percent in decimals]):
        actual = _merge.quantiles(merged([values], bits), np.array(asked, dtype=np.float64))
        expected = Histogram.from_values(values, bits).quantiles_ns(asked)
        assert actual.tolist() == [value_ns or 0 for value_ns in expected]


def test_a_merge_is_that_of_the_hdrhistogram_package() -> None:
    rng = np.random.default_rng(11)
    parts = [rng.lognormal(15 + i, 1, 2_000).astype(np.uint64).tolist() for i in range(5)]
    whole = HdrHistogram(1, MAX_NS, 3)
    for part in parts:
        peer = HdrHistogram(1, MAX_NS, 3)
        for value in part:
            peer.record_value(value)
        whole.add(peer)
    words = merged(parts, FINE_BITS)
    theirs = [whole.get_count_at_index(i) for i in range(bucket_count(FINE_BITS))]
    assert words[HEAD_WORDS:].tolist() == theirs
    qs = np.array([0.5, 0.9, 0.99, 0.999, 1.0])
    # hdrhistogram reports the upper edge of a bucket, we its middle.
    assert [
        whole.get_highest_equivalent_value(ns) for ns in _merge.quantiles(words, qs).tolist()
    ] == [whole.get_value_at_percentile(100 * q) for q in qs]


def test_a_slot_that_is_not_initialised_is_empty() -> None:
    with Arena.create(workers=2, endpoints=2) as arena:
        offsets = arena.histogram_offsets("response").ravel()
        _merge.init(arena.memory, int(offsets[3]), FINE_BITS)
        _merge.record(arena.memory, int(offsets[3]), np.array([9], dtype=np.uint64))
        assert head(_merge.merge(arena.memory, offsets, FINE_BITS))["count"] == 1


def test_a_merge_is_whole_while_the_writer_goes_on() -> None:
    values = np.random.default_rng(3).lognormal(16, 2, 1_000_000).astype(np.uint64)
    memory, offsets = memory_of([[]], FINE_BITS)
    buffer = memory.view(np.uint8)
    writer = threading.Thread(target=_merge.record, args=(buffer, 0, values))
    writer.start()
    counts = [0]
    while writer.is_alive():
        words = _merge.merge(buffer, offsets, FINE_BITS)
        seen = head(words)
        counts.append(seen["count"])
        assert seen["count"] == int(words[HEAD_WORDS:].sum())
        if seen["count"]:
            assert seen["min_ns"] * seen["count"] <= seen["sum_ns"]
            assert seen["min_ns"] <= _merge.quantiles(words, np.array([0.5]))[0] <= seen["max_ns"]
    writer.join()
    assert counts == sorted(counts)
    assert head(_merge.merge(buffer, offsets, FINE_BITS))["count"] == len(values)


@pytest.mark.parametrize(("field", "value"), [("bits", FINE_BITS), ("hi", 5_000)])
def test_a_spoilt_head_is_refused_with_its_place(field: str, value: int) -> None:
    memory, offsets = memory_of([[1], [2]], COARSE_BITS)
    at = int(offsets[1]) // 8
    memory[at : at + HEAD_WORDS].view(HISTOGRAM_HEAD)[field] = value
    with pytest.raises(LayoutError, match=f"byte {offsets[1]} of the arena: .*expected 6 bits"):
        _merge.merge(memory.view(np.uint8), offsets, COARSE_BITS)


@pytest.mark.parametrize("offset", [4, 8, 2**64 - 8])
def test_a_histogram_outside_of_the_memory_is_refused(offset: int) -> None:
    memory = memory_of([[1]], COARSE_BITS)[0].view(np.uint8)
    with pytest.raises(ValueError, match=f"histogram at byte {offset} of 19008: expected"):
        _merge.merge(memory, np.array([0, offset], dtype=np.uint64), COARSE_BITS)
    with pytest.raises(ValueError, match="expected a multiple of 8 with 19008 bytes behind it"):
        _merge.init(memory, offset, COARSE_BITS)
    with pytest.raises(ValueError, match="expected a multiple of 8 with 19008 bytes behind it"):
        _merge.record(memory, offset, np.array([1], dtype=np.uint64))


def test_memory_smaller_than_a_histogram_is_refused() -> None:
    with pytest.raises(ValueError, match="histogram at byte 0 of 64: expected"):
        _merge.init(np.zeros(64, dtype=np.uint8), 0, COARSE_BITS)


def test_recording_needs_a_histogram() -> None:
    memory = np.zeros(40_000, dtype=np.uint8)
    with pytest.raises(ValueError, match="histogram of 0 bits: expected 10 or 6"):
        _merge.record(memory, 0, np.array([1], dtype=np.uint64))


@pytest.mark.parametrize("words", [0, 7, HEAD_WORDS + bucket_count(COARSE_BITS) - 1])
def test_quantiles_need_a_whole_histogram(words: int) -> None:
    whole = merged([[1]], COARSE_BITS)
    with pytest.raises(ValueError, match=f"{words} words are"):
        _merge.quantiles(whole[:words], np.array([0.5]))


@pytest.mark.parametrize("qs", [[0.0], [1.5], [float("nan")], [0.9, 0.5]])
def test_quantiles_out_of_range_or_order_are_refused(qs: list[float]) -> None:
    with pytest.raises(ValueError, match="expected 0 < q <= 1, ascending"):
        _merge.quantiles(merged([[1]], COARSE_BITS), np.array(qs))


def test_a_histogram_of_other_bits_does_not_exist() -> None:
    with pytest.raises(ValueError, match="histogram of 7 bits: expected 10 or 6"):
        _merge.merge(np.zeros(64, dtype=np.uint8), np.array([], dtype=np.uint64), 7)
