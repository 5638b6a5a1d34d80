"""The engine's response parser as Python sees it; documented in loadgen/_http.pyi.

The engine does not come this way: this is for tests and for looking at single responses.
"""

cimport cython
from libc.stdint cimport int64_t, uint64_t

from lg_http cimport (
    LG_E_TOO_LARGE,
    LG_OK,
    lg_http,
    lg_http_eof,
    lg_http_feed,
    lg_http_init,
    lg_http_skip,
    lg_http_skippable,
)

from loadgen.errors import EngineError

__all__ = ["ResponseParser"]


@cython.final
cdef class ResponseParser:
    cdef lg_http c

    def __cinit__(self, *, bint head=False):
        lg_http_init(&self.c, head)

    def feed(self, const unsigned char[::1] data):
        cdef int64_t used = 0
        cdef size_t length = <size_t>data.shape[0]
        if length > 0:
            with nogil:
                used = lg_http_feed(&self.c, <const char *>&data[0], length)
        if used == LG_E_TOO_LARGE:
            raise EngineError("response: its header is larger than the limit", used)
        if used < 0:
            raise EngineError("response: its bytes are not HTTP/1.0 or HTTP/1.1", used)
        return used

    def eof(self):
        return lg_http_eof(&self.c) == LG_OK

    def skip(self, uint64_t count):
        if count > lg_http_skippable(&self.c):
            raise ValueError(
                f"count: {count} bytes; expected at most skippable, {self.skippable}"
            )
        lg_http_skip(&self.c, count)

    @property
    def skippable(self):
        return lg_http_skippable(&self.c)

    @property
    def status(self):
        return self.c.status

    @property
    def minor(self):
        return self.c.minor

    @property
    def body_bytes(self):
        return self.c.body_bytes

    @property
    def done(self):
        return self.c.done

    @property
    def keep_alive(self):
        return self.c.keep_alive
