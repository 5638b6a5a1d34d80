"""What makes a comparison worth less before it begins: which sides there are. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loadgen.itinerary import Stop

__all__ = ["warnings_about"]

NO_BASELINE = (
    "No --baseline-url: the canary is compared with production, which is warm, serves users and "
    "has other data in its caches; a fresh instance of the production version is the fair baseline"
)


def warnings_about(canary: Stop, others: Sequence[Stop], *, fresh: bool) -> tuple[str, ...]:
    """Sentences without a full stop.

    Args:
        canary: with its addresses.
        others: baseline and production, as far as they are given.
        fresh: a baseline of its own is given, or nothing is compared.
    """
    found = [] if fresh else [NO_BASELINE]
    for other in others:
        if not set(canary.addresses) & set(other.addresses):
            continue
        urls = f"{canary.target.url} (canary) and {other.target.url}"
        if (canary.target.host, canary.target.path) == (other.target.host, other.target.path):
            found.append(f"{urls} are the same server: it is compared with itself")
        else:
            found.append(
                f"{urls} have the same address: they are the same server, unless something "
                "there tells them apart by name or path"
            )
    return tuple(found)
