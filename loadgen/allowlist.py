"""targets.allow: which servers may be loaded at all. Pure.

A load generator that is pointed at the wrong name is a weapon; where there is a list, what
is not on it is refused before a byte is sent.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from loadgen.address import Address
from loadgen.errors import ConfigError
from loadgen.target_url import Target

__all__ = ["AllowList", "AllowRule"]

A_RULE = (
    "a host such as *.staging.example.com, a network such as 10.0.0.0/8, either with a port as in "
    "localhost:8000, or the path of a socket"
)
_HOST = re.compile(r"[A-Za-z0-9_.*-]+")
_WITH_PORT = re.compile(r"(?P<what>\[[^\]]+\]|[^:]+):(?P<port>[0-9]{1,5})")
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowRule:
    """One line of the list.

    Attributes:
        text: as it was written.
        host: of a host rule, or the path of a socket: * stands for any characters; else "".
        network: of a network rule; else None.
        port: the only port that it allows; None allows all.
    """

    text: str
    host: str = ""
    network: _Network | None = None
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> AllowRule:
        """Reads a rule.

        Raises:
            ConfigError: says what was found and what was expected.
        """
        written = text.strip()
        if written.startswith("/"):
            return cls(text=written, host=written)
        match = _WITH_PORT.fullmatch(written)
        what = (match["what"] if match else written).removeprefix("[").removesuffix("]")
        port = int(match["port"]) if match else None
        try:
            return cls(text=written, network=ipaddress.ip_network(what), port=port)
        except ValueError as error:
            if "host bits" in str(error):
                right = ipaddress.ip_network(what, strict=False)
                raise ConfigError(
                    f"found {text!r}, expected a network; did you mean {right}?"
                ) from None
        if not _HOST.fullmatch(what):
            raise ConfigError(f"found {text!r}, expected {A_RULE}")
        return cls(text=written, host=what.lower(), port=port)

    def allows_name(self, host: str, port: int) -> bool:
        """True when the rule names this host."""
        pattern = ".*".join(map(re.escape, self.host.split("*")))
        return bool(self.host) and self._port(port) and re.fullmatch(pattern, host) is not None

    def allows_address(self, address: Address) -> bool:
        """True when the rule's network has this address in it."""
        if self.network is None or address.is_unix or not self._port(address.port):
            return False
        ip = ipaddress.ip_address(address.host)
        return (getattr(ip, "ipv4_mapped", None) or ip) in self.network

    def _port(self, port: int) -> bool:
        return self.port is None or self.port == port


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowList:
    """The rules; a server is allowed when one of them names it, or has all its addresses.

    Attributes:
        name: what messages call it: the file and the key.
    """

    rules: tuple[AllowRule, ...]
    name: str = "targets.allow"

    def check(self, target: Target, addresses: Iterable[Address], *, resolved: bool = True) -> None:
        """Refuses a target that is not on the list.

        Args:
            target: as the user named it.
            addresses: all that would be connected to.
            resolved: False: the addresses were given (--resolve), so that the name does not
                vouch for them.

        Raises:
            ConfigError: names the address and the list.
        """
        if resolved and any(rule.allows_name(target.host, target.port) for rule in self.rules):
            return
        for address in addresses:
            if not any(self._allows(rule, address) for rule in self.rules):
                known = ", ".join(rule.text for rule in self.rules)
                where = "" if address.host == target.host else f" ({address.host})"
                raise ConfigError(
                    f"target {target.url}{where}: refused by {self.name}, which allows only "
                    f"{known}; nothing was sent; check the target, or add it to the list"
                )

    @staticmethod
    def _allows(rule: AllowRule, address: Address) -> bool:
        return rule.allows_address(address) or rule.allows_name(address.host, address.port)
