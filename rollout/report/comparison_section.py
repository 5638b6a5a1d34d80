"""The part of a verification's page about the comparison, charts and tables. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report.html import headline
from loadgen.report.html.headline import Figure
from loadgen.report.html.markup import Html, drawn, element, join
from loadgen.report.html.overview import trust
from loadgen.report.html.page import linked
from loadgen.report.numbers import NOTHING, clock, count, percent
from rollout.report import comparison_tables as tables
from rollout.report.forest import forest
from slo.validity import Validity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.report.html.charts import Chart
    from rollout.report.found import Found

__all__ = ["key_figures", "section"]

INTERVALS_NOTE = (
    "Intervals of times are ratios, canary / baseline; those of errors are percentage points. "
    "What lies right of the dotted line, the margin, with its whole interval is worse."
)
CALIBRATION_NOTE = (
    "Before the comparison the baseline was compared with itself. How long its bursts last sets "
    "the length of the blocks that are compared; if it differed from itself, nothing would be "
    "proven by a canary that differs from it."
)
DETECTORS_NOTE = (
    "Each detector may be wrong with the chance that is its alpha; together they are wrong with "
    "the alpha of the whole verification. 100 % is a proof."
)


def key_figures(found: Found) -> Html:
    """How the canary does beside the baseline, in five numbers."""
    whole = {each["subject"]: each for each in found["effects"] if each["endpoint"] is None}
    compared = next((run for run in found["runs"] if run["phase"] == "comparing"), None)
    requests = compared["canary"]["finished"] if compared else 0
    return headline.figures(
        [
            *(_times_worse(name, whole.get(name)) for name in ("p50", "p95", "p99")),
            _more_errors(whole.get("errors")),
            Figure(
                name="Compared",
                value=count(requests),
                unit="",
                made_of=f"requests to each side in {clock(found['seconds'])}",
            ),
        ]
    )


def section(found: Found, charts: Sequence[Chart]) -> Html:
    """Everything about it below its heading.

    Args:
        found: `comparison` of the result.
        charts: of `comparison_charts.charts`.
    """
    return join(
        [
            linked(charts) if charts else element("p", "Too short to draw it over time."),
            element("h3", "How much worse"),
            drawn(forest(found), "The canary beside the baseline", quiet=True),
            element("p", INTERVALS_NOTE, class_="note"),
            *(_run(run) for run in found["runs"]),
            element("h3", "Detectors"),
            element(
                "details",
                element("summary", f"All {len(found['detectors'])} as a table"),
                drawn(tables.detectors(found), "What each detector has gathered", quiet=True),
            ),
            element("p", DETECTORS_NOTE, class_="note"),
            _calibration(found["calibration"]),
        ]
    )


def _run(run: Found) -> Html:
    """Both sides of one run, and whether its numbers can be trusted."""
    title = f"{run['phase'].capitalize()}, {clock(run['seconds'])}"
    validity = run["validity"]
    lost = [] if run["complete"] else ["Part of this run is lost."]
    return join(
        [
            element("h3", title),
            drawn(tables.sides(run), f"Both sides while {run['phase']}", quiet=True),
            trust(Validity(validity["verdict"])),
            headline.sentences([*lost, *validity["reasons"], *validity["notes"]]),
        ]
    )


def _calibration(found: Found) -> Html:
    table = tables.calibration(found)
    if not table.rows:
        return Html()
    return join(
        [
            element("h3", "The baseline beside itself"),
            element(
                "details",
                element("summary", "Its noise as a table"),
                drawn(table, "How much the baseline differs from itself", quiet=True),
            ),
            element("p", CALIBRATION_NOTE, class_="note"),
        ]
    )


def _times_worse(name: str, effect: Found | None) -> Figure:
    ratio = effect["ratio"] if effect else None
    if effect is None or ratio is None:
        made_of = "too few requests"
        return Figure(name=f"{name.upper()} ratio", value=NOTHING, unit="", made_of=made_of)
    before, after = (tables.value(effect[side], "ms") for side in ("baseline", "canary"))
    return Figure(
        name=f"{name.upper()} ratio",
        value=f"{ratio:.2f}",
        unit="×",
        made_of=f"{after} against {before}",
    )


def _more_errors(effect: Found | None) -> Figure:
    if effect is None or effect["baseline"] is None or effect["canary"] is None:
        return Figure(name="Errors", value=NOTHING, unit="", made_of="no requests")
    before, after = effect["baseline"], effect["canary"]
    return Figure(
        name="Errors, difference",
        value=f"{after - before:+.2f}",
        unit="points",
        made_of=f"{percent(after)} % against {percent(before)} %",
    )
