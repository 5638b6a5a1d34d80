"""The plan's C kernels as Python sees them; documented in loadgen/_plan.pyi.

Each function checks its arguments, runs one batch without the GIL, and returns.
"""

from libc.math cimport isfinite
from libc.stdint cimport uint32_t, uint64_t

import numpy as np

from lg_arrivals cimport lg_arrival, lg_arrivals, lg_arrivals_next, lg_arrivals_rewind
from lg_mix cimport lg_mix
from lg_rng cimport lg_rng_unit
from lg_schedule cimport (
    lg_point,
    lg_schedule,
    lg_schedule_area,
    lg_schedule_check,
    lg_schedule_level,
    lg_schedule_next_at_least,
    lg_schedule_time_of_area,
)


cdef class _Schedule:
    """A checked lg_schedule together with the array that its points lie in."""

    cdef lg_schedule c
    cdef const double[:, ::1] rows

    def __cinit__(self, points):
        rows = np.ascontiguousarray(points, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != 2 or rows.shape[0] == 0:
            raise ValueError(f"points: shape {rows.shape}; expected (n, 2) with n >= 1")
        self.rows = rows
        self.c.points = <const lg_point *> &self.rows[0, 0]
        self.c.count = <uint32_t> rows.shape[0]
        if lg_schedule_check(&self.c) < 0:
            raise ValueError(
                f"points: {points!r} are no schedule; expected finite times and levels "
                "of 0 or more, times that do not go down"
            )


def schedule_level(points, double at_s):
    cdef _Schedule schedule = _Schedule(points)
    return lg_schedule_level(&schedule.c, at_s)


def schedule_area(points, double at_s):
    cdef _Schedule schedule = _Schedule(points)
    return lg_schedule_area(&schedule.c, at_s)


def schedule_time_of_area(points, double area):
    cdef _Schedule schedule = _Schedule(points)
    return lg_schedule_time_of_area(&schedule.c, area)


def schedule_next_at_least(points, double level, double from_s):
    cdef _Schedule schedule = _Schedule(points)
    return lg_schedule_next_at_least(&schedule.c, level, from_s)


def draws(uint64_t seed, uint64_t stream, const uint64_t[::1] counters):
    out = np.empty(counters.shape[0], dtype=np.float64)
    cdef double[::1] units = out
    cdef Py_ssize_t i
    with nogil:
        for i in range(counters.shape[0]):
            units[i] = lg_rng_unit(seed, stream, counters[i])
    return out


def arrivals(
    points,
    kind,
    uint64_t seed,
    cumulative,
    target_of,
    uint32_t target,
    uint32_t worker,
    uint32_t workers,
    double end_s,
    bint paired=False,
):
    cdef _Schedule schedule = _Schedule(points)
    cdef const double[::1] shares = np.ascontiguousarray(cumulative, dtype=np.float64)
    cdef const uint32_t[::1] targets = np.ascontiguousarray(target_of, dtype=np.uint32)
    if kind not in ("uniform", "poisson"):
        raise ValueError(f"kind: {kind!r}; expected uniform or poisson")
    if shares.shape[0] == 0 or shares[shares.shape[0] - 1] != 1.0:
        raise ValueError(f"cumulative: {cumulative!r}; expected shares, the last 1.0")
    if targets.shape[0] != shares.shape[0] * (2 if paired else 1):
        raise ValueError(
            f"target_of: {targets.shape[0]} targets for {shares.shape[0]} endpoints; "
            f"expected {'two' if paired else 'one'} for each"
        )
    if paired and target > 1:
        raise ValueError(f"target: {target} of a pair; expected 0 or 1")
    if worker >= workers:
        raise ValueError(f"worker: {worker} of {workers}; expected 0 to workers - 1")
    if not isfinite(end_s):
        raise ValueError(f"end_s: {end_s}; expected a finite time")

    cdef lg_mix mix
    mix.cumulative = &shares[0]
    mix.count = <uint32_t> shares.shape[0]
    cdef lg_arrivals walk
    walk.schedule = &schedule.c
    walk.mix = &mix
    walk.target_of = &targets[0]
    walk.target = target
    walk.worker = worker
    walk.workers = workers
    walk.poisson = kind == "poisson"
    walk.paired = paired
    walk.seed = seed
    walk.end_s = end_s
    return _collect(&walk)


cdef tuple _collect(lg_arrivals *walk):
    """Walks twice: once to count, once to keep. Nothing grows, and the two agree."""
    cdef lg_arrival arrival
    cdef Py_ssize_t count = 0
    with nogil:
        lg_arrivals_rewind(walk)
        while lg_arrivals_next(walk, &arrival):
            count += 1

    index = np.empty(count, dtype=np.uint64)
    intended_ns = np.empty(count, dtype=np.uint64)
    endpoint = np.empty(count, dtype=np.uint32)
    cdef uint64_t[::1] indices = index
    cdef uint64_t[::1] times_ns = intended_ns
    cdef uint32_t[::1] endpoints = endpoint
    cdef Py_ssize_t i
    with nogil:
        lg_arrivals_rewind(walk)
        for i in range(count):
            lg_arrivals_next(walk, &arrival)
            indices[i] = arrival.index
            times_ns[i] = arrival.intended_ns
            endpoints[i] = arrival.endpoint
    return index, intended_ns, endpoint
