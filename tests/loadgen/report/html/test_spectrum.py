"""The percentile spectrum: the same numbers as a sorted list gives, and none beyond the sample."""

from __future__ import annotations

import dataclasses

import pytest

from loadgen.measurement import Measurement
from loadgen.report.html.spectrum import spectrum
from slo.histogram import COARSE_BITS, Histogram
from slo.metric import Phase
from tests.loadgen import samples

FULL = samples.measurement()


def with_times(values_ms: list[int]) -> Measurement:
    """A run whose answers took these times."""
    values_ns = [value * 1_000_000 for value in values_ms]
    times = {
        **FULL.total.times,
        Phase.LATENCY: Histogram.from_values(values_ns),
        Phase.SERVICE: Histogram.from_values(values_ns, COARSE_BITS),
    }
    return dataclasses.replace(FULL, total=dataclasses.replace(FULL.total, times=times))


def test_each_point_is_the_time_within_which_that_share_was_answered() -> None:
    chart = spectrum(with_times(list(range(1, 1001))), ())
    assert chart is not None
    response = chart.series[0].values
    for x, value_ms in zip(chart.x, response, strict=True):
        # A rank is a whole one, and a bucket's middle within 0.05 % of it.
        assert value_ms == pytest.approx(max(1.0, 1000 * (1 - 1 / x)), abs=1.5)
    assert chart.x[0] == 1.0
    assert response[0] == 1.0


def test_it_ends_where_five_answers_lie_beyond() -> None:
    chart = spectrum(with_times(list(range(1, 1001))), ())
    assert chart is not None
    assert chart.x[-1] == pytest.approx(1000 / 5)
    assert None not in chart.series[0].values
    assert [row[0] for row in chart.table.rows][-2:] == ["99 %", "99.5 %"]
    share, response, service = chart.table.rows[-1]
    assert (share, response) == ("99.5 %", "995 ms")
    assert float(service.removesuffix(" ms")) == pytest.approx(995, rel=0.01)


def test_its_words_carry_its_figures() -> None:
    chart = spectrum(with_times([10] * 900 + [5000] * 100), ())
    assert chart is not None
    assert chart.log
    assert chart.summary == (
        "Half of the answers came within 10.0 ms, 99.5 % within 5.00 s; the slowest took 5.00 s. "
        "The scale of times is logarithmic."
    )


@pytest.mark.parametrize("answers", [0, 1, 9])
def test_too_few_answers_are_not_drawn(answers: int) -> None:
    assert spectrum(with_times([10] * answers), ()) is None


def test_ten_answers_have_a_median() -> None:
    chart = spectrum(with_times([10] * 10), ())
    assert chart is not None
    assert chart.x[-1] == pytest.approx(2.0)
