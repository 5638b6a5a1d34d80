"""What a client gets through the proxy is what it gets without: every byte, and the end."""

from __future__ import annotations

import asyncio
import gc
import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvloop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loadgen.target_url import Target
from loadgen.tls import TlsOptions
from rollout.shadow.live.dialing import Dialer
from rollout.shadow.live.dialing import Peer as Side
from rollout.shadow.live.relay import Relay, Relays
from rollout.shadow.live.tap import Tap
from tests.rollout.shadow.live.intake import Kept
from tests.rollout.shadow.live.running import Shadow, running_shadow
from tests.scripted import HELLO, Peer, read_request, reset, scripted_server
from tests.secured import Authority, secured

PATIENCE_S = 20.0
CANARIES = ("answers", "hangs", "resets", "slow", "closes")
"""What the canary does, one connection after the other."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A request, and what production says to it."""

    request: bytes
    answer: bytes


@dataclass(frozen=True, slots=True)
class Dialogue:
    """All that is said on one connection.

    Attributes:
        turns: in order.
        sends: sizes of the pieces in which client and server send, in turn.
        pipelined: the client does not wait for answers.
        closes: production closes after its last answer.
    """

    turns: tuple[Turn, ...]
    sends: tuple[int, ...]
    pipelined: bool
    closes: bool


