"""The log as the hdrhistogram package reads it."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

import pytest
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

from loadgen.measurement import Measurement
from loadgen.report.hlog import encode, render
from slo.histogram import COARSE_BITS, MAX_NS, Histogram
from tests.loadgen import samples

FULL = samples.measurement()


def decoded(histogram: Histogram) -> HdrHistogram:
    return HdrHistogram.decode(encode(histogram))


DRAW = random.Random(7)


@pytest.mark.parametrize(
    "values_ns",
    [
        pytest.param([], id="none"),
        pytest.param([0], id="zero"),
        pytest.param([1, 1, 2047, 2048, 2049], id="where buckets begin to widen"),
        pytest.param([MAX_NS], id="the largest"),
        pytest.param([5_000_000] * 300, id="a count of two bytes"),
        pytest.param([int(DRAW.lognormvariate(18, 1)) for _ in range(20_000)], id="lognormal"),
    ],
)
def test_a_histogram_is_read_back_exactly(values_ns: list[int]) -> None:
    peer = HdrHistogram(1, MAX_NS, 3)
    for value_ns in values_ns:
        peer.record_value(value_ns)
    read = decoded(Histogram.from_values(values_ns))
    assert read.get_total_count() == len(values_ns)
    assert [read.get_value_at_percentile(level) for level in (0, 50, 90, 99.9, 100)] == [
        peer.get_value_at_percentile(level) for level in (0, 50, 90, 99.9, 100)
    ]
    assert read.encode() == peer.encode()


def test_a_count_beyond_four_bytes() -> None:
    one = Histogram.from_values([1_000_000])
    many = dataclasses.replace(one, counts=one.counts * 2**40)
    assert decoded(many).get_total_count() == 2**40


def test_only_three_digits_are_an_hdr_histogram() -> None:
    with pytest.raises(ValueError, match="expected 10"):
        encode(Histogram.empty(COARSE_BITS))


def read_log(path: Path, measurement: Measurement) -> dict[str, HdrHistogram]:
    """The histograms of a log by tag, "" for that without."""
    path.write_text(render(measurement), encoding="utf-8")
    tagged: dict[str, HdrHistogram] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line[0] in '#"':
            continue
        head, rest = line.split(",", 1) if line.startswith("Tag=") else ("Tag=", line)
        _, _, _, packed = rest.split(",")
        tagged[head.removeprefix("Tag=")] = HdrHistogram.decode(packed.encode())
    return tagged


def test_a_log_has_all_requests_and_each_endpoint(tmp_path: Path) -> None:
    tagged = read_log(tmp_path / "run.hlog", FULL)
    assert list(tagged) == ["", *(path for path, _, _ in samples.SHOP)]
    expected = {"": FULL.total, **{one.name: one.tally for one in FULL.endpoints}}
    for tag, read in tagged.items():
        latency = expected[tag].latency
        assert read.get_total_count() == latency.n
        for q in (0.50, 0.99, 0.999):
            # The package rounds a rank to the nearest, we round it up: one sample apart.
            low_ns, high_ns = latency.quantiles_ns((q - 1 / latency.n, q))
            assert low_ns is not None
            assert high_ns is not None
            assert 0.999 * low_ns <= read.get_value_at_percentile(100 * q) <= 1.001 * high_ns


def test_a_reader_of_logs_finds_the_interval(tmp_path: Path) -> None:
    path = tmp_path / "run.hlog"
    path.write_text(render(dataclasses.replace(FULL, endpoints=())), encoding="utf-8")
    reader = HistogramLogReader(str(path), HdrHistogram(1, MAX_NS, 3))
    found = reader.get_next_interval_histogram()
    assert found.get_total_count() == 15_760
    # 10:30:00 UTC and two seconds of warm-up: date -u -d 2025-01-27T10:30:02 +%s
    assert reader.get_start_time_sec() == 1_737_973_802
    assert found.get_end_time_stamp() - found.get_start_time_stamp() == 15_000
    assert reader.get_next_interval_histogram() is None
    reader.close()


def test_tags_have_neither_spaces_nor_commas(tmp_path: Path) -> None:
    one = dataclasses.replace(FULL.endpoints[0], name="place an order, twice")
    tagged = read_log(tmp_path / "run.hlog", dataclasses.replace(FULL, endpoints=(one,)))
    assert list(tagged) == ["", "place%20an%20order%2C%20twice"]


def test_a_run_without_requests_is_a_log_too(tmp_path: Path) -> None:
    tagged = read_log(tmp_path / "run.hlog", samples.empty_measurement())
    assert [read.get_total_count() for read in tagged.values()] == [0, 0]
