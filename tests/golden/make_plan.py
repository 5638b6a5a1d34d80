"""Writes rng.csv, arrivals_cases.csv and arrivals.csv: what the plan's C kernels must give.

An implementation of its own, from the formulas in _ext/lg_rng.h and _ext/lg_arrivals.h: whole
numbers, fractions and 40-digit decimals where the C has doubles, the textbook solution
of the quadratic where the C avoids it. `python tests/golden/make_plan.py` writes beside itself.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, getcontext
from fractions import Fraction
from itertools import count, pairwise
from pathlib import Path

__all__ = ["CASES", "Case", "files", "mix", "u64", "unit"]

WRAP = 2**64
GAMMA = 0x9E3779B97F4A7C15
ENDPOINT = 1
GAP = 2
getcontext().prec = 40

SEEDS = (0, 1, 42, 0x0123456789ABCDEF, WRAP - 1)
STREAMS = (1, 2, 3, 4)
COUNTERS = (0, 1, 2, 1_000_000, 1 << 32, 7 << 32 | 3, WRAP - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The arrivals of one worker that the C must repeat. Points are (seconds, level).

    A side of 0 or 1 makes them pairs, and only those to this target count; `weights` are then
    those of target 0.
    """

    name: str
    points: tuple[tuple[int, int], ...]
    kind: str
    seed: int
    weights: tuple[int, ...]
    end_s: int
    worker: int
    workers: int
    side: int | None = None


CASES = (
    Case(
        name="flat",
        points=((0, 30),),
        kind="uniform",
        seed=0,
        weights=(30, 25, 20, 15, 7, 3),
        end_s=5,
        worker=0,
        workers=1,
    ),
    Case(
        name="ramps, jumps and a pause",
        points=((0, 0), (4, 80), (8, 20), (8, 0), (60, 0), (60, 300), (61, 0), (62, 11)),
        kind="uniform",
        seed=42,
        weights=(1, 0, 3),
        end_s=70,
        worker=2,
        workers=3,
    ),
    Case(
        name="before the first point",
        points=((10, 7), (20, 14)),
        kind="uniform",
        seed=1,
        weights=(1,),
        end_s=25,
        worker=0,
        workers=1,
    ),
    Case(
        name="a day, seen from one worker in 100,000",
        points=((0, 1000), (43_200, 50), (86_400, 1001)),
        kind="uniform",
        seed=2**64 - 1,
        weights=(2, 1),
        end_s=86_400,
        worker=99_999,
        workers=1_000_000,
    ),
    Case(
        name="flat Poisson",
        points=((0, 200),),
        kind="poisson",
        seed=7,
        weights=(30, 25, 20, 15, 7, 3),
        end_s=1,
        worker=0,
        workers=1,
    ),
    Case(
        name="Poisson over ramps and jumps",
        points=((0, 0), (10, 2000), (10, 0), (20, 0), (20, 500), (40, 0)),
        kind="poisson",
        seed=42,
        weights=(0, 5, 0, 1, 0),
        end_s=100,
        worker=31,
        workers=100,
    ),
    *(
        Case(
            name=f"{kind} pairs over a ramp and a jump, {side}",
            points=((0, 0), (4, 80), (4, 10), (9, 100)),
            kind=kind,
            seed=11,
            weights=(30, 0, 20, 15),
            end_s=8,
            worker=1,
            workers=3,
            side=side,
        )
        for kind in ("uniform", "poisson")
        for side in (0, 1)
    ),
)


def mix(z: int) -> int:
    """SplitMix64's finaliser."""
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % WRAP
    z = (z ^ z >> 27) * 0x94D049BB133111EB % WRAP
    return z ^ z >> 31


def u64(seed: int, stream: int, counter: int) -> int:
    """64 random bits."""
    state = mix((seed + GAMMA) % WRAP)
    state = mix((state + stream * GAMMA) % WRAP)
    return mix((state + counter * GAMMA) % WRAP)


def unit(seed: int, stream: int, counter: int) -> Fraction:
    """Uniform in [0, 1)."""
    return Fraction(u64(seed, stream, counter) >> 11, 2**53)


