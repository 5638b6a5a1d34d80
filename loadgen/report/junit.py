"""The run as JUnit XML, for what shows test results: a test case an objective. Pure.

There is no standard. What is written here is what GitHub's actions, GitLab and Jenkins all read
(Jenkins' schema of its xUnit plugin, junit-10.xsd, is the strictest of them):

- a violated objective is a failure, one that cannot be judged is skipped, with the reason;
- whether the run could be done, and whether its numbers can be trusted, are test cases of their
  own: an error says that the test itself went wrong, not the target.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from loadgen.report.judgement import objectives
from loadgen.report.numbers import count, decimal, percent
from loadgen.report.words import TRUST, cause, load
from slo.sentence import violation
from slo.validity import Validity
from slo.verdict import Verdict

if TYPE_CHECKING:
    from loadgen.measurement import Measurement
    from slo.verdict import Finding

__all__ = ["render"]

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot say in any way (§2.2)."""


class _Outcome(StrEnum):
    """What became of a test case; the value is the element that says so."""

    PASSED = ""
    FAILURE = "failure"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A test case.

    Attributes:
        group: what it is shown under.
        message: why it did not pass, one line.
        details: what the outcome rests on, some lines.
    """

    group: str
    name: str
    outcome: _Outcome
    message: str
    details: str
    time_s: float = 0.0


def render(measurement: Measurement) -> str:
    """The test cases of a run.

    Returns:
        XML with a final line break, UTF-8 when written.
    """
    m = measurement
    cases = list(_cases(m))
    counts = {
        "tests": len(cases),
        "failures": _how_many(cases, _Outcome.FAILURE),
        "errors": _how_many(cases, _Outcome.ERROR),
    }
    time_s = f"{m.run.duration_s:.3f}"
    root = _element(None, "testsuites", name="loadgen", time=time_s, **counts)
    suite = _element(
        root,
        "testsuite",
        name=f"Load test of {m.run.target}",
        **counts,
        skipped=_how_many(cases, _Outcome.SKIPPED),
        time=time_s,
        timestamp=f"{m.run.started_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
        id=m.run.id,
        package="loadgen",
    )
    properties = _element(suite, "properties")
    for name, value in _properties(m):
        _element(properties, "property", name=name, value=value)
    for case in cases:
        _add(suite, case)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _cases(m: Measurement) -> Iterator[_Case]:
    undone = _undone(m)
    yield _Case(
        group="loadgen.run",
        name="The run can be done",
        outcome=_Outcome.ERROR if undone else _Outcome.PASSED,
        message=undone,
        details=f"{load(m)}: {count(m.total.sent)} requests sent, {count(m.total.succeeded)} "
        f"succeeded, {count(m.total.failed)} failed",
        time_s=m.run.duration_s,
    )
    invalid = m.health.verdict is Validity.INVALID
    yield _Case(
        group="loadgen.run",
        name="The measurement can be trusted",
        outcome=_Outcome.ERROR if invalid else _Outcome.PASSED,
        message=m.health.reasons[0] if invalid else "",
        details="\n".join(
            [f"{m.health.verdict}: {TRUST[m.health.verdict]}", *m.health.reasons, *m.health.notes]
        ),
    )
    if m.slo:
        for finding, row in zip(m.slo.findings, objectives(m.slo).rows, strict=True):
            yield _of_objective(finding, row)


def _undone(m: Measurement) -> str:
    """Why the run could not be done; a run that was ended early was done."""
    return cause(m) if m.run.failure or not m.total.succeeded else ""


def _of_objective(finding: Finding, row: tuple[str, ...]) -> _Case:
    outcomes = {
        Verdict.PASS: _Outcome.PASSED,
        Verdict.INCONCLUSIVE: _Outcome.SKIPPED,
        Verdict.FAIL: _Outcome.FAILURE,
    }
    failed = finding.verdict is Verdict.FAIL
    _, observed, interval, limit, requests, _ = row
    return _Case(
        group="loadgen.objectives",
        name=finding.objective.condition,
        outcome=outcomes[finding.verdict],
        message=violation(finding) if failed else finding.reason.removesuffix("."),
        details=f"observed {observed}, 95 % interval {interval}, expected {limit}, "
        f"of {requests} requests",
    )


def _properties(m: Measurement) -> list[tuple[str, str]]:
    latency = m.total.latency
    return [
        ("run", m.run.id),
        ("target", m.run.target),
        ("environment", m.run.environment),
        ("pattern", m.run.pattern),
        ("plan_hash", m.run.plan_hash),
        ("seed", str(m.run.seed)),
        ("validity", str(m.health.verdict)),
        ("verdict", str(m.slo.verdict) if m.slo else "none"),
        ("throughput_rps", decimal(m.throughput_rps)),
        ("error_rate_percent", percent(m.total.error_rate_percent)),
        *((f"p{p}_ms", decimal(latency.percentile_ms(p / 100))) for p in (50, 95, 99)),
    ]


def _add(suite: ET.Element, case: _Case) -> None:
    element = _element(
        suite, "testcase", classname=case.group, name=case.name, time=f"{case.time_s:.3f}"
    )
    if case.outcome is not _Outcome.PASSED:
        why = _element(element, case.outcome, message=case.message, type=case.outcome.upper())
        why.text = _legal(f"{case.message}\n{case.details}")
    _element(element, "system-out").text = _legal(case.details)


def _how_many(cases: list[_Case], outcome: _Outcome) -> int:
    return sum(case.outcome is outcome for case in cases)


def _element(parent: ET.Element | None, tag: str, **attributes: str | int) -> ET.Element:
    legal = {name: _legal(str(value)) for name, value in attributes.items()}
    return ET.Element(tag, legal) if parent is None else ET.SubElement(parent, tag, legal)


def _legal(text: str) -> str:
    """Text with a mark for each character that XML cannot say; ElementTree escapes the rest."""
    return _FORBIDDEN.sub("\ufffd", text)
