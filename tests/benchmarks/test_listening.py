"""Waiting for a program's port."""

from __future__ import annotations

import socket

from benchmarks.listening import listens


def test_who_listens_is_found_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert listens(server.getsockname()[1], is_running=lambda: True, within_s=10)


def test_nobody_waits_for_a_program_that_has_ended() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    asked = iter([True, True, False])
    assert not listens(port, is_running=lambda: next(asked), within_s=60)


def test_patience_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert not listens(port, is_running=lambda: True, within_s=0.05)
