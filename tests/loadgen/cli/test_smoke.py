"""`loadgen smoke`: small by itself, whatever the file says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loadgen.cli import main
from loadgen.cli.options import RunOptions
from loadgen.cli.session import gather
from loadgen.cli.smoke import SMOKE
from loadgen.plan import Pattern, Plan, Precision
from loadgen.target.launch import running_target


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_ten_users_thirty_seconds_any_machine() -> None:
    plan = gather(RunOptions(), {}, command=SMOKE).plan
    assert plan == Plan(concurrency=10, duration_s=30, pin=False, precision=Precision.CPU)


def test_it_stays_small_beside_a_file_that_is_not(tmp_path: Path) -> None:
    text = "load_test: {rate: 50k, duration: 1h, timeout: 3s, pin: true}\n"
    (tmp_path / "loadgen.yml").write_text(text, encoding="utf-8")
    plan = gather(RunOptions(), {}, command=SMOKE).plan
    assert (plan.pattern, plan.concurrency, plan.duration_s) == (Pattern.SUSTAINED, 10, 30)
    assert (plan.timeout_s, plan.pin) == (3, False)


def test_options_win() -> None:
    plan = gather(RunOptions(rate="20", duration="5"), {}, command=SMOKE).plan
    assert (plan.pattern, plan.rate_rps, plan.duration_s) == (Pattern.RATE, 20, 5)


def test_the_same_result_as_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running_target() as url:
        arguments = ["smoke", url, "-d", "0.3", "-c", "2", "--json", "result.json"]
        assert main(arguments) in {0, 3}
    assert "\x1b" not in capsys.readouterr().out
    result = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert result["schema"] == "loadgen.result/1"
