"""`loadgen shadow` as it is typed: files, exit codes, what is said of mistakes."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadgen.cli import main
from tests.rollout.shadow.answering import Answering, answering

NUMBERS = itertools.count()


def user(name: str, target: str) -> object:
    """What differs each time, what tells who it is, and what a canary may change."""
    return {"at": next(NUMBERS), "mail": "ada@example.com", "name": name, "path": target}


@pytest.fixture(scope="module")
def production() -> Iterator[Answering]:
    with answering(lambda _, target: user("Ada", target)) as server:
        yield server


@pytest.fixture(scope="module")
def baseline() -> Iterator[Answering]:
    with answering(lambda _, target: user("Ada", target)) as server:
        yield server


@pytest.fixture(scope="module")
def canary() -> Iterator[Answering]:
    with answering(lambda _, target: user("Eve", target)) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for variable in ("GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(variable, raising=False)
    lines = [
        f'1.2.3.4 - - [25/Nov/2026:10:30:00 +0000] "GET /users/{number}?token=abc HTTP/1.1" 200 1'
        for number in range(400)
    ]
    (tmp_path / "access.log").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def shadow(production: Answering, canary: Answering, *more: str) -> int:
    return main(
        [
            *("shadow", "--replay", "access.log", "--speed", "max"),
            *("--production-url", production.url, "--canary-url", canary.url, *more),
        ]
    )


def test_a_canary_that_differs_fails(
    folder: Path,
    production: Answering,
    canary: Answering,
    baseline: Answering,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = ("--json", "shadow.json", "--output", "shadow.md", "--html", "shadow.html")
    assert shadow(production, canary, "--baseline-url", baseline.url, *files) == 1
    found = json.loads((folder / "shadow.json").read_text("utf-8"))
    assert (found["verdict"], found["requests"]["compared"]) == ("FAIL", 400)
    [endpoint] = found["endpoints"]
    findings = {field["field"]: field["finding"] for field in endpoint["fields"]}
    assert findings == {"$.name": "differs", "$.at": "noise"}
    report = (folder / "shadow.md").read_text("utf-8")
    assert report.startswith("## 👥 Shadow Test Results")
    printed = capsys.readouterr().out
    page = (folder / "shadow.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    for text in (report, page, printed, json.dumps(found)):
        assert "token=***" in text
        assert "token=abc" not in text
        assert "ada@" not in text
    assert "Shadow test FAIL" in printed
    assert "Written: shadow.md" in printed


def test_rules_of_the_config(
    folder: Path, production: Answering, canary: Answering, baseline: Answering
) -> None:
    (folder / "loadgen.yml").write_text("shadow: {ignore: {json: $.at}}", encoding="utf-8")
    assert shadow(production, baseline) == 0
    assert shadow(production, canary) == 1
    assert shadow(production, canary, "--max-mismatch", "100%") == 0
    assert shadow(production, baseline, "--no-config") == 1
    (folder / "own.yml").write_text("shadow: {ignore: {json: [$.at, $.name]}}", encoding="utf-8")
    assert shadow(production, canary, "--rules", "own.yml") == 0


def test_too_few_pairs_are_inconclusive(
    folder: Path, production: Answering, baseline: Answering
) -> None:
    (folder / "loadgen.yml").write_text("shadow: {ignore: {json: $.at}}", encoding="utf-8")
    assert shadow(production, baseline, "--sample", "10%") == 3


def test_a_canary_that_is_down_is_told_before_anything_is_sent(
    folder: Path, production: Answering, capsys: pytest.CaptureFixture[str]
) -> None:
    with answering(lambda *_: 200) as gone:
        pass
    before = len(production.requests)
    assert shadow(production, gone) == 4
    assert "cannot be connected to" in capsys.readouterr().err
    assert len(production.requests) == before


def test_a_recording_without_a_request_is_not_done(
    folder: Path, production: Answering, canary: Answering
) -> None:
    (folder / "access.log").write_text("what is this\n", encoding="utf-8")
    assert shadow(production, canary) == 4


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--speed", "fast"), "--speed: found 'fast'"),
        (("--max-mismatch", "0"), "--max-mismatch: found '0'"),
        (("--rules", "nothing.yml"), "nothing.yml: cannot be read"),
        (("--rules", "wrong.yml"), "wrong.yml:1:26 shadow.ignore.json"),
        (("--replay", "nothing.log"), "nothing.log: cannot be read"),
        (("--github-output",), "found no $GITHUB_OUTPUT"),
        (("--json", "a", "--output", "a"), "found 'a' as for --output"),
    ],
)
def test_mistakes(
    folder: Path,
    production: Answering,
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, ...],
    said: str,
) -> None:
    (folder / "wrong.yml").write_text("shadow: {ignore: {json:  ts}}", encoding="utf-8")
    assert shadow(production, production, *more) == 2
    assert said in capsys.readouterr().err


def test_servers_that_may_not_be_loaded_are_not(
    folder: Path, production: Answering, canary: Answering, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "loadgen.yml").write_text("targets: {allow: [canary.example]}", encoding="utf-8")
    assert shadow(production, canary) == 2
    assert "refused by targets.allow" in capsys.readouterr().err


def test_no_limit_of_the_file_is_exceeded(
    folder: Path, production: Answering, canary: Answering
) -> None:
    (folder / "loadgen.yml").write_text("limits: {max_rps: 100}", encoding="utf-8")
    (folder / "access.log").write_text(
        "\n".join((folder / "access.log").read_text("utf-8").splitlines()[:60]), encoding="utf-8"
    )
    begin_s = time.monotonic()
    assert shadow(production, canary) == 1
    assert time.monotonic() - begin_s >= (60 - 10 - 1) / 100  # a tenth of a second's at once


def test_what_cannot_be_told_is_a_warning(
    folder: Path,
    production: Answering,
    canary: Answering,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "nowhere" / "summary"))
    assert shadow(production, canary) == 1
    assert "warning: GitHub is not told" in capsys.readouterr().err


def test_a_workflow_is_told(
    folder: Path,
    production: Answering,
    canary: Answering,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_OUTPUT", str(folder / "outputs"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary"))
    assert shadow(production, canary, "--github-output", "--output", "shadow.md") == 1
    assert (folder / "outputs").read_text("utf-8").splitlines() == [
        "verdict=FAIL",
        "mismatch_rate=100",
        f"canary_url={canary.url}",
        "report=shadow.md",
    ]
    assert (folder / "summary").read_text("utf-8").startswith("## Shadow Test FAIL")
    assert "::error title=Shadow test FAIL::" in capsys.readouterr().out
