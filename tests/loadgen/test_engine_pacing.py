"""What the engine sends and when: users, bursts, ramps, arrivals, warm-up, an early end.

Counts only: how precisely a due time is hit is a question for benchmarks.
"""

from __future__ import annotations

import socket
import threading
import time

import pytest

from loadgen import _plan as kernels
from loadgen import snapshot
from loadgen._engine import Engine
from loadgen.arena import Arena, WorkerState
from loadgen.endpoint import Endpoint
from loadgen.plan import Arrivals, Pattern, Plan, Precision, StageUnit
from loadgen.wire import engine_plan
from slo.histogram import Histogram
from slo.metric import Phase
from tests.loadgen.engine_run import local, run_engine, run_plan
from tests.scripted import HELLO, Peer, read_request, scripted_server

MIX = (Endpoint(path="/a", weight=5), Endpoint(path="/b", weight=3), Endpoint(path="/c", weight=2))


def _hello(connection: socket.socket, _number: int, peer: Peer) -> None:
    while read_request(connection, peer):
        connection.sendall(HELLO)


def _rate(**changes: object) -> Plan:
    base: dict[str, object] = {
        "pattern": Pattern.RATE,
        "rate_rps": 500.0,
        "duration_s": 1.0,
        "connections": 4,
        "timeout_s": 5.0,
    }
    return Plan(**{**base, **changes})  # type: ignore[arg-type]  # a table's values


def test_uniform_arrivals_are_as_many_as_the_rate_says() -> None:
    with scripted_server(_hello) as peer:
        outcome = run_plan(_rate(), peer.port)
        assert peer.requests == outcome.total.sent
        assert peer.connections == 4
    assert outcome.closes
    assert outcome.planned == 500
    assert outcome.total.succeeded == outcome.total.sent > 400
    assert outcome.total.times[Phase.LAG].n == outcome.total.sent


def test_a_busy_worker_never_sleeps_between_sends() -> None:
    spun_ns = {}
    for precision in Precision:
        with scripted_server(_hello) as peer:
            outcome = run_plan(_rate(rate_rps=20.0, precision=precision), peer.port)
        spun_ns[precision] = sum(worker.spin_ns for worker in outcome.last.workers)
    assert spun_ns[Precision.CPU] <= spun_ns[Precision.EXACT] < 500_000_000
    assert spun_ns[Precision.BUSY] > 500_000_000


@pytest.mark.parametrize("arrivals", list(Arrivals))
@pytest.mark.parametrize("workers", [1, 3])
def test_workers_send_the_plans_arrivals_to_the_plans_endpoints(
    arrivals: Arrivals, workers: int
) -> None:
    plan = _rate(arrivals=arrivals, endpoints=MIX, seed=7, duration_s=0.4, rate_rps=1000.0)
    whole = engine_plan(plan, local(1), worker=0, workers=1)
    _, _, expected = kernels.arrivals(
        whole.points, arrivals, 7, whole.cumulative, [0, 0, 0], 0, 0, 1, plan.total_s
    )
    sent = [0, 0, 0]
    with scripted_server(_hello) as peer:
        for worker in range(workers):
            part = engine_plan(plan, local(peer.port), worker=worker, workers=workers)
            outcome = run_engine(part)
            assert outcome.closes
            for index, tally in enumerate(outcome.endpoints):
                sent[index] += tally.sent + tally.dropped
    assert sent == [int((expected == endpoint).sum()) for endpoint in range(3)]


def test_a_stalled_server_shows_in_response_times_and_not_in_the_generators_own_lag() -> None:
    stall_s = 0.4
    stalled = threading.Event()

    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            if peer.requests == 40 and not stalled.is_set():
                stalled.set()
                time.sleep(stall_s)
            connection.sendall(HELLO)

    with scripted_server(script) as peer:
        outcome = run_plan(_rate(rate_rps=200.0, connections=1), peer.port)
    total = outcome.total
    assert outcome.closes
    assert outcome.planned == 200
    # Arrivals of the 0.4 s wait for the one connection, the longest all of it, in a line.
    assert total.latency.max_ns >= stall_s * 1e9
    half_ns = stall_s / 2 * 1e9
    over_half = sum(_quantile_ns(total.latency, rank / 200) > half_ns for rank in range(1, 201))
    assert 35 <= over_half <= 60
    assert _quantile_ns(total.times[Phase.SERVICE], 0.95) < half_ns
    assert total.late >= 70
    assert outcome.last.waited >= 70


def _quantile_ns(histogram: Histogram, q: float) -> int:
    value_ns = histogram.quantile_ns(q)
    assert value_ns is not None
    return value_ns


def test_arrivals_that_no_connection_could_take_are_dropped_and_counted_so() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.recv(1)

    with scripted_server(script) as peer:
        outcome = run_plan(_rate(connections=3, duration_s=0.3, timeout_s=0.5), peer.port)
    total = outcome.total
    assert total.sent == 3
    assert total.dropped == 147
    assert outcome.last.dropped_busy == 147
    assert total.sent == total.succeeded + total.failed + total.in_flight_at_end


