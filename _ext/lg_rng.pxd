from libc.stdint cimport uint64_t


cdef extern from "lg_rng.h" nogil:
    enum lg_rng_stream:
        LG_RNG_ENDPOINT
        LG_RNG_GAP
        LG_RNG_THINK
        LG_RNG_PAUSE

    double lg_rng_unit(uint64_t seed, uint64_t stream, uint64_t counter) noexcept
