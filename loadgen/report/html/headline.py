"""What the top of every page is made of: a heading, a verdict, large numbers, settings. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from loadgen.report.html.markup import Html, element
from loadgen.report.numbers import NOTHING

__all__ = [
    "Figure",
    "Look",
    "figures",
    "heading",
    "sentences",
    "settings",
    "status_line",
    "timed",
    "verdict_line",
]


class Look(StrEnum):
    """How a verdict looks: a class of the style sheet."""

    GOOD = "passed"
    BAD = "failed"
    DOUBT = "inconclusive"


_MARKS: Mapping[Look, str] = {Look.GOOD: "✓", Look.BAD: "✕", Look.DOUBT: "?"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A large number.

    Attributes:
        name: what it is.
        value: as people read it.
        unit: "" without one.
        made_of: what it comes from, a few words.
    """

    name: str
    value: str
    unit: str
    made_of: str


def heading(above: str, title: str) -> Html:
    """What was tested, below what kind of test it was."""
    return element("header", element("p", above), element("h1", title))


def status_line(word: str, look: Look) -> Html:
    """The verdict in a word; the mark and the colour only repeat it."""
    mark = element("span", _MARKS[look], class_="mark", aria_hidden="true")
    return element("p", mark, word, class_=f"status {look}")


def verdict_line(word: str, look: Look, then: str = "") -> Html:
    """The verdict of a part of the page.

    Args:
        word: of the verdict.
        look: of it.
        then: goes on after it.
    """
    mark = element("span", _MARKS[look], class_="mark", aria_hidden="true")
    return element("p", mark, element("strong", word), then, class_=f"trust {look}")


def sentences(texts: Sequence[str]) -> Html:
    """A list; nothing without any."""
    items = [element("li", text) for text in texts]
    return element("ul", *items, class_="sentences") if items else Html()


def figures(shown: Sequence[Figure]) -> Html:
    """Large numbers side by side."""
    return element("dl", *map(_figure, shown), class_="figures")


def timed(name: str, text: str, made_of: str) -> Figure:
    """A large time.

    Args:
        name: what it is.
        text: number and unit; NOTHING has none.
        made_of: what it comes from.
    """
    value, _, unit = (NOTHING, "", "") if text == NOTHING else text.partition(" ")
    return Figure(name=name, value=value, unit=unit, made_of=made_of)


def settings(rows: Sequence[tuple[str, str]]) -> Html:
    """What the numbers are the answer to: names and values side by side."""
    items = [element("div", element("dt", name), element("dd", value)) for name, value in rows]
    return element("dl", *items, class_="settings")


def _figure(shown: Figure) -> Html:
    unit = element("small", f" {shown.unit}") if shown.unit else ""
    number = element("dd", shown.value, unit, class_="value")
    made_of = element("dd", shown.made_of, class_="made-of")
    return element("div", element("dt", shown.name), number, made_of)
