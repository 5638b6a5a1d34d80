"""Whole runs with real worker processes against the built-in target, and their ends."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from loadgen.coordinator import LoadTestEngine
from loadgen.errors import TargetError
from loadgen.exitcode import ExitCode, exit_code
from loadgen.plan import Pattern
from loadgen.target.launch import running_target
from tests.loadgen.whole_run import GUIDE_MIX, brief_plan, closes, workers_of
from tests.scripted import Peer, read_request, scripted_server


def _received(url: str) -> int:
    """How many requests the target says it has received."""
    with urllib.request.urlopen(f"{url}/_target/stats", timeout=5) as answer:
        received: int = json.load(answer)["requests"]["received"]
    return received


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_counts_what_the_target_counts(workers: int) -> None:
    with running_target(processes=2) as url:
        plan = brief_plan(url, endpoints=GUIDE_MIX, workers=workers, warmup_s=0.3)
        measurement = LoadTestEngine(plan).run()
        received = _received(url)
    total, warmup = measurement.total, measurement.warmup
    assert closes(measurement)
    assert total.succeeded == total.sent > 500
    assert received == total.sent + warmup.sent + total.reconnects
    assert measurement.run.workers == workers
    assert measurement.run.duration_s == pytest.approx(1.2)
    assert exit_code(measurement) in {ExitCode.PASS, ExitCode.INCONCLUSIVE}
    by_endpoint = {one.name: one.tally.sent for one in measurement.endpoints}
    assert all(count > 0 for count in by_endpoint.values())
    assert by_endpoint["POST /api/orders"] > by_endpoint["/api/health"]


def test_one_seed_sends_the_same_to_each_endpoint_whatever_the_number_of_workers() -> None:
    shares = []
    with running_target() as url:
        for workers in (1, 2, 3):
            plan = brief_plan(
                url,
                pattern=Pattern.RATE,
                rate_rps=300.0,
                endpoints=GUIDE_MIX,
                workers=workers,
                duration_s=0.6,
                seed=3,
            )
            measurement = LoadTestEngine(plan).run()
            shares.append([one.tally.sent + one.tally.dropped for one in measurement.endpoints])
            assert sum(shares[-1]) == 180
    assert shares[0] == shares[1] == shares[2]


def _await(condition: Callable[[], bool], patience_s: float = 15.0) -> None:
    deadline_s = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.02)


def test_workers_end_when_the_coordinator_is_killed() -> None:
    code = (
        "import sys; from loadgen.plan import Plan; from loadgen.coordinator import LoadTestEngine;"
        "LoadTestEngine(Plan(target=sys.argv[1], duration_s=60, workers=2, concurrency=8)).run()"
    )
    with running_target() as url:
        coordinator = subprocess.Popen([sys.executable, "-c", code, url])
        _await(lambda: len(workers_of(coordinator.pid)) == 2)
        _await(lambda: _received(url) > 10)
        workers = workers_of(coordinator.pid)
        coordinator.kill()
        coordinator.wait()
        _await(lambda: not any(_is_alive(pid) for pid in workers), patience_s=2.0)


def _is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_sigint_ends_the_command_early_with_a_result(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    with running_target() as url:
        command = [sys.executable, "-m", "loadgen", "run", url, "-d", "60", "-c", "4"]
        process = subprocess.Popen(
            [*command, "--json", str(result)], stdout=subprocess.PIPE, text=True
        )
        _await(lambda: _received(url) > 10)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=20)
    found = json.loads(result.read_text())
    assert found["run"]["interrupted"] is True
    assert found["requests"]["succeeded"] > 10
    assert process.returncode in {ExitCode.PASS, ExitCode.INCONCLUSIVE}, said


def test_a_target_that_refuses_is_told_within_seconds() -> None:
    with scripted_server(lambda *_: None) as peer:
        port = peer.port
    begun_s = time.monotonic()
    with pytest.raises(TargetError, match=f"127.0.0.1 port {port}: connection refused"):
        LoadTestEngine(brief_plan(f"http://127.0.0.1:{port}")).run()
    assert time.monotonic() - begun_s < 3


def test_a_name_that_does_not_resolve_is_told() -> None:
    with pytest.raises(TargetError, match=r"'no\.such\.host\.invalid' does not resolve"):
        LoadTestEngine(brief_plan("http://no.such.host.invalid")).run()


def test_a_target_that_answers_garbage_is_a_run_that_could_not_be_done() -> None:
    def garbage(connection: socket.socket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.sendall(b"SSH-2.0-OpenSSH\r\n")

    with scripted_server(garbage) as peer:
        measurement = LoadTestEngine(
            brief_plan(f"http://127.0.0.1:{peer.port}", duration_s=0.5)
        ).run()
    assert closes(measurement)
    assert measurement.total.errors == {"protocol": measurement.total.sent}
    assert exit_code(measurement) is ExitCode.NOT_DONE
