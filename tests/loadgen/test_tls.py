"""What a plan says about TLS."""

from __future__ import annotations

import pytest

from loadgen.tls import TlsOptions, TlsPeer


@pytest.mark.parametrize(
    ("ciphers", "list_", "suites"),
    [
        ("", "", ""),
        ("ECDHE+AESGCM", "ECDHE+AESGCM", ""),
        ("TLS_AES_128_GCM_SHA256", "", "TLS_AES_128_GCM_SHA256"),
        (
            "A:TLS_AES_128_GCM_SHA256:B::TLS_CHACHA20_POLY1305_SHA256",
            "A:B",
            "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256",
        ),
    ],
)
def test_ciphers_are_told_apart_by_the_version_they_are_for(
    ciphers: str, list_: str, suites: str
) -> None:
    options = TlsOptions(ciphers=ciphers)
    assert (options.cipher_list, options.cipher_suites) == (list_, suites)


def test_a_key_needs_its_certificate() -> None:
    (problem,) = TlsOptions(key_file="k.pem").problems()
    assert problem == "key: 'k.pem' is given without its certificate; add cert"


def test_what_goes_together_is_no_problem() -> None:
    options = TlsOptions(cert_file="c.pem", key_file="k.pem", ca_file="ca.pem", resume=True)
    assert options.problems() == []


@pytest.mark.parametrize(
    ("host", "name", "is_address"),
    [
        ("example.com", "example.com", False),
        ("example.com.", "example.com", False),
        ("10.0.0.1", "10.0.0.1", True),
        ("::1", "::1", True),
        ("fe80::1%eth0", "fe80::1", True),
    ],
)
def test_a_peer_is_known_by_name_or_address(host: str, name: str, is_address: bool) -> None:
    peer = TlsPeer(host=host, options=TlsOptions())
    assert (peer.name, peer.is_address) == (name, is_address)
