"""TLS for the scripted server: certificates of an authority of the test's own."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from tests.scripted import Peer

__all__ = ["Authority", "SecureScript", "secured"]

SecureScript = Callable[[ssl.SSLSocket, int, Peer], None]


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority, with a folder for the files of what it issues."""

    ca: trustme.CA
    folder: Path

    @classmethod
    def in_folder(cls, folder: Path) -> Authority:
        """A new one, whose own certificate is in `ca_file`."""
        authority = cls(trustme.CA(key_type=trustme.KeyType.ECDSA), folder)
        authority.ca.cert_pem.write_to_path(authority.ca_file)
        return authority

    @property
    def ca_file(self) -> str:
        """PEM file of its own certificate."""
        return str(self.folder / "ca.pem")

    def server(self, *names: str, expired: bool = False) -> ssl.SSLContext:
        """What a server with a certificate for these names needs."""
        issued = self.ca.issue_cert(
            *(names or ("localhost", "127.0.0.1")),
            key_type=trustme.KeyType.ECDSA,
            not_before=datetime.now(UTC) - timedelta(days=9) if expired else None,
            not_after=datetime.now(UTC) - timedelta(days=3) if expired else None,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued.configure_cert(context)
        context.set_alpn_protocols(["h2", "http/1.1"])
        return context

    def client_file(self, name: str) -> str:
        """PEM file with a client certificate for a name, its chain and its key."""
        issued = self.ca.issue_cert(name, key_type=trustme.KeyType.ECDSA)
        path = self.folder / "client.pem"
        issued.private_key_and_cert_chain_pem.write_to_path(path)
        return str(path)


def secured(
    context: ssl.SSLContext, script: SecureScript
) -> Callable[[socket.socket, int, Peer], None]:
    """A script for `scripted_server` that does the handshake first."""

    def serve(connection: socket.socket, number: int, peer: Peer) -> None:
        # Else the tickets after the handshake hold back the answer until they are acknowledged.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with context.wrap_socket(connection, server_side=True) as secure:
            script(secure, number, peer)

    return serve
