from libc.stdint cimport uint32_t


cdef extern from "lg_mix.h" nogil:
    struct lg_mix:
        const double *cumulative
        uint32_t count
