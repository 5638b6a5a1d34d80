"""The plan's C kernels: golden numbers, one plan for any number of workers, and chance."""

from __future__ import annotations

import csv
import math
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from loadgen import _plan
from loadgen.plan import Arrivals
from loadgen.schedule import Point, Schedule
from tests.golden import make_plan

GOLDEN = Path(make_plan.__file__).parent
SECOND_NS = 1_000_000_000
KS_LIMIT = 1.63
"""sqrt(n) * D of Kolmogorov and Smirnov is above this once in a hundred."""
CHI_SQUARE_LIMIT = {2: 9.21, 5: 15.09}
"""By degrees of freedom; chi-square is above this once in a hundred."""

Walk = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.uint32]]


def walk(
    points: tuple[Point, ...],
    kind: str,
    seed: int,
    end_s: float,
    *,
    weights: tuple[int, ...] = (1,),
    worker: int = 0,
    workers: int = 1,
    side: int | None = None,
) -> Walk:
    """The arrivals of one worker: all endpoints on one target, or one side of the pairs."""
    shares = [total / sum(weights) for total in accumulate(weights)]
    targets = [0] * len(weights) + ([] if side is None else [1] * len(weights))
    return _plan.arrivals(
        points, kind, seed, shares, targets, side or 0, worker, workers, end_s, side is not None
    )


def distance_from_exponential(gaps: npt.NDArray[np.float64]) -> float:
    """sqrt(n) * D: how far the gaps' distribution is from the standard exponential."""
    n = len(gaps)
    expected = -np.expm1(-np.sort(gaps))
    above = np.arange(1, n + 1) / n - expected
    below = expected - np.arange(n) / n
    return float(math.sqrt(n) * max(above.max(), below.max()))


@st.composite
def schedules(draw: st.DrawFn) -> tuple[Point, ...]:
    """Ramps, flats, jumps, pauses; whole numbers, so that a slope never passes 1,000 / s."""
    levels = draw(st.lists(st.integers(0, 1000), min_size=1, max_size=8))
    gaps = draw(st.lists(st.integers(0, 30), min_size=len(levels), max_size=len(levels)))
    return tuple(zip(map(float, accumulate(gaps)), map(float, levels), strict=True))


@pytest.mark.parametrize("name", sorted(make_plan.files()))
def test_the_golden_numbers_are_what_their_program_writes(name: str) -> None:
    assert (GOLDEN / name).read_text() == make_plan.files()[name]


