"""What is told of a verification while it goes on."""

from __future__ import annotations

import io

from rich.console import Console

from loadgen.measurement import Measurement
from loadgen.plan import Plan
from rollout.canary.comparison import ComparisonProgress
from rollout.canary.display import ConsoleAudience
from rollout.canary.steps import after_comparison, skipped
from rollout.canary.verification import StepName
from rollout.shadow.recorded.session import Progress
from tests.loadgen import samples
from tests.rollout.canary.samples import comparison

RESULT = "broken"


def told(*, quiet: bool = False, terminal: bool = False, plain: bool = False) -> str:
    """Everything that is written while a verification goes on."""
    console = Console(
        file=io.StringIO(), width=100, force_terminal=terminal, color_system=None, highlight=False
    )
    interims: list[Measurement] = []
    audience = ConsoleAudience(
        Plan(duration_s=300), console, quiet=quiet, plain=plain, on_interim=interims.append
    )
    result = comparison(RESULT)
    audience.warned(["it is compared with itself"])
    audience.ends(skipped(StepName.SHADOW, "--skip shadow"))
    audience.shadowed(Progress(seconds=0.0, seen=10, pairs=9))
    audience.shadowed(Progress(seconds=1.0, seen=11, pairs=10))
    audience.begins(StepName.LOAD_TEST)
    audience.load(samples.progress())
    audience.interim(samples.measurement(requests=10))
    audience.begins(StepName.COMPARISON)
    for elapsed_s, row in enumerate(result.rows, start=1):
        judgement = result.judgement if row.evidence else None
        audience.compared(
            ComparisonProgress(second=row, elapsed_s=elapsed_s, total_s=105.0, judgement=judgement)
        )
    audience.ends(after_comparison(result))
    audience.close()
    assert len(interims) == 1
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_log_has_a_line_every_five_seconds_and_at_each_phase() -> None:
    lines = told().splitlines()
    assert lines[0] == "Warning: it is compared with itself"
    assert lines[1] == "Not done: shadow; --skip shadow"
    assert lines[2] == "     0s  replaying  10 requests, 9 compared"
    assert lines[3] == "Step 2 of 3: load test"
    assert lines[-1] == "Comparison: FAIL after 0s"
    times = [text.split()[0] for text in lines if "calibrating" in text]
    assert times == ["1s", "5s", "10s", "15s", "20s", "25s"]
    assert next(text for text in lines if "comparing" in text).split()[0] == "26s"


def test_a_terminal_is_redrawn_in_place() -> None:
    text = told(terminal=True)
    assert "\x1b[" in text  # the cursor is moved
    assert "Verdict so far" in text
    assert "25s of 1m 45s  calibrating" not in text


def test_plain_lines_on_a_terminal_when_asked_for() -> None:
    assert "\x1b[" not in told(terminal=True, plain=True)


def test_quiet_is_quiet() -> None:
    assert told(quiet=True) == ""
