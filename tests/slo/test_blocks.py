"""slo.blocks: memory that does not grow, and draws whose spread is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.canary_arms import counted
from slo.blocks import Arms, PairedBlocks, redrawn_shares, redrawn_times_ms, spread
from slo.fault import Failed
from slo.histogram import COARSE_BITS
from slo.metric import Phase
from slo.sample import Counts
from tests.slo.traffic import counts

ERRORS = Failed()


def _arms(baseline_failed: int, canary_failed: int, ms: float = 10.0) -> Arms:
    return Arms(
        baseline=counts({ms: 100}, failed=baseline_failed),
        canary=counts({2 * ms: 100}, failed=canary_failed),
    )


def _blocks(failed: list[tuple[int, int]]) -> PairedBlocks:
    blocks = PairedBlocks()
    for one, other in failed:
        blocks = blocks.and_block(_arms(one, other))
    return blocks


def test_arms_come_apart_add_up_and_change_places() -> None:
    early, late = _arms(1, 2), _arms(1, 2) + _arms(4, 7)
    assert late.since(early).canary.failed == 7
    assert late.swapped().baseline.failed == 9
    assert _blocks([(1, 2), (3, 4)]).swapped().baseline[1].failed == 4


@pytest.mark.parametrize(
    ("added", "full", "merged"),
    [(0, 0, 1), (5, 5, 1), (128, 128, 1), (129, 64, 2), (130, 65, 2), (257, 64, 4), (260, 65, 4)],
)
def test_neighbours_are_merged_when_there_are_many(added: int, full: int, merged: int) -> None:
    blocks = _blocks([(1, 2)] * added)
    assert (len(blocks.full), blocks.merged) == (full, merged)
    assert sum(each.canary.failed for each in blocks.entries) == 2 * added
    assert all(each.failed == merged for each in blocks.baseline)


def test_histograms_are_kept_with_low_precision() -> None:
    assert _blocks([(0, 0)]).canary[0].time(Phase.LATENCY).bits == COARSE_BITS


def test_spread_is_that_of_the_worse_arm() -> None:
    """All failures in every tenth block: mean 1 of 100, variance 100/11 beside 100 p q = 0.99."""
    bursts = [(1, 0), *[(1, 0)] * 8, (1, 10)]
    assert spread(ERRORS, _blocks(bursts)) == pytest.approx(10 / 0.99)
    assert spread(ERRORS, _blocks([(1, 1)] * 10)) == 1.0


def test_drawn_shares_spread_as_the_blocks_do() -> None:
    """The variance of a mean of B drawn blocks is that of a block by B."""
    failed = np.random.default_rng(1).integers(0, 20, (60, 2))
    drawn = redrawn_shares(ERRORS, _blocks([(int(a), int(b)) for a, b in failed]))
    for values, seen in zip(drawn, failed.T / 100, strict=True):
        assert values.mean() == pytest.approx(seen.mean(), abs=4 * values.std() / math.sqrt(1_000))
        assert values.std() == pytest.approx(seen.std() / math.sqrt(60), rel=0.1)


def test_drawn_quantiles_are_those_of_the_values() -> None:
    """Twenty blocks of the same lognormal: the drawn medians lie where order statistics say."""
    lots = np.random.default_rng(2)
    blocks = PairedBlocks()
    for _ in range(20):
        one, other = (
            counted(20e6 * np.exp(lots.normal(0, 0.5, 500)), failed=0, status_codes={200: 500})
            for _ in range(2)
        )
        blocks = blocks.and_block(Arms(baseline=one, canary=other))
    baseline_ms, canary_ms = redrawn_times_ms(blocks, 0.5)
    error_ms = 20 * 0.5 * 1.2533 / math.sqrt(10_000)
    for values in (baseline_ms, canary_ms):
        assert values.mean() == pytest.approx(20, abs=4 * error_ms)
        assert values.std() == pytest.approx(error_ms, rel=0.5)


def test_both_arms_are_drawn_from_the_same_blocks() -> None:
    blocks = PairedBlocks()
    for block in range(20):
        blocks = blocks.and_block(_arms(0, 0, ms=10.0 + block))
    baseline_ms, canary_ms = redrawn_times_ms(blocks, 0.5)
    assert baseline_ms.std() > 0.5
    assert canary_ms / baseline_ms == pytest.approx(np.full(1_000, 2.0), rel=0.02)


def test_without_requests_there_is_no_quantile() -> None:
    nothing = Arms(baseline=counts({10: 5}), canary=Counts.none())
    _, canary_ms = redrawn_times_ms(PairedBlocks().and_block(nothing), 0.5)
    assert np.isnan(canary_ms).all()
