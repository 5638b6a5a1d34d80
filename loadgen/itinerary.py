"""Where the load goes: every target with its addresses, found once before anything is sent.

The same values are shown to the user, held against the allow-list and given to the workers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loadgen.address import Address, Nearness, static_addresses
from loadgen.errors import ConfigError
from loadgen.resolve import own_addresses, resolve

if TYPE_CHECKING:
    from loadgen.plan import Plan
    from loadgen.target_url import Target

__all__ = ["Itinerary", "Stop", "find_itinerary"]

SHOWN = 4
"""Addresses that a line shows; a content network has dozens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One target.

    Attributes:
        addresses: at least one, in the order in which they are tried.
        nearness: of each address.
        resolved: False when the addresses were given by --resolve.
    """

    target: Target
    addresses: tuple[Address, ...]
    nearness: tuple[Nearness, ...]
    resolved: bool = True

    def __str__(self) -> str:
        """The line that people read: the name, its addresses, how far away they are."""
        kinds = " and ".join(kind for kind in Nearness if kind in self.nearness)
        hosts = [address.host for address in self.addresses if address.host != self.target.host]
        more = f" and {len(hosts) - SHOWN} more" if len(hosts) > SHOWN else ""
        where = f" at {', '.join(hosts[:SHOWN])}{more}" if hosts else ""
        given = "" if self.resolved else ", given by --resolve"
        return f"{self.target.url}{where} ({kinds}{given})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Itinerary:
    """All targets of a plan, in its order."""

    stops: tuple[Stop, ...]

    @property
    def addresses(self) -> tuple[tuple[Address, ...], ...]:
        """Per target, as the workers take them."""
        return tuple(stop.addresses for stop in self.stops)

    @property
    def is_local(self) -> bool:
        """True when a target is on this machine: it and the workers share cores."""
        return any(Nearness.THIS_MACHINE in stop.nearness for stop in self.stops)


def find_itinerary(plan: Plan) -> Itinerary:
    """Resolves every target's name, once, and holds the addresses against the allow-list.

    Raises:
        TargetError: a name does not resolve.
        ConfigError: a target is not allowed, or no local address fits its addresses.
    """
    own = own_addresses()
    return Itinerary(stops=tuple(_stop(plan, target, own) for target in plan.targets))


def _stop(plan: Plan, target: Target, own: frozenset[str]) -> Stop:
    given = static_addresses(plan.resolve, target.host, target.port)
    addresses = resolve(target) if given is None else given
    if plan.allow is not None:
        plan.allow.check(target, addresses, resolved=given is None)
    reachable = tuple(one for one in addresses if _fits(one, plan.local_addresses))
    if not reachable:
        raise ConfigError(
            f"--local-address: found {', '.join(plan.local_addresses)}, but {target.url} has only "
            f"{', '.join(one.host for one in addresses)}; expected a local address of the same kind"
        )
    return Stop(
        target=target,
        addresses=reachable,
        nearness=tuple(one.nearness(own) for one in reachable),
        resolved=given is None,
    )


def _fits(address: Address, local_addresses: tuple[str, ...]) -> bool:
    """IPv4 is reached from IPv4 only, IPv6 from IPv6."""
    if not local_addresses or address.is_unix:
        return True
    return any((":" in one) == (":" in address.host) for one in local_addresses)
