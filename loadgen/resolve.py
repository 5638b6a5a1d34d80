"""Names to addresses, once before a run, and whether a target is on this machine."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

import psutil

from loadgen.errors import TargetError
from loadgen.wire import Address

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loadgen.target_url import Target

__all__ = ["is_local", "resolve"]


def resolve(target: Target) -> tuple[Address, ...]:
    """All addresses of a target, in the order in which the resolver gives them, each once.

    Raises:
        TargetError: the name does not resolve.
    """
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


def is_local(addresses: Iterable[Address]) -> bool:
    """True when one of the addresses is this machine's own: target and workers share cores."""
    own = {
        entry.address.partition("%")[0]
        for entries in psutil.net_if_addrs().values()
        for entry in entries
    }
    return any(
        ipaddress.ip_address(address.host).is_loopback or address.host in own
        for address in addresses
    )
