"""A run while it goes on, with real workers: what it tells each second, and every early end."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time

import pytest

from loadgen import ongoing_run
from loadgen.coordinator import LoadTestEngine
from loadgen.exitcode import ExitCode, exit_code
from loadgen.measurement import Measurement
from loadgen.progress import Progress, RunPhase
from loadgen.target.launch import running_target
from tests.loadgen.whole_run import GUIDE_MIX, brief_plan, closes, workers_of
from tests.scripted import Peer, read_request, scripted_server


def test_progress_tells_of_each_second_and_of_the_end() -> None:
    seen: list[Progress] = []
    with running_target() as url:
        plan = brief_plan(url, warmup_s=0.5, duration_s=1.5)
        measurement = LoadTestEngine(plan, on_progress=seen.append).run()
    assert [one.phase for one in seen] == [RunPhase.WARM_UP, RunPhase.MEASURING, RunPhase.DRAINING]
    assert [round(one.elapsed_s, 6) for one in seen] == [0.5, 1.5, 2.0]
    assert len(measurement.timeline) == 2
    assert [row.t_s for row in measurement.timeline] == [1.0, 1.5]


def test_a_stop_from_another_thread_ends_the_run_early_and_still_measures() -> None:
    with running_target() as url:
        engine = LoadTestEngine(
            brief_plan(url, duration_s=60.0),
            on_progress=lambda _: threading.Thread(target=engine.stop).start(),
        )
        begun_s = time.monotonic()
        measurement = engine.run()
    assert time.monotonic() - begun_s < 20
    assert measurement.run.interrupted
    assert 1 <= measurement.run.duration_s < 10
    assert closes(measurement)
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
        plan = brief_plan(f"http://127.0.0.1:{peer.port}", duration_s=60.0)
        engine = LoadTestEngine(plan, on_progress=stop_twice)
        measurement = engine.run()
    assert time.monotonic() - stopped_s[0] < 4.5
    assert measurement.total.in_flight_at_end == measurement.total.sent == 8
    assert exit_code(measurement) is ExitCode.NOT_DONE


def test_a_worker_that_is_killed_ends_the_run_and_is_named() -> None:
    progressed = threading.Event()
    with running_target() as url:
        engine = LoadTestEngine(
            brief_plan(url, duration_s=60.0, workers=2), on_progress=lambda _: progressed.set()
        )
        results: list[Measurement] = []
        thread = threading.Thread(target=lambda: results.append(engine.run()))
        thread.start()
        assert progressed.wait(20)
        victim = workers_of(os.getpid())[0]
        os.kill(victim, signal.SIGKILL)
        thread.join(15)
    assert not thread.is_alive()
    measurement = results[0]
    assert f"(pid {victim}) was killed by SIGKILL" in measurement.run.failure
    assert exit_code(measurement) is ExitCode.NOT_DONE
    assert measurement.total.succeeded > 100


def test_measurements_so_far_add_up_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every second instead of every ten."""
    monkeypatch.setattr(ongoing_run, "INTERIM_NS", ongoing_run.NS_PER_S)
    so_far: list[Measurement] = []
    with running_target() as url:
        plan = brief_plan(url, endpoints=GUIDE_MIX, duration_s=2.5, warmup_s=0.5, workers=1)
        measurement = LoadTestEngine(plan, on_interim=so_far.append).run()
    assert [one.run.duration_s for one in so_far] == [1.0, 2.0]
    assert {one.run.id for one in so_far} == {measurement.run.id}
    for one in so_far:
        assert [row.t_s for row in one.timeline] == [row.t_s for row in measurement.timeline][
            : len(one.timeline)
        ]
        assert sum(row.sent for row in one.timeline) <= one.total.sent < measurement.total.sent
        assert one.total.latency.n == sum(each.tally.latency.n for each in one.endpoints) > 100
    assert closes(measurement)


def test_a_run_tells_what_it_used() -> None:
    with running_target() as url:
        measurement = LoadTestEngine(brief_plan(url, duration_s=2.2, workers=1)).run()
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
