"""The slow engine's users: the same requests as the C engine's, in the same order."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable

import pytest

from loadgen.plan import Endpoint, Pattern, Plan, StageUnit
from tests.loadgen.engine_run import Outcome, run_plan
from tests.loadgen.slow_engine.slow_run import run_slowly
from tests.scripted import HELLO, Peer, read_request, scripted_server

Runner = Callable[..., Outcome]


def _paths(runner: Runner, **changes: object) -> list[str]:
    """The paths that one user asks for, in order."""
    paths: list[str] = []

    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while request := read_request(connection, peer):
            paths.append(request.split(b" ", 2)[1].decode())
            connection.sendall(HELLO)

    with scripted_server(script) as peer:
        plan = Plan(
            target=f"http://127.0.0.1:{peer.port}",
            endpoints=tuple(
                Endpoint(path=f"/{name}", weight=weight)
                for name, weight in zip("abc", (5, 3, 2), strict=True)
            ),
            concurrency=1,
            seed=7,
            **changes,  # type: ignore[arg-type]  # a table's values
        )
        runner(plan, peer.port)
    return paths


def test_a_seed_gives_the_same_requests_on_both_paths() -> None:
    changes: dict[str, object] = {"duration_s": 0.3, "think_s": (0.0, 0.002)}
    fast, slow = _paths(run_plan, **changes), _paths(run_slowly, **changes)
    both = min(len(fast), len(slow))
    assert both > 70  # more than one block of draws
    assert fast[:both] == slow[:both]
    assert set(slow) == {"/a", "/b", "/c"}


def _hello(connection: socket.socket, _number: int, peer: Peer) -> None:
    while read_request(connection, peer):
        connection.sendall(HELLO)


def test_bursts_pause_between_them() -> None:
    with scripted_server(_hello) as peer:
        plan = Plan(
            target=f"http://127.0.0.1:{peer.port}",
            pattern=Pattern.BURST,
            concurrency=1,
            burst_size=5,
            pause_s=(0.2, 0.2),
            duration_s=0.5,
        )
        total = run_slowly(plan, peer.port).total
    # The first burst begins within 0.2 s, and the others 0.2 s after it.
    assert total.sent % 5 == 0
    assert 5 <= total.sent <= 15


def test_users_come_and_go_with_the_stages() -> None:
    with scripted_server(_hello) as peer:
        plan = Plan(
            target=f"http://127.0.0.1:{peer.port}",
            pattern=Pattern.STAGES,
            stage_unit=StageUnit.USERS,
            stages=((0.0, 1.0), (0.2, 1.0), (0.2, 3.0)),
            think_s=(0.005, 0.01),
            duration_s=0.4,
        )
        total = run_slowly(plan, peer.port).total
        assert peer.connections == total.connects == 3
    assert total.succeeded == total.finished > 10


@pytest.mark.parametrize("limit_s", [0.0, 0.2])
def test_a_user_whose_answer_is_late_gets_it_after_the_end(limit_s: float) -> None:
    with scripted_server(_late) as peer:
        plan = Plan(
            target=f"http://127.0.0.1:{peer.port}",
            concurrency=1,
            duration_s=0.2 if not limit_s else 9.0,
            think_s=(0, 0),
        )
        outcome = run_slowly(plan, peer.port, limit_s=limit_s)
    assert outcome.closes
    assert (outcome.total.sent, outcome.total.succeeded) == (1, 1)


def _late(connection: socket.socket, _number: int, peer: Peer) -> None:
    """Answers only when the load is over."""
    read_request(connection, peer)
    select.select([connection], [], [], 0.4)
    connection.sendall(HELLO)
