"""Opens connections to one side: TCP, TLS or a Unix domain socket, its addresses in turn."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from loadgen.address import Address
from loadgen.handshake import client_context
from loadgen.resolve import resolve
from loadgen.target_url import Target
from loadgen.tls import TlsOptions, TlsPeer

__all__ = ["Dialer", "Peer"]

_PATIENCE_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A side whose addresses are known.

    Attributes:
        target: its URL.
        addresses: at least one.
        context: of an https side.
        server_name: that its certificate must be for; "" for http.
    """

    target: Target
    addresses: tuple[Address, ...]
    context: ssl.SSLContext | None = None
    server_name: str = ""

    @classmethod
    def find(cls, target: Target, options: TlsOptions) -> Peer:
        """Resolves a side and reads its certificates; to be called before processes are forked.

        Raises:
            TargetError: its name does not resolve.
            ConfigError: a file of the TLS options cannot be used.
        """
        addresses = resolve(target)
        if target.scheme != "https":
            return cls(target=target, addresses=addresses)
        name = TlsPeer(host=options.server_name or target.host, options=options).name
        return cls(
            target=target,
            addresses=addresses,
            context=client_context(options),
            server_name=name,
        )


class Dialer:
    """Opens connections to a peer; the next address is tried when one does not answer."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._turn = 0

    async def connect(self, make: Callable[[], asyncio.Protocol]) -> None:
        """Opens a connection.

        Args:
            make: gives the protocol, whose connection_made is then called.

        Raises:
            OSError: no address takes it; TimeoutError: none in time.
        """
        addresses = self._peer.addresses
        self._turn += 1
        for tried in range(len(addresses)):
            address = addresses[(self._turn + tried) % len(addresses)]
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    await self._connect(address, make)
            except OSError:
                if tried == len(addresses) - 1:
                    raise
            else:
                return

    async def _connect(self, address: Address, make: Callable[[], asyncio.Protocol]) -> None:
        loop = asyncio.get_running_loop()
        if address.is_unix:
            await loop.create_unix_connection(make, address.host)
            return
        await loop.create_connection(
            make,
            f"{address.host}%{address.scope}" if address.scope else address.host,
            address.port,
            ssl=self._peer.context,
            server_hostname=self._peer.server_name or None,
        )
