"""The live display on a real console that writes to memory."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from loadgen.display.live import LiveDisplay
from tests.loadgen import samples


def terminal(stream: io.StringIO) -> Console:
    return Console(file=stream, width=80, height=24, force_terminal=True, no_color=True)


def test_it_draws_each_second_and_leaves_nothing_behind() -> None:
    stream = io.StringIO()
    with LiveDisplay(terminal(stream)) as display:
        assert "starting workers" in stream.getvalue()
        for progress in samples.progress_of_a_run(10):
            before = len(stream.getvalue())
            display.update(progress)
            assert str(progress.phase) in stream.getvalue()[before:]
    text = stream.getvalue()
    assert text.count("Whole run") == 12 + 1  # once more when it stops
    assert text.endswith("\x1b[1A\x1b[2K")  # the last line is taken back
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1  # the cursor is shown again


def test_the_sparkline_has_one_block_a_second_and_at_most_a_minute() -> None:
    stream = io.StringIO()
    wide = Console(file=stream, width=200, height=24, force_terminal=True, no_color=True)
    with LiveDisplay(wide) as display:
        for number, progress in enumerate(samples.progress_of_a_run(70)):
            display.update(progress)
            display.update(progress)  # a second that is told twice counts once
            picture = stream.getvalue().rsplit("Rate", 1)[1].splitlines()[0]
            blocks = sum(picture.count(block) for block in "▁▂▃▄▅▆▇█")
            assert blocks == min(60, number, 70)


def test_an_error_in_the_run_gives_the_terminal_back() -> None:
    stream = io.StringIO()
    display = LiveDisplay(terminal(stream))
    with pytest.raises(KeyboardInterrupt), display:
        raise KeyboardInterrupt
    assert stream.getvalue().count("\x1b[?25h") == 1
