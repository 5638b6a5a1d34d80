"""The engine follows redirects within an origin, as part of one request. Real sockets."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest

from loadgen.checks import Checks
from loadgen.endpoint import Endpoint
from loadgen.plan import Plan
from tests.loadgen.engine_run import Outcome, run_plan
from tests.scripted import HELLO, Peer, read_request, scripted_server

FIRST, LAST = "/start?a=b", b"/end"


def _plan(port: int, **changes: object) -> Plan:
    base: dict[str, object] = {
        "target": f"http://127.0.0.1:{port}{FIRST}",
        "concurrency": 2,
        "duration_s": 0.2,
        "think_s": (0.001, 0.002),
        "timeout_s": 2.0,
        "follow": 3,
    }
    return Plan(**{**base, **changes})  # type: ignore[arg-type]  # a table's values


def _redirect(location: str, *headers: str, status: int = 302, body: bytes = b"moved") -> bytes:
    lines = [f"HTTP/1.1 {status} Found", f"Location: {location}", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}"]).encode() + b"\r\n\r\n" + body


def _serve(
    answer: Callable[[bytes], bytes], seen: list[bytes] | None = None
) -> Callable[[socket.socket, int, Peer], None]:
    """A server that answers a request's path, and closes where its answer says so."""

    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while request := read_request(connection, peer):
            if seen is not None:
                seen.append(request)
            said = answer(request.split()[1])
            connection.sendall(said)
            if b"Connection: close" in said:
                return

    return script


def _run(
    answer: Callable[[bytes, int], bytes], seen: list[bytes] | None = None, **changes: object
) -> tuple[Outcome, Peer]:
    """`answer` gets the path and the server's port."""
    port: list[int] = []
    with scripted_server(_serve(lambda path: answer(path, port[0]), seen)) as peer:
        port.append(peer.port)
        outcome = run_plan(_plan(peer.port, **changes), peer.port)
        assert peer.requests == outcome.total.sent + outcome.total.followed
    assert outcome.closes
    return outcome, peer


@pytest.mark.parametrize(
    ("status", "location"),
    [
        (301, "/end"),
        (302, "end"),
        (303, "./x/../end#top"),
        (307, "http://127.0.0.1:PORT/end"),
        (308, "//127.0.0.1:PORT/end"),
    ],
)
def test_a_redirect_is_followed_on_the_same_connection(status: int, location: str) -> None:
    def answer(path: bytes, port: int) -> bytes:
        if path == LAST:
            return HELLO
        return _redirect(location.replace("PORT", str(port)), status=status)

    outcome, peer = _run(answer, duration_s=0.1)
    total = outcome.total
    assert total.status_codes == {200: total.sent}
    assert total.followed == total.succeeded == total.sent > 2
    assert peer.connections == total.connects == 2
    assert total.latency.n == total.sent


def test_without_follow_a_redirect_is_counted_as_what_it_is() -> None:
    outcome, _ = _run(lambda _path, _port: _redirect("/end"), follow=0)
    total = outcome.total
    assert (total.status_codes, total.succeeded) == ({302: total.sent}, total.sent)
    assert total.followed == 0


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("another origin", _redirect("http://127.0.0.1:1/end")),
        ("another scheme", _redirect("https://127.0.0.1/end")),
        ("another host", _redirect("//example.invalid/end")),
        ("no place", b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"),
        ("a place too long", _redirect("/" + "x" * 2048)),
        ("not a redirect", _redirect("/end", status=201)),
        ("300 leaves the choice to people", _redirect("/end", status=300)),
        ("304", b"HTTP/1.1 304 Not Modified\r\nLocation: /end\r\n\r\n"),
        (
            "the place of an interim answer",
            b"HTTP/1.1 103 Early\r\nLocation: /end\r\n\r\n"
            b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
        ),
    ],
)
def test_what_leads_nowhere_is_the_answer(name: str, answer: bytes) -> None:
    outcome, _ = _run(lambda _path, _port: answer)
    total = outcome.total
    assert total.followed == 0, name
    assert total.succeeded == total.sent > 2, name


def test_a_loop_ends_after_the_limit_as_the_redirect_that_it_is() -> None:
    outcome, _ = _run(lambda path, _port: _redirect("/b" if path == b"/a" else "/a"), follow=3)
    total = outcome.total
    assert total.status_codes == {302: total.sent}
    assert total.followed == 3 * total.sent


