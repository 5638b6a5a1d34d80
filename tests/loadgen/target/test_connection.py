"""Framing, order and accounting as a client sees them, on real sockets."""

from __future__ import annotations

import json
import select
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from loadgen.target import running_target
from tests.loadgen.target.client import Client, get, reset, stats

GET = b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n"
MS = 1_000_000


@pytest.fixture(scope="module")
def shared() -> Iterator[str]:
    with running_target() as url:
        yield url


@pytest.fixture(scope="module")
def patient() -> Iterator[str]:
    """The same, by the way of the answers that wait."""
    with running_target(latency="1ms") as url:
        yield url


@pytest.fixture(params=["shared", "patient"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    reset(found)
    return found


@pytest.mark.parametrize(
    ("sent", "statuses", "closes"),
    [
        pytest.param([GET], [200], False, id="one request"),
        pytest.param([GET * 3], [200] * 3, False, id="three in one packet"),
        pytest.param([GET[:4], GET[4:15], GET[15:]], [200], False, id="one in three packets"),
        pytest.param([GET + GET[:9], GET[9:] + GET], [200] * 3, False, id="split across two"),
        pytest.param([b"\r\n" + GET], [200], False, id="an empty line before"),
        pytest.param([b"GET /none HTTP/1.1\r\nHost: x\r\n\r\n"], [404], False, id="unknown path"),
        pytest.param([b"GET /api/users?page=2 HTTP/1.1\r\nHost: x\r\n\r\n"], [200], False, id="?"),
        pytest.param(
            [b"GET http://x/api/users HTTP/1.1\r\nHost: x\r\n\r\n"], [200], False, id="abs"
        ),
        pytest.param([b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"], [404], False, id="OPTIONS *"),
        pytest.param(
            [b"POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab", b"cd" + GET],
            [200, 200],
            False,
            id="a body in two packets",
        ),
        pytest.param(
            [
                b"POST /api/orders HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
                b"c\r\n0\r\nTrailer: 1\r\n\r\n" + GET,
            ],
            [200, 200],
            False,
            id="a chunked body with a trailer",
        ),
        pytest.param(
            [b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + GET],
            [200],
            True,
            id="nothing after Connection: close",
        ),
        pytest.param([b"GET / HTTP/1.0\r\n\r\n"], [200], True, id="HTTP/1.0 closes"),
        pytest.param(
            [b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + GET],
            [200, 200],
            False,
            id="HTTP/1.0 that asks to stay",
        ),
        pytest.param(
            [b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + GET],
            [200, 200],
            False,
            id="an upgrade is not taken",
        ),
        pytest.param([GET + b"nonsense\r\n\r\n"], [200, 400], True, id="no request"),
        pytest.param([b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000], [431], True, id="endless head"),
    ],
)
def test_every_request_gets_its_answer(
    url: str, sent: list[bytes], statuses: list[int], closes: bool
) -> None:
    with Client(url) as client:
        client.send(*sent)
        answers = [client.answer() for _ in statuses]
        assert [answer.status for answer in answers] == statuses
        if closes:
            assert answers[-1].headers["connection"] == "close"
            assert client.closed
        else:
            client.send(GET)
            assert client.answer().status == 200


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
def test_every_method_is_answered(url: str, method: str) -> None:
    assert get(url, "/api/products", method).status == 200


def test_head_has_the_length_but_no_body(url: str) -> None:
    with Client(url) as client:
        client.send(GET.replace(b"GET", b"HEAD") + GET)
        head = client.answer("HEAD")
        full = client.answer()
    assert head.body == b""
    assert head.headers["content-length"] == str(len(full.body))


def test_pipelined_answers_keep_their_order(url: str) -> None:
    names = ["users", "orders", "products", "health", "users", "search"]
    with Client(url) as client:
        client.send(b"".join(b"GET /api/%b HTTP/1.1\r\n\r\n" % name.encode() for name in names))
        bodies = [client.answer().body for _ in names]
    assert bodies == [get(url, f"/api/{name}").body for name in names]


def test_invites_the_body_of_a_client_that_waits_for_it(url: str) -> None:
    head = b"POST /api/orders HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
    with Client(url) as client:
        client.send(GET, head, b"\r\n")
        assert client.answer().status == 200
        assert client.line() == b"HTTP/1.1 100 Continue\r\n"
        assert client.line() == b"\r\n"
        client.send(b"o", b"k")
        assert client.answer("POST").status == 200
        client.send(head.replace(b"Expect: 100-continue\r\n", b"") + b"\r\no")
        client.send(b"k" + GET)
        assert client.line() == b"HTTP/1.1 200 OK\r\n", "nobody asked this time"


def test_counts_what_a_client_sent_and_got(url: str) -> None:
    post = b"POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
    lost = b"GET /lost HTTP/1.1\r\nHost: x\r\n\r\n"
    with Client(url) as first, Client(url) as second:
        first.send(GET * 5 + post)
        second.send(lost, GET)
        answers = [first.answer() for _ in range(6)] + [second.answer() for _ in range(2)]
        said = stats(url)
    heads = len(answers) * len(b"HTTP/1.1 200 OK\r\n") + len(b"Not Found") - len(b"OK")
    fields = sum(len(f"{k}: {v}\r\n") for answer in answers for k, v in answer.headers.items())
    bodies = sum(len(answer.body) + 2 for answer in answers)
    assert said["requests"] == {
        "received": 8,
        "answered": 8,
        "abandoned": 0,
        "unanswered": 0,
        "bad": 0,
    }
    assert said["by_path"] == {"/api/health": 6, "/api/orders": 1, "other": 1}
    assert said["by_method"] == {"GET": 7, "POST": 1}
    assert said["by_status"] == {"200": 7, "404": 1}
    assert {"path": "other", "method": "GET", "status": 404, "answered": 1} in said["answers"]
    assert said["bytes"] == {
        "received": 6 * len(GET) + len(post) + len(lost),
        "sent": heads + fields + bodies,
    }
    assert said["connections"] == {"accepted": 2, "open": 2}


def test_asking_the_target_itself_counts_nothing(url: str) -> None:
    with Client(url) as client:
        for _ in range(3):
            client.send(b"GET /_target/stats HTTP/1.1\r\n\r\n")
            said = json.loads(client.answer().body)
    assert said["requests"]["received"] == 0
    assert said["bytes"] == {"received": 0, "sent": 0}
    assert said["connections"] == {"accepted": 0, "open": 0}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "reset", 405), ("POST", "stats", 405), ("GET", "else", 404), ("HEAD", "stats", 200)],
)
def test_control_takes_the_right_method(url: str, method: str, path: str, status: int) -> None:
    assert get(url, f"/_target/{path}", method).status == status


def test_bad_bytes_are_counted_apart(url: str) -> None:
    with Client(url) as client:
        client.send(b"nonsense\r\n\r\n")
        assert client.answer().status == 400
    assert stats(url)["requests"] == {
        "received": 0,
        "answered": 0,
        "abandoned": 0,
        "unanswered": 0,
        "bad": 1,
    }


def test_chunked_answers_and_their_age() -> None:
    with running_target(chunked=True, body_size="9k") as url, Client(url) as client:
        client.send(GET, b"GET / HTTP/1.0\r\n\r\n")
        modern, old = client.answer(), client.answer()
    assert modern.headers["transfer-encoding"] == "chunked"
    assert "transfer-encoding" not in old.headers
    assert len(modern.body) == len(old.body) == 9000


def test_errors_come_at_their_rate() -> None:
    n = 4000
    with running_target(error_rate="10%", seed=3) as url, Client(url) as client:
        for _ in range(n // 100):
            client.send(GET * 100)
            statuses = [client.answer().status for _ in range(100)]
            assert set(statuses) <= {200, 500}
        said = stats(url)
    four_sigma = 4 * (n * 0.1 * 0.9) ** 0.5
    assert said["by_status"]["500"] == pytest.approx(n * 0.1, abs=four_sigma)


def test_no_answer_comes_before_its_latency() -> None:
    with running_target(latency="uniform:2ms..6ms") as url, Client(url) as client:
        took_ns = []
        for _ in range(50):
            start_ns = time.monotonic_ns()
            client.send(GET)
            client.answer()
            took_ns.append(time.monotonic_ns() - start_ns)
    assert min(took_ns) >= 2 * MS
    assert sorted(took_ns)[25] < 20 * MS, "the median of 4 ms, with room for a busy machine"


def test_who_leaves_before_its_answer_has_abandoned_it() -> None:
    with running_target(latency="30s") as url:
        with Client(url) as client:
            client.send(GET * 3)
            while (said := stats(url)["requests"])["unanswered"] < 3:
                pass
            assert said["received"] == 3
        while (said := stats(url)["requests"])["unanswered"]:
            pass
    assert said == {"received": 3, "answered": 0, "abandoned": 3, "unanswered": 0, "bad": 0}


def test_nothing_is_answered_in_a_stall_and_all_at_its_end() -> None:
    """Three periods of requests about every 5 ms that wait for no answer."""
    every_ns, for_ns = 200 * MS, 80 * MS
    with running_target(stall="every:200ms,for:80ms") as url, Client(url) as client:
        start_ns, unsure_ns = _start_of(url)
        sent_ns, done_ns = _paced(client.socket, 3 * every_ns)
        assert stats(url)["stalls"] >= 3
    held = []
    for sent, done in zip(sent_ns, done_ns, strict=True):
        period, phase_ns = divmod(sent - start_ns, every_ns)
        if every_ns - for_ns < phase_ns < every_ns - unsure_ns:
            held.append(period)
            assert done + unsure_ns >= sent - phase_ns + every_ns
    assert len(set(held)) >= 3, "requests were held in each stall"


def _paced(connection: socket.socket, for_ns: int) -> tuple[list[int], list[int]]:
    """When each request was sent, and when its answer was there."""
    connection.sendall(GET)
    answer_bytes = len(connection.recv(65_536))
    sent_ns: list[int] = []
    done_ns: list[int] = []
    received_bytes = 0
    until_ns = time.monotonic_ns() + for_ns
    while time.monotonic_ns() < until_ns or len(done_ns) < len(sent_ns):
        if time.monotonic_ns() < until_ns:
            sent_ns.append(time.monotonic_ns())
            connection.sendall(GET)
        while select.select([connection], [], [], 0.005)[0]:
            received_bytes += len(connection.recv(65_536))
            complete = received_bytes // answer_bytes
            done_ns += [time.monotonic_ns()] * (complete - len(done_ns))
    return sent_ns, done_ns


def _start_of(url: str) -> tuple[int, int]:
    """The latest time at which the server can have started, and how much earlier it may be.

    Its age was taken between our question and its answer, and we share a clock.
    """
    earliest, latest = 0, 10**19
    for _ in range(20):
        asked_ns = time.monotonic_ns()
        age_ns = round(stats(url)["seconds"] * 1e9)
        earliest = max(earliest, asked_ns - age_ns - 1000)
        latest = min(latest, time.monotonic_ns() - age_ns + 1000)
    return latest, latest - earliest


def test_a_client_that_does_not_read_stops_being_read() -> None:
    """What it sends stays in the kernel, and its answers do not fill our memory."""
    n = 20_000
    with running_target(body_size="10k") as url, Client(url) as client:
        client.socket.setblocking(False)
        with suppress(BlockingIOError):
            for _ in range(n // 1000):
                client.socket.sendall(GET * 1000)
        # One loop serves us and it: twenty rounds would have read all of it.
        received = [stats(url)["requests"]["received"] for _ in range(20)]
    assert 0 < received[-1] < n / 2
    assert received[10:] == [received[-1]] * 10
