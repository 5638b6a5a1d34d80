"""`loadgen canary` as a user has it: commands, what they print, how they end."""

from __future__ import annotations

import json
import shlex
import socket
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from loadgen.cli import main
from loadgen.target import running_target
from tests.loadgen.publish.receiving import receiving

SCHEMA = json.loads(files("rollout").joinpath("data/verification.schema.json").read_text("utf-8"))
SHORT = (
    *("--load-concurrency", "4", "--load-duration", "1s", "--compare-duration", "9s"),
    *("--precision", "cpu", "--no-config"),
)
CRUDE = ("--compare-rate", "200")


@pytest.fixture(scope="module")
def production() -> Iterator[str]:
    with running_target(latency="2ms") as url:
        yield url


@pytest.fixture(scope="module")
def broken() -> Iterator[str]:
    with running_target(latency="2ms", error_rate="100%") as url:
        yield url


def _result(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(found)] == []
    return found


def test_plan_only_says_what_could_be_seen_and_sends_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sides = ("--canary-url", "http://canary.invalid", "--production-url", "http://prod.invalid")
    assert main(["canary", *sides, "--compare-duration", "450", "--plan-only", "--no-config"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "330 s at 100 requests/s per arm: finds p99 1.2× worse and 0.2 points more errors;"
        " 1.1× would need 17 min"
    ]


def test_a_canary_that_fails_is_rolled_back_once(
    production: str, broken: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log"
    code = main(
        [
            *("canary", "--canary-url", broken, "--production-url", production, "--load-test"),
            *("--auto-rollback-on-loadfail", "--json", str(tmp_path / "v.json"), *SHORT),
            *("--rollback-command", f"sh -c 'echo {{violations}} >> {log}'"),
        ]
    )
    found = _result(tmp_path / "v.json")
    assert code == 1
    assert found["verdict"] == "FAIL"
    # On a busy machine the load test is INVALID, and then it is the comparison that finds it.
    assert found["steps"][1]["verdict"] in {"FAIL", "INVALID"}
    assert found["rollback"]["succeeded"]
    assert found["load_test"]["schema"] == "loadgen.result/1"
    (violations,) = log.read_text().splitlines()
    assert violations == "; ".join(each["text"].rstrip(".") for each in found["reasons"])
    assert "error" in violations.lower()
    assert "Rolled back by sh" in capsys.readouterr().out


def test_a_rollback_that_fails_needs_a_person(production: str, broken: str, tmp_path: Path) -> None:
    config = tmp_path / "loadgen.yml"
    config.write_text("rollback: {command: ['false'], retries: 0, auto: true}\n")
    code = main(
        [
            *("canary", "--canary-url", broken, "--production-url", production, "--load-test"),
            *("--config", str(config), *SHORT[:-1], "--quiet"),
        ]
    )
    assert code == 5


def test_a_comparison_alone_and_all_its_reports(
    production: str, broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And Slack is told, once, and the page of the workflow run."""
    page, values = tmp_path / "page.md", tmp_path / "values"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    monkeypatch.setenv("GITHUB_OUTPUT", str(values))
    (tmp_path / "deploy").mkdir()
    monkeypatch.chdir(tmp_path)
    result = tmp_path / "v.json"
    with receiving() as (webhook, received):
        monkeypatch.setenv("SLACK_WEBHOOK_URL", webhook)
        code = main(
            [
                *("canary", "--canary-url", broken, "--baseline-url", production, *CRUDE, *SHORT),
                *("--json", str(result), "--quiet", "--output", str(tmp_path / "v.md")),
                "--github-output",
                *("--html", str(tmp_path / "v.html"), "--junit", str(tmp_path / "v.xml")),
            ]
        )
    (message,) = received
    assert b"*Canary FAIL*" in message
    found = _result(result)
    assert (code, found["verdict"]) == (1, "FAIL")
    for name in ("v.md", "v.html", "v.xml"):
        assert found["reasons"][0]["text"].partition(":")[0] in (tmp_path / name).read_text()
    report = (tmp_path / "deploy/deployment_report.md").read_text()
    assert "FAIL" in report
    assert "❌ FAILED" in page.read_text()
    told = dict(line.split("=", 1) for line in values.read_text().splitlines())
    assert (told["verdict"], told["accepted"]) == ("FAIL", "false")
    assert told["report"] == str(tmp_path / "v.html")
    assert found["comparison"]["seconds"] < 6
    assert found["verification"]["warnings"] == []
    assert found["reasons"][0]["detector"] == "absolute fast"


LOG = '127.0.0.1 - - [24/Nov/2026:20:13:51 +0000] "GET {} HTTP/1.1" 200 5 "-" "-"\n'


def test_recorded_requests_are_replayed_first(
    production: str, broken: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, result = tmp_path / "access.log", tmp_path / "v.json"
    log.write_text("".join(LOG.format(path) for path in ("/", "/api/users", "/api/orders") * 20))
    code = main(
        [
            *("canary", "--canary-url", broken, "--production-url", production, *SHORT),
            *("--shadow", str(log), "--json", str(result)),
        ]
    )
    found = _result(result)
    assert (code, found["verdict"]) == (1, "FAIL")
    assert found["shadow"]["schema"] == "loadgen.shadow/1"
    assert found["shadow"]["requests"]["seen"] == 60
    assert found["steps"][2]["skipped"] == "the shadow has failed already"
    assert "Step 1 of 3: shadow" in capsys.readouterr().out


def test_a_result_of_a_shadow_test_is_read(
    production: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, shadow, result = (tmp_path / name for name in ("access.log", "shadow.json", "v.json"))
    log.write_text("".join(LOG.format("/api/users") for _ in range(30)))
    sides = ("--canary-url", production, "--production-url", production)
    main(["shadow", "--replay", str(log), *sides, "--json", str(shadow)])
    main(
        [
            *("canary", *sides, *SHORT, "--shadow", str(shadow), "--json", str(result)),
            *("--skip", "comparison"),
        ]
    )
    assert _result(result)["shadow"] == json.loads(shadow.read_text())
    capsys.readouterr()


def test_a_canary_that_is_down_ends_before_anything_is_sent(
    production: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        code = main(["canary", "--canary-url", url, "--production-url", production, *SHORT])
    assert code == 4
    assert f"the canary {url} cannot be connected to" in capsys.readouterr().err


GUIDE = (Path(__file__).parents[2] / "fixtures/guide/canary-testing.sh").read_text("utf-8")
OF_GUIDE = [
    shlex.split(line)
    for line in GUIDE.replace("\\\n", " ").splitlines()
    if line.startswith("python3")
]
"""The commands of the guide's section "Canary Testing", as they stand there."""


def _as_here(words: list[str], canary: str, production: str) -> list[str]:
    """A command of the guide on servers that are there, in seconds instead of minutes."""
    changed = {
        "http://canary.example.com": canary,
        "http://prod.example.com": production,
        "200": "20",
        "300": "2",
    }
    assert words[:2] == ["python3", "canary_verify.py"]
    return ["canary", *(changed.get(word, word) for word in words[2:])]


def test_the_section_of_the_guide_is_followed_command_by_command(
    production: str,
    broken: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = tmp_path / "rolled-back"
    (tmp_path / "deploy").mkdir()
    (tmp_path / "loadgen.yml").write_text(
        "load_test: {precision: cpu}\ncanary: {compare_duration: 7s}\n"
        f"rollback: {{command: [sh, -c, 'echo back >> {log}']}}\n"
    )
    monkeypatch.chdir(tmp_path)
    basic, with_load = OF_GUIDE

    with running_target(latency="2ms", seed=1) as equal:
        assert main(_as_here(basic, equal, production)) in {0, 3}
    assert not log.exists()
    told = capsys.readouterr().out
    assert "Not done: shadow" in told
    assert "Not done: load test" in told
    assert "Step 3 of 3: comparison" in told

    assert main(_as_here(with_load, broken, production)) == 1
    assert log.read_text() == "back\n"
    told = capsys.readouterr().out
    assert "Step 2 of 3: load test" in told
    assert "Rolled back by sh" in told
    assert "FAILED" in Path("deploy/deployment_report.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["--skip", "shadows"],
            "--skip: found 'shadows', expected shadow, load-test or comparison",
        ),
        (
            [*("--skip", "shadow"), *("--skip", "load-test"), *("--skip", "comparison")],
            "--skip: found no step left to do",
        ),
        (
            ["--skip", "comparison"],
            "--skip: found no step left to do, expected one that is asked for",
        ),
        (
            [
                *("--canary-url", "http://a", "--production-url", "http://b"),
                *("--shadow", "gone.log"),
            ],
            "--shadow: found 'gone.log', which is no file",
        ),
        ([], "--canary-url: found nothing"),
        (
            [
                *("--canary-url", "http://a"),
                *("--production-url", "http://b"),
                "--load-duration",
                "x",
            ],
            "--load-duration: found 'x'",
        ),
        (
            [
                *("--canary-url", "http://a"),
                *("--production-url", "http://b"),
                "--json",
                "gone/v.json",
            ],
            "--json: found 'gone/v.json'",
        ),
    ],
    ids=[
        "no such step",
        "nothing left to do",
        "nothing asked for",
        "no such source",
        "no canary",
        "a value of the run",
        "a file",
    ],
)
def test_mistakes_are_told_in_a_line(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["canary", "--no-config", *arguments]) == 2
    assert any(
        text.startswith(f"loadgen: {expected}") for text in capsys.readouterr().err.splitlines()
    )
