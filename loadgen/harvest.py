"""From the arena of a run that is over to its Measurement. Reads, and changes nothing."""

from __future__ import annotations

import dataclasses
import secrets
from typing import TYPE_CHECKING

from loadgen import failed_answers, tallies
from loadgen.evidence import evidence
from loadgen.measurement import EndpointResult, Measurement, RunInfo
from loadgen.slow_engine.choice import is_slow
from loadgen.tls_notes import tls_notes
from slo.validity import judge

if TYPE_CHECKING:
    from datetime import datetime

    from loadgen.arena import Arena
    from loadgen.machine import Waits
    from loadgen.measurement import ResourceSecond
    from loadgen.plan import Plan
    from loadgen.snapshot import Snapshot
    from loadgen.timeline import Timeline
    from slo.validity import Health

__all__ = ["harvest", "new_run_id"]


def new_run_id(started_at: datetime) -> str:
    """A name that no other run has and that sorts by time: 20261124T201351Z-3f2a91."""
    return f"{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def harvest(
    plan: Plan,
    arena: Arena,
    timeline: Timeline,
    *,
    closing: Snapshot,
    final: Snapshot,
    waits: Waits,
    run_id: str,
    started_at: datetime,
    interrupted: bool = False,
    failure: str = "",
    notes: tuple[str, ...] = (),
    resources: tuple[ResourceSecond, ...] = (),
) -> Measurement:
    """Adds everything up.

    Args:
        plan: what was to be done.
        arena: its workers are done, or dead.
        timeline: the seconds but the last.
        closing: the snapshot at the end of the measured time.
        final: the snapshot after the last answer.
        waits: what the kernel took from the workers in the measured time.
        run_id: from `new_run_id`.
        started_at: when the load began, UTC.
        interrupted: the user ended it early.
        failure: why the run could not be done as planned; "" when it was.
        notes: what else is to be known of the run, sentences.
        resources: what was used, second by second.
    """
    parts = tallies.tallies(arena)
    measured_s = timeline.timing.measured_s
    found = evidence(
        plan,
        opening=timeline.opening,
        closing=closing,
        final=final,
        waits=waits,
        measured_s=measured_s,
        slow_path=is_slow(plan),
    )
    return Measurement(
        run=RunInfo(
            id=run_id,
            target=" + ".join(target.url for target in plan.targets),
            pattern=plan.pattern,
            environment=plan.environment,
            seed=plan.seed,
            plan_hash=plan.digest,
            started_at=started_at,
            duration_s=measured_s,
            planned_s=plan.duration_s,
            warmup_s=plan.warmup_s,
            workers=len(arena.slots),
            users=plan.users,
            open_loop=plan.open_loop,
            interrupted=interrupted,
            failure=failure,
        ),
        health=_noted(judge(found), notes, plan, arena),
        total=tallies.total(parts),
        endpoints=tuple(
            EndpointResult(
                name=request.label,
                method=request.method,
                path=request.path,
                weight=request.weight,
                tally=tally,
                target=request.target,
            )
            for request, tally in zip(plan.requests, parts, strict=True)
        ),
        timeline=timeline.finish(final),
        warmup=final.warmup,
        failed_answers=failed_answers.read(arena, plan),
        resources=resources,
    )


def _noted(health: Health, notes: tuple[str, ...], plan: Plan, arena: Arena) -> Health:
    """What is to be known beside what the evidence says: of the run, and of TLS."""
    of_tls = tls_notes(
        secure=any(target.scheme == "https" for target in plan.targets),
        verified=plan.tls.verify,
        refusals=arena.slots["refused_certificate"].tolist(),
        failures=arena.slots["tls_error"].tolist(),
    )
    return dataclasses.replace(health, notes=(*notes, *of_tls, *health.notes))
