"""Names to addresses, once before a run, and the addresses of this machine."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import psutil

from loadgen.address import Address
from loadgen.errors import TargetError

if TYPE_CHECKING:
    from loadgen.target_url import Target

__all__ = ["own_addresses", "resolve"]


def resolve(target: Target) -> tuple[Address, ...]:
    """All addresses of a target, in the order in which the resolver gives them, each once.

    A Unix domain socket is its own address.

    Raises:
        TargetError: the name does not resolve.
    """
    if target.is_unix:
        return (Address(host=target.host, port=0),)
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        reason = error.strerror if isinstance(error, socket.gaierror) else "it is no host name"
        raise TargetError(
            f"target {target.url}: the name {target.host!r} does not resolve ({reason}); "
            "check its spelling, DNS and /etc/hosts"
        ) from None
    addresses = {
        Address(
            host=str(where[0]).partition("%")[0],
            port=target.port,
            scope=int(where[-1]) if family == socket.AF_INET6 else 0,
        ): None
        for family, _, _, _, where in found
    }
    return tuple(addresses)


def own_addresses() -> frozenset[str]:
    """The addresses of this machine's interfaces, as text."""
    return frozenset(
        entry.address.partition("%")[0]
        for entries in psutil.net_if_addrs().values()
        for entry in entries
    )
