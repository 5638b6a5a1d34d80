"""The console: it goes on in silence when its reader has gone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from loadgen.cli.console import open_console, print_line, warn

TELLS = """
import sys
from loadgen.cli.console import lasting, open_console
console = open_console()
print("first", file=console.file, flush=True)
sys.stdin.read()
{write}
sys.stderr.write("went on")
"""


@pytest.mark.parametrize(
    "write",
    [
        "console.print('lost')",
        "lasting(lambda text: print(text, file=console.file, flush=True), console)('lost')",
    ],
    ids=["the console", "a display of its own"],
)
def test_a_reader_that_has_gone_ends_nothing(write: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", TELLS.format(write=write)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdin
        assert process.stderr
        assert process.stdout.readline() == "first\n"
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == "went on"
    assert process.returncode == 0


def test_a_warning_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    warn("the disk is full")
    assert capsys.readouterr() == ("", "loadgen: warning: the disk is full\n")


def test_a_line_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    text = f"[bold]not bold[/bold] {'x' * 200}"
    print_line(open_console(), text)
    assert capsys.readouterr().out == f"{text}\n"
