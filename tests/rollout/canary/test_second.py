"""The seconds of one side, from states whose histograms are known."""

from __future__ import annotations

import pytest

from rollout.canary.second import WINDOW_S, SecondsOfArm
from slo.histogram import Histogram
from slo.metric import Phase
from slo.sample import Counts, Sample

MS = 1_000_000


def state(t_s: float, times_ms: list[int], failed: int = 0) -> Sample:
    """All requests so far: one for each time, some of them failed."""
    times = Histogram.from_values([each * MS for each in times_ms])
    counts = Counts(
        finished=len(times_ms), failed=failed, status_codes={}, times={Phase.LATENCY: times}
    )
    return Sample(t_s=t_s, total=counts, endpoints={})


def test_a_second_has_what_came_since_the_last_one() -> None:
    arm = SecondsOfArm()
    arm.second(state(1.0, [10] * 40, failed=1))
    second = arm.second(state(2.0, [10] * 40 + [10] * 60, failed=4))
    assert (second.finished, second.failed) == (60, 3)
    assert second.error_percent == pytest.approx(5.0)


def test_percentiles_are_of_the_window_and_no_longer() -> None:
    arm = SecondsOfArm()
    times: list[int] = []
    for second in range(1, WINDOW_S + 1):
        times += [10] * 100
        arm.second(state(float(second), times))
    for second in range(WINDOW_S + 1, 2 * WINDOW_S + 1):
        times += [50] * 100
        last = arm.second(state(float(second), times))
        if second == WINDOW_S + 1:  # a tenth of the window is slow
            assert last.p50_ms == pytest.approx(10, rel=1e-3)
            assert last.p99_ms == pytest.approx(50, rel=1e-3)
    assert last.p50_ms == pytest.approx(50, rel=1e-3)


def test_too_few_requests_have_no_percentile() -> None:
    second = SecondsOfArm().second(state(1.0, [10] * 20))
    assert second.p50_ms == pytest.approx(10, rel=1e-3)
    assert second.p99_ms is None


def test_nothing_finished_has_no_error_rate() -> None:
    assert SecondsOfArm().second(state(1.0, [])).error_percent is None
