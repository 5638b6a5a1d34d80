"""A page of any report: its head, what it may do, and the script that draws its charts. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report.html.assets import UPLOT, asset, source_hash
from loadgen.report.html.charts import to_json
from loadgen.report.html.figure import figure
from loadgen.report.html.markup import Html, element, join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.report.html.charts import Chart

__all__ = ["linked", "page"]

STYLES = (f"{UPLOT}.min.css", "report.css")
SCRIPTS = (f"{UPLOT}.min.js", "report.js")
NO_SCRIPT = "The charts need JavaScript; the tables below them show the same numbers."
HOW_TO_READ = (
    "Point at a chart, or focus it and use the arrow keys: all charts follow. "
    "Drag to zoom in, double-click to zoom out."
)


def page(title: str, sections: Sequence[Html], charts: Sequence[Chart]) -> str:
    """A report as one HTML file that loads nothing.

    Args:
        title: of the window.
        sections: what stands in it, from top to bottom.
        charts: all whose figures stand in the sections, in the same order.

    Returns:
        HTML (the living standard), UTF-8 when written.
    """
    body = element(
        "body",
        element("main", *sections),
        element("p", id="reading", class_="unseen", aria_live="polite"),
        element("footer", "Made by loadgen. Charts by uPlot, MIT licence, in this file."),
        element("script", Html(to_json(charts)), type="application/json", id="charts"),
        *(element("script", Html(asset(name))) for name in SCRIPTS),
    )
    return f"<!doctype html>\n{element('html', _head(title), body, lang='en')}\n{_licence()}\n"


def linked(charts: Sequence[Chart]) -> Html:
    """Charts that share one axis of time, and how they are read."""
    return join(
        [
            element("p", HOW_TO_READ, class_="note how"),
            element("noscript", element("p", NO_SCRIPT)),
            element("div", *(figure(chart) for chart in charts), class_="charts"),
        ]
    )


def _head(title: str) -> Html:
    styles, scripts = ([asset(name) for name in names] for names in (STYLES, SCRIPTS))
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(styles, scripts)),
        element("meta", name="color-scheme", content="light dark"),
        element("link", rel="icon", href="data:,"),
        element("title", title),
        *(element("style", Html(text)) for text in styles),
    )


def _policy(styles: Sequence[str], scripts: Sequence[str]) -> str:
    """Nothing is loaded, and only our own styles and scripts are obeyed."""
    allowed = (" ".join(source_hash(text) for text in texts) for texts in (styles, scripts))
    style, script = allowed
    return (
        f"default-src 'none'; style-src {style}; script-src {script}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _licence() -> str:
    """The chart library's licence asks to stand wherever the library does."""
    return f"<!-- {UPLOT}\n{asset(f'{UPLOT}.LICENSE.txt')}\n-->"
