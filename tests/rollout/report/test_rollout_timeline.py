"""A rollout in the terminal while it goes on."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import pytest
from rich.console import Console

from rollout.report.rollout_timeline import Timeline, bar
from slo.canary import CanaryVerdict
from tests.rollout.progressive.rehearsal import STAGES, Rehearsal


@pytest.mark.parametrize(
    ("weight_percent", "drawn"),
    [
        (0, "[....................]   0 %"),
        (5, "[#...................]   5 %"),
        (100, "[####################] 100 %"),
    ],
)
def test_the_bar(weight_percent: float, drawn: str) -> None:
    assert bar(weight_percent) == drawn


def _shown(folder: Path, *, terminal: bool) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=200, force_terminal=terminal, highlight=False)
    timeline = Timeline(console, STAGES, now=lambda: datetime(2026, 1, 1, 12))
    Rehearsal(folder=folder, verdicts={"100%": CanaryVerdict.FAIL}, on_news=timeline.tell).drive()
    timeline.close()
    return stream.getvalue()


def test_a_line_for_each_event(tmp_path: Path) -> None:
    lines = _shown(tmp_path, terminal=False).splitlines()
    assert lines[:2] == [
        "12:00:00 [#...................]   5 % shifting, 5% (1 of 2): Rollout begun",
        "12:00:00   ✓ The webhook was taken",
    ]
    assert "12:00:00   ✓ The canary's weight is 5 %" in lines
    assert "12:00:00 [####################] 100 % shifting, 100% (2 of 2): 5%: split: " in "".join(
        lines
    )
    assert "rolled back, 100% (2 of 2): All traffic is back" in lines[-1]


def test_on_a_terminal_the_second_moves(tmp_path: Path) -> None:
    shown = _shown(tmp_path, terminal=True)
    assert "left  split: " in shown
    assert "\x1b[" in shown
