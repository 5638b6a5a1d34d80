"""A comparison as a result file has it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from loadgen.json_text import json_text
from rollout.canary.comparison_block import CURVES, comparison_block, nearest_to_proof
from tests.rollout.canary import samples


def block(canary: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(json_text(comparison_block(samples.comparison(canary))))
    return parsed


def test_evidence_is_written_of_what_came_nearest_to_a_proof() -> None:
    found = block("broken")
    told = [each for each in found["detectors"] if each["evidence"] is not None]
    assert len(told) == CURVES < len(found["detectors"])
    nearest = found["detectors"][nearest_to_proof(samples.comparison("broken"))[0]]
    assert nearest["proven"]
    assert len(nearest["evidence"]) == found["seconds"]
    assert nearest["evidence"][-1] >= nearest["needed"]


def test_the_shares_of_alpha_add_up() -> None:
    found = block("alike")
    assert sum(each["alpha"] for each in found["detectors"]) == pytest.approx(0.01, rel=1e-3)


def test_the_rows_add_up_to_the_runs() -> None:
    found = block("slow")
    for run in found["runs"]:
        rows = [row for row in found["rows"] if row["phase"] == run["phase"]]
        assert len(rows) == run["seconds"]
        for side in ("baseline", "canary"):
            assert sum(row[side]["finished"] for row in rows) == run[side]["finished"]
            assert sum(row[side]["failed"] for row in rows) == run[side]["failed"]


def test_what_was_slowed_by_half_is_so_much_slower() -> None:
    effects = {(each["endpoint"], each["subject"]): each for each in block("slow")["effects"]}
    assert effects["/c", "p50"]["ratio"] == pytest.approx(1.5, abs=0.06)
    assert effects["/a", "p50"]["ratio"] == pytest.approx(1.0, abs=0.06)
    low, high = effects["/c", "p50"]["interval"]
    assert low < 1.5 < high


def test_with_a_baseline_that_does_not_answer_nothing_is_compared() -> None:
    found = block("unanswered")
    assert found["verdict"] == "INVALID"
    assert not found["calibration"]["valid"]
    assert [run["phase"] for run in found["runs"]] == ["calibrating"]
