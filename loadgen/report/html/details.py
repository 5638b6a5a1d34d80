"""The lower part of the page: the tables that explain the numbers, and which run it was. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report import tables
from loadgen.report.diagnosis import NOTHING_STANDS_OUT, diagnose
from loadgen.report.html.markup import Html, drawn, element, join
from loadgen.report.numbers import clock, count
from loadgen.report.words import remarks

if TYPE_CHECKING:
    from loadgen.measurement import Measurement
    from loadgen.report.tables import Table

__all__ = [
    "endpoints",
    "generator",
    "outcomes",
    "percentiles",
    "points_to",
    "this_run",
    "warm_up",
]


def points_to(m: Measurement) -> Html:
    """What the run's own numbers say about where to look, the weightiest first."""
    clues = diagnose(m)
    sentences = [element("li", clue.text) for clue in clues]
    return join(
        [
            element("h2", "What this points to"),
            element("ul", *sentences, class_="sentences")
            if sentences
            else element("p", NOTHING_STANDS_OUT),
        ]
    )


def percentiles(m: Measurement) -> Html:
    """All measured times in one table."""
    table = tables.percentiles(m)
    note = element("p", tables.PERCENTILES_NOTE, class_="note") if table.rows else Html()
    return join([element("h3", "Percentiles"), _or_none(table, "Percentiles of each time"), note])


def endpoints(m: Measurement) -> Html:
    """Each endpoint's part."""
    table = tables.endpoints(m)
    return join([element("h2", "Endpoints"), _or_none(table, "Each endpoint's part")])


def outcomes(m: Measurement) -> Html:
    """How requests ended, and that every one of them did."""
    total = m.total
    account = (
        f"{count(total.sent)} sent = {count(total.succeeded)} succeeded + "
        f"{count(total.failed)} failed + {count(total.in_flight_at_end)} in flight at the end."
    )
    beside = [element("li", text) for text in remarks(total)]
    return join(
        [
            element("h2", "Errors and status codes"),
            _or_none(tables.outcomes(m), "How the requests ended"),
            element("p", account, class_="note"),
            element("ul", *beside, class_="sentences note") if beside else Html(),
            _failed_answers(m),
        ]
    )


def _failed_answers(m: Measurement) -> Html:
    if not m.failed_answers:
        return Html()
    title = "First answers that failed a check"
    return join([element("h3", title), drawn(tables.failed_answers(m), title, quiet=True)])


def generator(m: Measurement) -> Html:
    """What the verdict on the generator rests on."""
    table = tables.evidence(m)
    return join([element("h2", "Generator health"), _or_none(table, "Evidence on the generator")])


def warm_up(m: Measurement) -> Html:
    """What was sent before the measured time."""
    warmup = m.warmup
    text = (
        f"{clock(m.run.warmup_s)}, not part of any number above: {count(warmup.sent)} sent, "
        f"{count(warmup.succeeded)} succeeded, {count(warmup.failed)} failed."
        if m.run.warmup_s
        else "None."
    )
    return join([element("h2", "Warm-up"), element("p", text)])


def this_run(m: Measurement) -> Html:
    """Everything that is needed to name this run, or to repeat it."""
    return join([element("h2", "This run"), _or_none(tables.what_was_run(m), "Settings")])


def _or_none(table: Table, caption: str) -> Html:
    return drawn(table, caption, quiet=True) if table.rows else element("p", "None.")
