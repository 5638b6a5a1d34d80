"""The summary after a run, for a terminal: what decides first, what explains it below. Pure.

Colour only repeats what the words say, so the summary reads the same without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from loadgen.report import judgement
from loadgen.report.diagnosis import diagnose
from loadgen.report.numbers import NOTHING, clock, count, decimal, duration, percent, share
from loadgen.report.tables import shortened
from loadgen.report.words import PHASES, TRUST, Status, cause, load, outcomes, remarks, status
from loadgen.summary import summarise
from slo.validity import Validity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from loadgen.consequence import BaselineResult
    from loadgen.measurement import EndpointResult, FailedAnswer, Measurement
    from slo.verdict import Judgement

__all__ = ["HEALTH_STYLES", "render"]

_STATUS_STYLES: Mapping[Status, str] = {
    Status.PASSED: "bold green",
    Status.FAILED: "bold red",
    Status.INCONCLUSIVE: "bold yellow",
}
HEALTH_STYLES: Mapping[Validity, str] = {
    Validity.VALID: "green",
    Validity.SUSPECT: "yellow",
    Validity.INVALID: "red",
}
"""The colours of the three verdicts; nothing else is green, yellow or red."""

_COLUMNS: Mapping[str, str] = {
    "p50": "p50",
    "p90": "p90",
    "p95": "p95",
    "p99": "p99",
    "p99_9": "p99.9",
}
_LABEL_WIDTH = 18
CLUES_MOST = 3
BODY_SHOWN = 60
"""Characters of a failed answer's body on the terminal."""


def render(measurement: Measurement) -> RenderableType:
    """The summary of a run, for 60 columns and more."""
    m = measurement
    blocks = [_headline(m)]
    if m.slo:
        blocks.append(_objectives(m.slo))
    blocks.append(_key_numbers(m))
    if m.total.sent:
        blocks.append(_times(m))
    if m.total.sent and len(m.endpoints) > 1:
        blocks.append(_endpoints(m))
    if m.total.failed or remarks(m.total):
        blocks.append(_outcomes(m))
    if m.baseline:
        blocks.append(_baseline(m.baseline))
    clues = diagnose(m)[:CLUES_MOST]
    if clues and m.health.verdict is not Validity.INVALID:  # else the reasons below say it
        blocks.append(_list("What this points to", [clue.text for clue in clues]))
    if m.health.reasons or m.health.notes:
        blocks.append(_reasons(m))
    return Padding(Group(*_spaced(blocks)), (1, 1))


def _spaced(blocks: list[RenderableType]) -> list[RenderableType]:
    spaced: list[RenderableType] = []
    for block in blocks:
        spaced += [block, ""]
    return spaced[:-1]


def _headline(m: Measurement) -> RenderableType:
    outcome = status(m)
    line = Text.assemble(
        (str(outcome), _STATUS_STYLES[outcome]), "  ", m.run.target, ("  " + load(m), "dim")
    )
    violations = [f"- {text}" for text in m.slo.violations] if m.slo else []
    rollback = m.rollback.text if m.rollback and violations else ""
    sentences = [f"{text}." for text in (cause(m), rollback) if text]
    return Group(line, *map(Text, [*sentences, *violations]))


