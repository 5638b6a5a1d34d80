"""kill -9 at every point of the journal: whoever goes on ends where nobody was killed.

Weights and the rollback command leave a line each time; a hook that may have been called is
called again with its key. Only setting the weight to 0 may be done twice, for safety's sake.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[3]
SHARED_MEMORY = Path("/dev/shm")
BACK = ["weight 0", "undo"]


class Death(NamedTuple):
    """What came of a rollout that was killed once."""

    point: str
    killed_by: int
    phase: str
    actions: list[str]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is such a place: no process loses what the kernel has."""
    if not os.access(SHARED_MEMORY, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY) as name:
        yield Path(name)


def _loop(scenario: str, afterwards: str, folder: Path) -> tuple[Death, list[Death]]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.rollout.progressive.kill_loop"),
            *(scenario, afterwards, str(folder)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    undisturbed = Death(point="", killed_by=0, **said["undisturbed"])
    deaths = [Death(**death) for death in said["deaths"]]
    assert [death.killed_by for death in deaths] == [signal.SIGKILL] * len(deaths)
    return undisturbed, deaths


def _without_repeats(actions: list[str]) -> list[str]:
    """The actions, a hook's second call with its key and a second `weight 0` left out."""
    kept: list[str] = []
    for action in actions:
        repeatable = action.startswith("hook ") or action == "weight 0"
        if not (repeatable and action in kept):
            kept.append(action)
    return kept


@pytest.mark.parametrize(
    ("scenario", "phase", "points"),
    [("promotion", "promoted", 40), ("failure", "rolled back", 15), ("order", "rolled back", 15)],
)
def test_a_resumed_rollout_ends_as_if_nothing_had_happened(
    scenario: str, phase: str, points: int, folder: Path
) -> None:
    undisturbed, deaths = _loop(scenario, "resume", folder)
    assert undisturbed.phase == phase
    assert len(deaths) > points
    wrong = [
        death
        for death in deaths
        if (death.phase, _without_repeats(death.actions))
        != (undisturbed.phase, undisturbed.actions)
    ]
    assert wrong == []


def test_an_aborted_rollout_is_rolled_back_once_wherever_it_was_killed(folder: Path) -> None:
    _, deaths = _loop("promotion", "abort", folder)
    begun = [death for death in deaths if death.phase]
    assert len(deaths) - len(begun) == 1  # before the first entry nothing was begun
    for death in begun:
        actions = _without_repeats(death.actions)
        if death.phase == "promoted":  # it had ended before the order came
            assert actions[-1] == "weight 100"
            continue
        assert death.phase == "rolled back", death
        assert actions[-2:] == BACK, death
        assert actions.count("undo") == 1, death
