"""What the mirror hands over, as the pair that is compared. Pure."""

from __future__ import annotations

from dataclasses import replace

from rollout.shadow.live.mirror import Mirrored
from rollout.shadow.live.reading import read_answer, read_request
from rollout.shadow.live.side import Told
from rollout.shadow.pair import Exchange, Pair

__all__ = ["pair_of"]


def pair_of(mirrored: Mirrored) -> Pair:
    """Reads the bytes of an exchange and of its copies."""
    taken, canary, baseline = mirrored
    production = read_answer(taken.answer, is_head=taken.is_head, by_close=taken.by_close)
    return Pair(
        request=read_request(taken.request, at_ns=taken.asked_ns),
        production=replace(production, service_ns=taken.service_ns),
        canary=_exchange(canary, is_head=taken.is_head),
        baseline=_exchange(baseline, is_head=taken.is_head) if baseline else None,
    )


def _exchange(told: Told, *, is_head: bool) -> Exchange:
    if told.error:
        return Exchange(error=told.error, service_ns=told.service_ns)
    answer = read_answer(told.answer, is_head=is_head, by_close=told.by_close, is_cut=told.is_cut)
    return replace(answer, service_ns=told.service_ns)
