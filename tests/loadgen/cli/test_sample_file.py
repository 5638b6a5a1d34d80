"""The file of raw samples: whole runs, and what happens where it cannot be written."""

from __future__ import annotations

import csv
import errno
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from loadgen.cli.destination import find_destination
from loadgen.cli.sample_file import PIECE_ROWS, SampleFile
from loadgen.sample_rings import SAMPLE, SampleBatch
from loadgen.target.launch import running_target

SMALL = ("--precision", "cpu", "--no-pin", "--workers", "2", "--think", "2ms..4ms")


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "loadgen", "run", *SMALL, *options, "--json", "result.json"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_each_measured_request_has_a_row(tmp_path: Path) -> None:
    with running_target() as url:
        done = run(tmp_path, url, "-d", "1.5s", "--warmup", "0.3s", "--samples", "samples.csv")
    assert done.returncode in {0, 3}, done.stderr
    result = json.loads((tmp_path / "result.json").read_text())
    rows = read((tmp_path / "samples.csv").read_text())
    assert len(rows) == result["requests"]["succeeded"] + result["requests"]["failed"] > 100
    assert {row["worker"] for row in rows} == {"0", "1"}
    assert Counter(row["status"] for row in rows) == result["status_codes"]
    assert {row["endpoint"] for row in rows} == {result["endpoints"][0]["name"]}

    times = np.array([[float(row[name]) for name in _TIMES] for row in rows])
    assert times.min() >= 0
    assert times[:, 0].max() < 1.5
    assert (np.diff(times, axis=1) >= 0).all()
    response_ms = (times[:, 3] - times[:, 0]) * 1000
    assert response_ms.max() == pytest.approx(result["latency_ms"]["max"], rel=1e-3)
    assert response_ms.mean() == pytest.approx(result["latency_ms"]["mean"], rel=1e-3)
    service_ms = (times[:, 3] - times[:, 1]) * 1000
    assert service_ms.max() == pytest.approx(result["service_ms"]["max"], rel=1e-3)
    assert {path.name for path in tmp_path.iterdir()} >= {"samples.csv", "result.json"}


_TIMES = ("intended_s", "sent_s", "first_byte_s", "done_s")


def test_failures_have_rows_too(tmp_path: Path) -> None:
    with running_target(latency="10s") as url:
        options = ("-c", "2", "--timeout", "0.2s", "--stop-when-dead", "0")
        done = run(tmp_path, url, "-d", "1s", *options, "--samples", "samples.csv")
    rows = read((tmp_path / "samples.csv").read_text())
    assert done.returncode == 4, done.stdout
    errors = json.loads((tmp_path / "result.json").read_text())["errors"]
    assert Counter(row["error"] for row in rows) == errors
    assert {(row["status"], row["first_byte_s"]) for row in rows} == {("", "")}


def batch(count: int, *, worker: int = 0, lost: int = 0) -> SampleBatch:
    rows = np.zeros(count, SAMPLE)
    rows["done_ns"] = np.arange(1, count + 1)
    return SampleBatch(worker=worker, rows=rows, lost=lost, origin_ns=0)


def test_batches_follow_each_other_whatever_their_size(tmp_path: Path) -> None:
    path = tmp_path / "samples.csv"
    samples = SampleFile(find_destination(str(path), "--samples"), ("/",))
    sizes = (PIECE_ROWS + 1, 0, 3)
    for worker, size in enumerate(sizes):
        samples.keep(batch(size, worker=worker, lost=worker))
    assert os.listdir(tmp_path) == []
    samples.write("worker,endpoint,intended_s,sent_s,first_byte_s,done_s,status,error,body_bytes\n")
    rows = read(path.read_text())
    assert Counter(row["worker"] for row in rows) == {"0": PIECE_ROWS + 1, "2": 3}
    assert rows[PIECE_ROWS]["done_s"] == f"0.{PIECE_ROWS + 1:09d}"
    assert samples.lost == 3


def test_a_run_without_requests_is_a_header(tmp_path: Path) -> None:
    samples = SampleFile(find_destination(str(tmp_path / "s.csv"), "--samples"), ("/",))
    samples.write("header\n")
    assert (tmp_path / "s.csv").read_text() == "header\n"


def test_a_disk_that_fills_up_during_the_run_is_told_of_at_its_end(tmp_path: Path) -> None:
    samples = SampleFile(find_destination(str(tmp_path / "s.csv"), "--samples"), ("/",))
    with open("/dev/full", "w+b") as full:
        samples._spool = full
        samples.keep(batch(1))
        samples.keep(batch(1))
        with pytest.raises(OSError, match="No space left") as caught:
            samples.write("header\n")
        assert caught.value.errno == errno.ENOSPC
        full.raw.close()  # what it still holds has nowhere to go
    assert os.listdir(tmp_path) == []


def test_a_file_that_cannot_be_written_costs_the_samples_and_not_the_result(
    tmp_path: Path,
) -> None:
    with running_target() as url:
        done = run(tmp_path, url, "-d", "0.5s", "--samples", "/dev/full")
    complaint, _, rest = done.stderr.partition("\n")
    assert complaint.endswith(
        "/dev/full: cannot be written (No space left on device); the result follows"
    )
    assert json.loads(rest)["requests"]["succeeded"] > 0
    assert done.returncode == 4
