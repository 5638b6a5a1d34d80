from __future__ import annotations

import os

from loadgen.doctor.probe import probing


def test_a_trial_is_a_real_run_at_its_rate() -> None:
    before = os.sched_getaffinity(0)
    with probing(8) as measure:
        assert os.sched_getaffinity(0) == before
        health = measure(200.0)
    assert health.offered_rps == 200.0
    assert 0 < health.achieved_rps <= 201.0
    assert health.evidence.open_loop
