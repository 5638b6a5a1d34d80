"""The HTML report of a rollout: verdict and why, one axis of time, stages, audit. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report.html import headline
from loadgen.report.html.axis import clock as moment
from loadgen.report.html.headline import Figure
from loadgen.report.html.markup import Html, drawn, element, join
from loadgen.report.html.page import linked, page
from loadgen.report.numbers import NOTHING, clock, decimal
from loadgen.report.tables import Table, Verbatim
from rollout.progressive.result import to_dict
from rollout.report.found import LOOKS, day
from rollout.report.rollout_charts import charts
from rollout.report.rollout_points import since_begin_s

if TYPE_CHECKING:
    from rollout.progressive.account import Account
    from rollout.report.found import Found

__all__ = ["render", "render_result"]


def render(account: Account) -> str:
    """The page of a rollout.

    Returns:
        HTML (the living standard), UTF-8 when written.
    """
    return render_result(to_dict(account))


def render_result(found: Found) -> str:
    """The same, of a result file's content."""
    about, verdict = found["rollout"], found["verdict"]
    timed = charts(found)
    where = f", namespace {about['namespace']}" if about["namespace"] else ""
    sections = [
        headline.heading(f"Rollout, {day(about['begun_at'])}{where}", about["deployment"]),
        headline.status_line(verdict, LOOKS[verdict]),
        element("p", f"{found['phase'].capitalize()}."),
        headline.sentences(_why(found)),
        _key_figures(found),
        element("h2", "Over time"),
        linked(timed) if timed else element("p", "Too short to draw it over time."),
        element("h2", "Stages"),
        drawn(_stages(found), "Stages and their verdicts", quiet=True),
        *(_opinions(stage) for stage in found["stages"] if stage["opinions"] or stage["proof"]),
        _rollback(found["rollback"]),
        element("h2", "Audit"),
        drawn(_audit(found), "Who did what, when and why", quiet=True),
        element("h2", "This rollout"),
        drawn(_identity(about), "Settings", quiet=True),
    ]
    return page(f"{verdict}: rollout of {about['deployment']}", sections, timed)


def _why(found: Found) -> list[str]:
    """What failed, if anything did, and how it ended."""
    failed = [
        f"{stage['name']}: {stage['text']}"
        for stage in found["stages"]
        if stage["verdict"] == "FAIL"
    ]
    return [*failed, *(reason["text"] for reason in found["reasons"])]


def _key_figures(found: Found) -> Html:
    took_s = since_begin_s(found, found["rollout"]["ended_at"])
    stages, rollback = found["stages"], found["rollback"]
    passed = sum(stage["verdict"] == "PASS" for stage in stages)
    safe_s = rollback["seconds_to_safe"]
    return headline.figures(
        [
            Figure(
                name="Canary's traffic",
                value=f"{found['weight_percent']:g}",
                unit="%",
                made_of="in the end",
            ),
            Figure(
                name="Stages passed",
                value=f"{passed}",
                unit=f"of {len(stages)}",
                made_of=f"reached {stages[found['stage']]['name']}",
            ),
            Figure(name="Took", value=clock(took_s), unit="", made_of="from begin to end"),
            Figure(
                name="Time to safe",
                value=NOTHING if safe_s is None else decimal(safe_s),
                unit="" if safe_s is None else "s",
                made_of="verdict to measured 0 %" if rollback["ordered"] else "nothing rolled back",
            ),
        ]
    )


def _stages(found: Found) -> Table:
    rows = []
    for stage in found["stages"]:
        began = stage["began_at"]
        rows.append(
            (
                stage["name"],
                f"{stage['percentage']:g} %",
                clock(stage["duration_s"]),
                stage["verdict"] or NOTHING,
                moment(since_begin_s(found, began)) if began else NOTHING,
                stage["text"] or "not reached",
            )
        )
    head = ("Stage", "Traffic", "Hold", "Verdict", "Began", "Why")
    return Table(head=head, rows=tuple(rows))


def _opinions(stage: Found) -> Html:
    """What each judge said of a stage."""
    table = Table(
        head=("Judge", "Verdict", "Why"),
        rows=tuple((each["judge"], each["verdict"], each["text"]) for each in stage["opinions"]),
    )
    caption = f"Judges of {stage['name']}"
    return join(
        [
            element("h3", stage["name"]),
            element("p", f"Split: {stage['proof']}.") if stage["proof"] else Html(),
            drawn(table, caption, quiet=True) if table.rows else Html(),
        ]
    )


def _rollback(rollback: Found) -> Html:
    if not rollback["ordered"]:
        return Html()
    text = rollback["text"] or "It goes on."
    return join([element("h2", "Rollback"), element("p", text)])


def _audit(found: Found) -> Table:
    rows = tuple(
        (
            moment(since_begin_s(found, each["at"])),
            each["who"] or NOTHING,
            each["phase"] or each["kind"],
            each["text"],
        )
        for each in found["audit"]
    )
    return Table(head=("At", "Who", "What", "Why"), rows=rows)


def _identity(about: Found) -> Table:
    rows = [
        ("Rollout", about["id"]),
        ("Deployment", about["deployment"]),
        ("Namespace", about["namespace"]),
        ("Begun", about["begun_at"]),
        ("Ended", about["ended_at"]),
        ("By", about["who"]),
        ("Why", about["why"]),
    ]
    return Table(head=("Setting", "Value"), rows=tuple((n, Verbatim(v)) for n, v in rows if v))
