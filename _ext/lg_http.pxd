from libc.stdint cimport int64_t, uint16_t, uint64_t, uint8_t


cdef extern from "lg_http.h" nogil:
    int LG_OK
    int LG_E_TOO_LARGE

    struct lg_http:
        uint64_t body_bytes
        uint16_t status
        uint8_t minor
        bint done
        bint keep_alive

    void lg_http_init(lg_http *p, bint head) noexcept
    int64_t lg_http_feed(lg_http *p, const char *data, size_t length) noexcept
    int lg_http_eof(lg_http *p) noexcept
    uint64_t lg_http_skippable(const lg_http *p) noexcept
    void lg_http_skip(lg_http *p, uint64_t n) noexcept
