"""Which display a run gets."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from loadgen.display import Display, LiveDisplay, PlainDisplay, QuietDisplay, choose
from loadgen.plan import Plan
from tests.loadgen import samples

TERMINAL = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "xterm"})
DUMB = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "dumb"})
PIPE = Console(file=io.StringIO(), force_terminal=False, _environ={})


@pytest.mark.parametrize(
    ("console", "quiet", "plain", "expected"),
    [
        pytest.param(TERMINAL, False, False, LiveDisplay, id="terminal"),
        pytest.param(TERMINAL, False, True, PlainDisplay, id="plain asked for"),
        pytest.param(TERMINAL, True, True, QuietDisplay, id="quiet wins"),
        pytest.param(DUMB, False, False, PlainDisplay, id="terminal without a cursor"),
        pytest.param(PIPE, False, False, PlainDisplay, id="pipe"),
        pytest.param(PIPE, True, False, QuietDisplay, id="quiet pipe"),
    ],
)
def test_choose(console: Console, quiet: bool, plain: bool, expected: type[Display]) -> None:
    assert type(choose(Plan(), console=console, quiet=quiet, plain=plain)) is expected


@pytest.mark.parametrize(("duration_s", "expected"), [(19.0, 21), (20.0, 8)])
def test_a_short_run_gets_a_line_each_second(duration_s: float, expected: int) -> None:
    """Of a run of so many seconds: each second, or every five; and one at each new phase."""
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=False)
    with choose(Plan(duration_s=duration_s), console=console) as display:
        for progress in samples.progress_of_a_run(int(duration_s)):
            display.update(progress)
    assert len(stream.getvalue().splitlines()) == expected


def test_quiet_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with choose(Plan(), console=PIPE, quiet=True) as display:
        display.update(samples.progress())
    assert capsys.readouterr() == ("", "")
