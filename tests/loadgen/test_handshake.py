"""What a TLS handshake before the run finds out, in sentences."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from loadgen.address import Address
from loadgen.errors import ConfigError, TargetError
from loadgen.handshake import Certificate, client_context, require_handshake
from loadgen.target_url import Target
from loadgen.tls import TlsOptions, TlsVersion
from tests.scripted import Peer, scripted_server
from tests.secured import Authority, secured


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.in_folder(tmp_path)


def _silent(connection: ssl.SSLSocket, _number: int, _peer: Peer) -> None:
    connection.recv(1)


def _shake(peer: Peer, options: TlsOptions, host: str = "localhost") -> None:
    addresses = (Address(host="127.0.0.1", port=peer.port),)
    require_handshake(Target.parse(f"https://{host}:{peer.port}"), addresses, options, 0.3)


def _complaint(
    script: Callable[[socket.socket, int, Peer], None], options: TlsOptions, host: str = "localhost"
) -> str:
    with scripted_server(script) as peer, pytest.raises(TargetError) as caught:
        _shake(peer, options, host)
    text = str(caught.value)
    assert text.startswith(f"target https://{host}:{peer.port} ")
    assert "\n" not in text
    return text


def test_a_good_certificate_passes(authority: Authority) -> None:
    with scripted_server(secured(authority.server(), _silent)) as peer:
        _shake(peer, TlsOptions(ca_file=authority.ca_file))
        _shake(peer, TlsOptions(ca_file=authority.ca_file), host="127.0.0.1")
        _shake(peer, TlsOptions(verify=False))
        assert peer.connections == 3


def test_an_http_target_and_one_that_nobody_listens_at_are_left_alone() -> None:
    address = (Address(host="127.0.0.1", port=1),)
    require_handshake(Target.parse("http://localhost:1"), address, TlsOptions())
    require_handshake(Target.parse("https://localhost:1"), address, TlsOptions())


@pytest.mark.parametrize(
    ("names", "expired", "trusted", "said"),
    [
        (("localhost",), True, True, "certificate has expired (it is "),
        (("localhost",), True, True, "renew it, and check this machine's clock"),
        (("shop.example", "www.shop.example"), False, True, "for shop.example, www.shop.example,"),
        (("shop.example",), False, True, "use one of its names in the URL"),
        (("localhost",), False, False, "name its authority's certificate with --cacert"),
    ],
)
def test_a_certificate_that_is_not_accepted_is_described(
    authority: Authority, names: tuple[str, ...], expired: bool, trusted: bool, said: str
) -> None:
    options = TlsOptions(ca_file=authority.ca_file if trusted else "")
    text = _complaint(secured(authority.server(*names, expired=expired), _silent), options)
    assert said in text
    assert "valid until " in text
    assert "issued by " in text
    assert text.endswith("or accept any with --insecure")


def test_what_is_no_tls_server_is_told_apart(authority: Authority) -> None:
    def plain(connection: socket.socket, _number: int, _peer: Peer) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    def mute(connection: socket.socket, _number: int, _peer: Peer) -> None:
        while connection.recv(65536):
            pass

    def closing(connection: socket.socket, _number: int, _peer: Peer) -> None:
        connection.recv(65536)

    old = authority.server()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    trusting = TlsOptions(ca_file=authority.ca_file)
    newest = TlsOptions(ca_file=authority.ca_file, minimum=TlsVersion.TLS_1_3)
    assert "is it an http:// server?" in _complaint(plain, trusting)
    assert "did not finish a TLS handshake within 0.3 s" in _complaint(mute, trusting)
    assert "is it a TLS server?" in _complaint(closing, trusting)
    assert "(tlsv1 alert protocol version); check --tls-min" in _complaint(
        secured(old, _silent), newest
    )


def test_a_file_that_cannot_be_used_is_a_configuration_error(
    authority: Authority, tmp_path: Path
) -> None:
    text = tmp_path / "text"
    text.write_text("no certificate")
    for options, said in (
        (TlsOptions(ca_file="/nowhere/ca.pem"), "--cacert: /nowhere/ca.pem cannot be read"),
        (TlsOptions(ca_file=str(text)), f"--cacert: {text} cannot be used (no certificate or crl"),
        (TlsOptions(cert_file="/nowhere"), "--cert: /nowhere cannot be read (No such file"),
        (TlsOptions(cert_file=authority.ca_file), f"--cert: {authority.ca_file} cannot be used"),
        (TlsOptions(ciphers="NONSENSE"), "--tls-ciphers: OpenSSL knows none of 'NONSENSE'"),
    ):
        with pytest.raises(ConfigError) as caught:
            client_context(options)
        assert said in str(caught.value)


def test_options_reach_the_context(authority: Authority) -> None:
    context = client_context(
        TlsOptions(
            ca_file=authority.ca_file,
            cert_file=authority.client_file("me.example"),
            minimum=TlsVersion.TLS_1_3,
        )
    )
    assert context.minimum_version is ssl.TLSVersion.TLSv1_3
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert client_context(TlsOptions(verify=False)).verify_mode is ssl.CERT_NONE


def test_a_certificate_without_a_common_name_is_called_by_what_it_has() -> None:
    info = {
        "subject": ((("organizationName", "Shop"),), (("organizationalUnitName", "Web"),)),
        "issuer": ((("organizationName", "CA"),), (("commonName", "CA 1"),)),
        "subjectAltName": (("DNS", "shop.example"), ("IP Address", "10.0.0.1")),
        "notAfter": "Nov 21 10:00:00 2026 GMT",
    }
    assert str(Certificate.from_info(info)) == (
        "of Shop, Web, issued by CA 1, for shop.example, 10.0.0.1, "
        "valid until Nov 21 10:00:00 2026 GMT"
    )
    assert str(Certificate()) == ""
