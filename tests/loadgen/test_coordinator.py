"""Whole runs with real worker processes against the built-in target, and their ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from loadgen import coordinator
from loadgen.coordinator import LoadTestEngine
from loadgen.endpoint import Endpoint
from loadgen.errors import TargetError
from loadgen.exitcode import ExitCode, exit_code
from loadgen.measurement import Measurement
from loadgen.plan import Pattern, Plan, Precision
from loadgen.progress import Progress, RunPhase
from loadgen.target.launch import running_target
from tests.scripted import Peer, read_request, scripted_server

GUIDE_MIX = (
    Endpoint(path="/api/health", weight=0.05),
    Endpoint(path="/api/users", weight=0.25),
    Endpoint(path="/api/orders", weight=0.30, method="POST", body=b'{"id": 1}'),
    Endpoint(path="/api/products", weight=0.20),
    Endpoint(path="/api/analytics", weight=0.10),
    Endpoint(path="/api/search", weight=0.10),
)


def _plan(target: str, **changes: object) -> Plan:
    base: dict[str, object] = {
        "target": target,
        "concurrency": 8,
        "duration_s": 1.2,
        "think_s": (0.002, 0.004),
        "precision": Precision.CPU,
        "pin": False,
    }
    return Plan(**{**base, **changes})  # type: ignore[arg-type]  # a table's values


def _closes(measurement: Measurement) -> bool:
    total = measurement.total
    rows = measurement.timeline
    return (
        total.sent == total.succeeded + total.failed + total.in_flight_at_end
        and sum(row.sent for row in rows) == total.sent
        and sum(row.succeeded for row in rows) == total.succeeded
        and sum(row.failed for row in rows) == total.failed
        and sum(one.tally.sent for one in measurement.endpoints) == total.sent
    )


def _received(url: str) -> int:
    """How many requests the target says it has received."""
    with urllib.request.urlopen(f"{url}/_target/stats", timeout=5) as answer:
        received: int = json.load(answer)["requests"]["received"]
    return received


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_counts_what_the_target_counts(workers: int) -> None:
    with running_target(processes=2) as url:
        plan = _plan(url, endpoints=GUIDE_MIX, workers=workers, warmup_s=0.3)
        measurement = LoadTestEngine(plan).run()
        received = _received(url)
    total, warmup = measurement.total, measurement.warmup
    assert _closes(measurement)
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
            plan = _plan(
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


def test_progress_tells_of_each_second_and_of_the_end() -> None:
    seen: list[Progress] = []
    with running_target() as url:
        plan = _plan(url, warmup_s=0.5, duration_s=1.5)
        measurement = LoadTestEngine(plan, on_progress=seen.append).run()
    assert [one.phase for one in seen] == [RunPhase.WARM_UP, RunPhase.MEASURING, RunPhase.DRAINING]
    assert [round(one.elapsed_s, 6) for one in seen] == [0.5, 1.5, 2.0]
    assert len(measurement.timeline) == 2
    assert [row.t_s for row in measurement.timeline] == [1.0, 1.5]


def test_a_stop_from_another_thread_ends_the_run_early_and_still_measures() -> None:
    with running_target() as url:
        engine = LoadTestEngine(
            _plan(url, duration_s=60.0),
            on_progress=lambda _: threading.Thread(target=engine.stop).start(),
        )
        begun_s = time.monotonic()
        measurement = engine.run()
    assert time.monotonic() - begun_s < 20
    assert measurement.run.interrupted
    assert 1 <= measurement.run.duration_s < 10
    assert _closes(measurement)
    assert measurement.total.succeeded > 50


def test_a_second_stop_does_not_wait_for_answers() -> None:
    def silent(connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            pass

    stopped_s: list[float] = []

    def stop_twice(_progress: Progress) -> None:
        stopped_s.append(time.monotonic())
        engine.stop()
        engine.stop()

    with scripted_server(silent) as peer:
        plan = _plan(f"http://127.0.0.1:{peer.port}", duration_s=60.0)
        engine = LoadTestEngine(plan, on_progress=stop_twice)
        measurement = engine.run()
    assert time.monotonic() - stopped_s[0] < 4.5
    assert measurement.total.in_flight_at_end == measurement.total.sent == 8
    assert exit_code(measurement) is ExitCode.NOT_DONE


def _workers_of(pid: int) -> list[int]:
    """Worker processes of a process, once they have become Python."""
    return [
        child.pid for child in psutil.Process(pid).children() if "loadgen.worker" in child.cmdline()
    ]


def _await(condition: Callable[[], bool], patience_s: float = 15.0) -> None:
    deadline_s = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.02)


def test_a_worker_that_is_killed_ends_the_run_and_is_named() -> None:
    progressed = threading.Event()
    with running_target() as url:
        engine = LoadTestEngine(
            _plan(url, duration_s=60.0, workers=2), on_progress=lambda _: progressed.set()
        )
        results: list[Measurement] = []
        thread = threading.Thread(target=lambda: results.append(engine.run()))
        thread.start()
        assert progressed.wait(20)
        victim = _workers_of(os.getpid())[0]
        os.kill(victim, signal.SIGKILL)
        thread.join(15)
    assert not thread.is_alive()
    measurement = results[0]
    assert f"(pid {victim}) was killed by SIGKILL" in measurement.run.failure
    assert exit_code(measurement) is ExitCode.NOT_DONE
    assert measurement.total.succeeded > 100


def test_workers_end_when_the_coordinator_is_killed() -> None:
    code = (
        "import sys; from loadgen.plan import Plan; from loadgen.coordinator import LoadTestEngine;"
        "LoadTestEngine(Plan(target=sys.argv[1], duration_s=60, workers=2, concurrency=8)).run()"
    )
    with running_target() as url:
        coordinator = subprocess.Popen([sys.executable, "-c", code, url])
        _await(lambda: len(_workers_of(coordinator.pid)) == 2)
        _await(lambda: _received(url) > 10)
        workers = _workers_of(coordinator.pid)
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
        LoadTestEngine(_plan(f"http://127.0.0.1:{port}")).run()
    assert time.monotonic() - begun_s < 3


def test_a_name_that_does_not_resolve_is_told() -> None:
    with pytest.raises(TargetError, match=r"'no\.such\.host\.invalid' does not resolve"):
        LoadTestEngine(_plan("http://no.such.host.invalid")).run()


def test_a_target_that_answers_garbage_is_a_run_that_could_not_be_done() -> None:
    def garbage(connection: socket.socket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.sendall(b"SSH-2.0-OpenSSH\r\n")

    with scripted_server(garbage) as peer:
        measurement = LoadTestEngine(_plan(f"http://127.0.0.1:{peer.port}", duration_s=0.5)).run()
    assert _closes(measurement)
    assert measurement.total.errors == {"protocol": measurement.total.sent}
    assert exit_code(measurement) is ExitCode.NOT_DONE


def test_measurements_so_far_add_up_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every second instead of every ten."""
    monkeypatch.setattr(coordinator, "INTERIM_NS", coordinator.NS_PER_S)
    so_far: list[Measurement] = []
    with running_target() as url:
        plan = _plan(url, endpoints=GUIDE_MIX, duration_s=2.5, warmup_s=0.5, workers=1)
        measurement = LoadTestEngine(plan, on_interim=so_far.append).run()
    assert [one.run.duration_s for one in so_far] == [1.0, 2.0]
    assert {one.run.id for one in so_far} == {measurement.run.id}
    for one in so_far:
        assert [row.t_s for row in one.timeline] == [row.t_s for row in measurement.timeline][
            : len(one.timeline)
        ]
        assert sum(row.sent for row in one.timeline) <= one.total.sent < measurement.total.sent
        assert one.total.latency.n == sum(each.tally.latency.n for each in one.endpoints) > 100
    assert _closes(measurement)


def test_a_run_tells_what_it_used() -> None:
    with running_target() as url:
        measurement = LoadTestEngine(_plan(url, duration_s=2.2, workers=1)).run()
    rows = measurement.resources
    # A second that a busy machine did not read in time is missing; never are all.
    assert {row.t_s for row in rows} <= {1.0, 2.0, 2.2}
    assert rows
    for row in rows:
        assert row.generator_cpu_percent is not None
        assert 0 <= row.generator_cpu_percent < 100 * (os.cpu_count() or 1)
        assert row.generator_memory_bytes is not None
        assert row.generator_memory_bytes > 20 * 2**20  # two Python processes
        assert (row.target_cpu_percent, row.target_memory_bytes) == (None, None)
