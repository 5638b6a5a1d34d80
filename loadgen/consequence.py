"""What followed from a run: a comparison with an earlier one, a rollback. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from slo.compare import RunComparison

__all__ = ["BaselineResult", "RollbackOutcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineResult:
    """A run beside its baseline.

    Attributes:
        run_id: of the baseline.
        margin_ratio: by how much a percentile may change and still be the same; 0.05 is 5 %.
        same_plan: both runs sent the same; else the comparison says what both together changed.
    """

    run_id: str
    margin_ratio: float
    same_plan: bool
    comparison: RunComparison


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackOutcome:
    """What became of the rollback that a run has a command for.

    Attributes:
        ordered: the command was run.
        succeeded: it ended with code 0, at last; False when it was not ordered.
        attempts: how often it was run.
        seconds: from the order to the end.
        output: the last lines that it wrote.
        text: what happened, a sentence without a full stop; why not, when it was not ordered.
    """

    ordered: bool
    succeeded: bool
    attempts: int
    seconds: float
    output: tuple[str, ...]
    text: str
