"""Which side gave an answer, by a header that one of them sets. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Mark", "Side"]


class Side(StrEnum):
    """The two versions that live traffic is split between."""

    STABLE = "stable"
    CANARY = "canary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A header of answers that tells the sides apart.

    Attributes:
        header: its name, such as X-Version.
        canary: its value in answers of the canary.
        stable: its value in answers of the stable version; None: any other value, or no header.
    """

    header: str
    canary: str
    stable: str | None = None

    def side(self, value: str | None, status: int) -> Side | None:
        """Who answered; None when it cannot be told, as with a router's own error page.

        Args:
            value: of the header; None: the answer had none.
            status: of the answer.
        """
        if value == self.canary:
            return Side.CANARY
        if self.stable is not None:
            return Side.STABLE if value == self.stable else None
        return None if value is None and status >= 500 else Side.STABLE
