"""What is found out before a run instead of after it: open files, and whether anyone listens."""

from __future__ import annotations

import errno
import os
import resource
import selectors
import socket
import time
from typing import TYPE_CHECKING

from loadgen.errors import ConfigError, TargetError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.address import Address
    from loadgen.plan import Plan
    from loadgen.target_url import Target

__all__ = ["raise_file_limit", "require_listener", "require_local_addresses"]

FILES_BESIDE_CONNECTIONS = 64
"""Descriptors a worker has besides its connections, with room to spare."""
CONNECT_PATIENCE_S = 5.0


def raise_file_limit(plan: Plan, workers: int) -> None:
    """Lifts this process's soft limit of open files, which workers inherit, as far as needed.

    Raises:
        ConfigError: the hard limit is below what a worker needs.
    """
    connections = plan.pool * len(plan.targets)
    needed = -(-connections // workers) + FILES_BESIDE_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise ConfigError(
            f"open files: {connections} connections over {workers} worker(s) need a limit of "
            f"{needed} each, and the hard limit is {hard}; raise it (ulimit -Hn {needed} as root, "
            "or LimitNOFILE= of the service), use more --workers, or fewer connections"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def require_local_addresses(local_addresses: Sequence[str]) -> None:
    """Binds a socket to each address that connections shall come from.

    Raises:
        ConfigError: one is not an address of this machine.
    """
    for host in local_addresses:
        with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
            try:
                probe.bind((host, 0))
            except OSError as error:
                raise ConfigError(
                    f"--local-address: found {host}, which cannot be used "
                    f"({os.strerror(error.errno or 0).lower()}); expected an address of this "
                    "machine (ip address show)"
                ) from None


def require_listener(
    target: Target,
    addresses: tuple[Address, ...],
    patience_s: float = CONNECT_PATIENCE_S,
    *,
    local_addresses: Sequence[str] = (),
    side: str = "target",
) -> None:
    """Connects to every address at once; one that accepts is enough.

    Args:
        target: whose addresses they are, for messages.
        addresses: where to.
        patience_s: how long an answer is awaited.
        local_addresses: where from; empty: the kernel chooses.
        side: what the target is to whoever reads the message.

    Raises:
        TargetError: none accepts; says what each did and what to check.
    """
    outcomes: dict[Address, str] = {}
    with selectors.DefaultSelector() as selector:
        for address in addresses:
            _begin(address, local_addresses, selector, outcomes)
        deadline_s = time.monotonic() + patience_s
        try:
            while selector.get_map() and (left_s := deadline_s - time.monotonic()) > 0:
                for key, _ in selector.select(left_s):
                    if _outcome(key, selector, outcomes):
                        return
        finally:
            for key in list(selector.get_map().values()):
                key.fileobj.close()  # type: ignore[union-attr]  # only sockets are registered
    said = "; ".join(
        f"{_name(address)}: {outcomes.get(address, 'no answer')}" for address in addresses
    )
    raise TargetError(
        f"{side} {target.url} cannot be connected to ({said}); "
        "check that the server runs, its port, and any firewall between here and there"
    )


def _family(host: str) -> socket.AddressFamily:
    if host.startswith("/"):
        return socket.AF_UNIX
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _name(address: Address) -> str:
    return address.host if address.is_unix else f"{address.host} port {address.port}"


def _begin(
    address: Address,
    local_addresses: Sequence[str],
    selector: selectors.BaseSelector,
    outcomes: dict[Address, str],
) -> None:
    family = _family(address.host)
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.setblocking(False)
    local = next((host for host in local_addresses if _family(host) == family), None)
    if local is not None:
        connection.bind((local, 0))
    match family:
        case socket.AF_UNIX:
            code = connection.connect_ex(address.host)
        case socket.AF_INET6:
            code = connection.connect_ex((address.host, address.port, 0, address.scope))
        case _:
            code = connection.connect_ex((address.host, address.port))
    if code in {0, errno.EINPROGRESS}:
        selector.register(connection, selectors.EVENT_WRITE, address)
    else:
        outcomes[address] = os.strerror(code).lower()
        connection.close()


def _outcome(
    key: selectors.SelectorKey, selector: selectors.BaseSelector, outcomes: dict[Address, str]
) -> bool:
    """Takes one finished connect off the selector. Returns whether it was accepted."""
    connection = key.fileobj
    assert isinstance(connection, socket.socket)
    code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    selector.unregister(connection)
    connection.close()
    if code:
        outcomes[key.data] = os.strerror(code).lower()
    return code == 0
