"""Sockets to be served by several processes: one each, all on one port (SO_REUSEPORT)."""

from __future__ import annotations

import errno
import resource
import socket
from typing import Final

from loadgen.errors import ConfigError
from loadgen.units import UnitError, parse_count

__all__ = ["BACKLOG", "listen_shared", "parse_listen", "raise_file_limit_to_hard"]

BACKLOG: Final = 65_535
"""Connections that may wait to be accepted; the kernel lowers it to net.core.somaxconn."""


def parse_listen(text: str) -> tuple[str, int]:
    """Reads an address to listen on: host and port, IPv6 in brackets; ":8080" is every IPv4 one.

    Returns:
        Host without brackets, "" for every IPv4 address; port, 0 for a free one.

    Raises:
        UnitError: it is none.
    """
    host, colon, port = text.strip().rpartition(":")
    if not colon:
        raise UnitError(f"found {text!r}, expected an address such as 127.0.0.1:8000 or :8000")
    return host.removeprefix("[").removesuffix("]"), parse_count(port, high=65_535)


def listen_shared(host: str, port: int, *, sockets: int, who: str) -> list[socket.socket]:
    """Opens listening sockets that share one port, which nobody else listens on.

    Args:
        host: a name or address of this machine; "" for every IPv4 address.
        port: 0 takes a free one.
        sockets: how many; the kernel spreads the connections over them.
        who: listens, for messages.

    Raises:
        ConfigError: the address cannot be listened on.
    """
    where = f"{host or '*'}:{port}"
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise ConfigError(
            f"{who}: cannot listen on {where}: {error.strerror}; "
            "use an address of this machine, such as 127.0.0.1:8000"
        ) from None
    listeners: list[socket.socket] = []
    try:
        address = (address[0], _free_port(family, address), *address[2:])
        for _ in range(sockets):
            listener = socket.socket(family, socket.SOCK_STREAM)
            listeners.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
    except OSError as error:
        for listener in listeners:
            listener.close()
        raise ConfigError(f"{who}: {_cannot_listen(where, error)}") from None
    return listeners


def raise_file_limit_to_hard() -> None:
    """As many connections as the hard limit lets us have; the usual soft one is 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _free_port(family: int, address: tuple[object, ...]) -> int:
    """The port, after seeing that nobody listens there.

    With SO_REUSEPORT alone a second server would share the first one's connections unseen.
    """
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        probe.listen(1)
        port: int = probe.getsockname()[1]
        return port


def _cannot_listen(where: str, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"{where} is in use by another program; stop it or choose another port"
        case errno.EACCES:
            return f"no permission to listen on {where}; use a port above 1023"
        case errno.EADDRNOTAVAIL:
            return f"{where} is not an address of this machine; use for example 127.0.0.1"
        case _:
            return f"cannot listen on {where}: {error.strerror}"
