"""The HTML report of a canary verification: verdict and why, then each step. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report.html import headline
from loadgen.report.html.markup import Html, drawn, element, join
from loadgen.report.html.page import page
from loadgen.report.numbers import NOTHING, clock, decimal
from loadgen.report.tables import Table, Verbatim
from rollout.canary.result import to_dict
from rollout.report import (
    comparison_charts,
    comparison_section,
    load_test_section,
    shadow_section,
)
from rollout.report.found import LOOKS, NOT_DONE, day, what_follows
from rollout.shadow.result_file import from_dict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.report.html.charts import Chart
    from rollout.canary.verification import Verification
    from rollout.report.found import Found

__all__ = ["render", "render_result"]


def render(verification: Verification) -> str:
    """The page of a verification.

    Returns:
        HTML (the living standard), UTF-8 when written.
    """
    return render_result(to_dict(verification))


def render_result(found: Found) -> str:
    """The same, of a result file's content."""
    about = found["verification"]
    of_load = load_test_section.charts(found["load_test"]) if found["load_test"] else []
    compared = comparison_charts.charts(found["comparison"]) if found["comparison"] else []
    sections = [
        headline.heading(
            f"Canary verification, {day(about['started_at'])}, {about['environment']}",
            about["canary_url"],
        ),
        _verdict(found),
        comparison_section.key_figures(found["comparison"]) if found["comparison"] else Html(),
        _settings(found),
        element("h2", "Steps"),
        drawn(_steps(found), "The steps of the verification", quiet=True),
        *(_step(step, found, of_load, compared) for step in found["steps"]),
        _rollback(found["rollback"]),
        element("h2", "This verification"),
        drawn(_identity(found), "Settings", quiet=True),
    ]
    title = f"{found['verdict']}: canary {about['canary_url']}"
    return page(title, sections, [*of_load, *compared])


def _verdict(found: Found) -> Html:
    """The verdict in a word, what follows, and why in plain words."""
    about = found["verification"]
    verdict = found["verdict"]
    return join(
        [
            headline.status_line(verdict, LOOKS[verdict]),
            element("p", what_follows(found)),
            element("p", f"{about['failure']}.") if about["failure"] else Html(),
            headline.sentences([reason["text"] for reason in found["reasons"]]),
            *(element("p", f"Warning: {text}", class_="note") for text in about["warnings"]),
        ]
    )


def _settings(found: Found) -> Html:
    about, comparison = found["verification"], found["comparison"]
    rows = [
        ("Compared with", about["compared_url"] or "nothing"),
        ("Took", clock(about["seconds"])),
    ]
    if comparison:
        calibrated = clock(comparison["calibration"]["seconds"])
        rows += [
            ("Rate", f"{decimal(comparison['rate_rps'])} req/s a side"),
            ("Calibrated", calibrated),
            ("Compared", clock(comparison["seconds"])),
            ("Chance of a false alarm", f"{100 * comparison['policy']['alpha']:g} %"),
        ]
    return headline.settings(rows)


def _steps(found: Found) -> Table:
    rows = [
        (
            step["name"].capitalize(),
            step["verdict"] or f"{NOT_DONE}: {step['skipped']}",
            clock(step["seconds"]) if step["verdict"] else NOTHING,
        )
        for step in found["steps"]
    ]
    return Table(head=("Step", "Verdict", "Took"), rows=tuple(rows))


def _step(step: Found, found: Found, of_load: Sequence[Chart], compared: Sequence[Chart]) -> Html:
    """A step's section: what it says, what else was seen, what it measured."""
    if step["verdict"] is None:
        return Html()  # the table of steps has said why
    title = element("h2", step["name"].capitalize())
    sentences = [each["text"] for each in (*step["reasons"], *step["notes"])]
    verdict = headline.verdict_line(step["verdict"], LOOKS[step["verdict"]])
    said = join([verdict, headline.sentences(sentences)])
    measured = Html()
    if step["name"] == "shadow" and found["shadow"]:
        measured = shadow_section.section(from_dict(found["shadow"]))
    elif step["name"] == "load test" and found["load_test"]:
        measured = load_test_section.section(found["load_test"], of_load)
    elif step["name"] == "comparison" and found["comparison"]:
        measured = comparison_section.section(found["comparison"], compared)
    return join([title, said, measured])


def _rollback(rollback: Found | None) -> Html:
    if not rollback or not rollback["ordered"]:
        return Html()
    output = element("pre", element("code", "\n".join(rollback["output"])), tabindex=0)
    return join(
        [
            element("h2", "Rollback"),
            element("p", f"{rollback['text']}."),
            output if rollback["output"] else Html(),
        ]
    )


def _identity(found: Found) -> Table:
    about = found["verification"]
    runs = found["comparison"]["runs"] if found["comparison"] else []
    rows = [
        ("Verification", about["id"]),
        ("Canary", about["canary_url"]),
        ("Baseline", about["baseline_url"]),
        ("Production", about["production_url"]),
        ("Foreseen", about["preflight"]),
        *((f"Run, {run['phase']}", run["id"]) for run in runs),
    ]
    return Table(head=("Setting", "Value"), rows=tuple((n, Verbatim(v)) for n, v in rows if v))
