# lg_watch.pxd: lg_watch.h, lg_check.h and lg_redirect.h as Cython sees them; nothing else.
from libc.stdint cimport uint8_t, uint16_t, uint64_t


cdef extern from "lg_check.h" nogil:
    struct lg_header_check:
        const char *name
        const char *value
        uint16_t value_len
        uint8_t name_len
        bint equals

    struct lg_needle:
        const char *bytes
        const uint16_t *border
        uint16_t len
        bint excluded

    struct lg_check:
        uint8_t header_count
        uint8_t needle_count
        lg_header_check headers[]
        lg_needle needles[]
        uint64_t body_min
        uint64_t body_max

    enum:
        LG_NEEDLE_MAX

    void lg_needle_border(uint16_t *border, const char *bytes, size_t len) noexcept
    void lg_check_allow(lg_check *check, unsigned first, unsigned last) noexcept


cdef extern from "lg_redirect.h" nogil:
    struct lg_wire:
        const char *bytes
        size_t len

    struct lg_origin:
        const char *authority
        size_t len
        bint https

    struct lg_redirect:
        lg_origin origin
        bint head
        bint only_303
        lg_wire tail


cdef extern from "lg_watch.h" nogil:
    struct lg_watching:
        const lg_check *check
        const lg_redirect *redirect

    void lg_watching_init(lg_watching *watching) noexcept
