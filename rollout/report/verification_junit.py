"""A canary verification as JUnit XML: a test case a step, and one an objective. Pure.

A FAIL is a failure; what is INVALID is an error, for the test went wrong and not the canary; what
is inconclusive or was not done is skipped, with the reason.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from loadgen.report.junit_cases import Case, Outcome, Suite, to_xml
from rollout.canary.result import to_dict
from rollout.report import comparison_tables
from rollout.report.found import what_follows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollout.canary.verification import Verification
    from rollout.report.found import Found

__all__ = ["render", "render_result"]

_OUTCOMES = {
    "PASS": Outcome.PASSED,
    "FAIL": Outcome.FAILURE,
    "INVALID": Outcome.ERROR,
    "INCONCLUSIVE": Outcome.SKIPPED,
    None: Outcome.SKIPPED,
}


def render(verification: Verification) -> str:
    """The test cases of a verification.

    Returns:
        XML with a final line break, UTF-8 when written.
    """
    return render_result(to_dict(verification))


def render_result(found: Found) -> str:
    """The same, of a result file's content."""
    about = found["verification"]
    return to_xml(
        Suite(
            name=f"Canary verification of {about['canary_url']}",
            id=about["id"],
            started_at=datetime.fromisoformat(about["started_at"]),
            time_s=about["seconds"],
            properties=[
                ("verification", about["id"]),
                ("canary", about["canary_url"]),
                ("compared_with", about["compared_url"]),
                ("environment", about["environment"]),
                ("verdict", found["verdict"]),
            ],
            cases=tuple(_cases(found)),
        )
    )


def _cases(found: Found) -> Iterator[Case]:
    failure = found["verification"]["failure"]
    yield Case(
        group="loadgen.verification",
        name="The verification can be done",
        outcome=Outcome.ERROR if failure else Outcome.PASSED,
        message=failure,
        details=what_follows(found),
        time_s=found["verification"]["seconds"],
    )
    for step in found["steps"]:
        yield _of_step(step)
    load_test, comparison = found["load_test"], found["comparison"]
    for objective in load_test["slo"]["objectives"] if load_test and load_test["slo"] else ():
        yield _of_objective(objective)
    for effect in comparison["effects"] if comparison else ():
        yield _of_effect(effect, comparison["detectors"])


def _of_step(step: Found) -> Case:
    texts = [each["text"] for each in (*step["reasons"], *step["notes"])]
    passed = step["verdict"] == "PASS"
    first = step["skipped"] or next(iter(texts), "")
    others = texts if passed else texts[1:]
    return Case(
        group="loadgen.verification.steps",
        name=step["name"].capitalize(),
        outcome=_OUTCOMES[step["verdict"]],
        message="" if passed else first,
        details="\n".join(others),
        time_s=step["seconds"],
    )


def _of_objective(objective: Found) -> Case:
    observed = "nothing" if objective["observed"] is None else f"{objective['observed']:g}"
    expected = f"{objective['comparison']} {objective['limit']:g} {objective['unit']}"
    said = f"observed {observed}, expected {expected}, of {objective['n']} requests"
    passed = objective["verdict"] == "PASS"
    return Case(
        group="loadgen.verification.objectives",
        name=objective["name"],
        outcome=_OUTCOMES[objective["verdict"]],
        message="" if passed else objective["reason"] or said,
        details=said,
    )


def _of_effect(effect: Found, detectors: list[Found]) -> Case:
    """One respect in which canary and baseline were compared; proven is what fails."""
    proven = any(
        each["proven"]
        for each in detectors
        if each["detector"] == "relative"
        and (each["endpoint"], each["subject"]) == (effect["endpoint"], effect["subject"])
    )
    where = effect["endpoint"] or "all endpoints"
    before, after = (
        comparison_tables.value(effect[side], effect["unit"]) for side in ("baseline", "canary")
    )
    said = f"{after} against {before}, 95 % interval {comparison_tables.interval_text(effect)}"
    failed = proven and effect["worse"]
    return Case(
        group="loadgen.verification.comparison",
        name=f"{effect['subject']} of {where}",
        outcome=Outcome.FAILURE if failed else Outcome.PASSED,
        message=f"worse: {said}" if failed else "",
        details=said,
    )
