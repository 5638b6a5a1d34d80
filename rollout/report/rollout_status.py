"""Where a rollout stands, and all that happened, as lines for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rollout.progressive.entry import Kind
from rollout.report.rollout_timeline import bar

if TYPE_CHECKING:
    from rollout.progressive.history import Record
    from rollout.progressive.lock import Owner

__all__ = ["history_lines", "overview_line", "status_lines"]

_SIGNS = {Kind.INTENT: "...", Kind.DONE: "ok", Kind.NOT_DONE: "failed"}


def status_lines(record: Record, owner: Owner | None = None) -> Iterator[str]:
    """A few lines on a rollout.

    Args:
        record: of it.
        owner: who drives it; None: nobody does.
    """
    rollout, state = record.rollout, record.state
    last = record.states[-1]
    namespace = f" in {rollout.namespace}" if rollout.namespace else ""
    yield f"Rollout {rollout.id} of {rollout.deployment}{namespace}, begun {rollout.begun_at}"
    yield f"By {rollout.who}{f': {rollout.why}' if rollout.why else ''}"
    failed = ", failed" if state.failed else ""
    yield f"{bar(state.weight_percent)} {state.phase}, stage {state.stage + 1}{failed}"
    yield f"Since {last.at}: {last.text}"
    if owner is not None:
        yield f"Driven by process {owner.pid} of {owner.who}"
    elif not state.ended:
        yield "Nobody drives it: `loadgen rollout resume` goes on, `abort` takes it back"


def overview_line(record: Record) -> str:
    """A rollout in one line: which, how it stands or ended, who began it, why.

    Args:
        record: of it.
    """
    rollout, state = record.rollout, record.state
    why = f": {rollout.why}" if rollout.why else ""
    last = record.states[-1]
    return f"{rollout.id}  {state.phase}, stage {state.stage + 1}  {last.at}  {rollout.who}{why}"


def history_lines(record: Record) -> Iterator[str]:
    """A line for every entry, the oldest first.

    Args:
        record: of the rollout.
    """
    for entry in record.entries:
        sign = _SIGNS.get(entry.kind, entry.kind.value)
        who = f" [{entry.who}]" if entry.who else ""
        yield f"{entry.at} {sign:9} {entry.key}: {entry.text}{who}"
