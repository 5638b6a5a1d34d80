"""Paired arrivals against two real servers: the same requests to each side, in turns."""

from __future__ import annotations

import dataclasses
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from loadgen.endpoint import Endpoint
from loadgen.plan import Arrivals, Pattern, Plan
from loadgen.wire import engine_plan
from tests.loadgen.engine_run import Outcome, local, run_engine
from tests.loadgen.slow_engine.slow_run import run_engine_slowly
from tests.scripted import HELLO, Peer, read_request, scripted_server

MIX = (
    Endpoint(path="/a", weight=3),
    Endpoint(path="/b", weight=1),
    Endpoint(path="/c", method="POST", body=b"x", weight=2),
)
ENGINES = pytest.mark.parametrize("run", [run_engine, run_engine_slowly])


class Witness:
    """What the two servers were asked for, in the order in which they were."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, bytes]] = []
        self._lock = threading.Lock()

    def script(self, side: int) -> Callable[[socket.socket, int, Peer], None]:
        """Answers all requests and writes down the side and the request's path."""

        def answer(connection: socket.socket, _number: int, peer: Peer) -> None:
            while request := read_request(connection, peer):
                with self._lock:
                    self.seen.append((side, request.split(b" ")[1]))
                connection.sendall(HELLO)

        return answer

    def paths(self, side: int) -> Counter[bytes]:
        """How often one server was asked for each path."""
        return Counter(path for which, path in self.seen if which == side)


@contextmanager
def _two_sides() -> Iterator[tuple[Witness, tuple[int, int]]]:
    witness = Witness()
    with (
        scripted_server(witness.script(0)) as first,
        scripted_server(witness.script(1)) as second,
    ):
        yield witness, (first.port, second.port)


def _plan(**changes: object) -> Plan:
    base: dict[str, object] = {
        "further_targets": ("http://127.0.0.1:1",),
        "endpoints": (*MIX, *(dataclasses.replace(one, target=1) for one in MIX)),
        "pattern": Pattern.RATE,
        "paired": True,
        "rate_rps": 400.0,
        "concurrency": 4,
        "duration_s": 0.5,
        "seed": 3,
    }
    return Plan(target="http://127.0.0.1:1", **{**base, **changes})  # type: ignore[arg-type]  # a table's values


def _run(run: Callable[..., Outcome], plan: Plan, ports: tuple[int, int], workers: int = 1) -> int:
    """Runs all workers, one after the other, and returns how many requests they had to send."""
    planned = 0
    for worker in range(workers):
        addresses = (*local(ports[0]), *local(ports[1]))
        outcome = run(engine_plan(plan, addresses, worker=worker, workers=workers))
        assert outcome.closes
        # A starved test machine may drop the very last.
        of_each = [tally.sent + tally.dropped for tally in outcome.endpoints]
        first, second = of_each[: len(MIX)], of_each[len(MIX) :]
        cut = sum(abs(one - other) for one, other in zip(first, second, strict=True))
        assert cut <= 1  # the end may cut a pair in two
        planned += outcome.planned
    return planned


@ENGINES
@pytest.mark.parametrize("arrivals", list(Arrivals))
def test_each_side_gets_the_same_requests(run: Callable[..., Outcome], arrivals: Arrivals) -> None:
    with _two_sides() as (witness, ports):
        planned = _run(run, _plan(arrivals=arrivals), ports)
    first, second = witness.paths(0), witness.paths(1)
    assert first.keys() == second.keys() == {b"/a", b"/b", b"/c"}
    assert ((first - second) + (second - first)).total() <= 4
    assert 100 < len(witness.seen) <= planned < 300


@pytest.mark.parametrize("workers", [1, 3])
def test_the_workers_pairs_add_up_to_the_plan(workers: int) -> None:
    with _two_sides() as (witness, ports):
        assert _run(run_engine, _plan(duration_s=0.3), ports, workers) == 120
    assert 100 < len(witness.seen) <= 120


@ENGINES
def test_the_order_within_a_pair_alternates(run: Callable[..., Outcome]) -> None:
    # 25 ms apart, so that only a starved machine sees one overtake the next.
    with _two_sides() as (witness, ports):
        _run(run, _plan(rate_rps=40.0), ports)
    order = [side for side, _ in witness.seen]
    pairs = list(zip(order[::2], order[1::2], strict=False))
    as_planned = sum(pair == (k % 2, 1 - k % 2) for k, pair in enumerate(pairs))
    assert as_planned >= 8  # of 10; one side always first would make it 5


def test_one_server_can_be_both_sides() -> None:
    witness = Witness()
    with scripted_server(witness.script(0)) as peer:
        assert _run(run_engine, _plan(), (peer.port, peer.port)) == 200
        assert peer.connections == 8  # a pool for each side
    assert 190 < len(witness.seen) <= 200
