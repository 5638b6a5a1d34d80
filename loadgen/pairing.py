"""Two targets fed in pairs: the plan that does it, and what each side came to.

A side is 0 or 1, the target's index. Both have the same endpoints under the same names, so what
belongs together is found by its name; what a name alone does not tell apart, the target does
(`EndpointResult.target`).
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from loadgen import tallies
from loadgen.errors import ConfigError
from loadgen.judging import sample_of
from loadgen.plan import Pattern
from loadgen.vigil import Vigil
from slo.metric import Phase
from slo.sample import Counts, Sample

if TYPE_CHECKING:
    from loadgen.arena import Arena
    from loadgen.measurement import Measurement
    from loadgen.plan import Plan

__all__ = ["PairVigil", "paired_plan", "sides", "sides_of"]


def paired_plan(plan: Plan, first: str, second: str, *, rate_rps: float, duration_s: float) -> Plan:
    """The requests of an ordinary plan, sent in pairs to two targets at a steady rate.

    Everything else stays as it is: endpoints and their names, headers, checks, TLS, warm-up,
    seed, the size of the pool.

    Args:
        plan: of one target, which these two take the place of.
        first: URL of target 0, such as the baseline's; endpoints are relative to it as usual.
        second: URL of target 1; the same URL compares a server with itself.
        rate_rps: requests per second, both sides together.
        duration_s: measured seconds.

    Raises:
        ConfigError: the plan has more targets, or a value is out of its range.
    """
    if plan.further_targets:
        raise ConfigError(
            f"pairs: found a plan of {1 + len(plan.further_targets)} targets, expected one, which "
            "the two sides take the place of"
        )
    return dataclasses.replace(
        plan,
        target=first,
        further_targets=(second,),
        endpoints=(
            *plan.endpoints,
            *(dataclasses.replace(endpoint, target=1) for endpoint in plan.endpoints),
        ),
        pattern=Pattern.RATE,
        paired=True,
        rate_rps=rate_rps,
        duration_s=duration_s,
    )


def sides(
    plan: Plan, arena: Arena, t_s: float, phases: Iterable[Phase] = (Phase.LATENCY,)
) -> tuple[Sample, Sample]:
    """Both sides so far, as a judge takes them each second; the total is that of its endpoints.

    Args:
        plan: in pairs.
        arena: of its run; may be written to meanwhile.
        t_s: measured seconds so far.
        phases: the times that are needed; each costs a merge per endpoint.

    Raises:
        LayoutError: when a histogram's head is impossible.
    """
    wanted = tuple(phases)
    counted: tuple[dict[str, Counts], dict[str, Counts]] = {}, {}
    for index, request in enumerate(plan.requests):
        counted[request.target][request.label] = tallies.counts(arena, index, wanted)
    first, second = (
        Sample(t_s=t_s, total=reduce(add, each.values()), endpoints=each) for each in counted
    )
    return first, second


def sides_of(measurement: Measurement) -> tuple[Sample, Sample]:
    """Both sides of a run that is over, the answers that came after its end included.

    Args:
        measurement: of a plan in pairs.
    """
    first, second = (
        sample_of(
            dataclasses.replace(
                measurement, total=tallies.total([one.tally for one in own]), endpoints=own
            )
        )
        for side in (0, 1)
        if (own := tuple(one for one in measurement.endpoints if one.target == side))
    )
    return first, second


@dataclass(slots=True, kw_only=True)
class PairVigil:
    """Tells when one side is dead. The run goes on: the other one answers, and that is a finding.

    Attributes:
        plan: in pairs; its `stop_when_dead_s` is how long nothing but failures is waited for.
    """

    plan: Plan
    _vigils: tuple[Vigil, Vigil] = field(init=False)
    _before: tuple[_Signs, _Signs] = field(init=False)

    def __post_init__(self) -> None:
        """Nothing was seen yet."""
        patience_s = self.plan.stop_when_dead_s
        self._vigils = Vigil(patience_s=patience_s), Vigil(patience_s=patience_s)
        self._before = _Signs(), _Signs()

    def look(self, arena: Arena, elapsed_s: float) -> tuple[str, ...]:
        """Takes the next second.

        Args:
            arena: of the run.
            elapsed_s: since the load began.

        Returns:
            One sentence for each side that is dead; empty when both live.
        """
        half = len(self.plan.requests) // 2
        now = _signs(arena, slice(half)), _signs(arena, slice(half, None))
        found = tuple(
            f"{target.url}: {dead}; the run goes on with the other side"
            for target, vigil, after, before in zip(
                self.plan.targets, self._vigils, now, self._before, strict=True
            )
            if (dead := vigil.find(after.since(before), elapsed_s))
        )
        self._before = now
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signs:
    """Signs of life of one side, warm-up included."""

    succeeded: int = 0
    failed: int = 0
    in_flight: int = 0
    errors: Mapping[str, int] = field(default_factory=dict)

    def since(self, before: _Signs) -> _Signs:
        """What came after; in flight is a state, not a count."""
        return _Signs(
            succeeded=self.succeeded - before.succeeded,
            failed=self.failed - before.failed,
            in_flight=self.in_flight,
            errors=Counter(self.errors) - Counter(before.errors),
        )


def _signs(arena: Arena, own: slice) -> _Signs:
    """Of the endpoints of one side."""
    stats = arena.slots["endpoints"][:, own]
    # Outcomes before sends, as in a snapshot.
    failed = int(stats["failed"].sum() + stats["warmup_failed"].sum())
    succeeded = int(stats["succeeded"].sum() + stats["warmup_succeeded"].sum())
    sent = int(stats["sent"].sum() + stats["warmup_sent"].sum())
    return _Signs(
        succeeded=succeeded,
        failed=failed,
        in_flight=sent - succeeded - failed,
        errors=tallies.failures_of(arena, own),
    )
