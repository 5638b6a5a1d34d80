"""A router in memory that serves a part of imagined traffic at each look, or fails on demand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rollout.routers.router import Change, RouterError, Served

__all__ = ["MemoryRouter"]


class MemoryRouter:
    """Counts `looks` up, one for each reading of its counters.

    Args:
        looks: what each side is given before each reading; afterwards nothing more. None: it has
            no counters.
        problems: raised by the first calls of `set`, one each.
    """

    def __init__(
        self,
        looks: Iterable[tuple[int, int]] | None = (),
        problems: Iterable[RouterError] = (),
    ) -> None:
        self.weight_percent = 50.0
        self.log: list[str] = []
        self._looks: Iterator[tuple[int, int]] | None = None if looks is None else iter(looks)
        self._problems = iter(problems)
        self._served = Served(stable=0, canary=0)

    @property
    def text(self) -> str:
        return "the router in memory"

    def nearest(self, weight_percent: float) -> float:
        return weight_percent

    def changes(self, weight_percent: float) -> tuple[Change, ...]:
        return (Change(action=f"to {weight_percent:g}", inverse=f"to {self.weight_percent:g}"),)

    def get(self) -> float:
        return self.weight_percent

    def set(self, weight_percent: float) -> None:
        self.log.append(f"set {weight_percent:g}")
        for problem in self._problems:
            raise problem
        self.weight_percent = weight_percent

    def verify(self) -> Served | None:
        if self._looks is None:
            return None
        stable, canary = next(self._looks, (0, 0))
        self._served = Served(
            stable=self._served.stable + stable, canary=self._served.canary + canary
        )
        return self._served

    def changed_by(self) -> str:
        return ""
