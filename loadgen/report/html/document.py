"""The page of a run: what stands in it and in which order. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report.html import aftermath, details, objectives, overview
from loadgen.report.html.figure import figure
from loadgen.report.html.judged import judged
from loadgen.report.html.markup import Html, element, join
from loadgen.report.html.over_time import over_time
from loadgen.report.html.page import linked, page
from loadgen.report.html.spectrum import spectrum
from loadgen.report.words import status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.measurement import Measurement
    from loadgen.report.html.charts import Chart
    from loadgen.report.html.objectives import ObjectiveRow

__all__ = ["render"]


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
    title = f"{status(m)}: load test of {m.run.target}"
    return page(title, _sections(m, rows, timed, distribution), charts)


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
        aftermath.rollback(m),
        aftermath.baseline(m),
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
    return join([element("h2", "Over time"), linked(charts)])
