"""The display that shows nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from loadgen.progress import Progress

__all__ = ["QuietDisplay"]


class QuietDisplay:
    """For `--quiet`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leaves nothing to clean up."""

    def update(self, progress: Progress) -> None:
        """Shows nothing."""
