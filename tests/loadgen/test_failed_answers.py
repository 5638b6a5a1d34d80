"""Answers kept because they failed a check: which, in what words, and what is never shown."""

from __future__ import annotations

import socket

import pytest

from loadgen.arena import CHECK_KINDS, Arena
from loadgen.checks import Checks
from loadgen.coordinator import LoadTestEngine
from loadgen.failed_answers import read, show
from loadgen.plan import Plan, Precision
from loadgen.secret import Secret
from tests.scripted import Peer, read_request, scripted_server

PLAN = Plan(checks=Checks(statuses=((200, 200),), body_contains=(b"ok",)))


def keep(arena: Arena, worker: int, kind: str, body: bytes, body_bytes: int = 0) -> None:
    """Writes as a worker does."""
    slot = arena.slots[worker]
    kept = slot["failed_answer"][int(slot["failed_answers"])]
    kept["status"], kept["kind"] = 503, CHECK_KINDS.index(kind)
    kept["len"], kept["body_bytes"] = len(body), body_bytes or len(body)
    kept["body"][: len(body)] = list(body)
    slot["failed_answers"] += 1


def test_the_first_of_each_worker_come_first() -> None:
    with Arena.create(workers=3, endpoints=1) as arena:
        for body in (b"a", b"b", b"c"):
            keep(arena, 0, "status", body)
        keep(arena, 2, "body_lacks", b"z")
        answers = read(arena, PLAN)
    assert [answer.body for answer in answers] == ["a", "z", "b"]
    assert [answer.reason for answer in answers] == [
        "status 503 is not in 200",
        "body does not contain 'ok'",
        "status 503 is not in 200",
    ]
    assert {(one.endpoint, one.status) for one in answers} == {("/", 503)}


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"plain", "plain"),
        (b"two\r\nlines\t.", r"two\r\nlines\t."),
        (b"\x1b[31mred\x00", r"\x1b[31mred\x00"),
        ("naïve €".encode(), "naïve €"),
        (b"\xff\xfe", r"\xff\xfe"),
        ("\u202eright to left".encode(), r"\u202eright to left"),
        (b'{"token": "abc-123-def"}', '{"token": "***"}'),
        (b"abc-123-def", "***"),
        (b"it began with abc-1", "it began with abc-1"),
    ],
)
def test_a_body_is_one_line_of_text_without_secrets(body: bytes, shown: str) -> None:
    assert show(body, (Secret("abc-123-def"),)) == shown


def test_a_secret_that_was_cut_at_the_end_is_not_shown_in_part() -> None:
    secrets = (Secret("abc-123-def"), Secret("zzzz"))
    assert show(b"it began with abc-123-de", secrets, cut=True) == "it began with ***"
    assert show(b"nothing", secrets, cut=True) == "nothing"


def test_a_run_keeps_what_failed_and_hides_what_the_server_echoes() -> None:
    """From the socket to the Measurement, through real workers."""

    def echo(connection: socket.socket, _number: int, peer: Peer) -> None:
        while request := read_request(connection, peer):
            said = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(request), request)
            connection.sendall(said)

    with scripted_server(echo) as peer:
        measurement = LoadTestEngine(
            Plan(
                target=f"http://127.0.0.1:{peer.port}/me",
                headers=(("Authorization", "Bearer tell-nobody"), ("X-Open", "seen")),
                checks=Checks(body_contains=(b"expected",)),
                concurrency=2,
                duration_s=0.3,
                precision=Precision.CPU,
                pin=False,
            )
        ).run()
    assert measurement.total.checks == {"body_lacks": measurement.total.sent}
    assert len(measurement.failed_answers) == 3
    for answer in measurement.failed_answers:
        assert answer.reason == "body does not contain 'expected'"
        assert "X-Open: seen" in answer.body
        assert "tell-nobody" not in repr(measurement)
        assert answer.body_bytes > 60
