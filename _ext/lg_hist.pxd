from libc.stdint cimport uint32_t, uint64_t


cdef extern from "lg_hist.h" nogil:
    struct lg_hist:
        uint32_t bits
        uint64_t counts[]

    uint32_t LG_HIST_FINE_BITS
    uint32_t LG_HIST_COARSE_BITS
    uint32_t LG_HIST_BUCKETS(uint32_t bits) noexcept

    void lg_hist_init(lg_hist *h, uint32_t bits) noexcept
    void lg_hist_record(lg_hist *h, uint64_t value_ns) noexcept
    int lg_hist_merge(lg_hist *into, const lg_hist *source) noexcept
    int lg_hist_quantiles(
        const lg_hist *h, const double *q, uint32_t n, uint64_t *out_ns
    ) noexcept