def _objectives(slo: Judgement) -> RenderableType:
    """All objectives; their limit stands in their text already."""
    table = _table("Objective")
    for title in ("observed", "95 % interval", "requests"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for text, observed, interval, _limit, requests, verdict in judgement.objectives(slo).rows:
        table.add_row(_name(text), observed, interval, requests, verdict)
    return Group(table, *[Text(reason, style="dim") for reason in judgement.reasons(slo)])


def _baseline(baseline: BaselineResult) -> RenderableType:
    """The run beside an earlier one."""
    table = _table("Endpoint, value")
    for title in ("baseline", "now", "change", "verdict"):
        table.add_column(title, justify="right", no_wrap=True)
    for endpoint, value, *cells in judgement.comparison(baseline.comparison, brief=True).rows:
        table.add_row(_name(f"{endpoint} {value}"), *cells)
    return Group(Text(f"{judgement.comparison_sentence(baseline)}."), table)


def _key_numbers(m: Measurement) -> RenderableType:
    """Health, throughput and error rate, each with what it is made of."""
    health, total = m.health, m.total
    trust = Text.assemble(
        (str(health.verdict), HEALTH_STYLES[health.verdict]), ": ", TRUST[health.verdict]
    )
    rate = total.error_rate_percent
    grid = _grid()
    grid.add_row("Generator", trust)
    grid.add_row(
        "Throughput",
        _value(f"{decimal(m.throughput_rps)} req/s", f"answers in {clock(m.run.duration_s)}"),
    )
    grid.add_row(
        "Error rate",
        _value(
            NOTHING if rate is None else f"{percent(rate)} %",
            f"{count(total.failed)} failed of {count(total.finished)} requests",
        ),
    )
    return grid


def _value(value: str, made_of: str) -> Text:
    return Text.assemble((f"{value:<16}", "bold"), (made_of, "dim"))


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", width=_LABEL_WIDTH - 2, no_wrap=True)
    grid.add_column()
    return grid


def _times(m: Measurement) -> RenderableType:
    table = _table("Times")
    for title in (*_COLUMNS.values(), "max"):
        table.add_column(title, justify="right", no_wrap=True)
    for phase, words in PHASES.items():
        summary = summarise(m.total.times[phase])
        if summary.n:
            values_ms = [summary.percentiles_ms[name] for name in _COLUMNS]
            table.add_row(_name(words), *map(duration, (*values_ms, summary.max_ms)))
    return table


def _endpoints(m: Measurement) -> RenderableType:
    table = _table("Endpoint")
    for title in ("share", "requests", "errors", "p50", "p95", "p99"):
        table.add_column(title, justify="right", no_wrap=True)
    for endpoint in m.endpoints:
        table.add_row(_name(endpoint.name), *_endpoint(endpoint))
    return table


def _endpoint(endpoint: EndpointResult) -> tuple[str, ...]:
    rate = endpoint.tally.error_rate_percent
    latency = endpoint.tally.latency
    return (
        share(endpoint.weight),
        count(endpoint.tally.sent),
        NOTHING if rate is None else f"{percent(rate)} %",
        duration(latency.p50_ms),
        duration(latency.p95_ms),
        duration(latency.p99_ms),
    )


def _outcomes(m: Measurement) -> RenderableType:
    table = _table("Outcome")
    table.add_column("requests", justify="right", no_wrap=True)
    table.add_column("share", justify="right", no_wrap=True)
    for outcome in outcomes(m.total):
        table.add_row(_name(outcome.name), count(outcome.n), f"{percent(outcome.percent)} %")
    beside = [Text(text, style="dim") for text in remarks(m.total)]
    failed = [Text(_failed_answer(answer)) for answer in m.failed_answers]
    return Group(table, *beside, *failed)


def _failed_answer(answer: FailedAnswer) -> str:
    body = f": {shortened(answer.body, BODY_SHOWN)}" if answer.body else ""
    return f"{answer.endpoint}: {answer.reason}{body}"


def _name(text: str) -> Text:
    """A name as it is (no markup in it) on one line."""
    return Text(text, no_wrap=True, overflow="ellipsis")


def _reasons(m: Measurement) -> RenderableType:
    """Why the generator's verdict is what it is, in sentences."""
    style = HEALTH_STYLES[m.health.verdict]
    grid = Table.grid(padding=(0, 1))
    for text in m.health.reasons:
        grid.add_row(Text("!", style=style), Text(text))
    for text in m.health.notes:
        grid.add_row(Text("-", style="dim"), Text(text))
    return Group(Text("About the generator", style="dim"), grid)


def _list(title: str, sentences: Sequence[str]) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    for text in sentences:
        grid.add_row(Text("-", style="dim"), Text(text))
    return Group(Text(title, style="dim"), grid)


def _table(title: str) -> Table:
    """Columns without lines; the first gives way to the others, as numbers must not be cut."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(title, min_width=_LABEL_WIDTH - 2)
    return table
