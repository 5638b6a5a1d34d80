"""HTML as a value: text is escaped unless it is known to be markup. Pure."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from loadgen.report.tables import Verbatim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.report.tables import Table

__all__ = ["Html", "drawn", "element", "join"]

_VOID = frozenset({"link", "meta"})
"""Elements without an end tag."""


class Html(str):
    """Markup: stands in a page as it is."""

    __slots__ = ()


def join(parts: Sequence[str], between: str = "\n") -> Html:
    """Markup and text one after the other; text is escaped."""
    return Html(between.join(_markup(part) for part in parts))


def element(tag: str, *content: str, **attributes: str | int | bool | None) -> Html:
    """An element.

    Args:
        tag: its name.
        content: markup, or text that is escaped.
        attributes: `class_` is class, `aria_label` is aria-label; True is an attribute
            without value, None and False are no attribute.
    """
    opening = f"<{tag}{''.join(_attribute(name, value) for name, value in attributes.items())}>"
    return Html(opening if tag in _VOID else f"{opening}{join(content, '')}</{tag}>")


def drawn(table: Table, caption: str, *, quiet: bool = False) -> Html:
    """A table that scrolls by itself where it is wider than the page.

    Args:
        table: what stands in it.
        caption: says what it shows; different from all others of the page.
        quiet: the caption is for screen readers only, as a heading says the same.
    """
    numbers_from = len(table.head) if table.numbers_from is None else table.numbers_from
    head = [
        element("th", title, scope="col", class_=_class_of(index, numbers_from))
        if title
        else element("td")
        for index, title in enumerate(table.head)
    ]
    rows = [_row(row, numbers_from) for row in table.rows]
    return element(
        "div",
        element(
            "table",
            element("caption", caption, class_="unseen" if quiet else None),
            element("thead", element("tr", *head)),
            element("tbody", *rows),
            class_="pairs" if len(head) == 2 and table.numbers_from is None else None,
        ),
        class_="scroll",
        tabindex=0,
        role="region",
        aria_label=caption,
    )


def _row(cells: tuple[str, ...], numbers_from: int) -> Html:
    first, *others = cells
    return element(
        "tr",
        element("th", _cell(first), scope="row"),
        *(
            element("td", _cell(cell), class_=_class_of(index, numbers_from))
            for index, cell in enumerate(others, start=1)
        ),
    )


def _cell(text: str) -> str:
    return element("code", text) if isinstance(text, Verbatim) else text


def _class_of(column: int, numbers_from: int) -> str | None:
    return "number" if column >= numbers_from else None


def _markup(part: str) -> str:
    return part if isinstance(part, Html) else escape(part, quote=False)


def _attribute(name: str, value: str | int | bool | None) -> str:
    if value is None or value is False:
        return ""
    shown = name.rstrip("_").replace("_", "-")
    return f" {shown}" if value is True else f' {shown}="{escape(str(value))}"'
