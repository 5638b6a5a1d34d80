"""The slow engine as a worker process runs it: chosen, announced, measured, said."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from loadgen.coordinator import LoadTestEngine
from loadgen.errors import ConfigError
from loadgen.plan import Plan, TlsOptions
from loadgen.slow_engine import choice
from slo.metric import Phase
from slo.validity import Validity
from tests.loadgen.slow_engine.slow_run import run_slowly
from tests.scripted import HELLO, Peer, read_request, scripted_server
from tests.secured import Authority, secured


def _hello(connection: ssl.SSLSocket, _number: int, peer: Peer) -> None:
    while read_request(connection, peer):
        connection.sendall(HELLO)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """With a Python that cannot share its OpenSSL."""
    monkeypatch.setattr(choice, "unavailable", lambda: "python3 has an OpenSSL inside")
    return Authority.in_folder(tmp_path)


def test_a_whole_run_takes_it_and_says_so(authority: Authority) -> None:
    with scripted_server(secured(authority.server(), _hello)) as peer:
        plan = Plan(
            target=f"https://localhost:{peer.port}/",
            tls=TlsOptions(ca_file=authority.ca_file),
            concurrency=4,
            duration_s=0.6,
            warmup_s=0.2,
            think_s=(0.01, 0.02),
            workers=2,
        )
        measurement = LoadTestEngine(plan).run()
        total = measurement.total
        assert peer.requests == total.sent + measurement.warmup.sent
    assert not measurement.run.failure
    assert total.sent == total.succeeded + total.failed + total.in_flight_at_end
    assert total.succeeded > 20
    assert measurement.warmup.succeeded > 0
    assert total.times[Phase.LATENCY].n == total.finished
    assert measurement.health.evidence.slow_path
    assert measurement.health.verdict is not Validity.VALID
    assert any("slow path" in reason for reason in measurement.health.reasons)


def test_what_it_cannot_do_ends_the_run_before_anything_is_sent(authority: Authority) -> None:
    with scripted_server(secured(authority.server(), _hello)) as peer:
        plan = Plan(target=f"https://localhost:{peer.port}/", follow=2, duration_s=0.5)
        with pytest.raises(ConfigError, match="--follow"):
            LoadTestEngine(plan).run()
        assert peer.connections == 0


def test_a_stop_waits_for_nobody_and_keeps_the_account() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.recv(1)

    with scripted_server(script) as peer:
        plan = Plan(target=f"http://127.0.0.1:{peer.port}", concurrency=3, think_s=(0, 0))
        outcome = run_slowly(plan, peer.port, stop_s=0.2)
        assert outcome.total.in_flight_at_end == outcome.last.in_flight == 3
    assert outcome.closes
    assert (outcome.total.sent, outcome.total.failed) == (3, 0)