def decimal(value: Fraction | int) -> Decimal:
    """A fraction to 40 digits."""
    value = Fraction(value)
    return Decimal(value.numerator) / Decimal(value.denominator)


def exponential(seed: int, stream: int, counter: int) -> Decimal:
    """Standard exponential."""
    return -decimal(1 - unit(seed, stream, counter)).ln()


def is_own(case: Case, index: int) -> bool:
    """Whether it is the worker's, and of the side: of four arrivals in a row they have 0, 1, 1, 0.

    Pairs are dealt out whole.
    """
    if case.side is None:
        return index % case.workers == case.worker
    return index // 2 % case.workers == case.worker and (0, 1, 1, 0)[index % 4] == case.side


def areas(case: Case) -> Iterator[tuple[int, Decimal]]:
    """The worker's arrivals of the global plan, and the area at which each is due."""
    if case.kind == "uniform":
        indices = count(case.worker, case.workers) if case.side is None else count()
        yield from ((i, i + Decimal("0.5")) for i in indices if is_own(case, i))
    total = Decimal(0)
    for index in count():
        total += exponential(case.seed, GAP, index)
        if is_own(case, index):
            yield index, total


def time_of_area(points: Iterable[tuple[int, int]], area: Decimal) -> Decimal:
    """The earliest time at which the area is reached: the root of u x + k x^2 / 2 = area."""
    points = tuple(points)
    if points[0][0] > 0:
        points = ((0, points[0][1]), *points)
    for (start_s, level), (end_s, next_level) in pairwise(points):
        whole = decimal(Fraction((end_s - start_s) * (level + next_level), 2))
        if area > whole:
            area -= whole
            continue
        if level == next_level:
            return start_s + area / level
        slope = decimal(Fraction(next_level - level, end_s - start_s))
        return start_s + ((level * level + 2 * slope * area).sqrt() - level) / slope
    last_s, last_level = points[-1]
    return last_s + area / last_level if last_level else Decimal("Infinity")


def endpoint(case: Case, index: int) -> int:
    """The first endpoint whose share of the weights, added up, is above the draw."""
    counter = index if case.side is None else index // 2
    drawn = unit(case.seed, ENDPOINT, counter) * sum(case.weights)
    chosen = next(i for i in range(len(case.weights)) if sum(case.weights[: i + 1]) > drawn)
    return chosen + (case.side or 0) * len(case.weights)


def arrivals(case: Case) -> Iterator[tuple[int, int, int]]:
    """(index, intended_ns, endpoint) of one worker."""
    for index, area in areas(case):
        at_s = time_of_area(case.points, area)
        if at_s >= case.end_s:
            return
        yield index, round(at_s * 1_000_000_000), endpoint(case, index)


def rng_rows() -> Iterator[tuple[object, ...]]:
    """Draws at the corners and in the middle."""
    for seed in SEEDS:
        for stream in STREAMS:
            for counter in COUNTERS:
                drawn = (seed, stream, counter)
                yield *drawn, u64(*drawn), float(unit(*drawn)).hex(), float(exponential(*drawn))


def case_rows() -> Iterator[tuple[object, ...]]:
    """The cases as their test reads them."""
    for case in CASES:
        points = " ".join(f"{at_s}:{level}" for at_s, level in case.points)
        weights = " ".join(map(str, case.weights))
        own = (case.worker, case.workers, "" if case.side is None else case.side)
        yield case.name, points, case.kind, case.seed, weights, case.end_s, *own


def table(header: str, rows: Iterable[tuple[object, ...]]) -> str:
    """Rows as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header.split())
    writer.writerows(rows)
    return text.getvalue()


def files() -> dict[str, str]:
    """Every file's name and content."""
    return {
        "rng.csv": table("seed stream counter u64 unit exponential", rng_rows()),
        "arrivals_cases.csv": table(
            "case points kind seed weights end_s worker workers side", case_rows()
        ),
        "arrivals.csv": table(
            "case index intended_ns endpoint",
            ((case.name, *arrival) for case in CASES for arrival in arrivals(case)),
        ),
    }


if __name__ == "__main__":
    for name, text in files().items():
        Path(__file__).with_name(name).write_text(text)
