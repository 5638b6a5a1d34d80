"""What all charts over time have in common: moments, and a row a moment in their tables. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report.numbers import duration
from loadgen.report.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loadgen.measurement import Second
    from loadgen.report.html.spans import Span

__all__ = ["clock", "in_ms", "table", "times"]


def times(points: Sequence[Span]) -> tuple[float, ...]:
    """The x of each point: the end of its span, in seconds of the measured time."""
    return tuple(span.whole.t_s for span in points)


def in_ms(read: Callable[[Second], float | None]) -> Callable[[Span], str]:
    """A cell with a time of a span, given in milliseconds."""
    return lambda span: duration(read(span.whole))


def table(rows: Sequence[Span], *columns: tuple[str, Callable[[Span], str]]) -> Table:
    """A row a span, with these columns after the moment of its end."""
    return Table(
        head=("Up to", *(title for title, _ in columns)),
        rows=tuple((clock(span.whole.t_s), *(cell(span) for _, cell in columns)) for span in rows),
        numbers_from=1,
    )


def clock(t_s: float) -> str:
    """A moment of the measured time: 0:07, 1:02:03, negative before it; parts as 0:07.5."""
    if t_s < 0:
        return f"\N{MINUS SIGN}{clock(-t_s)}"
    whole, part = divmod(round(t_s, 1), 1)
    minutes, seconds = divmod(int(whole), 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{text}.{part * 10:.0f}" if part else text
