"""Connections by URL: what is asked for, and why there was no answer."""

from __future__ import annotations

import http.client

import pytest

from rollout.connection import open_connection, request_target, what_failed


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://shop.example/orders?id=1", "/orders?id=1"),
        ("http://shop.example", "/"),
        ("http://shop.example?id=1", "/?id=1"),
    ],
)
def test_the_path_of_the_url_is_asked_for(url: str, expected: str) -> None:
    assert request_target(url) == expected


@pytest.mark.parametrize(
    ("url", "kind", "port"),
    [
        ("http://shop.example", http.client.HTTPConnection, 80),
        ("https://shop.example", http.client.HTTPSConnection, 443),
        ("http://ann:secret@[::1]:8080/x", http.client.HTTPConnection, 8080),
    ],
)
def test_the_connection_goes_to_the_urls_server(url: str, kind: type, port: int) -> None:
    connection = open_connection(url, 1.0)
    assert (type(connection), connection.port) == (kind, port)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TimeoutError(), "no answer in time"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (http.client.BadStatusLine("x"), "x"),
        (ConnectionResetError(), "ConnectionResetError"),
    ],
)
def test_why_there_was_no_answer(error: OSError, expected: str) -> None:
    assert what_failed(error) == expected