def test_a_chain_is_joined_step_by_step_and_the_last_answer_is_checked() -> None:
    chain = {b"/start?a=b": "x/1", b"/x/1": "2?q", b"/x/2?q": "../end"}

    def answer(path: bytes, _port: int) -> bytes:
        return HELLO if path == LAST else _redirect(chain[path], body=b"hello")

    outcome, _ = _run(answer, checks=Checks(statuses=((200, 200),), body_contains=(b"hello",)))
    total = outcome.total
    assert total.status_codes == {200: total.sent}
    assert total.followed == 3 * total.sent


def test_a_redirect_that_is_not_followed_is_checked() -> None:
    outcome, _ = _run(
        lambda _path, _port: _redirect("http://example.invalid/"),
        checks=Checks(body_contains=(b"hello",)),
    )
    assert outcome.total.checks == {"body_lacks": outcome.total.sent}


def test_a_server_that_closes_after_its_redirect_is_connected_to_again() -> None:
    def answer(path: bytes, _port: int) -> bytes:
        return HELLO if path == LAST else _redirect("/end", "Connection: close")

    outcome, peer = _run(answer)
    total = outcome.total
    assert total.succeeded == total.followed == total.sent > 2
    assert peer.connections == total.connects == total.sent + 2
    assert total.reconnects == 0


def test_response_time_runs_to_the_final_answer_and_lag_is_that_of_the_first_send() -> None:
    def answer(path: bytes, _port: int) -> bytes:
        time.sleep(0.03)  # the server's own slowness, at each of two steps
        return HELLO if path == LAST else _redirect("/end")

    outcome, _ = _run(answer, duration_s=0.3)
    total = outcome.total
    assert total.latency.min_ns >= 60_000_000
    assert total.late == 0 or total.late < total.sent


def test_a_post_goes_on_as_a_get_after_303_and_not_after_302() -> None:
    seen: list[bytes] = []

    def answer(path: bytes, _port: int) -> bytes:
        if path == LAST:
            return HELLO
        return _redirect("/end", status=303 if path == b"/see-other" else 302)

    endpoints = (
        Endpoint(
            path="/see-other", method="POST", body=b"{}", headers=(("Content-Type", "text/x"),)
        ),
        Endpoint(path="/found", method="POST", body=b"{}"),
    )
    port: list[int] = []
    with scripted_server(_serve(lambda path: answer(path, 0), seen)) as peer:
        port.append(peer.port)
        plan = _plan(
            peer.port, target=f"http://127.0.0.1:{peer.port}", endpoints=endpoints,
            headers=(("X-Token", "abc"),), duration_s=0.3,
        )  # fmt: skip
        outcome = run_plan(plan, peer.port)
    see_other, found = outcome.endpoints
    assert (see_other.followed, found.followed) == (see_other.sent, 0)
    assert found.status_codes == {302: found.sent}
    followed = [request for request in seen if request.startswith(b"GET /end HTTP/1.1\r\n")]
    assert len(followed) == see_other.sent
    assert all(b"\r\nX-Token: abc\r\n" in request for request in followed)
    assert all(b"\r\nContent-" not in request and b"{}" not in request for request in followed)


def test_head_goes_on_as_head() -> None:
    seen: list[bytes] = []

    def answer(path: bytes, _port: int) -> bytes:
        body = HELLO if path == LAST else _redirect("/end")
        return body.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"

    outcome, _ = _run(answer, seen, method="HEAD")
    assert outcome.total.followed == outcome.total.succeeded == outcome.total.sent
    assert all(request.startswith(b"HEAD ") for request in seen)


def test_the_host_header_that_is_sent_is_the_origin() -> None:
    def answer(path: bytes, port: int) -> bytes:
        if path == LAST:
            return HELLO
        return _redirect("http://shop.example/end" if path != b"/x" else f"http://127.0.0.1:{port}")

    outcome, _ = _run(answer, headers=(("Host", "shop.example"),))
    assert outcome.total.followed == outcome.total.sent


def test_a_hop_that_crosses_the_servers_close_is_repeated_once() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        request = read_request(connection, peer)
        connection.sendall(HELLO if b" /end " in request else _redirect("/end"))
        read_request(connection, peer)

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(peer.port), peer.port)
        total = outcome.total
        assert peer.requests == total.sent + total.followed + total.reconnects
    assert outcome.closes
    assert total.succeeded == total.followed == total.sent
    assert total.reconnects > 2


def test_a_hop_that_fails_is_one_failed_request() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.sendall(_redirect("/end"))
        read_request(connection, peer)
        connection.sendall(b"HTTP/1.1 2")

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(peer.port), peer.port)
    assert outcome.closes
    assert outcome.total.errors == {"closed": outcome.total.sent}
