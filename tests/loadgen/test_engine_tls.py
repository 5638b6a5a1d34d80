"""The engine against real TLS servers: who is accepted, what is counted, what is left behind."""

from __future__ import annotations

import ctypes
import dataclasses
import gc
import hashlib
import os
import socket
import ssl
import subprocess
import threading
from pathlib import Path
from typing import IO, NamedTuple

import pytest

from loadgen import _openssl
from loadgen.plan import Pattern, Plan, TlsOptions, TlsVersion
from slo.metric import Phase
from tests.loadgen.engine_run import Outcome, run_plan
from tests.pace import SLOWER
from tests.scripted import HELLO, Peer, read_request, reset, scripted_server
from tests.secured import Authority, secured

X509_EXPIRED, X509_SELF_SIGNED, X509_UNKNOWN, X509_WRONG_HOST, X509_WRONG_ADDRESS = (
    *(10, 18, 20),
    *(62, 64),
)
"""X509_V_ERR_* (openssl-verification-options(1) has the words)."""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.in_folder(tmp_path)


def _run(peer: Peer, tls: TlsOptions, *, host: str = "localhost", **changes: object) -> Outcome:
    base: dict[str, object] = {
        "concurrency": 2,
        "duration_s": 0.4 * SLOWER,
        "think_s": (0.005, 0.010),
        "timeout_s": 2.0,
    }
    plan = Plan(target=f"https://{host}:{peer.port}/", tls=tls, **{**base, **changes})  # type: ignore[arg-type]  # a table's values
    return run_plan(plan, peer.port)


def _trusting(authority: Authority) -> TlsOptions:
    return TlsOptions(ca_file=authority.ca_file)


def _hello(connection: ssl.SSLSocket, _number: int, peer: Peer) -> None:
    while read_request(connection, peer):
        connection.sendall(HELLO)


