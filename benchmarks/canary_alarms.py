"""When the canary's detectors alarm, in thousands of simulated runs at once on arrays.

Each run is watched as the trials of `slo` watch it (the tests hold them equal). Effects are left
out: a verdict needs one besides, so that it fails at most as often.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from slo.budget import BudgetTrial, allowed_share, bet, trial
from slo.calibration import block_s_beside, burst_s, usual_share
from slo.canary_watch import NEAR, PACES
from slo.detector import Detector, Look, allot, looks, watched_objectives
from slo.fault import Tally
from slo.grammar import parse
from slo.sequential import log_evidence_above

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Arm", "World", "alarms_s", "arm", "budget_alarm_s", "paired_alarm_s"]

ALPHA = 0.01
SECONDS = 600
CALIBRATION_S = 120
RATE_RPS = 100
ENDPOINTS = ("/a", "/b", "/c", "/d")
SHARES = {"p50": 0.5, "p95": 0.05, "p99": 0.01, "p99 < 250ms": 0.003}
"""Of the requests, those that are slow in each sense; the slower are some of the slow."""
OBJECTIVES = watched_objectives([parse("p99 < 250ms")], ENDPOINTS)
NEVER = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What happens to the requests of an arm.

    Attributes:
        errors: the share that fails, 0..1.
        slow: how many times as many as usual lie beyond the p95, and so on.
        stalls: each request is slow for 2 s, about every 30 s.
    """

    errors: float = 0.001
    slow: float = 1.0
    stalls: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """What the requests of an arm came to, in many runs.

    Attributes:
        bad: by endpoint and by what is bad; shape (runs, seconds), dtype int64.
        n: requests of an endpoint in a second.
    """

    bad: Mapping[tuple[str, str], npt.NDArray[np.int64]]
    n: int

    def of(self, scope: str | None, what: str) -> npt.NDArray[np.int64]:
        """The bad requests of an endpoint; None is all together."""
        if scope is not None:
            return self.bad[scope, what]
        all_bad: npt.NDArray[np.int64] = np.sum([self.bad[one, what] for one in ENDPOINTS], axis=0)
        return all_bad

    def n_of(self, scope: str | None) -> int:
        """All requests of a second."""
        return self.n * (len(ENDPOINTS) if scope is None else 1)


def arm(world: World, runs: int, seconds: int, lots: np.random.Generator) -> Arm:
    """Simulates an arm.

    Args:
        world: what happens to it.
        runs: how many.
        seconds: of each.
        lots: random numbers.
    """
    n = RATE_RPS // len(ENDPOINTS)
    begins = lots.random((runs, seconds + 1)) < (1 / 30 if world.stalls else 0)
    stalled = begins[:, 1:] | begins[:, :-1]
    bad = {}
    for endpoint in ENDPOINTS:
        bad[endpoint, "errors"] = lots.binomial(n, world.errors, stalled.shape)
        slow, last = np.full(stalled.shape, n), 1.0
        for what, share in SHARES.items():
            factor = world.slow if what == "p95" else 1.0
            slow, last = lots.binomial(slow, factor * share / last), share
            bad[endpoint, what] = np.where(stalled, n, slow)
    return Arm(bad=bad, n=n)


def paired_alarm_s(
    baseline: npt.NDArray[np.int64], canary: npt.NDArray[np.int64], block_s: int, needed: float
) -> npt.NDArray[np.float64]:
    """When the sign test of paired blocks alarms, as `slo.pairs.PairTrial` does.

    Args:
        baseline: bad requests, shape (runs, seconds); both arms have the same number in all.
        canary: likewise.
        block_s: seconds of a block.
        needed: the logarithm of the evidence that proves it.

    Returns:
        Seconds, shape (runs,); NEVER without an alarm.
    """
    runs, seconds = baseline.shape
    blocks = seconds // block_s
    lead = (canary - baseline)[:, : blocks * block_s].reshape(runs, blocks, block_s).sum(axis=2)
    wins, losses = (lead > 0).cumsum(axis=1), (lead < 0).cumsum(axis=1)
    return _first_s(log_evidence_above(wins, wins + losses, 0.5) >= needed, block_s)


def budget_alarm_s(
    baseline: npt.NDArray[np.int64],
    canary: npt.NDArray[np.int64],
    n: int,
    begun: Sequence[BudgetTrial],
    needed: float,
) -> npt.NDArray[np.float64]:
    """When a budget is found to be broken, as `slo.canary_watch.BudgetWatch` does.

    Args:
        baseline: bad requests, shape (runs, seconds).
        canary: likewise.
        n: all requests of a second.
        begun: the trial of either arm, for each run; all with blocks of the same length.
        needed: the logarithm of the evidence that proves it.

    Returns:
        Seconds, shape (runs,); NEVER without an alarm.
    """
    usual, seen = (_budget_evidence(bad, n, begun) for bad in (baseline, canary))
    return _first_s((seen >= needed) & (usual < NEAR * needed), begun[0].block_s)


