from libc.stdint cimport uint64_t


cdef extern from "lg_layout_fields.h" nogil:
    enum:
        LG_LAYOUT_FIELDS
        LG_LAYOUT_CONSTANTS

    struct lg_layout_field:
        const char *record
        const char *name
        size_t offset
        size_t size

    struct lg_layout_constant:
        const char *name
        uint64_t value

    const lg_layout_field lg_layout_fields[]
    const lg_layout_constant lg_layout_constants[]