@pytest.mark.parametrize(
    ("version", "name"), [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")]
)
def test_both_versions_are_spoken(authority: Authority, version: ssl.TLSVersion, name: str) -> None:
    seen = set()

    def script(connection: ssl.SSLSocket, number: int, peer: Peer) -> None:
        seen.add((connection.version(), connection.selected_alpn_protocol()))
        _hello(connection, number, peer)

    context = authority.server()
    context.minimum_version = context.maximum_version = version
    with scripted_server(secured(context, script)) as peer:
        outcome = _run(peer, _trusting(authority))
        assert peer.connections == 2
        assert peer.requests == outcome.total.sent
    assert seen == {(name, "http/1.1")}
    assert outcome.closes
    assert outcome.total.succeeded == outcome.total.finished > 20


def test_connect_and_handshake_are_part_of_the_response_time_only(authority: Authority) -> None:
    with scripted_server(secured(authority.server(), _hello)) as peer:
        outcome = _run(peer, _trusting(authority), keepalive=False)
    times = outcome.total.times
    assert times[Phase.TLS].n == outcome.total.finished > 10
    assert times[Phase.TLS].min_ns > 50_000  # the arithmetic of a handshake takes longer
    assert times[Phase.LATENCY].min_ns > times[Phase.TLS].min_ns
    assert times[Phase.SERVICE].min_ns < times[Phase.TLS].min_ns


@pytest.mark.parametrize(("host", "sent"), [("localhost", "localhost"), ("127.0.0.1", None)])
def test_a_name_is_sent_to_the_server_and_an_address_is_not(
    authority: Authority, host: str, sent: str | None
) -> None:
    names = set()
    context = authority.server()
    context.sni_callback = lambda _socket, name, _context: names.add(name)
    with scripted_server(secured(context, _hello)) as peer:
        outcome = _run(peer, _trusting(authority), host=host)
    assert names == {sent}
    assert outcome.total.succeeded == outcome.total.finished > 20


def test_another_server_name_can_be_asked_for(authority: Authority) -> None:
    names = set()
    context = authority.server("shop.example")
    context.sni_callback = lambda _socket, name, _context: names.add(name)
    options = TlsOptions(ca_file=authority.ca_file, server_name="shop.example")
    with scripted_server(secured(context, _hello)) as peer:
        outcome = _run(peer, options)
    assert names == {"shop.example"}
    assert outcome.total.succeeded == outcome.total.finished > 20


def _self_signed(folder: Path) -> ssl.SSLContext:
    """An authority's own certificate is one; a client that does not know it says the same."""
    key, cert = folder / "own.key", folder / "own.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-keyout", str(key), "-out", str(cert), "-subj", "/CN=localhost"]
    subprocess.run(
        [*command, "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


@pytest.mark.parametrize(
    ("what", "host", "code"),
    [
        ("expired", "localhost", X509_EXPIRED),
        ("wrong host", "localhost", X509_WRONG_HOST),
        ("wrong address", "127.0.0.1", X509_WRONG_ADDRESS),
        ("self-signed", "localhost", X509_SELF_SIGNED),
        ("unknown authority", "localhost", X509_UNKNOWN),
    ],
)
def test_a_certificate_that_is_not_right_is_refused_and_with_insecure_accepted(
    authority: Authority, tmp_path: Path, what: str, host: str, code: int
) -> None:
    (tmp_path / "other").mkdir()
    contexts = {
        "expired": lambda: authority.server(expired=True),
        "wrong host": lambda: authority.server("elsewhere.example"),
        "wrong address": lambda: authority.server("10.0.0.1"),
        "self-signed": lambda: _self_signed(tmp_path),
        "unknown authority": lambda: Authority.in_folder(tmp_path / "other").server(),
    }
    with scripted_server(secured(contexts[what](), _hello)) as peer:
        refused = _run(peer, _trusting(authority), host=host)
        assert peer.requests == 0
        accepted = _run(peer, TlsOptions(verify=False), host=host)
        assert peer.requests == accepted.total.sent
    assert refused.closes
    assert refused.total.errors == {"tls_certificate": refused.total.finished}
    assert refused.total.sent > 4
    assert refused.refused_certificate == code
    assert refused.total.times[Phase.TLS].n == 0
    assert accepted.closes
    assert accepted.total.succeeded == accepted.total.finished > 20
    assert accepted.refused_certificate == 0


def test_the_systems_store_does_not_know_the_tests_authority(authority: Authority) -> None:
    with scripted_server(secured(authority.server(), _hello)) as peer:
        outcome = _run(peer, TlsOptions())
    assert outcome.total.errors == {"tls_certificate": outcome.total.finished}


def test_a_client_certificate_is_shown_to_a_server_that_asks(authority: Authority) -> None:
    seen = []

    def script(connection: ssl.SSLSocket, number: int, peer: Peer) -> None:
        certificate = connection.getpeercert() or {}
        seen.append(certificate.get("subjectAltName"))
        _hello(connection, number, peer)

    context = authority.server()
    context.verify_mode = ssl.CERT_REQUIRED
    authority.ca.configure_trust(context)
    options = TlsOptions(
        ca_file=authority.ca_file, cert_file=authority.client_file("loadgen.example")
    )
    with scripted_server(secured(context, script)) as peer:
        known = _run(peer, options)
        unknown = _run(peer, _trusting(authority))
    assert seen == [(("DNS", "loadgen.example"),)] * 2
    assert known.total.succeeded == known.total.finished > 20
    assert unknown.closes
    assert unknown.total.failed == unknown.total.finished > 4
    assert unknown.total.errors["tls_protocol"] > 0
    # In TLS 1.3 the server's alert meets our request; when it closes on that, it is a reset.
    assert unknown.total.errors.keys() <= {"tls_protocol", "reset", "closed"}
    assert "certificate required" in _openssl.error_words(unknown.tls_error)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("resume", [False, True])
def test_sessions_are_resumed_when_asked_for(
    authority: Authority, version: ssl.TLSVersion, resume: bool
) -> None:
    reused = []

    def script(connection: ssl.SSLSocket, number: int, peer: Peer) -> None:
        reused.append(connection.session_reused)
        _hello(connection, number, peer)

    context = authority.server()
    context.minimum_version = context.maximum_version = version
    options = TlsOptions(ca_file=authority.ca_file, resume=resume)
    with scripted_server(secured(context, script)) as peer:
        outcome = _run(peer, options, concurrency=1, keepalive=False)
    assert outcome.closes
    assert outcome.total.succeeded == outcome.total.finished > 5
    assert reused == [False] + [resume] * (len(reused) - 1)


def test_a_server_that_speaks_only_older_versions_is_a_protocol_error(
    authority: Authority,
) -> None:
    context = authority.server()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    options = TlsOptions(ca_file=authority.ca_file, minimum=TlsVersion.TLS_1_3)
    with scripted_server(secured(context, _hello)) as peer:
        outcome = _run(peer, options)
    assert outcome.closes
    assert outcome.total.errors == {"tls_protocol": outcome.total.finished}
    assert "protocol version" in _openssl.error_words(outcome.tls_error)


def test_ciphers_are_the_ones_asked_for(authority: Authority) -> None:
    seen = set()

    def script(connection: ssl.SSLSocket, number: int, peer: Peer) -> None:
        seen.add((connection.cipher() or ("",))[0])
        _hello(connection, number, peer)

    context = authority.server()
    names = "TLS_CHACHA20_POLY1305_SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"
    options = TlsOptions(ca_file=authority.ca_file, ciphers=names)
    with scripted_server(secured(context, script)) as peer:
        _run(peer, options)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        _run(peer, options)
    assert seen == set(names.split(":"))


def test_plain_text_on_the_port_of_tls_is_a_protocol_error(authority: Authority) -> None:
    def script(connection: socket.socket, _number: int, _peer: Peer) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with scripted_server(script) as peer:
        outcome = _run(peer, _trusting(authority))
    assert outcome.closes
    assert outcome.total.errors == {"tls_protocol": outcome.total.finished}
    assert outcome.total.sent > 4
    assert "wrong version number" in _openssl.error_words(outcome.tls_error)


@pytest.mark.parametrize(("ending", "error"), [("close", "closed"), ("reset", "connect_reset")])
def test_a_connection_that_ends_in_the_handshake(
    authority: Authority, ending: str, error: str
) -> None:
    def script(connection: socket.socket, _number: int, _peer: Peer) -> None:
        connection.recv(65536)
        if ending == "reset":
            reset(connection)

    with scripted_server(script) as peer:
        outcome = _run(peer, _trusting(authority))
    assert outcome.closes
    assert outcome.total.errors == {error: outcome.total.finished}
    assert outcome.total.sent > 4


def test_a_handshake_that_never_ends_is_cut_off_by_the_connect_timeout(
    authority: Authority,
) -> None:
    def script(connection: socket.socket, _number: int, _peer: Peer) -> None:
        while connection.recv(65536):
            pass

    with scripted_server(script) as peer:
        outcome = _run(peer, _trusting(authority), connect_timeout_s=0.1)
    assert outcome.closes
    assert outcome.total.errors == {"tls_timeout": outcome.total.finished}
    assert outcome.total.failed >= 2


def test_silence_after_the_request_is_a_plain_timeout(authority: Authority) -> None:
    def script(connection: ssl.SSLSocket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            pass

    with scripted_server(secured(authority.server(), script)) as peer:
        outcome = _run(peer, _trusting(authority), timeout_s=0.1)
    assert outcome.closes
    assert outcome.total.errors == {"timeout": outcome.total.finished}


@pytest.mark.parametrize(
    ("header", "word", "succeeds"),
    [
        (b"Content-Length: 5", False, True),
        (b"Connection: close", False, False),
        (b"Connection: close", True, True),
    ],
)
def test_without_close_notify_only_a_body_of_known_length_is_whole(
    authority: Authority, header: bytes, word: bool, succeeds: bool
) -> None:
    """RFC 9112 section 9.8: what ends with the connection may have been cut off."""

    def script(connection: ssl.SSLSocket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + header + b"\r\n\r\nhello")
        if word:
            connection.unwrap()

    with scripted_server(secured(authority.server(), script)) as peer:
        outcome = _run(peer, _trusting(authority))
    assert outcome.closes
    assert outcome.total.sent > 4
    if succeeds:
        assert outcome.total.succeeded == outcome.total.finished
    else:
        assert outcome.total.errors == {"closed": outcome.total.finished}


def test_bytes_that_are_not_tls_in_the_middle_are_a_protocol_error(authority: Authority) -> None:
    def script(connection: ssl.SSLSocket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        with socket.socket(fileno=os.dup(connection.fileno())) as below:
            below.sendall(HELLO)

    with scripted_server(secured(authority.server(), script)) as peer:
        outcome = _run(peer, _trusting(authority))
        assert outcome.total.finished == peer.requests > 4
    assert outcome.closes
    assert outcome.total.errors == {"tls_protocol": outcome.total.finished}
    assert outcome.total.reconnects == 0


def test_large_bodies_go_both_ways(authority: Authority) -> None:
    body = os.urandom(1_000_003)
    digests = set()

    def script(connection: ssl.SSLSocket, _number: int, peer: Peer) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
        while request := read_request(connection, peer):
            digests.add(hashlib.sha256(request.partition(b"\r\n\r\n")[2]).digest())
            connection.sendall(head + body)

    with scripted_server(secured(authority.server(), script)) as peer:
        outcome = _run(peer, _trusting(authority), method="POST", body=body)
        assert peer.connections == 2
    total = outcome.total
    assert outcome.closes
    assert total.succeeded == total.finished > 2
    assert digests == {hashlib.sha256(body).digest()}
    assert total.sent * len(body) < total.bytes_received < total.sent * (len(body) + 100)
    assert total.sent * len(body) < total.bytes_sent < total.sent * (len(body) + 500)


def test_what_openssl_has_read_ahead_is_served_although_no_edge_comes(
    authority: Authority,
) -> None:
    """An answer in records of one byte each, which the kernel has all at once."""
    context = authority.server()
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n" + b"x" * 400

    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side=True)
        while received := connection.recv(65536):
            incoming.write(received)
            try:
                if tls.version() is None or not tls.cipher():
                    tls.do_handshake()
                while tls.read(65536):
                    peer.requests += 1
                    for byte in answer:
                        tls.write(bytes([byte]))
            except ssl.SSLWantReadError:
                pass
            connection.sendall(outgoing.read())

    with scripted_server(script) as peer:
        outcome = _run(peer, _trusting(authority))
        assert peer.connections == 2
        assert outcome.total.succeeded == outcome.total.finished == peer.requests > 10
    assert outcome.closes


def test_a_server_that_closes_idle_connections_costs_no_request(authority: Authority) -> None:
    def script(connection: ssl.SSLSocket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.sendall(HELLO)
        if read_request(connection, peer):
            connection.unwrap()

    with scripted_server(secured(authority.server(), script)) as peer:
        outcome = _run(peer, _trusting(authority))
        assert peer.requests == outcome.total.finished + outcome.total.reconnects
    assert outcome.closes
    assert outcome.total.errors == {}
    assert outcome.total.reconnects > 2


@pytest.mark.parametrize("pattern", [Pattern.SUSTAINED, Pattern.RATE])
def test_without_keep_alive_each_request_has_its_own_connection(
    authority: Authority, pattern: Pattern
) -> None:
    def script(connection: ssl.SSLSocket, number: int, peer: Peer) -> None:
        request = read_request(connection, peer)
        assert b"\r\nConnection: close\r\n" in request
        connection.sendall(HELLO)  # says nothing of the end, and leaves it to us
        assert connection.recv(1) == b""

    with scripted_server(secured(authority.server(), script)) as peer:
        outcome = _run(peer, _trusting(authority), keepalive=False, pattern=pattern, rate_rps=100.0)
        assert peer.requests == outcome.total.finished
    assert outcome.closes
    assert outcome.total.succeeded == outcome.total.finished > 10
    assert outcome.total.connects >= outcome.total.finished
    assert outcome.total.reconnects == 0


def test_a_renegotiation_is_refused_and_counted(tmp_path: Path) -> None:
    """Only OpenSSL's own tool asks for one; it gives up when it is refused."""
    _self_signed(tmp_path)
    port = _free_port()
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-tls1_2", "-naccept", "1"]
    command += ["-cert", str(tmp_path / "own.pem"), "-key", str(tmp_path / "own.key")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        said: list[bytes] = []
        stdin, stdout = server.stdin, server.stdout
        _read_until(stdout, b"ACCEPT")

        def ask() -> None:
            _read_until(stdout, b"Accept: */*")
            stdin.write(b"R\n")
            stdin.flush()
            said.append(stdout.read())

        asking = threading.Thread(target=ask)
        asking.start()
        outcome = run_plan(
            Plan(
                target=f"https://localhost:{port}/",
                tls=TlsOptions(ca_file=str(tmp_path / "own.pem")),
                concurrency=1,
                duration_s=0.5,
                think_s=(0.1, 0.1),
                timeout_s=5.0,
            ),
            port,
        )
        asking.join()
    assert b"no renegotiation" in said[0]
    assert outcome.closes
    assert outcome.total.succeeded == 0
    assert outcome.total.errors.get("tls_protocol", 0) == 1


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _read_until(stream: IO[bytes], text: bytes) -> None:
    seen = b""
    while text not in seen:
        line = stream.readline()
        assert line, f"the server ended before it said {text!r}: {seen!r}"
        seen += line


def _heap_bytes() -> int:
    """What malloc has given out, of this process (mallinfo2(3): uordblks and hblkhd)."""
    sizes = ctypes.c_size_t * 10
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = type("Mallinfo2", (ctypes.Structure,), {"_fields_": [("sizes", sizes)]})
    found = mallinfo2().sizes
    return int(found[4] + found[7])


@pytest.mark.parametrize("kind", ["full", "resumed", "refused"])
def test_nothing_is_left_behind_by_many_connections(tmp_path: Path, kind: str) -> None:
    _self_signed(tmp_path)
    port = _free_port()
    trusted = str(tmp_path / "own.pem")
    options = {
        "full": TlsOptions(ca_file=trusted),
        "resumed": TlsOptions(ca_file=trusted, resume=True),
        "refused": TlsOptions(),
    }[kind]
    plan = Plan(
        target=f"https://localhost:{port}/",
        tls=options,
        keepalive=False,
        concurrency=16,
        think_s=(0, 0),
        duration_s=SLOWER,
    )
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-www"]
    command += ["-cert", trusted, "-key", str(tmp_path / "own.key")]
    # Its words on each refusal would fill a pipe that nobody reads, and then it would wait.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        _read_until(server.stdout, b"ACCEPT")
        _in_use(dataclasses.replace(plan, duration_s=0.3), port)
        before = _in_use(plan, port)
        after = _in_use(plan, port)
        server.kill()
    assert after.connects > 100
    assert after.files == before.files
    # A session has 19 KB in parts of some hundred bytes and more.
    assert after.heap_bytes - before.heap_bytes < 50 * after.connects


class _InUse(NamedTuple):
    """What this process holds after a run."""

    connects: int
    heap_bytes: int
    files: int


def _in_use(plan: Plan, port: int) -> _InUse:
    outcome = run_plan(plan, port)
    assert outcome.closes
    connects = outcome.total.connects
    del outcome
    gc.collect()
    return _InUse(connects, _heap_bytes(), len(os.listdir("/proc/self/fd")))
