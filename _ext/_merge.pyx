"""Histograms in shared memory: merged over slots, asked for quantiles, recorded into.

Contract: check the arguments, one `with nogil` over a batch, raise by the return code. A
histogram outside of shared memory is an array of words: its head, then its counts.
"""

from libc.stdint cimport uint32_t, uint64_t

import numpy as np

from lg_hist cimport (
    LG_HIST_BUCKETS,
    LG_HIST_COARSE_BITS,
    LG_HIST_FINE_BITS,
    lg_hist,
    lg_hist_init,
    lg_hist_merge,
    lg_hist_quantiles,
    lg_hist_record,
)
from lg_layout cimport (
    LG_LAYOUT_CONSTANTS,
    LG_LAYOUT_FIELDS,
    lg_layout_constants,
    lg_layout_fields,
)

from loadgen.errors import LayoutError

__all__ = ["constants", "init", "layout", "merge", "quantiles", "record"]


def merge(const unsigned char[::1] memory, const uint64_t[::1] offsets, uint32_t bits):
    cdef Py_ssize_t i = 0, count = offsets.shape[0]
    cdef uint64_t[::1] words = np.zeros(_size_bytes(bits) // sizeof(uint64_t), dtype=np.uint64)
    cdef lg_hist *into = <lg_hist *>&words[0]
    cdef int rc = 0
    for i in range(count):
        _require_place(<size_t>memory.shape[0], offsets[i], bits)
    with nogil:
        lg_hist_init(into, bits)
        for i in range(count):
            rc = lg_hist_merge(into, <const lg_hist *>&memory[offsets[i]])
            if rc < 0:
                break
    if rc < 0:
        raise LayoutError(
            f"histogram at byte {offsets[i]} of the arena: its head is impossible; expected "
            f"{bits} bits and a range of its buckets; does a worker write out of its slot?"
        )
    return np.asarray(words)


def quantiles(const uint64_t[::1] words, const double[::1] qs):
    cdef uint64_t[::1] values_ns = np.zeros(qs.shape[0], dtype=np.uint64)
    cdef size_t words_bytes = <size_t>words.shape[0] * sizeof(uint64_t)
    cdef const lg_hist *h
    cdef int rc = 0
    if words_bytes < sizeof(lg_hist):
        raise ValueError(f"{words.shape[0]} words are no histogram; expected what merge returns")
    h = <const lg_hist *>&words[0]
    if words_bytes != _size_bytes(h.bits):
        raise ValueError(f"{words.shape[0]} words are not the size of {h.bits} bits")
    if qs.shape[0] > 0:
        with nogil:
            rc = lg_hist_quantiles(h, &qs[0], <uint32_t>qs.shape[0], &values_ns[0])
    if rc < 0:
        raise ValueError(f"quantiles {list(qs)}: expected 0 < q <= 1, ascending")
    return np.asarray(values_ns)


def init(unsigned char[::1] memory, uint64_t offset, uint32_t bits):
    _require_place(<size_t>memory.shape[0], offset, bits)
    lg_hist_init(<lg_hist *>&memory[offset], bits)


def record(unsigned char[::1] memory, uint64_t offset, const uint64_t[::1] values_ns):
    cdef Py_ssize_t i
    cdef lg_hist *h
    _require_place(<size_t>memory.shape[0], offset, LG_HIST_COARSE_BITS)
    h = <lg_hist *>&memory[offset]
    _require_place(<size_t>memory.shape[0], offset, h.bits)
    with nogil:
        for i in range(values_ns.shape[0]):
            lg_hist_record(h, values_ns[i])


def layout():
    cdef Py_ssize_t i
    found = {}
    for i in range(LG_LAYOUT_FIELDS):
        record_name = lg_layout_fields[i].record.decode()
        field_name = lg_layout_fields[i].name.decode()
        name = f"{record_name}.{field_name}" if field_name else record_name
        found[name] = (lg_layout_fields[i].offset, lg_layout_fields[i].size)
    return found


def constants():
    cdef Py_ssize_t i
    return {
        lg_layout_constants[i].name.decode(): lg_layout_constants[i].value
        for i in range(LG_LAYOUT_CONSTANTS)
    }


cdef size_t _size_bytes(uint32_t bits) except 0:
    if bits != LG_HIST_FINE_BITS and bits != LG_HIST_COARSE_BITS:
        raise ValueError(
            f"histogram of {bits} bits: expected {LG_HIST_FINE_BITS} or {LG_HIST_COARSE_BITS}"
        )
    return sizeof(lg_hist) + <size_t>LG_HIST_BUCKETS(bits) * sizeof(uint64_t)


cdef int _require_place(size_t memory_bytes, size_t offset, uint32_t bits) except -1:
    cdef size_t size_bytes = _size_bytes(bits)
    if offset % sizeof(uint64_t) or size_bytes > memory_bytes or offset > memory_bytes - size_bytes:
        raise ValueError(
            f"histogram at byte {offset} of {memory_bytes}: expected a multiple of "
            f"{sizeof(uint64_t)} with {size_bytes} bytes behind it"
        )
    return 0
