"""Begins a rollout, or goes on with one: lock, journal and controller, opened in this order."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from loadgen.errors import ConfigError
from loadgen.harvest import new_run_id
from loadgen.interrupts import Interrupts
from rollout.progressive.controller import Controller
from rollout.progressive.entry import Rollout, now_text
from rollout.progressive.history import Record, read_record, read_rollouts
from rollout.progressive.journal import Journal
from rollout.progressive.lock import take_lock, this_process
from rollout.progressive.machine import Event, State, begin, step
from rollout.progressive.orders import place_order

if TYPE_CHECKING:
    from rollout.progressive.actor import Actor
    from rollout.progressive.crew import Crew
    from rollout.progressive.settings import RolloutSettings
    from rollout.progressive.terms import Terms

__all__ = ["go_on", "holding_lock", "lock_path", "order", "start"]

Recruit = Callable[[], "Crew"]
"""Makes the crew, once the lock is held."""


def lock_path(journal: Path) -> Path:
    """The file of a deployment's lock, beside its journal."""
    return journal.with_suffix(".lock")


@contextmanager
def holding_lock(journal: Path, actor: Actor) -> Iterator[str]:
    """Holds the lock of a deployment.

    Args:
        journal: of the deployment; the lock lies beside it.
        actor: who holds it, for people.

    Yields:
        That a dead owner's lock was taken over, a sentence; "" when there was none.

    Raises:
        LockedError: another process has it.
    """
    lock = take_lock(lock_path(journal), this_process(actor.text))
    try:
        before = lock.before
        died = f"Process {before.pid} of {before.who} ended without a word" if before else ""
        yield died
    finally:
        lock.release()


def start(
    settings: RolloutSettings, recruit: Recruit, *, terms: Terms, actor: Actor, why: str = ""
) -> Record:
    """Begins a rollout and drives it until it ends or rests.

    Args:
        settings: what is to be done.
        recruit: makes who does it.
        terms: what the settings were made of, for whoever goes on with it.
        actor: who begins it.
        why: the reason that they gave.

    Returns:
        All that stands in the journal of it.

    Raises:
        LockedError: another process drives this deployment.
        ConfigError: the last rollout of this deployment has not ended.
        JournalError: the journal cannot be written.
        RouterError: the router does not answer; then nothing was begun.
    """
    with holding_lock(settings.journal, actor):
        if settings.journal.exists() and read_rollouts(settings.journal):
            _require_ended(read_record(settings.journal))
        crew = recruit()
        crew.router.get()
        rollout = Rollout(
            id=new_run_id(datetime.now(UTC)),
            deployment=settings.deployment,
            namespace=settings.namespace,
            settings=terms.plain(),
            begun_at=now_text(),
            who=actor.text,
            why=why,
        )
        state = begin(settings.plan.stages)
        with contextlib.closing(Journal(settings.journal)) as journal:
            journal.begin(rollout, state)
            _drive(journal, rollout, state, settings, crew)
    return read_record(settings.journal, rollout.id)


def go_on(record: Record, settings: RolloutSettings, recruit: Recruit, *, actor: Actor) -> Record:
    """Drives a rollout from where it stands; orders that wait are carried out first.

    Args:
        record: of the rollout.
        settings: as it was begun with.
        recruit: makes who does it.
        actor: who goes on with it.

    Returns:
        All that stands in the journal of it by then.

    Raises:
        LockedError: another process drives it.
        JournalError: the journal cannot be written.
    """
    rollout = record.rollout
    with (
        holding_lock(settings.journal, actor) as died,
        contextlib.closing(Journal(settings.journal)) as journal,
    ):
        text = f"Gone on with by {actor.text}{f'. {died}' if died else ''}"
        journal.note(rollout.id, "gone on", text, who=actor.text)
        now = read_record(settings.journal, rollout.id)
        _drive(journal, rollout, now.state, settings, recruit(), reason=now.states[-1].text)
    return read_record(settings.journal, rollout.id)


def order(
    record: Record, settings: RolloutSettings, event: Event, *, actor: Actor, why: str = ""
) -> int:
    """Orders something, to be carried out by who drives the rollout.

    Args:
        record: of the rollout.
        settings: as it was begun with.
        event: what is to happen.
        actor: who orders it.
        why: the reason.

    Returns:
        The number of the order.

    Raises:
        NotAllowedError: that cannot be done where the rollout stands.
        JournalError: it cannot be written.
    """
    step(record.state, event, settings.plan.stages)
    return place_order(settings.journal, record.rollout.id, event, who=actor.text, why=why)


def _require_ended(record: Record) -> None:
    if not record.state.ended:
        name = record.rollout.deployment
        raise ConfigError(
            f"--deployment: found the rollout {record.rollout.id} of {name}, which is "
            f"{record.state.phase} and has not ended; expected `loadgen rollout resume "
            f"--deployment {name}`, or `abort`"
        )


def _drive(
    journal: Journal,
    rollout: Rollout,
    state: State,
    settings: RolloutSettings,
    crew: Crew,
    *,
    reason: str = "Rollout begun",
) -> None:
    interrupts = Interrupts()
    controller = Controller(
        journal,
        rollout,
        state,
        plan=settings.plan,
        crew=crew,
        interrupts=interrupts,
        reason=reason,
    )
    try:
        controller.run()
    finally:
        interrupts.close()
