"""How a connection comes to stand: which address, TCP, TLS; by the rules of `_ext/lg_connect.c`."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import time
from typing import TYPE_CHECKING, TypeVar

from loadgen.handshake import client_context

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadgen.address import Address
    from loadgen.slow_engine.recorder import Recorder
    from loadgen.wire import EnginePlan

__all__ = ["DialError", "Dialer", "error_class"]

P = TypeVar("P", bound=asyncio.Protocol)

SET_ASIDE_NS = 1_000_000_000
IP_BIND_ADDRESS_NO_PORT = 24
"""<linux/in.h>: the port is chosen by connect, so that one in use for another peer serves, too."""
_BY_ERRNO = {
    errno.ECONNREFUSED: "connect_refused",
    errno.ETIMEDOUT: "connect_timeout",
    errno.ECONNRESET: "connect_reset",
    errno.EHOSTUNREACH: "connect_unreachable",
    errno.ENETUNREACH: "connect_unreachable",
    errno.EMFILE: "connect_no_files",
    errno.ENFILE: "connect_no_files",
    errno.EADDRNOTAVAIL: "connect_no_ports",
    errno.EPIPE: "closed",
}
_ADDRESS_FAULTS = frozenset(
    {"connect_refused", "connect_timeout", "connect_reset", "connect_unreachable"}
)
"""Failures that are about one address, so that another one may do better."""


class DialError(Exception):
    """No connection came to stand.

    Attributes:
        error_class: why, one of ERROR_CLASSES.
    """

    def __init__(self, error_class: str) -> None:
        super().__init__(error_class)
        self.error_class = error_class


class Dialer:
    """Opens connections to the targets of a plan; its addresses are used in turn."""

    def __init__(self, plan: EnginePlan, recorder: Recorder) -> None:
        """Reads the certificates.

        Raises:
            ConfigError: a file of the TLS options cannot be used.
        """
        self._plan = plan
        self._recorder = recorder
        self._patience_s = plan.connect_timeout_ns / 1e9
        self._contexts = [client_context(peer.options) if peer else None for peer in plan.tls]
        self._turn = [0] * len(plan.targets)
        self._local_turn = 0
        self._set_aside_ns: dict[Address, int] = {}

    async def dial(self, target: int, endpoint: int, make: Callable[[], P], *, counted: bool) -> P:
        """Opens a connection.

        Args:
            target: index in the plan.
            endpoint: whose statistics its times belong to.
            make: what makes its protocol.
            counted: False in the warm-up: its times are not recorded.

        Raises:
            DialError: no address of the target can be connected to.
        """
        for tried in range(1, len(self._plan.targets[target]) + 1):
            address = self._choose(target)
            try:
                return await self._dial(target, endpoint, address, make, counted)
            except DialError as error:
                if error.error_class not in _ADDRESS_FAULTS:
                    raise
                self._set_aside_ns[address] = time.monotonic_ns() + SET_ASIDE_NS
                if tried == len(self._plan.targets[target]) or not self._has_other(target):
                    raise
        raise AssertionError("a target has an address")

    async def _dial(
        self, target: int, endpoint: int, address: Address, make: Callable[[], P], counted: bool
    ) -> P:
        """TCP and TLS with one address."""
        begun_ns = time.monotonic_ns()
        late = "connect_timeout"
        loop = asyncio.get_running_loop()
        connection: socket.socket | None = None
        try:
            connection = self._socket(address)
            async with asyncio.timeout(self._patience_s):
                await loop.sock_connect(connection, _name(address))
                connected_ns = time.monotonic_ns()
                if counted:
                    self._recorder.connected(endpoint, connected_ns - begun_ns)
                late = "tls_timeout"
                peer = self._plan.tls[target]
                _, protocol = await loop.create_connection(
                    make,
                    sock=connection,
                    ssl=self._contexts[target],
                    server_hostname=peer.name if peer else None,
                    # The timeout around it is ours; this one only must not come before.
                    ssl_handshake_timeout=self._patience_s + 1 if peer else None,
                )
        except (OSError, asyncio.CancelledError) as error:
            if connection is not None:
                connection.close()
            if isinstance(error, asyncio.CancelledError):
                raise
            if isinstance(error, ssl.SSLCertVerificationError):
                self._recorder.refused(error.verify_code)
            raise DialError(error_class(error, late)) from None
        if counted and peer:
            self._recorder.secured(endpoint, time.monotonic_ns() - connected_ns)
        return protocol

    def _choose(self, target: int) -> Address:
        """The next address in turn that is not set aside; when all are, the next in turn."""
        addresses = self._plan.targets[target]
        first, now_ns = self._turn[target], time.monotonic_ns()
        order = [(first + step) % len(addresses) for step in range(len(addresses))]
        chosen = next(
            (i for i in order if self._set_aside_ns.get(addresses[i], 0) <= now_ns), first
        )
        self._turn[target] = (chosen + 1) % len(addresses)
        return addresses[chosen]

    def _has_other(self, target: int) -> bool:
        now_ns = time.monotonic_ns()
        return any(self._set_aside_ns.get(one, 0) <= now_ns for one in self._plan.targets[target])

    def _socket(self, address: Address) -> socket.socket:
        family = _family(address)
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.setblocking(False)
        if family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._bind(connection)
        return connection

    def _bind(self, connection: socket.socket) -> None:
        """Gives it the next local address of its family, if there is one."""
        hosts = self._plan.local_addresses
        for _ in hosts:
            host = hosts[self._local_turn % len(hosts)]
            self._local_turn += 1
            if (socket.AF_INET6 if ":" in host else socket.AF_INET) == connection.family:
                connection.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
                connection.bind((host, 0))
                return


def error_class(error: OSError, late: str) -> str:
    """The error class of a connection that did not come to stand.

    Args:
        error: what was raised.
        late: the class of a timeout at this point.
    """
    match error:
        case ssl.SSLCertVerificationError():
            return "tls_certificate"
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return "closed"
        case ssl.SSLError():
            return "tls_protocol"
        case TimeoutError():
            return late
        case ConnectionResetError() | ConnectionAbortedError() if error.errno is None:
            return "closed"  # asyncio's word for an end in the handshake
        case _:
            return _BY_ERRNO.get(error.errno or 0, "connect_failed")


def _family(address: Address) -> socket.AddressFamily:
    if address.is_unix:
        return socket.AF_UNIX
    return socket.AF_INET6 if ":" in address.host else socket.AF_INET


def _name(address: Address) -> str | tuple[str, int] | tuple[str, int, int, int]:
    """As the socket module takes it."""
    match _family(address):
        case socket.AF_UNIX:
            return address.host
        case socket.AF_INET6:
            return address.host, address.port, 0, address.scope
        case _:
            return address.host, address.port
