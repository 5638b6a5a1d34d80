"""The engine holds answers against their checks: what fails is counted, and why. Real sockets."""

from __future__ import annotations

import socket
import zlib

import pytest

from loadgen.checks import Checks, HeaderCheck
from loadgen.endpoint import Endpoint
from loadgen.plan import Plan
from tests.loadgen.engine_run import Outcome, run_plan
from tests.scripted import Peer, read_request, scripted_server


def _plan(checks: Checks, **changes: object) -> Plan:
    base: dict[str, object] = {
        "concurrency": 2,
        "duration_s": 0.1,
        "think_s": (0.001, 0.002),
        "timeout_s": 2.0,
        "checks": checks,
    }
    return Plan(**{**base, **changes})  # type: ignore[arg-type]  # a table's values


def _answer(body: bytes = b"", *headers: str, status: int = 200) -> bytes:
    lines = [f"HTTP/1.1 {status} Said", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _run(plan: Plan, answer: bytes) -> Outcome:
    """Serves one answer to every request: whole on one connection, in pieces on the next."""

    def script(connection: socket.socket, number: int, peer: Peer) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        size = len(answer) // 7 + 1 if number % 2 else len(answer)
        while read_request(connection, peer):
            for at in range(0, len(answer), size):
                connection.sendall(answer[at : at + size])

    with scripted_server(script) as peer:
        outcome = run_plan(plan, peer.port)
        assert outcome.total.sent == peer.requests
    assert outcome.closes
    return outcome


HTML = ("Content-Type: text/html; charset=utf-8",)
ROWS: tuple[tuple[str, Checks, bytes, str], ...] = (
    ("status in the list", Checks(statuses=((200, 200), (404, 404))), _answer(status=404), ""),
    ("status in a range", Checks(statuses=((300, 399),)), _answer(status=302), ""),
    ("status outside", Checks(statuses=((201, 299),)), _answer(status=200), "status"),
    ("a bad status outside", Checks(statuses=((200, 200),)), _answer(status=500), "status"),
    (
        "header there",
        Checks(headers=(HeaderCheck(name="content-TYPE"),)),
        _answer(b"", *HTML),
        "",
    ),
    (
        "header missing",
        Checks(headers=(HeaderCheck(name="Content-Typ"),)),
        _answer(b"", *HTML),
        "header_missing",
    ),
    (
        "header of a 103 only",
        Checks(headers=(HeaderCheck(name="Link"),)),
        b"HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n" + _answer(),
        "header_missing",
    ),
    (
        "header in the trailer only",
        Checks(headers=(HeaderCheck(name="X-Sum"),)),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n",
        "header_missing",
    ),
    (
        "header contains",
        Checks(headers=(HeaderCheck(name="Content-Type", value="charset=utf-8"),)),
        _answer(b"", *HTML),
        "",
    ),
    (
        "header contains in its second line",
        Checks(headers=(HeaderCheck(name="Vary", value="Cookie"),)),
        _answer(b"", "Vary: Accept", "Vary: Cookie"),
        "",
    ),
    (
        "header equals, white space around it",
        Checks(headers=(HeaderCheck(name="X-A", value="b c", equals=True),)),
        _answer(b"", "X-A: \t b c \t "),
        "",
    ),
    (
        "header differs",
        Checks(headers=(HeaderCheck(name="Content-Type", value="text/html", equals=True),)),
        _answer(b"", *HTML),
        "header_value",
    ),
    ("body contains", Checks(body_contains=(b'"ok": true',)), _answer(b'{"ok": true}'), ""),
    ("body lacks", Checks(body_contains=(b"ok",)), _answer(b"o k"), "body_lacks"),
    ("no body lacks", Checks(body_contains=(b"ok",)), _answer(status=204), "body_lacks"),
    ("body excludes", Checks(body_excludes=(b"error",)), _answer(b"an error!"), "body_has"),
    ("body excludes nothing", Checks(body_excludes=(b"error",)), _answer(b"errerrer ror"), ""),
    (
        "the second text is missing",
        Checks(body_contains=(b"aab", b"bbb"), body_excludes=(b"ccc",)),
        _answer(b"aaab bb"),
        "body_lacks",
    ),
    ("a text over chunks", Checks(body_contains=(b"hello",)),
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", ""),
    ("chunk framing is no body", Checks(body_excludes=(b"\r\n",)),
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", ""),
    ("small", Checks(body_min_bytes=4), _answer(b"abc"), "body_small"),
    ("large", Checks(body_max_bytes=2), _answer(b"abc"), "body_large"),
    ("just right", Checks(body_min_bytes=3, body_max_bytes=3), _answer(b"abc"), ""),
    (
        "compressed all the same",
        Checks(body_contains=(b"ok",)),
        _answer(zlib.compress(b"ok"), "Content-Encoding: deflate"),
        "body_encoded",
    ),
    (
        "compressed, and nobody searches",
        Checks(body_min_bytes=1),
        _answer(zlib.compress(b"ok"), "Content-Encoding: deflate"),
        "",
    ),
    (
        "encoding that is none",
        Checks(body_contains=(b"ok",)),
        _answer(b"ok", "Content-Encoding: Identity"),
        "",
    ),
)  # fmt: skip


@pytest.mark.parametrize(("name", "checks", "answer", "kind"), ROWS, ids=[row[0] for row in ROWS])
def test_an_answer_is_held_against_its_check(
    name: str, checks: Checks, answer: bytes, kind: str
) -> None:
    total = _run(_plan(checks), answer).total
    assert total.sent > 2, name
    if kind:
        assert (total.errors, total.checks) == ({"check": total.sent}, {kind: total.sent})
        assert total.status_codes == {}
    else:
        assert (total.succeeded, total.errors, total.checks) == (total.sent, {}, {})
    assert total.latency.n == total.answered == total.sent
    assert total.connects == 2


def test_without_a_status_check_a_500_fails_by_its_status_alone() -> None:
    checks = Checks(body_contains=(b"sorry",))
    total = _run(_plan(checks), _answer(b"sorry", status=500)).total
    assert total.failed_codes == total.status_codes == {500: total.sent}
    assert total.errors == {}


def test_a_large_body_is_searched_to_its_end_and_discarded_once_nothing_is_sought() -> None:
    body = b"begin" + b"x" * 3_000_000 + b"the end"
    plan = _plan(Checks(body_contains=(b"the end",)), concurrency=1)
    assert _run(plan, _answer(body)).total.errors == {}
    plan = _plan(Checks(body_contains=(b"begin",), body_min_bytes=len(body)), concurrency=1)
    outcome = _run(plan, _answer(body))
    assert outcome.total.errors == {}
    assert outcome.total.bytes_received == len(_answer(body)) * outcome.total.sent


def test_a_body_search_asks_for_a_plain_body_unless_told_otherwise() -> None:
    seen: list[bytes] = []

    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while request := read_request(connection, peer):
            seen.append(request)
            connection.sendall(_answer(b"ok"))

    checks = Checks(body_contains=(b"ok",))
    endpoints = (
        Endpoint(path="/plain", checks=checks),
        Endpoint(path="/told", checks=checks, headers=(("Accept-Encoding", "gzip"),)),
        Endpoint(path="/free"),
    )
    with scripted_server(script) as peer:
        run_plan(_plan(Checks(), endpoints=endpoints, duration_s=0.3), peer.port)
    by_path = {request.split()[1]: request for request in seen}
    assert b"\r\nAccept-Encoding: identity\r\n" in by_path[b"/plain"]
    assert b"identity" not in by_path[b"/told"]
    assert b"Accept-Encoding" not in by_path[b"/free"]


def test_each_endpoint_has_checks_of_its_own() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            connection.sendall(_answer(b"fine", status=404))

    endpoints = (
        Endpoint(path="/a", checks=Checks(statuses=((404, 404),), body_contains=(b"fine",))),
        Endpoint(path="/b", checks=Checks(body_excludes=(b"fine",))),
        Endpoint(path="/c"),
    )
    with scripted_server(script) as peer:
        outcome = run_plan(_plan(Checks(), endpoints=endpoints, duration_s=0.4), peer.port)
    a, b, c = outcome.endpoints
    assert outcome.closes
    assert (a.succeeded, a.status_codes, a.failed_codes) == (a.sent, {404: a.sent}, {})
    assert (b.checks, b.failed_codes) == ({"body_has": b.sent}, {})
    assert (c.failed_codes, c.errors) == ({404: c.sent}, {})


def test_a_timeout_is_a_timeout_and_no_failed_check() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello")

    with scripted_server(script) as peer:
        plan = _plan(Checks(body_contains=(b"x",)), timeout_s=0.05)
        outcome = run_plan(plan, peer.port)
    assert outcome.closes
    assert outcome.total.errors == {"timeout": outcome.total.sent}
