"""What the tap makes of the bytes of a connection."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.shadow.live.selection import Selection
from rollout.shadow.live.tally import Fate
from rollout.shadow.live.tap import Tap
from tests.rollout.shadow.live.intake import Kept

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = b"HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"
HINTED = b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + OK
IN_CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n"
HEADED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
HEADED_CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
UPGRADE = b"GET /w HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
TWO_LENGTHS = b"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
ALL = Selection(methods=frozenset({"POST", "PUT"}), idempotency_header="X")

EXCHANGES = st.one_of(
    st.tuples(
        st.sampled_from([GET, POST, CHUNKED]),
        st.sampled_from([OK, EMPTY, HINTED, IN_CHUNKS, NOT_MODIFIED]),
    ),
    st.tuples(st.just(HEAD), st.sampled_from([HEADED, HEADED_CHUNKS, EMPTY, NOT_MODIFIED])),
)


@st.composite
def pieces(draw: st.DrawFn, whole: bytes) -> list[bytes]:
    """The bytes, cut anywhere."""
    cuts = draw(st.lists(st.integers(1, len(whole) - 1), max_size=4, unique=True))
    edges = [0, *sorted(cuts), len(whole)]
    return [whole[a:b] for a, b in pairwise(edges)]


@given(st.data(), st.lists(EXCHANGES, min_size=1, max_size=6))
def test_exchanges_are_found_in_any_pieces(
    data: st.DataObject, exchanges: list[tuple[bytes, bytes]]
) -> None:
    kept = Kept(ALL)
    tap = Tap(kept.intake)
    for request, answer in exchanges:
        for piece in data.draw(pieces(request)):
            tap.asked(piece)
        for piece in data.draw(pieces(answer)):
            tap.answered(piece)
        assert tap.is_idle
    assert [(taken.request, taken.answer) for taken in kept.taken] == exchanges
    assert [taken.is_head for taken in kept.taken] == [ask is HEAD for ask, _ in exchanges]
    assert kept.fates == {}
    assert not tap.is_opaque


@given(st.lists(EXCHANGES, min_size=2, max_size=6))
def test_requests_ahead_of_their_answers_keep_their_order(
    exchanges: list[tuple[bytes, bytes]],
) -> None:
    kept = Kept(ALL)
    tap = Tap(kept.intake)
    for request, _ in exchanges:
        tap.asked(request)
    for _, answer in exchanges:
        tap.answered(answer)
    assert [(taken.request, taken.answer) for taken in kept.taken] == exchanges


@given(st.data(), st.lists(EXCHANGES, min_size=2, max_size=6))
def test_pipelining_in_any_pieces_never_mixes_exchanges(
    data: st.DataObject, exchanges: list[tuple[bytes, bytes]]
) -> None:
    """What is captured is right, whatever is given up; and nothing is counted twice."""
    kept = Kept(ALL)
    tap = Tap(kept.intake)
    for piece in data.draw(pieces(b"".join(request for request, _ in exchanges))):
        tap.asked(piece)
    for piece in data.draw(pieces(b"".join(answer for _, answer in exchanges))):
        tap.answered(piece)
    tap.close()
    found = [(taken.request, taken.answer) for taken in kept.taken]
    assert all(exchange in exchanges for exchange in found)
    assert len(found) + sum(kept.fates.values()) == kept.seen


def test_pipelining_in_one_piece_is_not_mirrored_and_followed_on() -> None:
    kept = Kept()
    tap = Tap(kept.intake)
    tap.asked(GET + GET)
    tap.answered(OK + OK)
    assert kept.fates == {Fate.PIPELINED: 2}
    tap.asked(GET)
    tap.answered(OK)
    assert len(kept.taken) == 1


@pytest.mark.parametrize("status", [b"200 OK", b"426 Upgrade Required"])
def test_a_server_that_does_not_switch_is_followed_on(status: bytes) -> None:
    kept = Kept()
    tap = Tap(kept.intake)
    tap.asked(UPGRADE)
    tap.answered(b"HTTP/1.1 " + status + b"\r\nUpgrade: h2\r\nContent-Length: 0\r\n\r\n")
    assert kept.fates == {Fate.UPGRADE: 1}
    tap.asked(GET)
    tap.answered(OK)
    assert [taken.request for taken in kept.taken] == [GET]


@pytest.mark.parametrize(
    ("asked", "answered", "why"),
    [
        ([UPGRADE], [SWITCHED], "a WebSocket"),
        ([UPGRADE, b"\x81\x05"], [], "it speaks on before it is answered"),
        ([UPGRADE + b"\x81\x05"], [], "it speaks on at once"),
        ([b"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n"], [b"HTTP/1.1 200 OK\r\n\r\n"], "a tunnel"),
        ([b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], [], "HTTP/2"),
        ([b"\x16\x03\x01\x02\x00\x01\x00"], [], "TLS"),
        ([b"SSH-2.0-x\r\n"], [], "SSH"),
        ([], [b"220 mail.example ESMTP\r\n"], "a server that speaks first"),
        ([GET], [b"hello"], "an answer that is none"),
        ([GET], [OK + OK], "an answer that nobody asked for"),
        ([HEAD], [HEADED + b"hi"], "a body where none may be"),
        (
            [b"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"],
            [],
            "both",
        ),
    ],
)
def test_what_is_no_plain_http_is_followed_no_longer(
    asked: list[bytes], answered: list[bytes], why: str
) -> None:
    kept = Kept()
    tap = Tap(kept.intake)
    for piece in asked:
        tap.asked(piece)
    for piece in answered:
        tap.answered(piece)
    assert tap.is_opaque, why
    assert kept.tunnels == 1
    tap.asked(GET)
    tap.answered(OK)
    assert kept.taken == []
    assert sum(kept.fates.values()) == kept.seen


def test_a_connect_that_is_refused_is_no_tunnel() -> None:
    kept = Kept()
    tap = Tap(kept.intake)
    tap.asked(b"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n")
    tap.answered(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
    tap.asked(GET)
    tap.answered(OK)
    assert [taken.request for taken in kept.taken] == [GET]
    assert kept.fates == {Fate.METHOD: 1}


def test_an_answer_can_end_with_the_connection() -> None:
    kept = Kept()
    tap = Tap(kept.intake)
    tap.asked(GET)
    tap.answered(b"HTTP/1.0 200 OK\r\n\r\nall ")
    tap.answered(b"of it")
    assert tap.is_answering
    tap.ended()
    (taken,) = kept.taken
    assert taken.answer.endswith(b"all of it")
    assert taken.by_close
    assert not tap.is_answering


@pytest.mark.parametrize(
    ("asked", "answered"), [([GET], []), ([GET[:9]], []), ([GET, GET], [OK]), ([POST[:-1]], [OK])]
)
def test_what_is_not_whole_at_the_end_has_no_answer(
    asked: list[bytes], answered: list[bytes]
) -> None:
    kept = Kept(ALL)
    tap = Tap(kept.intake)
    for piece in asked:
        tap.asked(piece)
    for piece in answered:
        tap.answered(piece)
    assert not tap.is_idle
    tap.close()
    assert kept.fates == {Fate.UNANSWERED: 1}


def test_methods_that_are_not_mirrored_keep_their_place_in_the_order() -> None:
    kept = Kept()
    tap = Tap(kept.intake)
    for request in (POST, GET, POST, HEAD):
        tap.asked(request)
    for answer in (EMPTY, OK, IN_CHUNKS, HEADED):
        tap.answered(answer)
    assert [(taken.request, taken.answer) for taken in kept.taken] == [(GET, OK), (HEAD, HEADED)]
    assert kept.fates == {Fate.METHOD: 2}


def test_answers_to_head_are_told_apart_when_nothing_is_captured() -> None:
    kept = Kept(Selection(sample_ratio=0))
    tap = Tap(kept.intake)
    for _ in range(3):
        tap.asked(HEAD)
        tap.answered(HEADED)
        assert tap.is_idle
    assert kept.fates == {Fate.NOT_SAMPLED: 3}


def test_a_fault_of_the_mirror_does_not_reach_the_client(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> int:
        raise OSError("the clock has stopped")

    kept = Kept()
    kept.intake.clock = fail
    tap = Tap(kept.intake)
    tap.asked(GET)
    tap.answered(OK)
    assert tap.is_opaque
    assert kept.fates == {Fate.UNANSWERED: 1}
    assert "OSError: the clock has stopped" in capsys.readouterr().err
