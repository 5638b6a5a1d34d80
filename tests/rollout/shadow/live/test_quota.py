"""A rate is kept, whatever arrives."""

from __future__ import annotations

import pytest

from rollout.shadow.live.quota import Quota


@pytest.mark.parametrize("rate_rps", [0.5, 1.0, 50.0, 1_000.0])
def test_admits_its_rate_and_one_burst(rate_rps: float) -> None:
    quota = Quota(rate_rps)
    arrivals = (index * 100_000 for index in range(40_001))  # each 0.1 ms, for 4 s
    admitted = sum(quota.admits(now_ns) for now_ns in arrivals)
    burst = max(1.0, rate_rps / 10)
    assert admitted == pytest.approx(4 * rate_rps + burst, abs=1.5)


def test_what_was_not_used_is_not_saved_for_later() -> None:
    quota = Quota(100.0)
    assert quota.admits(0)
    hour_ns = 3_600_000_000_000
    assert sum(quota.admits(hour_ns) for _ in range(1_000)) == 10
