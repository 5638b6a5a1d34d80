"""A chart in the page: its words, its legend, the place where it is drawn, its table. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report.html.markup import Html, drawn, element

if TYPE_CHECKING:
    from loadgen.report.html.charts import Chart, Series

__all__ = ["figure"]


def figure(chart: Chart) -> Html:
    """The chart as a figure; the script draws into its `.plot`."""
    name = f"{chart.title}. {chart.summary} The arrow keys read it out."
    return element(
        "figure",
        element("h3", chart.title, id=f"{chart.id}-title"),
        element("p", chart.summary, class_="summary"),
        element("ul", *_legend(chart), class_="legend", aria_hidden="true"),
        element("div", class_="plot", tabindex=0, role="img", aria_label=name),
        element(
            "details",
            element("summary", f"{chart.title} as a table"),
            drawn(chart.table, f"{chart.title} in numbers", quiet=True),
        ),
        id=chart.id,
        aria_labelledby=f"{chart.id}-title",
    )


def _legend(chart: Chart) -> list[Html]:
    """Each line's look, name and value under the cursor; then where the cursor is."""
    entries = [
        element("li", _swatch(series), element("span", series.name), element("b"))
        for series in chart.series
    ]
    return [*entries, element("li", class_="where")]


def _swatch(series: Series) -> Html:
    line = element(
        "line",
        x1=0,
        y1=5,
        x2=24,
        y2=5,
        class_=f"ink-{series.ink}",
        stroke_width=str(series.width),
        stroke_dasharray=series.dash or None,
    )
    return element("svg", line, width=24, height=10, class_="swatch")
