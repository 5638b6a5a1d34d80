"""How many workers a run has, and which core each is pinned to. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loadgen.plan import Plan

__all__ = ["pinning", "worker_count"]


def worker_count(plan: Plan, *, allowed_cores: int, target_is_local: bool) -> int:
    """One worker per allowed core, one fewer when the target needs a core here, too.

    Never more than there are connections, or requests a second that are allowed: a worker
    without a share of them would have nothing to send.
    """
    wanted = plan.workers or max(1, allowed_cores - (1 if target_is_local else 0))
    return max(1, min(wanted, plan.pool, plan.limits.max_rps or wanted))


def pinning(plan: Plan, *, workers: int, allowed: Iterable[int]) -> tuple[int | None, ...]:
    """A core of its own for each worker, the last allowed ones first; None: not pinned.

    The first cores serve most interrupts and, on a small machine, the target. With more
    workers than cores pinning would do harm, so nobody is pinned.
    """
    cores = sorted(allowed, reverse=True)
    if not plan.pin or workers > len(cores):
        return (None,) * workers
    return tuple(cores[:workers])
