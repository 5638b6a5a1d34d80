"""A measurement taken apart and put together is the same measurement."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from loadgen.archive import pack, unpack
from loadgen.consequence import RollbackOutcome
from loadgen.measurement import Measurement
from loadgen.report import markdown
from loadgen.result import dumps
from slo.metric import Phase
from tests.loadgen import judged, samples


def _stored(measurement: Measurement) -> Measurement:
    plain, arrays = pack(measurement)
    return unpack(json.loads(json.dumps(plain, allow_nan=False)), arrays)


@pytest.mark.parametrize(
    "measurement",
    [
        pytest.param(samples.measurement(requests=400), id="calm"),
        pytest.param(samples.measurement_with_checks(), id="checks"),
        pytest.param(samples.watched(samples.measurement(requests=400)), id="watched"),
        pytest.param(samples.empty_measurement(), id="nothing sent"),
        pytest.param(judged.violated(), id="judged"),
        pytest.param(judged.compared(), id="compared"),
    ],
)
def test_what_is_told_of_it_is_the_same(measurement: Measurement) -> None:
    again = _stored(measurement)
    assert dumps(again) == dumps(measurement)
    assert markdown.render(again) == markdown.render(measurement)
    assert again.run == measurement.run
    assert again.health == measurement.health
    assert again.slo == measurement.slo
    assert again.baseline == measurement.baseline


def test_histograms_are_the_same_to_the_last_count() -> None:
    measurement = samples.measurement(requests=400)
    again = _stored(measurement)
    for phase in Phase:
        before, after = measurement.total.times[phase], again.total.times[phase]
        assert np.array_equal(after.counts, before.counts)
        assert (after.sum_ns, after.min_ns, after.max_ns) == (
            before.sum_ns,
            before.min_ns,
            before.max_ns,
        )


def test_only_buckets_with_counts_are_kept() -> None:
    _, arrays = pack(samples.measurement(requests=100))
    assert sum(array.size for array in arrays.values()) < 10_000
    assert all((array[1] > 0).all() for array in arrays.values())


def test_an_interval_without_bound_survives_json() -> None:
    compared = judged.compared(requests=40)
    assert compared.baseline is not None
    intervals = [row.ratio for row in compared.baseline.comparison.rows if row.ratio]
    assert any(math.isinf(each.high) for each in intervals)
    assert _stored(compared).baseline == compared.baseline


def test_a_field_that_an_older_version_did_not_know_gets_its_default() -> None:
    plain, arrays = pack(samples.measurement(requests=100))
    assert isinstance(plain, dict)
    del plain["rollback"], plain["run"]["stopped"]
    assert unpack(plain, arrays).run.stopped == ""


def test_a_rollback_is_kept() -> None:
    outcome = RollbackOutcome(
        ordered=True, succeeded=False, attempts=3, seconds=4.5, output=("no", "way"), text="It"
    )
    measurement = dataclasses.replace(samples.measurement(requests=100), rollback=outcome)
    assert _stored(measurement).rollback == outcome


def test_what_nobody_can_store_is_refused() -> None:
    strange = dataclasses.replace(samples.measurement(requests=100), warmup=object())  # type: ignore[arg-type]  # on purpose
    with pytest.raises(TypeError, match="a object cannot be stored"):
        pack(strange)
