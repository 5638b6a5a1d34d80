"""Sections in a file that several processes append to: each whole, none lost."""

from __future__ import annotations

import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from loadgen.publish.appended import append

SECTIONS = 50
WRITER = f"""
import sys
from pathlib import Path
from loadgen.publish.appended import append

path, name = Path(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for number in range({SECTIONS}):
    lines = [f"- {{name}} {{number}} {{'x' * 200}}" for _ in range(100)]
    ends = f"## {{name}} {{number}}", f"end {{name}} {{number}}"
    append(path, "\\n".join([ends[0], *lines, ends[1]]) + "\\n")
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "## new\n"),
        ("", "## new\n"),
        ("# History\n", "# History\n\n## new\n"),
        ("# History", "# History\n\n## new\n"),
        ("\n", "\n\n## new\n"),
        ("# History\n\n", "# History\n\n## new\n"),
    ],
)
def test_a_blank_line_stands_before_the_section(
    tmp_path: Path, before: str | None, after: str
) -> None:
    path = tmp_path / "report.md"
    if before is not None:
        path.write_text(before, encoding="utf-8")
    append(path, "## new\n")
    assert path.read_text(encoding="utf-8") == after


def test_two_processes_at_once_leave_whole_sections(tmp_path: Path) -> None:
    path = tmp_path / "deployment_report.md"
    path.write_text("# Written by hand\n", encoding="utf-8")
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("blue", "green")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.communicate("go\n", timeout=60)
        assert writer.returncode == 0

    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Written by hand\n\n## ")
    sections = text.split("\n\n")[1:]
    for section in sections:
        first, *lines, last = section.strip("\n").split("\n")
        title = first.removeprefix("## ")
        assert last == f"end {title}"
        assert lines == [f"- {title} {'x' * 200}"] * 100
    titles = re.findall(r"^## (\w+ \d+)$", text, re.MULTILINE)
    for name in ("blue", "green"):
        numbers = [title for title in titles if title.startswith(name)]
        assert numbers == [f"{name} {number}" for number in range(SECTIONS)]


def test_a_section_that_does_not_fit_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """The limit on the size of files stands for a full disk: half of the section fits."""
    path = tmp_path / "report.md"
    path.write_text("# History\n", encoding="utf-8")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    on_signal = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            append(path, "x" * 2_000 + "\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, on_signal)
    assert path.read_text(encoding="utf-8") == "# History\n"


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        append(tmp_path / "none" / "report.md", "## new\n")
