"""All clues of a run, the weightiest first; and runs that point to the generator alone."""

from __future__ import annotations

import pytest

from loadgen.measurement import Measurement
from loadgen.report.diagnosis import diagnose
from tests.loadgen import samples
from tests.loadgen.report.diagnosis.runs import run, seconds, tally


def test_the_weightiest_clue_is_first() -> None:
    total = tally(failed=100, succeeded=900, errors={"reset": 100}, reconnects=10)
    found = diagnose(run(total, timeline=seconds(9, p95_ms=[10.0] * 3 + [30.0] * 3 + [90.0] * 3)))
    assert [clue.text.split(" ")[0] for clue in found] == ["Response", "100", "1", "10"]
    weights = [clue.weight for clue in found]
    assert weights == sorted(weights, reverse=True)


@pytest.mark.parametrize("m", [samples.measurement(), samples.empty_measurement(), run(tally(9))])
def test_every_clue_is_one_line_and_a_sentence(m: Measurement) -> None:
    for clue in diagnose(m):
        assert clue.text.endswith(".")
        assert "\n" not in clue.text
        assert clue.weight > 0


def test_an_invalid_measurement_points_to_the_generator_alone() -> None:
    total = tally(failed=100, succeeded=900, errors={"timeout": 100})
    [clue] = diagnose(run(total, evidence={"own_lag_p99_ms": 200.0}))
    assert clue.text.startswith("Look at the generator first. The generator itself sent late by 2")


def test_a_run_too_small_for_a_clue() -> None:
    assert diagnose(run(tally(9))) == ()
