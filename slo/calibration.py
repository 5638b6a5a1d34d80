"""The baseline against itself: how much two equal arms differ before anything is compared. Pure.

Both arms are the baseline, probed as baseline and canary will be. From this come the limits of
what is slow, the statuses that are known, how long bursts last and therefore how long a
block has to be; and whether the comparison can be trusted at all: where the baseline differs
from itself, a canary that differs from it proves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median

import numpy as np

from slo import interval
from slo.blocks import Arms, PairedBlocks, spread
from slo.budget import allowed_share
from slo.compare import Margin
from slo.detector import PERCENTILES, is_of_times
from slo.effect import Effect, effect
from slo.fault import NOTHING, Beyond, Failed, Fault, NewStatus, Slow, Tally, heard, tally
from slo.histogram import COARSE_BITS, bucket_index, bucket_lows_ns
from slo.metric import Phase
from slo.objective import Objective
from slo.pairs import BLOCK_S, PairTrial
from slo.sample import Counts, Sample, first_breaking_ns, read
from slo.sequential import dispersion

__all__ = [
    "Calibration",
    "Calibrator",
    "Noise",
    "Usual",
    "block_s_beside",
    "burst_s",
    "usual_share",
]

ALPHA = 0.01
"""The chance that two equal arms are taken for different, and nothing can be compared."""
EXCESS_DEVIATIONS = 4.0
EXCESS_REQUESTS = 3
"""Of two equal arms one has more bad requests in a second than this only in a burst."""
BLOCKS_PER_BURST = 2.5
"""A burst that lies in two blocks makes them witnesses of the same thing; mostly it shall not."""
MOST_BLOCK_S = 60
CONFIDENCE = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How much two equal arms differ in one respect.

    Attributes:
        scope: an endpoint; None is all together.
        fault: what is looked at, its limit fixed from here on.
        usual: the bad requests of both arms.
        dispersion: how many times more the blocks vary than chance, 1 or more.
        burst_s: how long bursts last, in seconds; 1 where there are none.
        block_s: seconds of a block that is long beside it.
        disturbed_ratio: of the blocks, those with a burst in at least one arm, 0..1.
        effect: the second arm beside the first.
        differs: it is proven that they differ by more than the margin.
    """

    scope: str | None
    fault: Fault
    usual: Tally
    dispersion: float
    burst_s: float
    block_s: int
    disturbed_ratio: float
    effect: Effect
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """How much of a budget the baseline itself takes.

    Attributes:
        objective: whose budget.
        seen: the requests of both arms, those that break the objective as the bad ones.
        budget: that the canary is held against: the objective's, or, where the baseline
            itself breaks that, the most that the baseline's own share can be.
        burst_block_s: the shortest block that its bursts allow; 0 where there are none.
    """

    objective: Objective
    seen: Tally
    budget: float
    burst_block_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What is known before the comparison begins.

    Attributes:
        seconds: how long it took.
        baseline: what both arms did, by scope; the total under None.
        noise: by scope and fault.
        usual: by objective.
    """

    seconds: int
    baseline: Mapping[str | None, Counts]
    noise: tuple[Noise, ...]
    usual: tuple[Usual, ...]

    @property
    def valid(self) -> bool:
        """There are answers, and the baseline does not differ from itself."""
        answered = self.baseline[None].answered > 0
        return answered and not any(each.differs for each in self.noise)

    def block_s(self, scope: str | None) -> int:
        """Seconds of a block that is long enough for all that is looked at in a scope."""
        return max((each.block_s for each in self.noise if each.scope == scope), default=BLOCK_S)


class Calibrator:
    """Watches two arms that are the same, second by second.

    It keeps about 40 kB a second and endpoint: calibrate for minutes, not for hours.

    Args:
        objectives: with a budget; their own shares are measured.
        margin: what is still the same.
    """

    def __init__(self, objectives: Sequence[Objective], *, margin: Margin | None = None) -> None:
        self._objectives = objectives
        self._margin = margin or Margin()
        self._last: tuple[Sample, Sample] | None = None
        self._seconds: dict[str | None, list[Arms]] = {None: []}
        self._budgets: list[list[Tally]] = [[] for _ in objectives]

    def look(self, first: Sample, second: Sample) -> None:
        """Takes in one more second.

        Args:
            first: the state of one arm.
            second: of the other, at the same instant.
        """
        nothing = Sample(t_s=0.0, total=Counts.none(), endpoints={})
        last_first, last_second = self._last or (nothing, nothing)
        names = dict.fromkeys((*first.endpoints, *second.endpoints))
        for scope in (None, *(names if len(names) > 1 else ())):
            one = first.of(scope).since(last_first.of(scope))
            other = second.of(scope).since(last_second.of(scope))
            arms = Arms(baseline=_folded(one), canary=_folded(other))
            self._seconds.setdefault(scope, []).append(arms)
        for seen, objective in zip(self._budgets, self._objectives, strict=True):
            one_spent = _spent(objective, first, last_first)
            seen.extend(heard(one_spent, _spent(objective, second, last_second)))
        self._last = first, second

    def conclude(self) -> Calibration:
        """What is known now."""
        whole = {scope: _whole(seconds) for scope, seconds in self._seconds.items()}
        faults = {
            scope: (*_faults(arms), *_beyond(scope, self._objectives))
            for scope, arms in whole.items()
        }
        tests = 2 * sum(map(len, faults.values()))  # either arm may be the worse one
        needed = math.log(tests / ALPHA)
        return Calibration(
            seconds=len(self._seconds[None]),
            baseline={scope: arms.baseline + arms.canary for scope, arms in whole.items()},
            noise=tuple(
                self._noise(scope, fault, self._seconds[scope], needed)
                for scope in whole
                for fault in faults[scope]
            ),
            usual=tuple(
                usual_share(objective, allowed, seen)
                for objective, seen in zip(self._objectives, self._budgets, strict=True)
                if (allowed := allowed_share(objective)) is not None
            ),
        )

    def _noise(
        self, scope: str | None, fault: Fault, seconds: Sequence[Arms], needed: float
    ) -> Noise:
        pairs = [heard(tally(fault, each.baseline), tally(fault, each.canary)) for each in seconds]
        lasting_s = burst_s([one for one, _ in pairs], [other for _, other in pairs])
        block_s = block_s_beside(lasting_s)
        trial = PairTrial(block_s=block_s)
        for one, other in pairs:
            trial = trial.second(one, other)
        blocks = PairedBlocks()
        for start in range(0, len(seconds) - block_s + 1, block_s):
            blocks = blocks.and_block(_whole(seconds[start : start + block_s]))
        whole = _whole(seconds)
        ahead = effect(fault, whole, blocks, self._margin)
        behind = effect(fault, whole.swapped(), blocks.swapped(), self._margin)
        return Noise(
            scope=scope,
            fault=fault,
            usual=sum((one + other for one, other in pairs), NOTHING),
            dispersion=spread(fault, blocks) if blocks.entries else 1.0,
            burst_s=lasting_s,
            block_s=block_s,
            disturbed_ratio=_disturbed_ratio(pairs, block_s),
            effect=ahead,
            differs=(trial.log_evidence >= needed and ahead.worse)
            or (trial.log_evidence_better >= needed and behind.worse),
        )


def burst_s(first: Sequence[Tally], second: Sequence[Tally]) -> float:
    """How long bursts last, in seconds: times at which one of two equal arms is far worse.

    It is the length of the burst that an average second of a burst lies in: the long ones count
    by their length, and one that happens to be longer than all others does not decide alone.

    Args:
        first: of each second.
        second: of the same seconds.

    Returns:
        1 where there is no burst of several seconds.
    """
    sides = _bursts(list(zip(first, second, strict=True)))
    lengths = [len(list(run)) for side, run in groupby(sides) if side]
    return max(1.0, sum(length * length for length in lengths) / max(1, sum(lengths)))


def _bursts(pairs: Sequence[tuple[Tally, Tally]]) -> list[int]:
    """For each second: 1 when the first arm is far worse, -1 when the second is, else 0."""
    share = sum((one + other for one, other in pairs), NOTHING).share
    # Arms that differ all the time do not differ in bursts.
    usual = median(one.bad - other.bad for one, other in pairs) if pairs else 0
    sides = []
    for one, other in pairs:
        lead = one.bad - other.bad - usual
        chance = EXCESS_DEVIATIONS * math.sqrt((one.n + other.n) * share * (1 - share))
        far = abs(lead) > chance + EXCESS_REQUESTS
        sides.append(int(math.copysign(far, lead)))
    return sides


def _disturbed_ratio(pairs: Sequence[tuple[Tally, Tally]], block_s: int) -> float:
    sides = _bursts(pairs)
    starts = range(0, len(sides), block_s)
    disturbed = sum(any(sides[start : start + block_s]) for start in starts)
    return disturbed / len(starts) if starts else 0.0


def block_s_beside(lasting_s: float) -> int:
    """Seconds of a block that is long beside bursts of this length."""
    return min(MOST_BLOCK_S, max(BLOCK_S, math.ceil(BLOCKS_PER_BURST * lasting_s)))


def _faults(arms: Arms) -> tuple[Fault, ...]:
    """What is looked at in a scope: errors, statuses, and the percentiles that it supports."""
    both = arms.baseline + arms.canary
    known = frozenset(status for status, count in both.status_codes.items() if count)
    times = both.time(Phase.LATENCY)
    slow = (
        Slow(percentile=each, limit_ns=_edge_above_ns(times.quantile_ns(each.q) or 0))
        for each in PERCENTILES
        if times.n >= each.least_n
    )
    return (Failed(), NewStatus(known=known), *slow)


def _beyond(scope: str | None, objectives: Sequence[Objective]) -> tuple[Beyond, ...]:
    """What the objectives of a scope want of its response times."""
    return tuple(
        Beyond(condition=each.condition, limit_ns=first_breaking_ns(each))
        for each in objectives
        if each.scope == scope and is_of_times(each)
    )


def _edge_above_ns(value_ns: int) -> int:
    """The edge above a value at which the buckets of every precision end."""
    lows_ns = bucket_lows_ns(COARSE_BITS)
    index = int(bucket_index(COARSE_BITS, np.array([value_ns], dtype=np.uint64))[0])
    return int(lows_ns[min(index + 1, lows_ns.size - 1)])


def usual_share(objective: Objective, allowed: float, seen: Sequence[Tally]) -> Usual:
    """How much of a budget the baseline takes.

    Args:
        objective: whose budget.
        allowed: the share of requests that it allows to be bad, 0..1.
        seen: the requests of each second, the two arms taking turns.
    """
    whole = sum(seen, NOTHING)
    lasting_s = burst_s(seen[::2], seen[1::2])
    budget = allowed
    if whole.share > allowed:
        counted = [each for each in seen if each.n]
        squares = sum(each.bad * each.bad / each.n for each in counted)
        deff = float(dispersion(whole.bad, whole.n, squares, len(counted)))
        n = max(1, round(whole.n / deff))
        budget = min(0.99, interval.wilson(round(whole.share * n), n, CONFIDENCE).high)
    return Usual(
        objective=objective,
        seen=whole,
        budget=budget,
        burst_block_s=block_s_beside(lasting_s) if lasting_s > 1 else 0,
    )


def _spent(objective: Objective, sample: Sample, last: Sample) -> Tally:
    now, before = read(objective, sample), read(objective, last)
    return Tally.of(now.part - before.part, now.n - before.n)


def _folded(counts: Counts) -> Counts:
    times = {Phase.LATENCY: counts.time(Phase.LATENCY).folded(COARSE_BITS)}
    return Counts(
        finished=counts.finished,
        failed=counts.failed,
        status_codes=counts.status_codes,
        times=times,
    )


def _whole(seconds: Sequence[Arms]) -> Arms:
    nothing = Arms(baseline=Counts.none(), canary=Counts.none())
    return sum(seconds, nothing)
