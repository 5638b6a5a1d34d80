from libc.stdint cimport uint32_t, uint64_t

from lg_mix cimport lg_mix
from lg_schedule cimport lg_schedule


cdef extern from "lg_arrivals.h" nogil:
    struct lg_arrivals:
        const lg_schedule *schedule
        const lg_mix *mix
        const uint32_t *target_of
        uint32_t target
        uint32_t worker
        uint32_t workers
        bint poisson
        bint paired
        uint64_t seed
        double end_s

    struct lg_arrival:
        uint64_t index
        uint64_t intended_ns
        uint32_t endpoint

    void lg_arrivals_rewind(lg_arrivals *a) noexcept
    bint lg_arrivals_next(lg_arrivals *a, lg_arrival *out) noexcept
