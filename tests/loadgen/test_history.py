"""Runs that are kept: whole or not at all, so many, and found again by name."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from loadgen.errors import ConfigError
from loadgen.history import History, load_run
from loadgen.measurement import Measurement
from loadgen.result import dumps
from tests.loadgen import judged, samples

CALM = samples.measurement(requests=400)


def _run(second: int, measurement: Measurement = CALM, **changes: object) -> Measurement:
    run_id = f"20261124T2013{second:02}Z-3f2a91"
    run = dataclasses.replace(measurement.run, id=run_id, **changes)  # type: ignore[arg-type]  # by name
    return dataclasses.replace(measurement, run=run)


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(folder=tmp_path / ".loadgen/runs")


def _keep(history: History, *measurements: Measurement, most: int = 20) -> None:
    for each in measurements:
        history.keep(each, {"result.json": dumps(each)}, most=most)


def test_a_kept_run_is_the_run(history: History) -> None:
    measurement = _run(1, judged.violated())
    place = history.keep(measurement, {"note.txt": "ä"}, most=1)
    assert sorted(path.name for path in place.iterdir()) == [
        "histograms.npz",
        "measurement.json",
        "note.txt",
    ]
    assert (place / "note.txt").read_text("utf-8") == "ä"
    assert dumps(load_run(place)) == dumps(measurement)
    assert (history.folder.parent / ".gitignore").read_text("utf-8") == "*\n"


def test_the_oldest_runs_go(history: History) -> None:
    stranger = history.folder / "mine"
    stranger.mkdir(parents=True)
    _keep(history, *(_run(second) for second in (5, 1, 4, 2, 3)), most=3)
    assert [each[13:15] for each in history.ids()] == ["03", "04", "05"]
    assert stranger.is_dir()


def test_a_run_that_cannot_be_written_leaves_nothing(history: History) -> None:
    with pytest.raises(OSError, match="No such file"):
        history.keep(_run(1), {"gone/report.md": ""}, most=1)
    assert list(history.folder.iterdir()) == []


def test_a_run_is_found_by_what_people_call_it(history: History, tmp_path: Path) -> None:
    _keep(history, _run(1), _run(2))
    folder = history.folder / _run(2).run.id
    elsewhere = tmp_path / "result.json"
    elsewhere.write_text(dumps(_run(2)), encoding="utf-8")
    names = ("20261124T201302Z-3f2a91", "20261124T201302", str(folder), str(folder / "result.json"))
    for name in (*names, str(elsewhere), "last"):
        found = history.find(name)
        assert found is not None, name
        assert found.run.id == _run(2).run.id


def test_last_and_best_are_sound_runs_of_the_same_plan(history: History) -> None:
    fast = dataclasses.replace(CALM, total=samples.tally(400, 1.0))
    _keep(
        history,
        _run(1),
        _run(2, fast),
        _run(
            3, judged.judge(dataclasses.replace(CALM, total=samples.tally(400, 0.1)), "p50 < 1us")
        ),
        _run(4, fast, plan_hash="0" * 64),
        _run(5, fast, failure="worker 0 was killed"),
        _run(6, samples.measurement(requests=300, own_lag_p99_ms=500.0)),
        _run(7, samples.empty_measurement()),
    )
    like = CALM.run.plan_hash
    last, best = history.find("last", like), history.find("best", like)
    assert last is not None
    assert best is not None
    assert (last.run.id[13:15], best.run.id[13:15]) == ("03", "02")
    any_plan = history.find("last")
    assert any_plan is not None
    assert any_plan.run.id[13:15] == "04"


def test_there_may_be_none_yet(history: History) -> None:
    assert history.find("last") is None
    assert history.find("best") is None
    assert history.ids() == []


def test_a_broken_run_is_passed_over(history: History) -> None:
    _keep(history, _run(1), _run(2))
    (history.folder / _run(2).run.id / "histograms.npz").unlink()
    last = history.find("last")
    assert last is not None
    assert last.run.id == _run(1).run.id


def test_what_is_no_run(history: History, tmp_path: Path) -> None:
    _keep(history, _run(1), _run(2))
    plain = tmp_path / "plain.json"
    plain.write_text(json.dumps({"run": {"id": "20200101T000000Z-000000"}}), encoding="utf-8")
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd/measurement.json").write_text("{}", encoding="utf-8")
    (tmp_path / "odd/histograms.npz").write_bytes(b"PK\x03\x04")
    for name, said in (
        ("2026", "found 2 runs whose id begins so; expected 1"),
        ("nightly", "found no such file and no such run"),
        (str(plain), "found no measurement.json beside it, which a comparison needs"),
        (str(tmp_path / "odd"), "is no run that this version can read"),
    ):
        with pytest.raises(ConfigError, match=said):
            history.find(name)
