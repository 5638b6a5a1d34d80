from __future__ import annotations

import json
from http.client import HTTPResponse
from io import BytesIO
from itertools import product

import pytest

from loadgen.target.answers import Answers, answer_wire
from loadgen.target.counters import METHODS, PATHS, answer_word

GUIDE = ("health", "users", "orders", "products", "analytics", "search")


class _Wire:
    """Bytes as the socket that http.client wants."""

    def __init__(self, wire: bytes) -> None:
        self.wire = BytesIO(wire)

    def makefile(self, _mode: str) -> BytesIO:
        return self.wire


def _read(wire: bytes, method: str = "GET") -> tuple[HTTPResponse, bytes]:
    """The answer and its body, by another parser than ours."""
    response = HTTPResponse(_Wire(wire), method=method)  # type: ignore[arg-type]  # makefile only
    response.begin()
    return response, response.read()


@pytest.mark.parametrize("name", GUIDE)
def test_every_endpoint_of_the_guide_answers_json(name: str) -> None:
    response, body = _read(Answers().find(f"/api/{name}", "GET").keep)
    assert response.status == 200
    assert response.getheader("content-type") == "application/json"
    assert isinstance(json.loads(body), dict)


@pytest.mark.parametrize(
    ("path", "method", "error", "status"),
    [
        ("/", "GET", False, 200),
        ("/api/users", "DELETE", False, 200),
        ("/api/nothing", "GET", False, 404),
        ("other", "GET", False, 404),
        ("/api/users", "GET", True, 500),
        ("/api/nothing", "GET", True, 500),
        ("/api/users", "BREW", False, 200),
    ],
)
def test_status_and_counter_agree(path: str, method: str, error: bool, status: int) -> None:
    answer = Answers().find(path, method, error=error)
    assert _read(answer.keep)[0].status == status
    assert answer.word == answer_word(path, method, status)


@pytest.mark.parametrize(("path", "method"), [*product(PATHS, METHODS)])
@pytest.mark.parametrize("chunked", [False, True])
def test_framing_tells_the_same_body(path: str, method: str, chunked: bool) -> None:
    plain = Answers().find(path, method)
    framed = Answers(chunked=chunked).find(path, method)
    for wire, connection in ((framed.keep, "keep-alive"), (framed.close, "close")):
        response, body = _read(wire, method)
        assert response.getheader("connection") == connection
        assert (response.getheader("transfer-encoding") == "chunked") is chunked
        assert body == _read(plain.keep, method)[1]
        assert bool(body) is (method != "HEAD")


def test_chunks_are_not_for_http_1_0() -> None:
    wire = Answers(chunked=True).find("/", "GET", http_1_0=True).keep
    assert _read(wire)[0].getheader("transfer-encoding") is None


@pytest.mark.parametrize("size", [0, 1, 2, 100, 10_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_has_exactly_the_ordered_size(size: int, chunked: bool) -> None:
    wire = Answers(chunked=chunked, body_bytes=size).find("/api/users", "GET").keep
    _, body = _read(wire)
    assert len(body) == size
    assert size == 0 or json.loads(body) is not None


def test_a_body_comes_in_several_chunks_of_at_most_4_kib() -> None:
    wire = answer_wire(200, b"x" * 10_000, keep=True, chunked=True)
    _, _, body = wire.partition(b"\r\n\r\n")
    sizes = [int(line, 16) for line in body.split(b"\r\n")[::2] if line]
    assert sizes == [4096, 4096, 1808, 0]


def test_exact_answers_are_the_found_ones() -> None:
    answers = Answers()
    exact = answers.exact()
    assert exact[b"GET", b"/api/users"] == answers.find("/api/users", "GET")
    assert (b"GET", b"/nothing") not in exact
