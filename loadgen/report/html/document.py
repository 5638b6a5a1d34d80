"""The whole page: what stands in it and in which order, and what it may do. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report.html import details, objectives, overview
from loadgen.report.html.assets import UPLOT, asset, source_hash
from loadgen.report.html.charts import to_json
from loadgen.report.html.figure import figure
from loadgen.report.html.judged import judged
from loadgen.report.html.markup import Html, element, join
from loadgen.report.html.over_time import over_time
from loadgen.report.html.spectrum import spectrum
from loadgen.report.words import status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.measurement import Measurement
    from loadgen.report.html.charts import Chart
    from loadgen.report.html.objectives import ObjectiveRow

__all__ = ["render"]

STYLES = (f"{UPLOT}.min.css", "report.css")
SCRIPTS = (f"{UPLOT}.min.js", "report.js")
NO_SCRIPT = "The charts need JavaScript; the tables below them show the same numbers."
HOW_TO_READ = (
    "Point at a chart, or focus it and use the arrow keys: all charts follow. "
    "Drag to zoom in, double-click to zoom out."
)


def render(m: Measurement, *, objectives: Sequence[ObjectiveRow] | None = None) -> str:
    """The report of a run as one HTML file that loads nothing.

    Args:
        m: what was measured.
        objectives: what it was held against; None takes the measurement's own verdict.

    Returns:
        HTML (the living standard), UTF-8 when written.
    """
    rows = judged(m.slo) if objectives is None else objectives
    timed, distribution = over_time(m, rows), spectrum(m, rows)
    charts = [*timed, distribution] if distribution else timed
    body = element(
        "body",
        element("main", *_sections(m, rows, timed, distribution)),
        element("p", id="reading", class_="unseen", aria_live="polite"),
        element("footer", "Made by loadgen. Charts by uPlot, MIT licence, in this file."),
        element("script", Html(to_json(charts)), type="application/json", id="charts"),
        *(element("script", Html(asset(name))) for name in SCRIPTS),
    )
    return f"<!doctype html>\n{element('html', _head(m), body, lang='en')}\n{_licence()}\n"


def _head(m: Measurement) -> Html:
    styles, scripts = ([asset(name) for name in names] for names in (STYLES, SCRIPTS))
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(styles, scripts)),
        element("meta", name="color-scheme", content="light dark"),
        element("link", rel="icon", href="data:,"),
        element("title", f"{status(m)}: load test of {m.run.target}"),
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


def _sections(
    m: Measurement,
    rows: Sequence[ObjectiveRow],
    timed: Sequence[Chart],
    distribution: Chart | None,
) -> list[Html]:
    return [
        overview.heading(m),
        overview.verdict(m, rows),
        overview.key_figures(m),
        overview.what_was_run(m),
        objectives.section(rows),
        details.points_to(m),
        _over_time(timed),
        element("h2", "Response times"),
        figure(distribution) if distribution else element("p", "Too few answers to draw them."),
        details.percentiles(m),
        details.endpoints(m),
        details.outcomes(m),
        details.generator(m),
        details.warm_up(m),
        details.this_run(m),
    ]


def _over_time(charts: Sequence[Chart]) -> Html:
    if not charts:
        return join([element("h2", "Over time"), element("p", "Too short to draw it over time.")])
    return join(
        [
            element("h2", "Over time"),
            element("p", HOW_TO_READ, class_="note how"),
            element("noscript", element("p", NO_SCRIPT)),
            element("div", *(figure(chart) for chart in charts), class_="charts"),
        ]
    )


def _licence() -> str:
    """The chart library's licence asks to stand wherever the library does."""
    return f"<!-- {UPLOT}\n{asset(f'{UPLOT}.LICENSE.txt')}\n-->"
