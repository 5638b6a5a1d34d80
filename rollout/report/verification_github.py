"""What GitHub Actions shows of a verification: a job's summary, annotations, outputs. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report.github import LEVEL_MOST, annotation
from rollout.report.verification_markdown import section
from slo.canary import CanaryVerdict

if TYPE_CHECKING:
    from rollout.canary.verification import Verification

__all__ = ["commands", "outputs", "summary"]

_LEVELS = {
    CanaryVerdict.PASS: "notice",
    CanaryVerdict.FAIL: "error",
    CanaryVerdict.INCONCLUSIVE: "warning",
    CanaryVerdict.INVALID: "warning",
}


def summary(verification: Verification) -> str:
    """A section for the page of the workflow run; Markdown with a final line break."""
    return section(verification)


def commands(verification: Verification) -> list[str]:
    """Workflow commands, one a line, that annotate the step with what decided it."""
    v = verification
    title = f"Canary {v.verdict}"
    lines = []
    if v.rollback and v.rollback.ordered:
        level = "warning" if v.rollback.succeeded else "error"
        lines.append(annotation(level, title, v.rollback.text))
    if v.failure:
        lines.append(annotation("error", title, v.failure))
    reasons = v.reasons[: LEVEL_MOST - len(lines)]
    return [*lines, *(annotation(_LEVELS[v.verdict], title, each.text) for each in reasons)]


def outputs(verification: Verification) -> dict[str, str]:
    """What later steps and jobs can ask for."""
    v = verification
    return {
        "verdict": str(v.verdict),
        "accepted": "true" if v.accepted else "false",
        "rolled_back": "true" if v.rollback and v.rollback.succeeded else "false",
        "canary_url": v.canary_url,
    }
