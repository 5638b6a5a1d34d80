"""Throughput below what was asked for: by the target, by the plan, or by too few users. Pure.

In a closed loop of N users, with a mean response time R and a mean pause Z, the throughput is
X = N / (R + Z), whatever the target could do (the interactive response time law; Denning and
Buzen, Computing Surveys 10, 1978). N, R and X are measured, so that Z follows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from loadgen.report.diagnosis.clue import Clue
from loadgen.report.numbers import count, decimal, duration, percent
from slo.metric import Throughput
from slo.verdict import Verdict

if TYPE_CHECKING:
    from loadgen.measurement import Measurement

__all__ = ["clues"]

SHORTFALL_RATIO = 0.01


def clues(m: Measurement) -> Iterator[Clue]:
    """Why there was less than was asked for."""
    wanted_rps = _wanted_rps(m)
    if m.run.open_loop:
        yield from _unanswered(m)
        if wanted_rps is not None and m.health.offered_rps < wanted_rps:
            yield Clue(
                weight=1.5,
                text=f"The plan offers {decimal(m.health.offered_rps)} req/sec, so that "
                f"{decimal(wanted_rps)} req/sec cannot be answered: raise --rate.",
            )
    elif wanted_rps is not None:
        yield from _users(m, wanted_rps)


def _wanted_rps(m: Measurement) -> float | None:
    """The highest throughput of the whole run that an objective asks for in vain."""
    findings = m.slo.findings if m.slo else ()
    return max(
        (
            each.objective.limit
            for each in findings
            if isinstance(each.objective.metric, Throughput)
            and each.objective.scope is None
            and not each.objective.comparison.is_upper
            and each.verdict is Verdict.FAIL
        ),
        default=None,
    )


def _unanswered(m: Measurement) -> Iterator[Clue]:
    evidence = m.health.evidence
    # Counted, not planned: random arrivals may be fewer than their rate, and nothing is missing.
    due_rps = (m.total.sent + evidence.dropped) / m.run.duration_s
    shortfall = 1 - m.throughput_rps / due_rps if due_rps else 0.0
    if shortfall < SHORTFALL_RATIO:
        return
    busy = evidence.dropped_busy
    never = f"{count(busy)} found every connection busy until the end"
    failed = f"{count(m.total.failed)} failed"
    yield Clue(
        weight=1 + shortfall,
        text=f"{decimal(due_rps)} req/sec were offered and {decimal(m.throughput_rps)} "
        f"answered, {percent(100 * shortfall)} % fewer; of the requests {failed}, and {never}.",
    )


def _users(m: Measurement, wanted_rps: float) -> Iterator[Clue]:
    """The arithmetic of the closed loop: how many users it takes."""
    mean_ns, rps = m.total.latency.mean_ns, m.throughput_rps
    if not mean_ns or not m.timeline or not rps:
        return
    users = sum(second.users for second in m.timeline) / len(m.timeline)
    response_s = mean_ns / 1e9
    cycle_s = max(response_s, users / rps)
    pause = f" and {duration(1e3 * (cycle_s - response_s))} of pause"
    needed = math.ceil(wanted_rps * cycle_s)
    yield Clue(
        weight=1 + max(0.0, 1 - rps / wanted_rps),
        text=f"{count(round(users))} users, with {duration(1e3 * response_s)} of response time"
        f"{pause} for each request, cannot send more than {decimal(users / cycle_s)} req/sec, "
        f"whatever the target can do: {decimal(wanted_rps)} req/sec takes {count(needed)} users if "
        "the target gets no slower.",
    )
