"""A whole run from the command line that tells everybody."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hdrh.histogram import HdrHistogram

from loadgen.config.file import parse_config
from loadgen.target.launch import running_target
from tests.loadgen.publish.block_kit import problems
from tests.loadgen.publish.receiving import receiving

PAGE = Path(__file__).resolve().parents[3] / "docs/publishing.md"
YAML = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
CONFIG = """
load_test: {think: 1ms..5ms, precision: cpu, pin: no, workers: 1}
publish:
  slack: {webhook: "${HOOK}", on: always}
  link: https://ci.example.com/runs/42
"""
SECRET = "hidden-word"


def run(
    folder: Path, target: str, *options: str, **environ: str
) -> subprocess.CompletedProcess[str]:
    (folder / "loadgen.yml").write_text(CONFIG)
    return subprocess.run(
        [sys.executable, "-m", "loadgen", "run", target, "--duration", "1.5", *options],
        cwd=folder,
        env={**os.environ, "LOG_LEVEL": "DEBUG", **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_everything_is_told_and_no_secret(tmp_path: Path) -> None:
    with running_target() as target, receiving() as (url, received):
        done = run(
            tmp_path,
            target,
            *("--csv", "t.csv", "--hlog", "t.hlog", "--json", "r.json", "--output", "r.md"),
            *("--watch-pid", str(os.getpid())),
            HOOK=f"{url}/services/{SECRET}",
            PROMETHEUS_PUSHGATEWAY_URL=url.replace("//", f"//me:{SECRET}@"),
        )
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "r.json").read_text())

    rows = list(csv.DictReader((tmp_path / "t.csv").read_text().splitlines()))
    assert sum(int(row["sent"]) for row in rows) == result["requests"]["sent"] > 50
    packed = (tmp_path / "t.hlog").read_text().splitlines()[4].split(",")[3]
    assert HdrHistogram.decode(packed.encode()).get_total_count() == result["latency_ms"]["n"]
    assert result["resources"][-1]["target_memory_bytes"] > 10 * 2**20
    assert "| Target memory |" in (tmp_path / "r.md").read_text()

    pushed, told = received
    assert pushed.startswith(b"PUT /metrics/job/loadtest/instance/loadtest-")
    sent = 'loadgen_requests_total{endpoint="/",outcome="succeeded"} '
    assert f"{sent}{float(result['requests']['succeeded'])}\n".encode() in pushed
    message = json.loads(told.partition(b"\r\n\r\n")[2])
    assert problems(message) == []
    assert "https://ci.example.com/runs/42" in told.decode()

    written = [
        path.read_text()
        for path in tmp_path.rglob("*")
        if path.is_file() and path.suffix != ".npz"  # counts, nothing else
    ]
    assert not [text for text in (done.stdout, done.stderr, *written) if SECRET in text]


def test_outlets_that_fail_do_not_fail_the_run(tmp_path: Path) -> None:
    with running_target() as target, receiving("403 Forbidden") as (url, _):
        done = run(tmp_path, target, "--push", url, HOOK=f"{url}/services/{SECRET}")
    assert done.returncode == 0
    warnings = [line for line in done.stderr.splitlines() if "warning" in line]
    assert [line.split()[2] for line in warnings] == ["Pushgateway", "Slack"]
    assert SECRET not in done.stderr


def test_a_process_that_is_not_there_ends_it_before_anything_is_sent(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as gone:
        pass
    done = run(tmp_path, "http://127.0.0.1:1", "--watch-pid", str(gone.pid), HOOK="http://x")
    assert done.returncode == 2
    assert f"process {gone.pid}: found none on this machine" in done.stderr


@pytest.mark.parametrize("text", YAML)
def test_the_page_s_configurations_are_right(text: str) -> None:
    environ = {"PUSH_PASSWORD": "word", "SLACK_WEBHOOK": "https://hooks.slack.com/services/x"}
    config = parse_config(text, "loadgen.yml", lambda _: b"", environ).config
    assert config.publish or config.watch
