"""The client of the control plane: what it trusts, what it shows, what it says."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import httpx2
import pytest

from loadgen.control_client import open_client, shown_url, what_failed
from loadgen.errors import ConfigError
from loadgen.secret import Secret
from tests.scripted import HELLO, Peer, read_request, scripted_server


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://localhost:9091", "http://localhost:9091"),
        ("http://localhost:9091/", "http://localhost:9091"),
        ("https://me:word@push.example.com", "https://push.example.com/***"),
        ("https://hooks.slack.com/services/T0/B0/word", "https://hooks.slack.com/***"),
        ("http://localhost?token=word", "http://localhost/***"),
    ],
)
def test_a_url_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert shown_url(url) == shown


def test_a_login_is_sent_and_no_url_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[bytes] = []

    def answer(connection: socket.socket, _: int, __: Peer) -> None:
        seen.append(read_request(connection))
        connection.sendall(HELLO)

    with (
        scripted_server(answer) as peer,
        open_client(timeout_s=5, login=("me", Secret("word"))) as client,
    ):
        assert client.get(f"http://127.0.0.1:{peer.port}/hidden").text == "hello"
    assert b"authorization: basic bwu6d29yza==" in seen[0].lower()  # base64 of me:word
    assert "hidden" not in caplog.text


def test_a_socket_takes_the_place_of_host_and_port(tmp_path: Path) -> None:
    path = tmp_path / "it.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.setblocking(False)
        with (
            open_client(timeout_s=0.05, socket=path) as client,
            pytest.raises(httpx2.ReadTimeout) as caught,
        ):
            client.get("http://docker/")
        connection, _ = listener.accept()
        assert connection.recv(1000).startswith(b"GET / HTTP/1.1\r\nHost: docker\r\n")
        connection.close()
    assert what_failed(caught.value) == "no answer in time"


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file or directory"), ("words", "no certificate in it")]
)
def test_a_bad_file_of_authorities_is_named(
    tmp_path: Path, content: str | None, reason: str
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError, match=reason):
        open_client(timeout_s=1, ca_file=str(path))


def test_reasons_are_words() -> None:
    assert what_failed(httpx2.ConnectError("[Errno 111] Connection refused")) == (
        "[Errno 111] Connection refused"
    )
    assert what_failed(httpx2.ConnectError("")) == "ConnectError"
    assert what_failed(httpx2.UnsupportedProtocol("of http://secret")) == "UnsupportedProtocol"
