"""The run as JUnit XML: a test case an objective. Pure.

- A violated objective is a failure, one that cannot be judged is skipped, with the reason;
- whether the run could be done, and whether its numbers can be trusted, are test cases of their
  own: an error says that the test itself went wrong, not the target.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from loadgen.report.judgement import objectives
from loadgen.report.junit_cases import Case, Outcome, Suite, to_xml
from loadgen.report.numbers import count, decimal, percent
from loadgen.report.words import TRUST, cause, load
from slo.sentence import violation
from slo.validity import Validity
from slo.verdict import Verdict

if TYPE_CHECKING:
    from loadgen.measurement import Measurement
    from slo.verdict import Finding

__all__ = ["render"]


def render(measurement: Measurement) -> str:
    """The test cases of a run.

    Returns:
        XML with a final line break, UTF-8 when written.
    """
    m = measurement
    return to_xml(
        Suite(
            name=f"Load test of {m.run.target}",
            id=m.run.id,
            started_at=m.run.started_at,
            time_s=m.run.duration_s,
            properties=_properties(m),
            cases=tuple(_cases(m)),
        )
    )


def _cases(m: Measurement) -> Iterator[Case]:
    undone = _undone(m)
    yield Case(
        group="loadgen.run",
        name="The run can be done",
        outcome=Outcome.ERROR if undone else Outcome.PASSED,
        message=undone,
        details=f"{load(m)}: {count(m.total.sent)} requests sent, {count(m.total.succeeded)} "
        f"succeeded, {count(m.total.failed)} failed",
        time_s=m.run.duration_s,
    )
    invalid = m.health.verdict is Validity.INVALID
    yield Case(
        group="loadgen.run",
        name="The measurement can be trusted",
        outcome=Outcome.ERROR if invalid else Outcome.PASSED,
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


def _of_objective(finding: Finding, row: tuple[str, ...]) -> Case:
    outcomes = {
        Verdict.PASS: Outcome.PASSED,
        Verdict.INCONCLUSIVE: Outcome.SKIPPED,
        Verdict.FAIL: Outcome.FAILURE,
    }
    failed = finding.verdict is Verdict.FAIL
    _, observed, interval, limit, requests, _ = row
    return Case(
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