@pytest.mark.parametrize("case", make_plan.CASES, ids=lambda case: case.name)
def test_arrivals_are_the_golden_ones(case: make_plan.Case) -> None:
    with (GOLDEN / "arrivals.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["case"] == case.name]
    points = tuple((float(at_s), float(level)) for at_s, level in case.points)
    index, intended_ns, endpoint = walk(
        points,
        case.kind,
        case.seed,
        case.end_s,
        weights=case.weights,
        worker=case.worker,
        workers=case.workers,
        side=case.side,
    )
    assert len(rows) > 40
    assert index.tolist() == [int(row["index"]) for row in rows]
    assert endpoint.tolist() == [int(row["endpoint"]) for row in rows]
    expected_ns = np.array([int(row["intended_ns"]) for row in rows], dtype=np.int64)
    assert np.abs(intended_ns.astype(np.int64) - expected_ns).max() <= 1


@settings(max_examples=60, deadline=None)
@given(
    points=schedules(),
    kind=st.sampled_from(["uniform", "poisson"]),
    seed=st.integers(0, 2**64 - 1),
    workers=st.integers(2, 9),
    end_s=st.floats(0.1, 20),
)
def test_the_plan_is_the_same_for_any_number_of_workers(
    points: tuple[Point, ...], kind: str, seed: int, workers: int, end_s: float
) -> None:
    weights = (3, 0, 2, 5)
    alone = walk(points, kind, seed, end_s, weights=weights)
    shares = [
        walk(points, kind, seed, end_s, weights=weights, worker=own, workers=workers)
        for own in range(workers)
    ]
    for own, (index, _, _) in enumerate(shares):
        assert (index % np.uint64(workers) == own).all()
    order = np.argsort(np.concatenate([index for index, _, _ in shares]))
    for column in range(3):
        together = np.concatenate([share[column] for share in shares])
        assert np.array_equal(together[order], alone[column])
    assert np.array_equal(alone[0], np.arange(len(alone[0]), dtype=np.uint64))
    assert (np.diff(alone[1].astype(np.int64)) >= 0).all()


@settings(max_examples=40, deadline=None)
@given(
    points=schedules(),
    kind=st.sampled_from(["uniform", "poisson"]),
    seed=st.integers(0, 2**64 - 1),
    workers=st.integers(1, 5),
    end_s=st.floats(0.1, 20),
)
def test_pairs_decide_where_to_and_what_and_never_when(
    points: tuple[Point, ...], kind: str, seed: int, workers: int, end_s: float
) -> None:
    weights = (3, 0, 2)
    walks = [
        walk(points, kind, seed, end_s, weights=weights, worker=own, workers=workers, side=side)
        for own in range(workers)
        for side in (0, 1)
    ]
    index, intended_ns, endpoint = (np.concatenate(column) for column in zip(*walks, strict=True))
    order = np.argsort(index)
    alone = walk(points, kind, seed, end_s)
    assert np.array_equal(index[order], alone[0])
    assert np.array_equal(intended_ns[order], alone[1])
    side, asked = np.divmod(endpoint[order], len(weights))
    whole = len(side) // 2 * 2
    assert np.array_equal(side, np.resize([0, 1, 1, 0], len(side)))
    assert np.array_equal(asked[:whole:2], asked[1:whole:2])


@pytest.mark.parametrize("rate_rps", [1, 7, 999, 30_000])
def test_uniform_arrivals_are_exact_in_every_second(rate_rps: int) -> None:
    _, intended_ns, _ = walk(((0.0, float(rate_rps)),), "uniform", 0, 10)
    assert np.bincount(intended_ns // SECOND_NS).tolist() == [rate_rps] * 10


def test_uniform_arrivals_are_exact_over_jumps_and_a_pause() -> None:
    points = ((0.0, 10.0), (2.0, 10.0), (2.0, 0.0), (4.0, 0.0), (4.0, 500.0))
    _, intended_ns, _ = walk(points, "uniform", 0, 6)
    assert np.bincount(intended_ns // SECOND_NS).tolist() == [10, 10, 0, 0, 500, 500]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_poisson_gaps_are_exponential_and_independent(seed: int) -> None:
    rate_rps = 1000.0
    _, intended_ns, _ = walk(((0.0, rate_rps),), "poisson", seed, 20)
    gaps = np.diff(intended_ns.astype(np.float64), prepend=0.0) * rate_rps / SECOND_NS
    assert distance_from_exponential(gaps) < KS_LIMIT
    neighbours = np.corrcoef(gaps[:-1], gaps[1:])[0, 1]
    assert abs(neighbours) < 3 / math.sqrt(len(gaps))
    assert abs(len(gaps) - 20 * rate_rps) < 3 * math.sqrt(20 * rate_rps)


def test_poisson_gaps_are_exponential_in_the_area_of_a_ramp() -> None:
    schedule = Schedule(points=((0.0, 0.0), (5.0, 800.0), (5.0, 100.0), (10.0, 0.0)))
    _, intended_ns, _ = walk(schedule.points, "poisson", 5, 10)
    areas = np.array([schedule.area(at_ns / SECOND_NS) for at_ns in intended_ns.tolist()])
    assert distance_from_exponential(np.diff(areas, prepend=0.0)) < KS_LIMIT


def test_the_exponential_check_refuses_what_is_not_exponential() -> None:
    uniform = np.random.default_rng(1).uniform(0, 2, 20_000)
    assert distance_from_exponential(np.ones(20_000)) > KS_LIMIT
    assert distance_from_exponential(uniform) > KS_LIMIT
    assert distance_from_exponential(np.random.default_rng(1).exponential(1.05, 20_000)) > KS_LIMIT


@pytest.mark.parametrize("weights", [(30, 25, 20, 15, 7, 3), (0, 1, 0, 0, 6, 13, 0)])
@pytest.mark.parametrize("kind", list(Arrivals))
def test_weights_are_honoured(weights: tuple[int, ...], kind: Arrivals) -> None:
    _, _, endpoint = walk(((0.0, 1000.0),), kind, 11, 20, weights=weights)
    counts = np.bincount(endpoint, minlength=len(weights))
    expected = len(endpoint) * np.array(weights) / sum(weights)
    chosen = expected > 0
    assert (counts[~chosen] == 0).all()
    chi_square = float((((counts - expected) ** 2)[chosen] / expected[chosen]).sum())
    assert chi_square < CHI_SQUARE_LIMIT[int(chosen.sum()) - 1]


def test_draws_are_uniform_and_streams_are_independent() -> None:
    counters = np.arange(20_000, dtype=np.uint64)
    by_stream = [_plan.draws(3, stream, counters) for stream in (1, 2, 3, 4)]
    for units in by_stream:
        assert distance_from_exponential(-np.log1p(-units)) < KS_LIMIT
    correlations = np.corrcoef(by_stream) - np.eye(4)
    assert np.abs(correlations).max() < 3 / math.sqrt(len(counters))


def test_neighbouring_seeds_give_unrelated_draws() -> None:
    counters = np.arange(20_000, dtype=np.uint64)
    one, other = _plan.draws(1, 1, counters), _plan.draws(2, 1, counters)
    assert abs(np.corrcoef(one, other)[0, 1]) < 3 / math.sqrt(len(counters))


def test_draws_are_the_golden_ones() -> None:
    counters = np.array(make_plan.COUNTERS, dtype=np.uint64)
    for seed in make_plan.SEEDS:
        expected = [float(make_plan.unit(seed, 1, counter)) for counter in make_plan.COUNTERS]
        assert _plan.draws(seed, 1, counters).tolist() == expected


@given(points=schedules(), at_s=st.floats(0, 300))
@example(points=((0.0, 5.0), (0.0, 10.0)), at_s=0.0)
@example(points=((7.0, 5.0),), at_s=3.0)
def test_level_and_area_are_those_of_the_python_schedule(
    points: tuple[Point, ...], at_s: float
) -> None:
    schedule = Schedule(points=points)
    assert _plan.schedule_level(points, at_s) == pytest.approx(schedule.level(at_s), rel=1e-12)
    assert _plan.schedule_area(points, at_s) == pytest.approx(
        schedule.area(at_s), rel=1e-12, abs=1e-9
    )


@given(points=schedules(), share=st.floats(0, 1))
@example(points=((0.0, 0.0), (1.0, 1.0)), share=1e-300)
def test_time_of_area_is_the_inverse_of_area(points: tuple[Point, ...], share: float) -> None:
    area = share * _plan.schedule_area(points, points[-1][0] + 60)
    at_s = _plan.schedule_time_of_area(points, area)
    assert _plan.schedule_area(points, at_s) == pytest.approx(area, rel=1e-12, abs=1e-9)


@given(slope=st.floats(-1e-6, 1e-6), share=st.floats(0.001, 0.999))
def test_time_of_area_is_exact_where_a_slope_tends_to_zero(slope: float, share: float) -> None:
    points = ((0.0, 1000.0), (1000.0, 1000.0 + slope * 1000.0))
    area = share * 1e6
    at_s = share * 1000.0  # of the flat schedule; the slope moves it by its own tiny part
    correction_s = slope * at_s**2 / 2 / 1000.0
    assert abs(_plan.schedule_time_of_area(points, area) - (at_s - correction_s)) < 2e-9


@given(points=schedules(), level=st.integers(1, 1000), from_s=st.integers(0, 200))
def test_next_at_least_is_the_first_such_time(
    points: tuple[Point, ...], level: int, from_s: int
) -> None:
    schedule = Schedule(points=points)
    found_s = _plan.schedule_next_at_least(points, level, from_s)
    if math.isfinite(found_s):
        assert found_s >= from_s
        assert schedule.level(found_s) >= level - 1e-8
    ends = [float(from_s), *(at_s for at_s, _ in points if at_s > from_s), points[-1][0] + 1e3]
    for early, late in pairwise(ends):
        for at_s in np.linspace(early, late, 7, endpoint=False):
            if at_s < found_s - 1e-8:
                assert schedule.level(float(at_s)) < level


@given(points=schedules())
def test_a_level_above_the_peak_is_never_reached(points: tuple[Point, ...]) -> None:
    peak = Schedule(points=points).peak
    assume(peak > 0)
    assert _plan.schedule_next_at_least(points, peak + 0.001, 0) == math.inf


GOOD = {
    "points": ((0.0, 1.0),),
    "kind": "uniform",
    "seed": 0,
    "cumulative": [0.5, 1.0],
    "target_of": [0, 0],
    "target": 0,
    "worker": 0,
    "workers": 1,
    "end_s": 3.0,
}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"points": ()}, "points: shape"),
        ({"points": ((1.0, 1.0), (0.0, 1.0))}, "no schedule; expected finite"),
        ({"kind": "bursty"}, "kind: 'bursty'; expected uniform or poisson"),
        ({"cumulative": [0.5, 0.9]}, "expected shares, the last 1.0"),
        ({"cumulative": [], "target_of": []}, "expected shares, the last 1.0"),
        ({"target_of": [0]}, "1 targets for 2 endpoints"),
        ({"worker": 1}, "worker: 1 of 1; expected 0 to workers - 1"),
        ({"end_s": math.inf}, "end_s: inf; expected a finite time"),
        ({"paired": True}, "2 targets for 2 endpoints; expected two for each"),
        ({"paired": True, "target_of": [0, 0, 1, 1], "target": 2}, "target: 2 of a pair"),
    ],
)
def test_arrivals_refuse_what_is_out_of_range(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        _plan.arrivals(**{**GOOD, **wrong})  # type: ignore[arg-type]  # wrong on purpose