METHODS = st.sampled_from(["GET", "GET", "HEAD", "OPTIONS", "POST", "DELETE", "PATCH"])
TEXT = st.text("abcdefgh-", min_size=1, max_size=12)
BODIES = st.one_of(
    st.just(b""),
    st.binary(max_size=200),
    st.integers(1, 300_000).map(lambda size: bytes(range(256)) * (size // 256) + b"."),
)


def _chunked(body: bytes, size: int, trailers: bytes) -> bytes:
    parts = (body[at : at + size] for at in range(0, len(body), size))
    chunks = b"".join(b"%x;e=1\r\n%b\r\n" % (len(part), part) for part in parts)
    return chunks + b"0\r\n" + trailers + b"\r\n"


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, bytes]:
    """A method and the bytes of a request with it."""
    method = draw(METHODS)
    lines = [f"{method} /{draw(TEXT)}?q={draw(TEXT)} HTTP/1.1", f"HoSt:  {draw(TEXT)}"]
    lines += [f"X-{name}: {name}\t " for name in draw(st.lists(TEXT, max_size=4))]
    body = b""
    if method in {"POST", "PATCH"}:
        body = draw(BODIES)
        if draw(st.booleans()):
            lines.append("Transfer-Encoding: chunked")
            body = _chunked(body, draw(st.integers(1, 5_000)) if len(body) < 500 else 9_999, b"")
        else:
            lines.append(f"Content-Length: {len(body)}")
    return method, "\r\n".join([*lines, "", ""]).encode() + body


@st.composite
def answers(draw: st.DrawFn, method: str, *, may_close: bool) -> bytes:
    """The bytes of an answer; may_close: it may end with the connection."""
    interim = b"".join(
        draw(
            st.lists(
                st.sampled_from(
                    [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Hints\r\nLink: <a>\r\n\r\n"]
                ),
                max_size=2,
            )
        )
    )
    status = draw(st.sampled_from([200, 200, 200, 204, 304, 404, 500]))
    head = f"HTTP/1.1 {status} Any {draw(TEXT)}\r\nserver:{draw(TEXT)}\r\n".encode()
    body = draw(BODIES)
    framing = draw(
        st.sampled_from(["length", "chunked", "close"] if may_close else ["length", "chunked"])
    )
    if status in {204, 304}:
        framing, body = "length", b""
        head += b"" if status == 204 else b"Content-Length: 12\r\n"
    elif framing == "length":
        head += b"Content-Length: %d\r\n" % len(body)
    elif framing == "chunked":
        head += b"Transfer-Encoding: chunked\r\n"
        trailers = draw(st.sampled_from([b"", b"X-Sum: 1\r\n"]))
        body = _chunked(body, 7 if len(body) < 500 else 20_000, trailers)
    return interim + head + b"\r\n" + (b"" if method == "HEAD" else body)


@st.composite
def dialogues(draw: st.DrawFn) -> Dialogue:
    """Anything that may be said on one connection."""
    asked = draw(st.lists(requests(), min_size=1, max_size=5))
    closes = draw(st.booleans())
    turns = tuple(
        Turn(request, draw(answers(method, may_close=closes and index == len(asked) - 1)))
        for index, (method, request) in enumerate(asked)
    )
    sends = tuple(draw(st.lists(st.sampled_from([1, 3, 40, 700, 60_000]), min_size=1, max_size=4)))
    return Dialogue(turns, sends, pipelined=draw(st.booleans()), closes=closes)


def _send(connection: socket.socket, data: bytes, sends: tuple[int, ...]) -> None:
    """In pieces of the given sizes, the rest in one: a million tiny ones prove no more."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    at = 0
    for size in itertools.islice(itertools.cycle(sends), 12):
        connection.sendall(data[at : at + size])
        at += size
    connection.sendall(data[at:])


def _receive(connection: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(min(65_536, size - len(data)))
        if not piece:
            break
        data += piece
    return bytes(data)


class Production:
    """Plays one dialogue at a time, and keeps what it was told."""

    def __init__(self) -> None:
        self.dialogue = Dialogue((), (1,), pipelined=False, closes=True)
        self.heard = b""
        self.heard_all = threading.Event()

    def play(self, dialogue: Dialogue) -> None:
        """The next connection is this one."""
        self.dialogue = dialogue
        self.heard = b""
        self.heard_all.clear()

    def script(self, connection: socket.socket, _number: int, _peer: Peer) -> None:
        """One connection."""
        dialogue = self.dialogue
        for turn in dialogue.turns:
            self.heard += _receive(connection, len(turn.request))
            _send(connection, turn.answer, dialogue.sends)
        if dialogue.closes:
            connection.shutdown(socket.SHUT_WR)
        self.heard += _receive(connection, 1)  # b"" when the client closes
        self.heard_all.set()


def _converse(port: int, production: Production, dialogue: Dialogue) -> tuple[bytes, bytes]:
    """What the client hears, an end included, and what production has heard."""
    production.play(dialogue)
    heard = b""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        talking: threading.Thread | None = None
        if dialogue.pipelined:
            everything = b"".join(turn.request for turn in dialogue.turns)
            talking = threading.Thread(
                target=_send, args=(connection, everything, dialogue.sends), daemon=True
            )
            talking.start()
        for turn in dialogue.turns:
            if not dialogue.pipelined:
                _send(connection, turn.request, dialogue.sends)
            heard += _receive(connection, len(turn.answer))
        if talking is not None:
            talking.join(PATIENCE_S)
        if dialogue.closes:
            heard += _receive(connection, 1) or b"<end>"
        else:
            connection.shutdown(socket.SHUT_WR)
    assert production.heard_all.wait(PATIENCE_S)
    return heard, production.heard


def _canary(connection: socket.socket, number: int, _peer: Peer) -> None:
    match CANARIES[number % len(CANARIES)]:
        case "answers":
            for _ in range(3):  # then it is another connection's turn to misbehave
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        case "hangs":
            _receive(connection, 1 << 40)
        case "resets":
            connection.recv(10)
            reset(connection)
        case "slow":
            connection.recv(65_536)
            for byte in b"HTTP/1.1 200 OK\r\nContent-Le":
                connection.sendall(bytes([byte]))
        case "closes":
            connection.recv(65_536)


@contextmanager
def _shadowed() -> Iterator[tuple[Production, Peer, Shadow]]:
    production = Production()
    with (
        scripted_server(production.script) as server,
        scripted_server(_canary) as canary,
        running_shadow(server.port, canary.port, timeout="200ms", rate_limit="100000") as shadow,
    ):
        yield production, server, shadow
        assert canary.connections > len(CANARIES), "it did all that it can do"


@pytest.fixture(scope="module")
def shadowed() -> Iterator[tuple[Production, Peer, Shadow]]:
    with _shadowed() as running:
        yield running


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(dialogue=dialogues())
def test_a_client_hears_what_it_hears_without_the_proxy(
    shadowed: tuple[Production, Peer, Shadow], dialogue: Dialogue
) -> None:
    production, server, shadow = shadowed
    directly = _converse(server.port, production, dialogue)
    assert directly[0] == (
        b"".join(turn.answer for turn in dialogue.turns) + (b"<end>" if dialogue.closes else b"")
    )
    assert directly[1] == b"".join(turn.request for turn in dialogue.turns)
    assert _converse(shadow.port, production, dialogue) == directly


def test_a_client_that_stops_sending_still_gets_its_answer(
    shadowed: tuple[Production, Peer, Shadow],
) -> None:
    """Half-closed: `printf ... | nc` does it."""
    production, _, shadow = shadowed
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    production.play(Dialogue((Turn(request, answer),), (9_999,), pipelined=False, closes=True))
    with socket.create_connection(("127.0.0.1", shadow.port), PATIENCE_S) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        assert _receive(connection, 1_000) == answer


SWITCH = b"GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
SWITCHED = b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"


@pytest.mark.parametrize(
    ("opening", "opened"),
    [
        (SWITCH, SWITCHED),
        (b"CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\0\0\0\4\0\0\0\0\0"),
        (b"\x16\x03\x01\x00\x05hello", b"\x15\x03\x01\x00\x02\x02\x28"),
    ],
    ids=["websocket", "connect", "http2", "tls"],
)
def test_what_is_no_plain_http_passes_both_ways(
    shadowed: tuple[Production, Peer, Shadow], opening: bytes, opened: bytes
) -> None:
    production, _, shadow = shadowed
    frames = bytes(range(256)) * 2_000
    dialogue = Dialogue(
        (Turn(opening, opened), Turn(frames, frames[::-1]), Turn(b"\x88", b"\x88")),
        (700,),
        pipelined=False,
        closes=True,
    )
    heard, told = _converse(shadow.port, production, dialogue)
    assert heard == opened + frames[::-1] + b"\x88<end>"
    assert told == opening + frames + b"\x88"


def test_a_broken_answer_does_not_look_like_a_whole_one() -> None:
    """It ends with the connection, so only a reset tells that there should be more."""

    def break_off(connection: socket.socket, _number: int, _peer: Peer) -> None:
        if not connection.recv(65_536):
            return  # it was only asked whether anybody listens
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nthe first hal")
        assert connection.recv(1) == b"x", "the client has read so far"
        reset(connection)

    with (
        scripted_server(break_off) as server,
        scripted_server(_canary) as canary,
        running_shadow(server.port, canary.port) as shadow,
        socket.create_connection(("127.0.0.1", shadow.port), PATIENCE_S) as connection,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert _receive(connection, 32).endswith(b"the first hal")
        connection.sendall(b"x")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_a_client_that_does_not_read_is_not_read_for() -> None:
    """Back-pressure: production cannot send more than the buffers on the way hold."""
    limit_bytes = 200_000_000
    sent = 0
    is_over = threading.Event()

    def pour(connection: socket.socket, _number: int, _peer: Peer) -> None:
        nonlocal sent
        if not connection.recv(65_536):
            return  # it was only asked whether anybody listens
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % limit_bytes)
        connection.settimeout(1.0)
        try:
            while sent < limit_bytes:
                sent += connection.send(bytes(1_000_000))
        finally:
            is_over.set()

    with (
        scripted_server(pour) as server,
        scripted_server(_canary) as canary,
        running_shadow(server.port, canary.port) as shadow,
        socket.create_connection(("127.0.0.1", shadow.port), PATIENCE_S) as connection,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert is_over.wait(PATIENCE_S)
    assert 0 < sent < limit_bytes / 2


def test_production_that_is_down_is_a_bad_gateway() -> None:
    with (
        scripted_server(lambda connection, _number, _peer: connection.close()) as server,
        scripted_server(_canary) as canary,
        running_shadow(server.port, canary.port) as shadow,
    ):
        server.refuse()
        with socket.create_connection(("127.0.0.1", shadow.port), PATIENCE_S) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = _receive(connection, 10_000)
        assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
        assert answer.endswith(b"\r\n\r\nloadgen shadow: production cannot be connected to\n")
        result, _ = shadow.stop()
        assert result.counts.cut == 1


def test_production_and_canary_can_speak_tls(tmp_path: Path) -> None:
    """A client's half-closed connection cannot be passed on by TLS; it is answered all the same."""

    def hello(connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            connection.sendall(HELLO)

    authority = Authority.in_folder(tmp_path)
    script = secured(authority.server(), hello)
    with scripted_server(script) as production, scripted_server(script) as canary:
        urls: dict[str, Any] = {
            f"{name}_url": f"https://localhost:{peer.port}"
            for name, peer in (("production", production), ("canary", canary))
        }
        with (
            running_shadow(0, 0, **urls, cacert=authority.ca_file) as shadow,
            socket.create_connection(("127.0.0.1", shadow.port), PATIENCE_S) as connection,
        ):
            for _ in range(3):
                connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                assert _receive(connection, len(HELLO)) == HELLO
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            connection.shutdown(socket.SHUT_WR)
            assert _receive(connection, 1_000) == HELLO, "and then the end"
            _, pairs = shadow.stop()
    assert [pair.canary.body for pair in pairs] == [b"hello"] * 4


def test_connections_that_are_over_leave_nothing_behind() -> None:
    """Not even until some timer has run out: a busy port would fill the memory with them."""

    def hello(connection: socket.socket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.sendall(HELLO)

    def ask(port: int) -> None:
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert _receive(connection, 1_000) == HELLO

    async def run(production: int) -> int:
        kept = Kept()
        peer = Side.find(Target.parse(f"http://127.0.0.1:{production}"), TlsOptions())
        relays = Relays(Dialer(peer).connect, lambda: Tap(kept.intake), kept.intake.counts)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(relays.make, "127.0.0.1", 0)
        for _ in range(20):
            await loop.run_in_executor(None, ask, server.sockets[0].getsockname()[1])
        server.close()
        await relays.finish(PATIENCE_S)
        assert len(kept.taken) == 20
        del relays
        gc.collect()
        return sum(isinstance(each, Relay) for each in gc.get_objects())

    with scripted_server(hello) as server:
        assert uvloop.run(run(server.port)) == 0