def _budget_evidence(
    bad: npt.NDArray[np.int64], n: int, begun: Sequence[BudgetTrial]
) -> npt.NDArray[np.float64]:
    """Logarithms after each block, shape (runs, blocks)."""
    runs, seconds = bad.shape
    block_s, bets = begun[0].block_s, begun[0].bets
    limits = np.array([each.limit for each in begun])
    from_shares = np.array([each.from_share for each in begun])
    blocks = seconds // block_s
    parts = bad[:, : blocks * block_s].reshape(runs, blocks, block_s)
    shares = parts.sum(axis=2) / (n * block_s)
    wealth = np.zeros((runs, len(bets)))
    last = np.zeros(runs)
    evidence = np.empty(shares.shape)
    for block in range(blocks):
        after = bet(wealth, shares[:, block], limits, bets)
        wealth = np.where((last >= from_shares)[:, np.newaxis], after, wealth)
        last = shares[:, block]
        evidence[:, block] = np.logaddexp.reduce(wealth, axis=1) - math.log(len(bets))
    return evidence


def _first_s(alarms: npt.NDArray[np.bool_], block_s: int) -> npt.NDArray[np.float64]:
    return np.where(alarms.any(axis=1), (alarms.argmax(axis=1) + 1.0) * block_s, NEVER)


def alarms_s(
    usual: World, canary: World, runs: int, seed: int, *, seconds: int = SECONDS
) -> Mapping[Look, npt.NDArray[np.float64]]:
    """When each look alarms, after a calibration, watched every second.

    Effects are not looked at: a verdict needs one besides, so it fails at most as often.

    Args:
        usual: of the baseline.
        canary: of the other arm.
        runs: how many.
        seed: of the random numbers.
        seconds: of comparison.

    Returns:
        Seconds by look, each of shape (runs,).
    """
    lots = np.random.default_rng(seed)
    twins = tuple(arm(usual, runs, CALIBRATION_S, lots) for _ in range(2))
    pair = (arm(usual, runs, seconds, lots), arm(canary, runs, seconds, lots))
    alphas = allot(ALPHA, looks(OBJECTIVES, ENDPOINTS))
    return {
        look: _paired(look, alpha, twins, pair)
        if look.detector is Detector.RELATIVE
        else _budgeted(look, alpha, twins, pair)
        for look, alpha in alphas.items()
        if look.subject != "new status"  # there is none, and it never alarms
    }


def _paired(
    look: Look, alpha: float, twins: tuple[Arm, ...], pair: tuple[Arm, ...]
) -> npt.NDArray[np.float64]:
    usual, canary = (each.of(look.scope, look.subject) for each in pair)
    calibrated = [each.of(look.scope, look.subject) for each in twins]
    n = twins[0].n_of(look.scope)
    blocks = np.array(
        [
            block_s_beside(burst_s(_tallies(one, n), _tallies(other, n)))
            for one, other in zip(*calibrated, strict=True)
        ]
    )
    alarms = np.full(blocks.shape, NEVER)
    for block_s in np.unique(blocks):
        of = blocks == block_s
        alarms[of] = paired_alarm_s(usual[of], canary[of], int(block_s), -math.log(alpha))
    return alarms


def _budgeted(
    look: Look, alpha: float, twins: tuple[Arm, ...], pair: tuple[Arm, ...]
) -> npt.NDArray[np.float64]:
    objective = next(
        each for each in OBJECTIVES if (each.scope, each.condition) == (look.scope, look.subject)
    )
    what = "p99 < 250ms" if look.subject == "p99 < 250ms" else "errors"
    usual, canary = (each.of(look.scope, what) for each in pair)
    n = twins[0].n_of(look.scope)
    allowed = allowed_share(objective) or 0.0
    begun = []
    for one, other in zip(*(each.of(look.scope, what) for each in twins), strict=True):
        turns = zip(_tallies(one, n), _tallies(other, n), strict=True)
        known = usual_share(objective, allowed, list(chain.from_iterable(turns)))
        pace = PACES[look.detector]
        begun.append(trial(known.budget, pace, burst_block_s=known.burst_block_s))
    blocks = np.array([each.block_s for each in begun])
    alarms = np.full(blocks.shape, NEVER)
    for block_s in np.unique(blocks):
        of = np.flatnonzero(blocks == block_s)
        alarms[of] = budget_alarm_s(
            usual[of], canary[of], n, [begun[run] for run in of], -math.log(alpha)
        )
    return alarms


def _tallies(bad: npt.NDArray[np.int64], n: int) -> list[Tally]:
    return [Tally(bad=each, n=n) for each in bad.tolist()]
