"""The plan's C kernels, for previews and tests: who sends what, where to and when.

The engine runs the same C without Python. Points are (seconds since the load began, level),
ascending; two at the same time are a jump.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

def arrivals(
    points: Sequence[tuple[float, float]],
    kind: str,
    seed: int,
    cumulative: Sequence[float],
    target_of: Sequence[int],
    target: int,
    worker: int,
    workers: int,
    end_s: float,
    paired: bool = False,
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
    """The open loop's arrivals as one worker sees them, in order.

    Args:
        points: arrivals per second over time.
        kind: "uniform" or "poisson".
        seed: 0 .. 2**64 - 1.
        cumulative: each endpoint's share added to those before it; the last is 1.0. In pairs:
            of target 0's endpoints only.
        target_of: the target of each endpoint.
        target: only arrivals of this target.
        worker: 0 .. workers - 1; owns the arrivals whose index modulo workers it is. In pairs:
            the pairs.
        workers: 1 or more.
        end_s: arrivals intended at or after this do not exist; finite.
        paired: arrivals 2k and 2k + 1 are one endpoint at targets 0 and 1 (`_ext/lg_arrivals.h`).

    Returns:
        (index in the global plan, intended time in ns since the load began, endpoint), each of
        shape (arrivals,).

    Raises:
        ValueError: when an argument is out of its range.
    """

def schedule_level(points: Sequence[tuple[float, float]], at_s: float) -> float:
    """The level at a time.

    Raises:
        ValueError: when the points are no schedule.
    """

def schedule_area(points: Sequence[tuple[float, float]], at_s: float) -> float:
    """Integral of the level from 0 to at_s.

    Raises:
        ValueError: when the points are no schedule.
    """

def schedule_time_of_area(points: Sequence[tuple[float, float]], area: float) -> float:
    """The earliest time in seconds at which the area is reached; infinity: never.

    Raises:
        ValueError: when the points are no schedule.
    """

def schedule_next_at_least(
    points: Sequence[tuple[float, float]], level: float, from_s: float
) -> float:
    """The earliest time in seconds from from_s on with at least this level; infinity: never.

    Raises:
        ValueError: when the points are no schedule.
    """

def draws(seed: int, stream: int, counters: npt.NDArray[np.uint64]) -> npt.NDArray[np.float64]:
    """Uniform draws in [0, 1), one per counter.

    Args:
        seed: 0 .. 2**64 - 1.
        stream: what they are for; 1: endpoints, 2: Poisson gaps, 3: think times, 4: pauses.
        counters: shape (n,), dtype uint64, contiguous.

    Returns:
        Shape (n,).
    """
