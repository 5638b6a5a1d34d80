"""Deliveries to a real server that answers as Slack does."""

from __future__ import annotations

import json
import logging
import socket
from dataclasses import dataclass, field

import pytest

from loadgen.publish.slack import TOTAL_S, Clock, deliver
from loadgen.publish.slack_message import slack_message
from loadgen.secret import Secret
from tests.loadgen import samples
from tests.loadgen.publish.block_kit import problems
from tests.loadgen.publish.judgements import VIOLATED, judged
from tests.scripted import Peer, read_request, scripted_server

MESSAGE = slack_message(judged(samples.measurement(), VIOLATED))
SECRET = "/services/T000/B000/hidden-word"


@dataclass(slots=True)
class FakeTime:
    """Time that passes by sleeping only."""

    now_s: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        self.slept.append(seconds)

    @property
    def clock(self) -> Clock:
        return Clock(now_s=lambda: self.now_s, sleep=self.sleep)


def answered(*answers: str) -> tuple[str, FakeTime, list[bytes]]:
    """Delivers to a server that gives these answers, the last one again and again.

    Returns:
        What `deliver` returned, the time that passed, and what was received.
    """
    received: list[bytes] = []
    time = FakeTime()

    def script(connection: socket.socket, _: int, __: Peer) -> None:
        while request := read_request(connection):
            received.append(request)
            answer = answers[min(len(received), len(answers)) - 1]
            if not answer:
                return
            connection.sendall(f"HTTP/1.1 {answer}\r\n\r\n".encode())

    with scripted_server(script) as peer:
        url = Secret(f"http://127.0.0.1:{peer.port}{SECRET}")
        return deliver(url, MESSAGE, clock=time.clock), time, received


OK = "200 OK\r\nContent-Length: 0"
BUSY = "503 Busy\r\nContent-Length: 0"


def test_the_payload_is_the_message() -> None:
    problem, _, received = answered(OK)
    head, _, body = received[0].partition(b"\r\n\r\n")
    assert (problem, len(received)) == ("", 1)
    assert head.startswith(f"POST {SECRET} HTTP/1.1\r\n".encode())
    assert b"content-type: application/json" in head.lower()
    assert json.loads(body) == MESSAGE
    assert problems(json.loads(body)) == []


def test_slack_says_how_long_to_wait() -> None:
    problem, time, received = answered("429 Slow\r\nRetry-After: 7\r\nContent-Length: 0", OK)
    assert (problem, time.slept, len(received)) == ("", [7.0], 2)


@pytest.mark.parametrize("failure", [BUSY, ""], ids=["busy", "closed without an answer"])
def test_what_may_pass_is_tried_again_after_doubling_pauses(failure: str) -> None:
    problem, time, received = answered(failure, failure, failure, OK)
    assert (problem, time.slept, len(received)) == ("", [0.5, 1.0, 2.0], 4)


def test_it_gives_up_in_time(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    problem, time, _ = answered(BUSY)
    assert time.now_s <= TOTAL_S
    assert "not delivered: it answered 503" in problem
    assert "hidden-word" not in problem + caplog.text


def test_a_wait_beyond_the_end_is_not_begun() -> None:
    problem, time, received = answered("429 Slow\r\nRetry-After: 3600\r\nContent-Length: 0")
    assert (time.slept, len(received)) == ([], 1)
    assert "429" in problem


def test_a_refusal_is_final_and_quoted() -> None:
    problem, time, received = answered("403 No\r\nContent-Length: 13\r\n\r\ninvalid_token")
    assert (time.slept, len(received)) == ([], 1)
    assert "it answered 403 (invalid_token); the run's result stands" in problem


def test_a_date_to_wait_for_is_left_to_the_pauses() -> None:
    busy = "503 Busy\r\nRetry-After: Fri, 31 Dec 2027 23:59:59 GMT\r\nContent-Length: 0"
    _, time, _ = answered(busy, OK)
    assert time.slept == [0.5]
