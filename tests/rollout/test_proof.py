"""Proving a split: enough requests, a router that is slow to follow, one that counts nothing."""

from __future__ import annotations

import socket

import pytest

from rollout.mark import Mark
from rollout.proof import ProofOptions, prove
from rollout.routers.router import RouterError, Served
from rollout.split import SplitState
from tests.rollout.memory_router import MemoryRouter
from tests.scripted import HELLO, Peer, read_request, scripted_server

SHORT = ProofOptions(limit_s=0.15)


def test_counters_prove_a_split() -> None:
    router = MemoryRouter([(9_000, 1_000), (380, 20), (570, 30)])
    split = prove(router, 5, ProofOptions())
    assert (split.n, split.canary) == (1_000, 50)
    assert split.state is SplitState.PROVEN
    assert split.source == "the counters of the router in memory"


def test_what_was_under_way_at_the_change_is_not_held_against_it() -> None:
    router = MemoryRouter([(5_000, 5_000), (400, 3), (400, 0)])
    split = prove(router, 0, ProofOptions())
    assert (split.n, split.canary) == (400, 0)
    assert split.state is SplitState.PROVEN


def test_a_change_that_was_ignored_is_refuted_when_the_time_is_up() -> None:
    split = prove(MemoryRouter([(1_000, 0)] * 100), 5, SHORT)
    assert split.state is SplitState.REFUTED
    assert split.seconds >= SHORT.limit_s


def test_without_traffic_nothing_is_proven() -> None:
    split = prove(MemoryRouter(), 0, SHORT)
    assert (split.state, split.n) == (SplitState.UNDECIDED, 0)
    assert "it takes 299 requests" in split.text


def test_a_proof_can_be_stopped() -> None:
    split = prove(MemoryRouter(), 0, ProofOptions(), is_stopped=lambda: True)
    assert split.problem == "it was stopped"


def test_where_neither_counters_nor_marks_tell_it_is_refused() -> None:
    with pytest.raises(RouterError, match=r"counts no requests.*set rollout\.url and rollout\.m"):
        prove(MemoryRouter(looks=None), 5, ProofOptions(url="http://127.0.0.1:9"))


class _ForgetfulRouter(MemoryRouter):
    """Cannot be asked at one reading, or lastingly from it on."""

    def __init__(self, looks: list[tuple[int, int]], *, reading: int, lasting: bool) -> None:
        super().__init__(looks)
        self._reading = reading
        self._lasting = lasting

    def verify(self) -> Served | None:
        self.log.append("verify")
        if len(self.log) == self._reading or (self._lasting and len(self.log) > self._reading):
            raise RouterError("the router in memory is away", lasting=self._lasting)
        return super().verify()


@pytest.mark.parametrize("reading", [1, 2])
def test_a_router_that_does_not_answer_once_is_asked_again(reading: int) -> None:
    router = _ForgetfulRouter([(0, 0), (300, 0)], reading=reading, lasting=False)
    split = prove(router, 0, ProofOptions())
    assert (split.state, split.problem) == (SplitState.PROVEN, "")


@pytest.mark.parametrize("reading", [1, 2])
def test_a_router_that_is_lost_for_good_ends_the_proof_at_once(reading: int) -> None:
    router = _ForgetfulRouter([(0, 0), (300, 0)], reading=reading, lasting=True)
    with pytest.raises(RouterError, match="is away"):
        prove(router, 0, ProofOptions(limit_s=60))


def test_marked_answers_prove_a_split_where_nothing_is_counted() -> None:
    def script(connection: socket.socket, number: int, _peer: Peer) -> None:
        read_request(connection)
        version = b"v2" if number % 20 == 0 else b"v1"
        connection.sendall(HELLO.replace(b"\r\n", b"\r\nX-Version: " + version + b"\r\n", 1))

    with scripted_server(script) as peer:
        options = ProofOptions(
            url=f"http://127.0.0.1:{peer.port}", mark=Mark(header="X-Version", canary="v2")
        )
        split = prove(MemoryRouter(looks=None), 5, options)
    assert split.state is SplitState.PROVEN
    assert split.source == "the header X-Version"


class _DoorRouter(MemoryRouter):
    """Counts the connections of a server, all for the stable side."""

    def __init__(self, connections: list[int]) -> None:
        super().__init__()
        self._connections = connections

    def verify(self) -> Served | None:
        return Served(stable=len(self._connections), canary=0)


def test_where_there_is_too_little_traffic_our_own_is_added() -> None:
    seen: list[int] = []

    def script(connection: socket.socket, number: int, _peer: Peer) -> None:
        read_request(connection)
        seen.append(number)
        connection.sendall(HELLO)

    with scripted_server(script) as peer:
        split = prove(_DoorRouter(seen), 0, ProofOptions(url=f"http://127.0.0.1:{peer.port}"))
    assert split.state is SplitState.PROVEN
    assert split.n >= 299
