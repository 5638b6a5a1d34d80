"""slo.effect: intervals by hand and by simulated arms whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.canary_arms import counted
from slo.blocks import Arms, PairedBlocks
from slo.compare import Margin
from slo.effect import Effect, effect
from slo.fault import Failed, Slow
from slo.interval import wilson
from slo.metric import Percentile, Unit
from slo.sample import Counts
from tests.slo.traffic import counts

P50, P99 = (Slow(percentile=Percentile(percent=each), limit_ns=1) for each in (50, 99))
MARGIN = Margin()
NONE = PairedBlocks()


def _simulated(slower: float, seed: int, *, stalls: bool, blocks: int = 40) -> Effect:
    """The median of two arms, 500 requests in a block; a stall makes a whole block slow."""
    lots = np.random.default_rng(seed)
    paired, whole = NONE, Arms(baseline=Counts.none(), canary=Counts.none())
    for _ in range(blocks):
        arms = []
        for factor in (1.0, slower):
            stalled = stalls and lots.random() < 0.2
            times_ns = (3 if stalled else 1) * factor * 20e6 * np.exp(lots.normal(0, 0.5, 500))
            arms.append(counted(times_ns, failed=0, status_codes={200: 500}))
        block = Arms(baseline=arms[0], canary=arms[1])
        paired, whole = paired.and_block(block), whole + block
    fault = Slow(percentile=Percentile(percent=50), limit_ns=20_000_000)
    return effect(fault, whole, paired, MARGIN)


@pytest.mark.parametrize("stalls", [False, True])
def test_the_interval_holds_the_truth_as_often_as_it_says(stalls: bool) -> None:
    """Of 60 intervals at 95 %, at least 51: fewer would be one in 2,000 such tests."""
    effects = [_simulated(1.3, seed, stalls=stalls) for seed in range(60)]
    assert sum(each.bootstrapped is stalls for each in effects) >= 55  # chance varies, too
    held = [each.interval for each in effects if each.interval is not None]
    assert sum(range_.low <= 1.3 <= range_.high for range_ in held) >= 51
    assert np.mean([range_.high - range_.low for range_ in held]) < (0.5 if stalls else 0.1)


def test_bursts_widen_the_interval() -> None:
    calm, bursty = (_simulated(1.0, 1, stalls=stalls).interval for stalls in (False, True))
    assert calm is not None
    assert bursty is not None
    assert bursty.high - bursty.low > 3 * (calm.high - calm.low)


def test_worse_is_only_what_lies_beyond_the_margin_as_a_whole() -> None:
    assert _simulated(1.3, 1, stalls=False).worse
    assert not _simulated(1.03, 1, stalls=False).worse
    assert not _simulated(0.7, 1, stalls=False).worse


def test_errors_by_points() -> None:
    arms = Arms(baseline=counts({10: 1_000}, failed=10), canary=counts({10: 1_000}, failed=30))
    found = effect(Failed(), arms, NONE, MARGIN)
    assert (found.baseline, found.canary, found.unit) == (1.0, 3.0, Unit.PERCENT)
    assert found.ratio == pytest.approx(3.0)
    assert found.interval is not None
    least, most = 100 * wilson(30, 1_000).low, 100 * wilson(10, 1_000).high
    assert found.interval.low == pytest.approx(2 - math.hypot(3 - least, most - 1))  # Newcombe
    assert found.worse


def test_errors_in_bursts_are_drawn_by_blocks() -> None:
    """Thirty failures in one block of ten are one event, and prove nothing."""
    blocks, whole = NONE, Arms(baseline=Counts.none(), canary=Counts.none())
    for block in range(10):
        failed = 30 if block == 0 else 0
        one = Arms(baseline=counts({10: 100}), canary=counts({10: 100}, failed=failed))
        blocks, whole = blocks.and_block(one), whole + one
    found = effect(Failed(), whole, blocks, MARGIN)
    assert found.bootstrapped
    assert not found.worse
    assert found.ratio is None  # of nothing
    assert effect(Failed(), whole, NONE, MARGIN).worse


@pytest.mark.parametrize(
    "arms",
    [
        pytest.param(Arms(baseline=counts({10: 5}), canary=Counts.none()), id="no canary"),
        pytest.param(Arms(baseline=Counts.none(), canary=counts({10: 5})), id="no baseline"),
    ],
)
def test_without_data_there_is_no_effect(arms: Arms) -> None:
    for fault in (P50, Failed()):
        found = effect(fault, arms, NONE.and_block(arms), MARGIN)
        assert (found.ratio, found.interval, found.worse) == (None, None, False)


def test_too_few_requests_for_a_percentile_have_no_effect() -> None:
    arms = Arms(baseline=counts({10: 499}), canary=counts({20: 499}))
    assert effect(P99, arms, NONE, MARGIN).interval is None
    assert effect(P50, arms, NONE, MARGIN).ratio == 2.0


def test_too_few_blocks_give_no_interval() -> None:
    assert _simulated(1.0, 3, stalls=True, blocks=9).interval is None
    assert _simulated(1.0, 4, stalls=True, blocks=10).interval is not None
