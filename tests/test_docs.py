"""The documents tell the truth: their links lead somewhere, and their commands work.

Every fenced `bash` block of the documents is run as it stands, in a folder with the examples and
beside a running target, except for the substitutions below, which only make it shorter and send
it to the right place. A block is left out only when a comment above it says why:

    <!-- not run: takes an hour -->

and one that ends with another exit code than 0 says which:

    <!-- exits 3 -->
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from loadgen.exitcode import ExitCode
from loadgen.target.launch import running_target

ROOT = Path(__file__).resolve().parents[1]
TOP = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
FOLDERS = ("docs", "benchmarks", "examples")
DOCUMENTS = [
    *(path for name in TOP if (path := ROOT / name).exists()),
    *(path for folder in FOLDERS for path in sorted((ROOT / folder).glob("**/*.md"))),
]

RUN = r"\bloadgen (run|smoke)\b"
SUBSTITUTIONS = (
    # Long runs become short ones; all that is shortened is time.
    (re.compile(r"(--duration[ =])\S+"), r"\g<1>2s"),
    (re.compile(r"(--(?:load|compare)-duration[ =])\S+"), r"\g<1>3s"),
    (re.compile(r"(--warmup[ =])\S+"), r"\g<1>1s"),
    (re.compile(r"(--ramp[ =])\S+"), r"\g<1>1s"),
    (re.compile(r"(--stages[ =])0:(\d+),\S+"), r"\g<1>0:\g<2>,1s:\g<2>"),
    (re.compile(r"(duration_s=)[\d.]+"), r"\g<1>2"),
    # Addresses in examples become that of the target which runs beside the test.
    (re.compile(r"http://(?:localhost|127\.0\.0\.1|your-service\.com):8000\b"), "TARGET"),
    (re.compile(r"http://(?:your-service\.com|(?:canary|prod)\.example\.com)\b"), "TARGET"),
    # Without a URL loadgen takes http://localhost:8000, and a run lasts five minutes.
    (re.compile(rf"{RUN}(?!.*(?:TARGET|--target|--help))"), r"loadgen \1 TARGET"),
    (re.compile(rf"{RUN}(?!.*(?:--duration|--help))"), r"loadgen \1 --duration 2s"),
)


class Block(NamedTuple):
    """A fenced block of commands, and what the comment above it says."""

    document: Path
    line: int
    code: str
    not_run: str
    exit_code: int

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"{self.document.relative_to(ROOT)}:{self.line}"


FENCE = re.compile(
    r"^(?:<!-- (?:not run: (?P<reason>.+?)|exits (?P<exit>\d+)) -->\n+)?"
    r"^```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^```[ ]*$",
    re.MULTILINE | re.DOTALL,
)


def blocks(document: Path, text: str) -> Iterator[Block]:
    """The `bash` blocks of a document."""
    for match in FENCE.finditer(text):
        if match["language"] in ("bash", "sh", "shell", "console"):
            yield Block(
                document,
                text.count("\n", 0, match.start("code")) + 1,
                match["code"],
                match["reason"] or "",
                int(match["exit"] or 0),
            )


def shortened(code: str, url: str) -> str:
    """The commands with the substitutions made, continued lines joined."""
    lines = []
    for line in code.replace("\\\n", " ").splitlines():
        for pattern, replacement in SUBSTITUTIONS:
            line = pattern.sub(replacement, line)  # noqa: PLW2901 (each on the last one's result)
        lines.append(line.replace("TARGET", url))
    return "\n".join(lines)


BLOCKS = [block for path in DOCUMENTS for block in blocks(path, path.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    """A fast target for all commands."""
    with running_target() as url:
        yield url


@pytest.mark.parametrize(
    "block", [each for each in BLOCKS if not each.not_run], ids=lambda block: block.place
)
def test_commands_work_as_written(block: Block, target: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shutil.copy(ROOT / "examples" / "loadgen.yml", tmp_path)
    commands = Path(sys.executable).parent
    code = shortened(block.code, target)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{commands}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    said = f"{block.place} ends with {done.returncode}:\n{code}\n{done.stdout}\n{done.stderr}"
    assert done.returncode == block.exit_code or _too_busy(done), said


def _too_busy(done: subprocess.CompletedProcess[str]) -> bool:
    """The command did its work, and said that this machine's numbers are no evidence just now."""
    return done.returncode == ExitCode.INCONCLUSIVE and "About the generator" in done.stdout


def test_every_block_that_is_left_out_says_why() -> None:
    assert [block.place for block in BLOCKS if block.not_run and len(block.not_run) < 10] == []


LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


def _anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ +(.+)$", text, re.MULTILINE)
    kept = [re.sub(r"[^\w\- ]", "", heading.strip().lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in kept}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(document: Path) -> None:
    broken = []
    for match in LINK.finditer(document.read_text(encoding="utf-8")):
        link = match[1] or match[2]
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        goal = (document.parent / path).resolve() if path else document
        if not goal.exists():
            broken.append(f"{link}: no such file")
        elif anchor and goal.suffix == ".md" and anchor not in _anchors(goal):
            broken.append(f"{link}: no such heading")
    assert broken == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("loadgen run --duration 10m http://localhost:8000", "loadgen run --duration 2s URL"),
        ("loadgen run http://localhost:8000/api", "loadgen run --duration 2s URL/api"),
        ("loadgen run --pattern burst", "loadgen run --duration 2s URL --pattern burst"),
        (
            "loadgen run \\\n  --target http://your-service.com \\\n  --duration=600",
            "loadgen run    --target URL    --duration=2s",
        ),
        ("loadgen run --help", "loadgen run --help"),
        (
            "loadgen run URL --stages 0:100,30s:1000,2m:1000 --duration 1m",
            "loadgen run URL URL --stages 0:100,1s:100 --duration 2s",
        ),
        (
            "loadgen canary --canary-url http://canary.example.com --compare-duration 5m",
            "loadgen canary --canary-url URL --compare-duration 3s",
        ),
        ("make demo", "make demo"),
    ],
)
def test_substitutions_change_time_and_place_only(line: str, expected: str) -> None:
    assert shortened(line, "URL") == expected


def test_blocks_are_found_with_their_comments() -> None:
    text = (
        "# A\n\n```bash\nfirst\n```\n\n```yaml\nno: command\n```\n\n"
        "<!-- not run: needs a cluster -->\n```bash\nsecond\n```\n"
        "<!-- exits 3 -->\n\n```console\nthird\n```\n"
    )
    found = [(each.line, each.code, each.not_run, each.exit_code) for each in blocks(ROOT, text)]
    assert found == [
        (4, "first\n", "", 0),
        (13, "second\n", "needs a cluster", 0),
        (18, "third\n", "", 3),
    ]