def test_an_answer_at_the_very_end_frees_its_connection_too_late_for_what_was_due() -> None:
    """The engine reads the answer and finds the end in one step, which is what the wait is for."""
    asked, answered = threading.Event(), threading.Event()

    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        assert asked.wait(10)
        connection.sendall(HELLO)
        answered.set()
        connection.recv(1)

    plan = _rate(connections=1, duration_s=0.2)
    with scripted_server(script) as peer, Arena.create(workers=1, endpoints=1) as arena:
        parts = engine_plan(plan, local(peer.port), worker=0, workers=1)
        engine = Engine(arena.memory, arena.slot_offset(0), parts)
        engine.prepare()
        while engine.state == WorkerState.NEW:
            engine.step()
        start_ns = time.monotonic_ns()
        engine.begin(start_ns)
        while not snapshot.take(arena, start_ns).sent:
            engine.step()
        asked.set()
        assert answered.wait(10)
        while time.monotonic_ns() < start_ns + 200_000_000:
            pass
        while engine.state != WorkerState.DONE:
            engine.step()
        last = snapshot.take(arena, time.monotonic_ns())
    assert last.sent == 1
    assert last.dropped == 99
    assert last.dropped_busy == 99


def test_warm_up_requests_are_counted_apart() -> None:
    with scripted_server(_hello) as peer:
        outcome = run_plan(_rate(warmup_s=0.4, duration_s=0.6), peer.port)
        assert peer.requests == outcome.total.sent + 200
    assert outcome.closes
    assert outcome.planned == 300
    assert outcome.last.warmup.sent == outcome.last.warmup.succeeded == 200
    assert outcome.total.latency.n == outcome.total.sent


def test_an_early_end_drops_nothing_that_was_intended_later() -> None:
    with scripted_server(_hello) as peer:
        outcome = run_plan(_rate(duration_s=30.0), peer.port, limit_s=0.2)
    assert outcome.closes
    assert outcome.planned == 100


def test_rate_stages_follow_their_area() -> None:
    plan = _rate(
        pattern=Pattern.STAGES,
        stage_unit=StageUnit.RATE,
        stages=((0.0, 0.0), (0.5, 400.0), (0.5, 100.0), (1.0, 100.0)),
    )
    with scripted_server(_hello) as peer:
        outcome = run_plan(plan, peer.port)
    assert outcome.planned == 150


def test_user_stages_raise_and_lower_the_number_of_users() -> None:
    seen: list[tuple[float, int]] = []
    lock = threading.Lock()

    def script(connection: socket.socket, number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            with lock:
                seen.append((time.monotonic(), number))
            connection.sendall(HELLO)

    plan = Plan(
        pattern=Pattern.STAGES,
        stages=((0.0, 1.0), (0.4, 1.0), (0.4, 5.0), (0.8, 5.0), (0.8, 2.0), (1.2, 2.0)),
        think_s=(0.01, 0.01),
        duration_s=1.2,
    )
    with scripted_server(script) as peer:
        begun_s = time.monotonic()
        outcome = run_plan(plan, peer.port)
    assert outcome.closes

    def users(low_s: float, high_s: float) -> int:
        return len({user for at_s, user in seen if low_s <= at_s - begun_s < high_s})

    assert users(0.05, 0.35) == 1
    assert users(0.45, 0.75) == 5
    assert users(0.9, 1.15) == 2


def test_a_ramp_starts_with_one_user_and_ends_with_all() -> None:
    plan = Plan(
        pattern=Pattern.RAMP_UP, concurrency=8, ramp_s=0.4, think_s=(0.005, 0.005), duration_s=0.8
    )
    with scripted_server(_hello) as peer:
        early = run_plan(plan, peer.port, limit_s=0.05)
        assert early.total.connects in {1, 2}
        whole = run_plan(plan, peer.port)
    assert whole.closes
    assert whole.total.connects == 8


def test_a_burst_is_ten_requests_back_to_back_and_a_pause() -> None:
    plan = Plan(
        pattern=Pattern.BURST, concurrency=1, burst_size=10, pause_s=(0.2, 0.2), duration_s=0.9
    )
    with scripted_server(_hello) as peer:
        outcome = run_plan(plan, peer.port)
    assert outcome.closes
    assert outcome.total.sent in {40, 50}


def test_users_without_think_time_send_as_soon_as_they_are_answered() -> None:
    with scripted_server(_hello) as peer:
        outcome = run_plan(Plan(concurrency=2, think_s=(0, 0), duration_s=0.2), peer.port)
        assert peer.requests == outcome.total.sent > 100
    assert outcome.closes
    assert outcome.total.in_flight_at_end == 0
