"""How the slow engine's connections come to stand: classes of failure, TLS, more addresses."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from loadgen.plan import Plan, TlsOptions, TlsVersion
from slo.metric import Phase
from tests.loadgen.engine_run import Outcome
from tests.loadgen.slow_engine.slow_run import run_slowly
from tests.scripted import HELLO, Peer, read_request, scripted_server
from tests.secured import Authority, secured

X509_EXPIRED, X509_UNKNOWN, X509_WRONG_HOST = 10, 20, 62
"""X509_V_ERR_* (openssl-verification-options(1) has the words)."""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.in_folder(tmp_path)


def _run(peer: Peer, tls: TlsOptions, **changes: object) -> Outcome:
    base: dict[str, object] = {
        "concurrency": 2,
        "duration_s": 0.3,
        "think_s": (0.01, 0.02),
        "connect_timeout_s": 2.0,
    }
    plan = Plan(target=f"https://localhost:{peer.port}/", tls=tls, **{**base, **changes})  # type: ignore[arg-type]  # a table's values
    return run_slowly(plan, peer.port)


def _hello(connection: ssl.SSLSocket, _number: int, peer: Peer) -> None:
    while read_request(connection, peer):
        connection.sendall(HELLO)


@pytest.mark.parametrize("keepalive", [True, False])
def test_tls_has_its_own_times(authority: Authority, keepalive: bool) -> None:
    spoken = set()

    def script(connection: ssl.SSLSocket, number: int, peer: Peer) -> None:
        spoken.add((connection.version(), connection.selected_alpn_protocol()))
        _hello(connection, number, peer)

    with scripted_server(secured(authority.server(), script)) as peer:
        outcome = _run(peer, TlsOptions(ca_file=authority.ca_file), keepalive=keepalive)
        # The end may have given up a connect, with or without the server's knowing.
        given_up = outcome.total.in_flight_at_end
        assert peer.requests == outcome.total.finished == outcome.total.sent - given_up
        assert 0 <= peer.connections - outcome.total.connects <= given_up
    total = outcome.total
    assert spoken == {("TLSv1.3", "http/1.1")}
    assert outcome.closes
    assert total.succeeded == total.finished > 4
    assert total.times[Phase.CONNECT].n == total.connects
    assert 0 <= total.connects - total.times[Phase.TLS].n <= given_up
    assert {
        total.times[phase].n for phase in (Phase.LATENCY, Phase.SERVICE, Phase.TTFB, Phase.LAG)
    } == {total.finished}
    assert 0 <= total.connects - (2 if keepalive else total.finished) <= given_up
    if not keepalive:
        assert total.times[Phase.LATENCY].min_ns > total.times[Phase.TLS].min_ns
        assert total.times[Phase.SERVICE].min_ns < total.times[Phase.TLS].min_ns


class Refusal(NamedTuple):
    name: str
    server: Callable[[Authority], ssl.SSLContext]
    options: Callable[[Authority], TlsOptions]
    error: str
    verify_code: int = 0


def _trusting(authority: Authority) -> TlsOptions:
    return TlsOptions(ca_file=authority.ca_file)


def _old(authority: Authority) -> ssl.SSLContext:
    context = authority.server()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


REFUSALS = (
    Refusal(
        "expired",
        lambda authority: authority.server(expired=True),
        _trusting,
        "tls_certificate",
        X509_EXPIRED,
    ),
    Refusal(
        "another host's",
        lambda authority: authority.server("shop.example"),
        _trusting,
        "tls_certificate",
        X509_WRONG_HOST,
    ),
    Refusal(
        "of an unknown authority",
        Authority.server,
        lambda _authority: TlsOptions(),
        "tls_certificate",
        X509_UNKNOWN,
    ),
    Refusal(
        "too old",
        _old,
        lambda authority: TlsOptions(ca_file=authority.ca_file, minimum=TlsVersion.TLS_1_3),
        "tls_protocol",
    ),
)


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: row.name)
def test_a_server_that_is_not_accepted_is_counted_as_what_it_is(
    authority: Authority, row: Refusal
) -> None:
    with scripted_server(secured(row.server(authority), _hello)) as peer:
        outcome = _run(peer, row.options(authority))
    assert outcome.closes
    assert outcome.total.errors.keys() == {row.error}
    assert outcome.total.connects > 0  # TCP stood
    assert outcome.total.times[Phase.TLS].n == 0
    assert outcome.refused_certificate == row.verify_code


def test_insecure_accepts_anybody(authority: Authority) -> None:
    context = authority.server("shop.example", expired=True)
    with scripted_server(secured(context, _hello)) as peer:
        outcome = _run(peer, TlsOptions(verify=False))
    assert outcome.total.succeeded == outcome.total.finished > 0


def _plaintext(connection: socket.socket, _number: int, _peer: Peer) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def _closing(connection: socket.socket, _number: int, _peer: Peer) -> None:
    connection.recv(65536)


def _silent(connection: socket.socket, _number: int, _peer: Peer) -> None:
    while connection.recv(65536):
        pass


@pytest.mark.parametrize(
    ("script", "error", "connect_timeout_s"),
    [(_plaintext, "tls_protocol", 10), (_closing, "closed", 10), (_silent, "tls_timeout", 0.1)],
)
def test_a_peer_that_speaks_no_tls(
    script: Callable[[socket.socket, int, Peer], None], error: str, connect_timeout_s: float
) -> None:
    with scripted_server(script) as peer:
        outcome = _run(peer, TlsOptions(), connect_timeout_s=connect_timeout_s)
    assert outcome.closes
    assert outcome.total.errors.keys() == {error}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_where_nobody_listens_the_connection_is_refused_and_backs_off() -> None:
    plan = Plan(target="http://localhost/", concurrency=1, duration_s=0.5, think_s=(0, 0))
    total = run_slowly(plan, _free_port()).total
    assert total.errors.keys() == {"connect_refused"}
    assert 2 < total.failed < 20  # 5, 10, ... 100 ms apart
    assert total.connects == 0


def test_a_dead_address_is_passed_over(authority: Authority) -> None:
    with scripted_server(secured(authority.server(), _hello)) as peer:
        plan = Plan(
            target=f"https://localhost:{peer.port}/",
            tls=_trusting(authority),
            concurrency=2,
            duration_s=0.3,
            think_s=(0.01, 0.02),
            keepalive=False,
        )
        total = run_slowly(plan, _free_port(), peer.port).total
    assert total.succeeded == total.finished > 4
