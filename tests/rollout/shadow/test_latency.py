"""Service times of pairs: percentiles within a step, a ratio with an interval that holds."""

from __future__ import annotations

import numpy as np
import pytest

from rollout.shadow.latency import PairedLatency
from tests.rollout.shadow.pairs import ledger


def test_percentiles_are_numpys_within_a_step() -> None:
    rng = np.random.default_rng(1)
    production = rng.lognormal(15, 1, 2_000)
    canary = production * rng.lognormal(0.3, 0.2, 2_000)
    paired = PairedLatency()
    for before, after in zip(production, canary, strict=True):
        paired.add(int(before), int(after))
    found = paired.result()
    for values, percentiles in ((production, found.production_ms), (canary, found.canary_ms)):
        expected = np.percentile(values, [50, 95, 99], method="inverted_cdf") / 1e6
        assert percentiles == pytest.approx(tuple(expected), rel=0.011)
    assert found.n == 2_000
    assert found.ratio == pytest.approx(np.exp(0.3), rel=0.03)
    assert found.interval is not None
    assert found.interval.low < np.exp(0.3) < found.interval.high


def test_the_interval_holds_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(200):
        paired = PairedLatency()
        for after in rng.lognormal(14.0, 0.5, 60):
            paired.add(1_000_000, int(after))
        interval = paired.result().interval
        assert interval is not None
        held += interval.low <= np.exp(14.0) / 1e6 <= interval.high
    assert held >= 180


def test_few_pairs_have_no_tail() -> None:
    paired = PairedLatency()
    for _ in range(100):
        paired.add(2_000_000, 2_000_000)
    p50, p95, p99 = paired.result().production_ms
    assert p50 == pytest.approx(2, rel=0.01)
    assert p95 == pytest.approx(2, rel=0.01)
    assert p99 is None


def test_none_have_nothing() -> None:
    found = PairedLatency().result()
    assert (found.n, found.ratio, found.interval) == (0, None, None)
    assert ledger().pairs == 0
