"""Work beside a stage that is begun again, after growing pauses, when it cannot be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from loadgen.errors import LoadgenError
from rollout.progressive.aside import Aside
from rollout.progressive.judge import PAUSES_S

__all__ = ["Retried"]

T = TypeVar("T")


class Retried(Generic[T]):
    """One piece of work, and how often it was tried.

    Attributes:
        trouble: why it could not be done the last time; "" when nothing was wrong.

    Args:
        name: of the thread that does it.
        now_s: a monotonic clock, for the pauses.
    """

    def __init__(self, name: str, now_s: Callable[[], float]) -> None:
        self._name = name
        self._now_s = now_s
        self._aside: Aside[T] | None = None
        self._again_s = 0.0
        self._tries = 0
        self.trouble = ""

    def is_begun(self) -> bool:
        """It goes on, or has ended and can be taken."""
        return self._aside is not None

    def is_done(self) -> bool:
        """It has ended and can be taken."""
        return self._aside is not None and self._aside.is_done()

    def is_due(self) -> bool:
        """It is not begun, and the pause is over."""
        return self._aside is None and self._now_s() >= self._again_s

    def is_lost(self) -> bool:
        """It is not begun, and was tried for long enough."""
        return self._aside is None and self._tries > len(PAUSES_S)

    def reset(self) -> None:
        """Forgets what happened in an earlier stage."""
        self._aside = None
        self._again_s = 0.0
        self._tries = 0
        self.trouble = ""

    def begin(self, work: Callable[[], T]) -> None:
        """Begins it, in a thread of its own.

        Args:
            work: raises LoadgenError when it cannot be done.
        """
        self._aside = Aside(lambda _hand_over: work(), name=self._name)

    def take(self) -> T | None:
        """What it came to, once it is done; None when it could not be, and is due again later."""
        assert self._aside is not None
        try:
            return self._aside.result()
        except LoadgenError as error:
            self.trouble = str(error)
            self._aside = None
            self._again_s = self._now_s() + PAUSES_S[min(self._tries, len(PAUSES_S) - 1)]
            self._tries += 1
            return None

    def drop(self) -> None:
        """Lets it go; who ends it has done so."""
        self._aside = None
