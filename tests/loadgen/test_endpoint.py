"""Endpoints: how they are called, and what keeps one from being sent."""

from __future__ import annotations

import math

import pytest

from loadgen.endpoint import IDEMPOTENT_METHODS, Endpoint, header_problems


@pytest.mark.parametrize(
    ("endpoint", "label"),
    [
        (Endpoint(path="/a?b"), "/a?b"),
        (Endpoint(path="/a", method="POST"), "POST /a"),
        (Endpoint(path="/a", method="POST", name="order"), "order"),
    ],
)
def test_an_endpoint_is_called_by_its_name_or_its_path(endpoint: Endpoint, label: str) -> None:
    assert endpoint.label == label


@pytest.mark.parametrize(
    "endpoint",
    [
        Endpoint(path="/"),
        Endpoint(path="/a/b?c=d&e=%20", method="PATCH"),
        Endpoint(path="/never", weight=0.0),
        Endpoint(path="/own", method="X-PURGE", target=1),
    ],
)
def test_an_endpoint_without_fault_has_no_problems(endpoint: Endpoint) -> None:
    assert endpoint.problems(targets=2) == []


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        (Endpoint(path="a"), "path 'a' cannot be sent; expected it to start with /"),
        (Endpoint(path=""), "path '' cannot be sent"),
        (Endpoint(path="/a b"), "path '/a b' cannot be sent"),
        (Endpoint(path="/a\r\nX: y"), "cannot be sent"),
        (Endpoint(path="/a\n"), "cannot be sent"),
        (Endpoint(path="/a#b"), "cannot be sent"),
        (Endpoint(path="/é"), "cannot be sent"),
        (Endpoint(path="/", method=""), "method '' is not a method; expected for example GET"),
        (Endpoint(path="/", method="GET /"), "method 'GET /' is not a method"),
        (Endpoint(path="/", method="CONNECT"), "method CONNECT opens a tunnel"),
        (Endpoint(path="/", weight=-0.5), "weight -0.5 is out of range; expected 0 to 1000000000"),
        (Endpoint(path="/", weight=math.nan), "weight nan is out of range"),
        (Endpoint(path="/", weight=1e308), "weight 1e+308 is out of range"),
        (Endpoint(path="/", target=2), "target 2 does not exist; there are 2"),
        (Endpoint(path="/", target=-1), "target -1 does not exist; there are 2"),
    ],
)
def test_a_fault_is_named(endpoint: Endpoint, said: str) -> None:
    (problem,) = endpoint.problems(targets=2)
    assert said in problem


def test_every_fault_is_named_at_once() -> None:
    assert len(Endpoint(path="", method="", weight=-1, target=9).problems(targets=1)) == 4


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("", "x", "header '' is not a header name; expected for example X-Request-Id"),
        ("A:", "x", "header 'A:' is not a header name"),
        ("A\n", "x", "is not a header name"),
        ("Content-Length", "3", "header 'Content-Length' is set by the body that is sent"),
        ("transfer-encoding", "chunked", "is set by the body that is sent; remove it"),
    ],
)
def test_a_header_that_cannot_be_sent_is_named(name: str, value: str, said: str) -> None:
    (problem,) = header_problems([("Accept", "text/html"), (name, value)])
    assert said in problem


@pytest.mark.parametrize("value", ["secret\n", "secret\r\nX: y", "secret\x00", "secret€"])
def test_a_header_value_that_cannot_be_sent_is_not_shown(value: str) -> None:
    (problem,) = header_problems([("Authorization", value)])
    assert "header 'Authorization': its value cannot be sent" in problem
    assert "secret" not in problem


def test_header_values_may_be_latin_1_and_empty() -> None:
    assert header_problems([("X-Name", "Zoë\tBrandão"), ("X-Empty", "")]) == []


def test_a_post_is_not_repeated_behind_its_back() -> None:
    assert "GET" in IDEMPOTENT_METHODS
    assert not IDEMPOTENT_METHODS & {"POST", "PATCH", "CONNECT"}
