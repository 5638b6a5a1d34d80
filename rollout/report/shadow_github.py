"""What GitHub Actions shows of a shadow test: a job's summary, an annotation, outputs. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report import gfm
from loadgen.report.github import annotation
from rollout.report import shadow_tables as tables
from slo.canary import CanaryVerdict

if TYPE_CHECKING:
    from rollout.shadow.result import ShadowResult

__all__ = ["commands", "outputs", "summary"]

_LEVELS = {
    CanaryVerdict.PASS: "notice",
    CanaryVerdict.FAIL: "error",
    CanaryVerdict.INCONCLUSIVE: "warning",
    CanaryVerdict.INVALID: "warning",
}


def summary(result: ShadowResult) -> str:
    """A section for the page of the workflow run; Markdown with a final line break."""
    blocks = [
        [f"## Shadow Test {result.verdict}: {gfm.escape(result.sides.canary)}"],
        [f"- {gfm.escape(reason)}" for reason in result.reasons],
        gfm.drawn(tables.differences(result)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def commands(result: ShadowResult) -> list[str]:
    """Workflow commands, one a line, that annotate the step with what decided it."""
    title = f"Shadow test {result.verdict}"
    return [annotation(_LEVELS[result.verdict], title, reason) for reason in result.reasons]


def outputs(result: ShadowResult) -> dict[str, str]:
    """What later steps and jobs can ask for; the rate in percent, "" without pairs."""
    ratio = result.mismatch_ratio
    return {
        "verdict": str(result.verdict),
        "mismatch_rate": "" if ratio is None else f"{100 * ratio:.6g}",
        "canary_url": result.sides.canary,
    }
