"""Test cases as JUnit XML, for what shows test results. Pure.

There is no standard. What is written here is what GitHub's actions, GitLab and Jenkins all read
(Jenkins' schema of its xUnit plugin, junit-10.xsd, is the strictest of them).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from xml.etree import ElementTree as ET

__all__ = ["Case", "Outcome", "Suite", "to_xml"]

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot say in any way (§2.2)."""


class Outcome(StrEnum):
    """What became of a test case; the value is the element that says so.

    FAILURE is about the target; ERROR says that the test itself went wrong.
    """

    PASSED = ""
    FAILURE = "failure"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A test case.

    Attributes:
        group: what it is shown under.
        message: why it did not pass, one line.
        details: what the outcome rests on, some lines.
        time_s: that it took.
    """

    group: str
    name: str
    outcome: Outcome
    message: str
    details: str
    time_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Test cases that belong together.

    Attributes:
        id: of the run.
        time_s: that all of it took.
        properties: names and values.
    """

    name: str
    id: str
    started_at: datetime
    time_s: float
    properties: Sequence[tuple[str, str]]
    cases: Sequence[Case]


def to_xml(suite: Suite) -> str:
    """The document of one suite.

    Returns:
        XML with a final line break, UTF-8 when written.
    """
    counts = {
        "tests": len(suite.cases),
        "failures": _how_many(suite.cases, Outcome.FAILURE),
        "errors": _how_many(suite.cases, Outcome.ERROR),
    }
    time_s = f"{suite.time_s:.3f}"
    root = _element(None, "testsuites", name="loadgen", time=time_s, **counts)
    element = _element(
        root,
        "testsuite",
        name=suite.name,
        **counts,
        skipped=_how_many(suite.cases, Outcome.SKIPPED),
        time=time_s,
        timestamp=f"{suite.started_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
        id=suite.id,
        package="loadgen",
    )
    properties = _element(element, "properties")
    for name, value in suite.properties:
        _element(properties, "property", name=name, value=value)
    for case in suite.cases:
        _add(element, case)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _add(suite: ET.Element, case: Case) -> None:
    element = _element(
        suite, "testcase", classname=case.group, name=case.name, time=f"{case.time_s:.3f}"
    )
    if case.outcome is not Outcome.PASSED:
        why = _element(element, case.outcome, message=case.message, type=case.outcome.upper())
        why.text = _legal(f"{case.message}\n{case.details}")
    _element(element, "system-out").text = _legal(case.details)


def _how_many(cases: Sequence[Case], outcome: Outcome) -> int:
    return sum(case.outcome is outcome for case in cases)


def _element(parent: ET.Element | None, tag: str, **attributes: str | int) -> ET.Element:
    legal = {name: _legal(str(value)) for name, value in attributes.items()}
    return ET.Element(tag, legal) if parent is None else ET.SubElement(parent, tag, legal)


def _legal(text: str) -> str:
    """Text with a mark for each character that XML cannot say; ElementTree escapes the rest."""
    return _FORBIDDEN.sub("\ufffd", text)
