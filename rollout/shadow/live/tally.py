"""What became of every request, true over all processes: shared memory, one slot each.

Every request that a proxy sees ends in exactly one Fate, so that all fates of all slots, and
what is still on its way, sum to the requests seen.
"""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["BRAKED", "CLIENTS", "CUT", "SEEN", "TUNNELS", "WORD", "Counts", "Fate", "Tally"]


class Fate(StrEnum):
    """How a request ended, as far as the mirror is concerned."""

    NOT_SAMPLED = "not in the sample"
    METHOD = "method not mirrored"
    NO_KEY = "no idempotency key"
    UPGRADE = "asked for another protocol"
    PIPELINED = "pipelined"
    TOO_LARGE = "body over the limit"
    MEMORY = "proxy's memory limit"
    UNANSWERED = "no whole answer from production"
    CHANNEL_FULL = "mirror is behind"
    MIRROR_GONE = "mirror has ended"
    BRAKED = "brake: the canary was drowning"
    RATE = "over the rate limit"
    QUEUE_FULL = "canary is behind"
    UNFINISHED = "not answered at the end"
    SINK_FULL = "comparison is behind"
    PAIRED = "paired"


WORD: Final[Mapping[Fate, int]] = {fate: index for index, fate in enumerate(Fate)}
"""The word of a slot that counts a fate."""
SEEN: Final = len(Fate)
"""Requests begun."""
CLIENTS: Final = SEEN + 1
"""Connections of clients."""
TUNNELS: Final = SEEN + 2
"""Of these, connections that became something else than plain HTTP."""
CUT: Final = SEEN + 3
"""Of these, connections for which production could not be connected to."""
BRAKED: Final = SEEN + 4
"""1 while the mirror's brake is on; written by the mirror, read by the proxies."""
_WORDS: Final = 32
_WORD_BYTES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was counted at one instant, over all processes.

    Attributes:
        seen: requests.
        clients: connections of clients.
        tunnels: of these, those that became something else than plain HTTP.
        cut: of these, those for which production could not be connected to.
        fates: requests by what became of them; those still on their way are missing.
    """

    seen: int
    clients: int
    tunnels: int
    cut: int
    fates: Mapping[Fate, int]

    @property
    def pairs(self) -> int:
        """Requests that were compared."""
        return self.fates[Fate.PAIRED]


class Tally:
    """The shared memory; made before the processes are forked, inherited by them.

    A slot is written by its own process only, as whole words; any process may read all.
    """

    def __init__(self, slots: int) -> None:
        self._map = mmap.mmap(-1, slots * _WORDS * _WORD_BYTES)
        self._words = memoryview(self._map).cast("Q")
        self._slots = slots

    def slot(self, index: int) -> memoryview[int]:
        """The words that one process, and no other, may write."""
        return self._words[index * _WORDS : (index + 1) * _WORDS]

    def read(self) -> Counts:
        """A copy of all counts; single words are exact, two words are not one instant."""

        def total(word: int) -> int:
            return sum(self._words[index * _WORDS + word] for index in range(self._slots))

        return Counts(
            seen=total(SEEN),
            clients=total(CLIENTS),
            tunnels=total(TUNNELS),
            cut=total(CUT),
            fates={fate: total(word) for fate, word in WORD.items()},
        )
