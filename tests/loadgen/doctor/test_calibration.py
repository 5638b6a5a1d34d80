from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgen.doctor import Calibration, Limit, Trial, next_rate, search
from loadgen.doctor.calibration import CEILING_RPS, FLOOR_RPS, RESOLUTION, TRIALS
from slo.validity import Evidence, Health, Validity


def _health(offered_rps: float, achieved_rps: float, *, verdict: Validity) -> Health:
    """Only what the search looks at is filled in with care."""
    evidence = Evidence(
        open_loop=True,
        paced=True,
        planned_requests=2 * offered_rps,
        sent=round(2 * achieved_rps),
        dropped=0,
        measured_s=2.0,
        own_lag_p50_ms=None,
        own_lag_p99_ms=None,
        own_lag_max_ms=None,
        worker_cpu_percent=(),
        run_delay_percent=(),
    )
    return Health(
        verdict=verdict,
        reasons=() if verdict is Validity.VALID else ("Worker 0 was slow.",),
        notes=("Connections were the limit.",),
        offered_rps=offered_rps,
        achieved_rps=achieved_rps,
        evidence=evidence,
    )


class _SimulatedBox:
    """Trusted up to a rate, and noisy in chosen trials."""

    def __init__(
        self, *, generator_rps: float, target_rps: float = 1e12, noisy: frozenset[int] = frozenset()
    ) -> None:
        self.generator_rps = generator_rps
        self.target_rps = target_rps
        self.noisy = noisy
        self.rates: list[float] = []

    def measure(self, rate_rps: float) -> Health:
        self.rates.append(rate_rps)
        bad = rate_rps > self.generator_rps or len(self.rates) in self.noisy
        verdict = Validity.SUSPECT if bad else Validity.VALID
        return _health(rate_rps, min(rate_rps, self.target_rps), verdict=verdict)


def _search(box: _SimulatedBox) -> Calibration:
    heard: list[tuple[int, Trial]] = []
    found = search(box.measure, on_trial=lambda number, trial: heard.append((number, trial)))
    assert [number for number, _ in heard] == list(range(1, len(box.rates) + 1))
    assert tuple(trial for _, trial in heard) == found.trials
    return found


@given(generator_rps=st.floats(1_000, 60_000))
def test_comes_within_its_resolution(generator_rps: float) -> None:
    """From below, so that what it promises is true."""
    found = _search(_SimulatedBox(generator_rps=generator_rps))
    assert found.trusted_rps <= generator_rps
    assert len(found.trials) == TRIALS or generator_rps <= found.trusted_rps * RESOLUTION
    assert generator_rps < found.trusted_rps * 1.5
    assert found.limit is Limit.GENERATOR
    assert found.reason == "Worker 0 was slow."


@given(
    generator_rps=st.floats(1, 3_000_000),
    target_rps=st.floats(1, 3_000_000),
    noisy=st.frozensets(st.integers(1, TRIALS)),
)
def test_always_ends_and_never_promises_a_rate_that_was_not_trusted(
    generator_rps: float, target_rps: float, noisy: frozenset[int]
) -> None:
    found = _search(_SimulatedBox(generator_rps=generator_rps, target_rps=target_rps, noisy=noisy))
    assert len(found.trials) <= TRIALS
    assert found.trusted_rps in {0.0, *(t.rate_rps for t in found.trials if t.trusted)}
    assert min(t.rate_rps for t in found.trials) >= FLOOR_RPS
    assert max(t.rate_rps for t in found.trials) <= CEILING_RPS


def test_doubles_then_narrows_down() -> None:
    box = _SimulatedBox(generator_rps=3_000)
    _search(box)
    assert box.rates[:6] == pytest.approx([1000, 2000, 4000, 4000, 2828.4, 3363.6], abs=0.1)


def test_one_bad_trial_is_no_condemnation() -> None:
    disturbed = _search(_SimulatedBox(generator_rps=10_000, noisy=frozenset({3})))
    calm = _search(_SimulatedBox(generator_rps=10_000))
    assert disturbed.trusted_rps == pytest.approx(calm.trusted_rps, rel=0.25)


def test_a_slow_target_is_not_the_generator_s_fault() -> None:
    found = _search(_SimulatedBox(generator_rps=1e9, target_rps=5_000))
    assert found.limit is Limit.TARGET
    assert 4_000 <= found.trusted_rps <= 5_051
    assert found.reason == "Connections were the limit."


def test_without_a_limit_it_stops_at_the_ceiling() -> None:
    found = _search(_SimulatedBox(generator_rps=1e12))
    assert found.limit is Limit.CEILING
    assert found.trusted_rps == CEILING_RPS
    assert found.reason == ""


def test_a_hopeless_box_is_given_up() -> None:
    found = _search(_SimulatedBox(generator_rps=0.0))
    assert found.trusted_rps == 0.0
    assert found.reason == "Worker 0 was slow."


def test_a_weak_box_is_searched_below_the_first_rate() -> None:
    assert 60 <= _search(_SimulatedBox(generator_rps=100)).trusted_rps <= 100


def test_begins_somewhere() -> None:
    assert next_rate([]) == 1_000
