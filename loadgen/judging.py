"""The gate of one run: what it needs of the run each second, and what follows from its verdict.

The verdict itself is `slo`'s. While the run goes on the counts come from the arena, and only
those that an objective is about; at the end they come from the Measurement.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from loadgen import tallies
from loadgen.measurement import Measurement, Tally
from slo.evaluate import Gate
from slo.metric import Maximum, Mean, Percentile, Phase
from slo.objective import Objective
from slo.sample import Counts, Sample
from slo.sentence import violation
from slo.sequential import PASS_AFTER_S
from slo.validity import Validity
from slo.verdict import Verdict

if TYPE_CHECKING:
    from loadgen.arena import Arena
    from loadgen.snapshot import Snapshot
    from slo.verdict import Judgement

__all__ = ["STOP_ALPHA", "GateOptions", "LiveGate", "RunGate", "sample_of"]

STOP_ALPHA = 0.05
"""The chance of a wrong verdict that --stop-when-decided takes, all objectives together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOptions:
    """What a run is held against, and what a verdict does to it.

    Attributes:
        objectives: without any, a run is not judged.
        stop_when_decided: the run ends as soon as more of it would not change the verdict.
        pass_after_s: it does not end so with a PASS before so many seconds were measured.
        fail_on_violation: a violated objective ends the process with code 1.
    """

    objectives: tuple[Objective, ...] = ()
    stop_when_decided: bool = False
    pass_after_s: float = PASS_AFTER_S
    fail_on_violation: bool = True


class LiveGate(Protocol):
    """What a run is held against while it goes on; `RunGate` is one, a canary's judge another."""

    @property
    def stopped(self) -> str:
        """Why the run is to end now, a sentence without a full stop; "" to go on."""

    def look(self, arena: Arena, now: Snapshot, t_s: float) -> Judgement | None:
        """Called at the end of each second of the measured time but the last.

        Args:
            arena: of the run.
            now: taken of it a moment ago.
            t_s: measured seconds so far.

        Returns:
            The verdict on objectives so far, for the display; None: there are none.
        """

    def conclude(self, measurement: Measurement, *, complete: bool = True) -> Measurement:
        """Called once, at the end.

        Args:
            measurement: of the whole run.
            complete: false when part of it is lost, as with a worker that died.

        Returns:
            The measurement, with a verdict on its objectives when there are any.
        """


class RunGate:
    """Judges one run.

    Attributes:
        stopped: why the run is to end now, a sentence without a full stop; "" to go on.

    Args:
        options: with one objective or more.
        endpoints: names of all endpoints, in the order of the plan.
    """

    def __init__(self, options: GateOptions, endpoints: Sequence[str]) -> None:
        alpha = STOP_ALPHA if options.stop_when_decided else None
        self._gate = Gate(options.objectives, stop_alpha=alpha, pass_after_s=options.pass_after_s)
        self._stop_when_decided = options.stop_when_decided
        self._endpoints = endpoints
        self._needed = _needed(options.objectives)
        self.stopped = ""

    def look(self, arena: Arena, now: Snapshot, t_s: float) -> Judgement:
        """The verdict so far, about once a second.

        Args:
            arena: of the run.
            now: taken of it a moment ago.
            t_s: measured seconds so far.
        """
        scoped = {
            name: tallies.counts(arena, self._endpoints.index(name), phases)
            for name, phases in self._needed.items()
            if name is not None
        }
        total = _total(arena, now, self._needed.get(None, frozenset()))
        judgement = self._gate.look(Sample(t_s=t_s, total=total, endpoints=scoped))
        self.stopped = self.stopped or self._why_stop(judgement)
        return judgement

    def conclude(self, measurement: Measurement, *, complete: bool = True) -> Measurement:
        """The measurement with its verdict.

        Args:
            measurement: of the whole run.
            complete: false when part of it is lost, as with a worker that died: then nothing
                passes or fails.
        """
        trusted = complete and measurement.health.verdict is not Validity.INVALID
        judgement = self._gate.look(sample_of(measurement), trusted=trusted)
        run = dataclasses.replace(measurement.run, stopped=self.stopped)
        return dataclasses.replace(measurement, run=run, slo=judgement)

    def _why_stop(self, judgement: Judgement) -> str:
        if judgement.abort:
            broken = next(
                finding
                for finding in judgement.findings
                if finding.objective.abort and finding.verdict is Verdict.FAIL
            )
            return f"an objective that ends the run was violated: {violation(broken)}"
        if self._stop_when_decided and judgement.certain:
            return f"the verdict was certain: {judgement.verdict}"
        return ""


def sample_of(measurement: Measurement) -> Sample:
    """A run that is over as the gate and the comparison of runs take it."""
    return Sample(
        t_s=measurement.run.duration_s,
        total=_counts(measurement.total),
        endpoints={one.name: _counts(one.tally) for one in measurement.endpoints},
    )


def _counts(tally: Tally) -> Counts:
    checked = sum(tally.checks.values())
    return Counts(
        finished=tally.finished,
        failed=tally.failed,
        status_codes={**tally.status_codes, tallies.STATUS_UNKNOWN: checked},
        times=tally.times,
    )


def _total(arena: Arena, now: Snapshot, phases: frozenset[Phase]) -> Counts:
    """All endpoints together; response times were merged for the snapshot already."""
    others = {phase: tallies.times(arena, phase) for phase in phases - {Phase.LATENCY}}
    return Counts(
        finished=now.succeeded + now.failed,
        failed=now.failed,
        status_codes={**now.status_codes, tallies.STATUS_UNKNOWN: now.errors.get("check", 0)},
        times={Phase.LATENCY: now.response, **others},
    )


def _needed(objectives: Sequence[Objective]) -> Mapping[str | None, frozenset[Phase]]:
    """The times that objectives are about, by scope."""
    needed: dict[str | None, frozenset[Phase]] = {}
    for each in objectives:
        match each.metric:
            case Percentile(phase=phase) | Mean(phase=phase) | Maximum(phase=phase):
                phases = frozenset({phase})
            case _:
                phases = frozenset()
        needed[each.scope] = needed.get(each.scope, frozenset()) | phases
    return needed
