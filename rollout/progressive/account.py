"""What became of a rollout, stage by stage, out of its journal: what every report tells. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loadgen.exitcode import ExitCode
from rollout.progressive.entry import Kind
from rollout.progressive.machine import ENDS, Phase
from slo.canary import CanaryVerdict

if TYPE_CHECKING:
    from rollout.progressive.entry import Entry
    from rollout.progressive.history import Record
    from rollout.progressive.machine import State
    from rollout.progressive.stage import Stage

__all__ = ["Account", "RollbackAccount", "StageAccount", "account_of", "exit_code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageAccount:
    """One stage.

    Attributes:
        name, percentage, duration_s: as planned.
        verdict: on it; None when it was not judged.
        text: why, a sentence; "" when it was not reached.
        began_at, ended_at: ISO 8601, UTC; "" when it did not.
        proof: the measured split as a sentence; "" when it was not measured.
        opinions: what its judges said, as they stand in the journal.
    """

    name: str
    percentage: float
    duration_s: float
    verdict: CanaryVerdict | None = None
    text: str = ""
    began_at: str = ""
    ended_at: str = ""
    proof: str = ""
    opinions: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackAccount:
    """The rollback, if there was one.

    Attributes:
        ordered: traffic was ordered back.
        succeeded: it is back, measured, and the command succeeded.
        seconds_to_safe: from the verdict or the order to the measured 0 %; None: not proven.
        text: what happened.
    """

    ordered: bool = False
    succeeded: bool = False
    seconds_to_safe: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A whole rollout.

    Attributes:
        record: all that stands in the journal.
        verdict: PASS: promoted. FAIL: failed, or taken back. INCONCLUSIVE: neither yet.
        reason: of the last state, a sentence.
        ended_at: ISO 8601, UTC, of the last state.
    """

    record: Record
    verdict: CanaryVerdict
    reason: str
    ended_at: str
    stages: tuple[StageAccount, ...]
    rollback: RollbackAccount

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.record.state


def account_of(record: Record, stages: Sequence[Stage]) -> Account:
    """Adds a journal up.

    Args:
        record: of the rollout.
        stages: that it was begun with.
    """
    last = record.states[-1]
    return Account(
        record=record,
        verdict=_verdict(record.state),
        reason=last.text,
        ended_at=last.at,
        stages=tuple(_stage(record, index, stage) for index, stage in enumerate(stages)),
        rollback=_rollback(record),
    )


def exit_code(state: State, *, drill: bool = False) -> ExitCode:
    """How the process ends that leaves a rollout in a state.

    Args:
        state: of the rollout.
        drill: to be rolled back is what it was for.
    """
    match state.phase:
        case Phase.PROMOTED:
            return ExitCode.PASS
        case Phase.ROLLED_BACK:
            return ExitCode.PASS if drill else ExitCode.FAIL
        case Phase.STUCK:
            return ExitCode.ROLLBACK_FAILED
        case _:
            return ExitCode.INCONCLUSIVE


def _verdict(state: State) -> CanaryVerdict:
    if state.phase is Phase.PROMOTED:
        return CanaryVerdict.PASS
    back = state.phase in {Phase.ROLLING_BACK, Phase.ROLLED_BACK, Phase.STUCK}
    return CanaryVerdict.FAIL if back or state.failed else CanaryVerdict.INCONCLUSIVE


def _stage(record: Record, index: int, stage: Stage) -> StageAccount:
    planned = StageAccount(
        name=stage.name, percentage=stage.percentage, duration_s=stage.duration_s
    )
    own = list(_of_stage(record, index))
    if not own:
        return planned
    visits = {entry.state.visit for entry in own if entry.state}
    judged = [
        entry
        for entry in record.entries
        if entry.kind is Kind.EVIDENCE and _visit(entry, "verdict") in visits
    ]
    proofs = [
        entry.text
        for entry in record.entries
        if entry.kind in {Kind.DONE, Kind.NOT_DONE} and _visit(entry, "proof") in visits
    ]
    left = next((entry for entry in record.states if entry.seq > own[-1].seq), None)
    failed = next((entry for entry in record.states if _fails(entry, index)), None)
    verdict = str(judged[-1].detail["verdict"]) if judged else "FAIL" if failed else ""
    text = (judged[-1] if judged else failed or own[-1]).text
    opinions = judged[-1].detail.get("opinions") if judged else None
    return StageAccount(
        name=stage.name,
        percentage=stage.percentage,
        duration_s=stage.duration_s,
        verdict=CanaryVerdict(verdict) if verdict else None,
        text=text,
        began_at=own[0].at,
        ended_at=left.at if left else "",
        proof=proofs[-1] if proofs else "",
        opinions=tuple(opinions) if isinstance(opinions, list) else (),
    )


def _of_stage(record: Record, index: int) -> Iterator[Entry]:
    """The states that a stage was in, without its rollback and its end."""
    for entry in record.states:
        state = entry.state
        left = {Phase.ROLLING_BACK, *ENDS}
        if state and state.stage == index and state.phase not in left:
            yield entry


def _fails(entry: Entry, index: int) -> bool:
    return (
        entry.detail.get("verdict") == CanaryVerdict.FAIL
        and entry.state is not None
        and entry.state.stage == index
    )


def _visit(entry: Entry, kind: str) -> int:
    """Of an entry about a stage; -1 when it is about something else."""
    name, _, rest = entry.key.partition("/")
    number = rest.partition("/")[0]
    return int(number) if name == kind and number.isdigit() else -1


def _rollback(record: Record) -> RollbackAccount:
    ends = [entry for entry in record.states if entry.key in {"safe", "unsafe"}]
    ordered = any(e.state and e.state.phase is Phase.ROLLING_BACK for e in record.states)
    if not ends:
        return RollbackAccount(ordered=ordered)
    last = ends[-1]
    seconds = last.detail.get("seconds_to_safe")
    return RollbackAccount(
        ordered=True,
        succeeded=last.key == "safe",
        seconds_to_safe=float(seconds) if isinstance(seconds, int | float) else None,
        text=last.text,
    )
