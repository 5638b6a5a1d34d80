"""Where bytes go to and come from: socket addresses, and names whose addresses are given. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from loadgen.errors import ConfigError

__all__ = ["Address", "Nearness", "StaticName", "check_ip", "static_addresses"]

A_STATIC_NAME = "HOST:PORT:ADDRESS[,ADDRESS], such as example.com:443:127.0.0.1"
_STATIC_NAME = re.compile(r"(\[[^\]]+\]|[^:\[\]]+):([0-9]{1,5}):(.+)")
_MAX_PORT = 65_535


class Nearness(StrEnum):
    """How far away an address is, for people who want to know whom they load."""

    THIS_MACHINE = "this machine"
    PRIVATE = "private network"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a target listens: an IP address with its port and IPv6 scope, or a socket's path.

    Attributes:
        host: an IPv4 or IPv6 address without brackets; of a Unix domain socket: "/...".
        port: 0 for a Unix domain socket.
        scope: of a link-local IPv6 address, else 0.
    """

    host: str
    port: int
    scope: int = 0

    @property
    def is_unix(self) -> bool:
        """True for a Unix domain socket."""
        return self.host.startswith("/")

    def nearness(self, own: Iterable[str]) -> Nearness:
        """How far away it is.

        Args:
            own: the addresses of this machine.
        """
        if self.is_unix or self.host in own:
            return Nearness.THIS_MACHINE
        ip = ipaddress.ip_address(self.host)
        ip = getattr(ip, "ipv4_mapped", None) or ip
        if ip.is_loopback or ip.is_unspecified:
            return Nearness.THIS_MACHINE
        return Nearness.PUBLIC if ip.is_global else Nearness.PRIVATE


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticName:
    """A name whose addresses are given instead of resolved, as by curl's --resolve.

    Attributes:
        host: in lower case, IPv6 without brackets; "*" stands for every host.
        port: the port at which it holds.
        addresses: IP addresses without brackets.
    """

    host: str
    port: int
    addresses: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> StaticName:
        """Reads HOST:PORT:ADDRESS[,ADDRESS]; IPv6 addresses may stand in brackets.

        Raises:
            ConfigError: says what was found and what was expected.
        """
        match = _STATIC_NAME.fullmatch(text.strip())
        if not match or not 0 < int(match[2]) <= _MAX_PORT:
            raise ConfigError(f"found {text!r}, expected {A_STATIC_NAME}")
        return cls(
            host=match[1].strip("[]").lower(),
            port=int(match[2]),
            addresses=tuple(check_ip(one) for one in match[3].split(",")),
        )


def static_addresses(
    names: Iterable[StaticName], host: str, port: int
) -> tuple[Address, ...] | None:
    """The given addresses of a host, None when none are; a later name wins over an earlier."""
    found = [one for one in names if one.host in {host, "*"} and one.port == port]
    if not found:
        return None
    return tuple(Address(host=one, port=port) for one in found[-1].addresses)


def check_ip(text: str) -> str:
    """An IP address in its usual form, without brackets.

    Raises:
        ConfigError: it is none.
    """
    bare = text.strip().removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        raise ConfigError(
            f"found {text!r}, expected an IP address such as 127.0.0.1 or ::1"
        ) from None
