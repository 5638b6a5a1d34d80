"""The C engine for Python: builds its plan, drops the GIL once per step, raises its errors.

Contract: arguments are checked and copied before the GIL is dropped; inside `nogil` no
Python object is touched; a step returns within about 5 ms.
"""
import os

from cpython.buffer cimport PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport UINT64_MAX, int32_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from lg_engine cimport *
from lg_openssl cimport lg_openssl, lg_openssl_load
from lg_tls cimport *
from lg_watch cimport *

from loadgen.errors import EngineError, LayoutError

__all__ = ["Engine"]

TLS_VERSIONS = {"1.2": LG_TLS_1_2, "1.3": LG_TLS_1_3}

cdef enum:
    OK = 0
    INVALID = -1
    MEMORY = -2
    SYSTEM = -3
    LAYOUT = -7


cdef void *_allocate(size_t count, size_t size) except NULL:
    cdef void *memory = calloc(count if count else 1, size)
    if memory == NULL:
        raise MemoryError(f"no memory for {count} x {size} bytes")
    return memory


def _raise_for(int code, int os_error):
    if code == LAYOUT:
        raise LayoutError("the shared memory was made by another version of loadgen")
    if code == MEMORY:
        raise MemoryError("the engine's memory is too small")
    if code == SYSTEM:
        raise EngineError(f"the engine cannot start: {os.strerror(os_error)}", code)
    raise EngineError("the engine refuses its plan", code)


cdef void *_tls_context(const lg_tls_options *options) except NULL:
    """Loads OpenSSL first: each extension module has a table of its own."""
    import _ssl  # here, so that a Python without it can still load http:// targets
    cdef const char *refused = NULL
    cdef unsigned long code = 0
    file = os.fsencode(getattr(_ssl, "__file__", ""))
    if lg_openssl_load(<const char *> file if file else NULL, &refused) != OK:
        raise EngineError("the interpreter's OpenSSL cannot be used", INVALID)
    context = lg_tls_context_new(options, &refused, &code)
    if context == NULL:
        words = lg_openssl.ERR_reason_error_string(code)
        why = "no memory" if words == NULL else words.decode()
        raise EngineError(f"OpenSSL refuses the TLS options: {refused.decode()}: {why}", INVALID)
    return context


cdef class Engine:
    cdef lg_plan plan
    cdef lg_engine *engine            # inside memory
    cdef void *memory                 # freed in __dealloc__
    cdef lg_target *targets           # freed in __dealloc__
    cdef lg_address *addresses        # freed in __dealloc__
    cdef lg_address *locals           # freed in __dealloc__
    cdef lg_tls_options *tls          # freed in __dealloc__
    cdef lg_request *requests         # freed in __dealloc__
    cdef lg_watching *watchings       # freed in __dealloc__; per request
    cdef lg_check *checks             # freed in __dealloc__; per request
    cdef lg_redirect *redirects       # freed in __dealloc__; per request
    cdef uint16_t *borders            # freed in __dealloc__; of all needles
    cdef uint32_t *target_of          # freed in __dealloc__
    cdef double *cumulative           # freed in __dealloc__
    cdef lg_point *points             # freed in __dealloc__
    cdef Py_buffer arena              # released in close()
    cdef bint has_arena
    cdef Py_buffer rings              # released in __dealloc__
    cdef bint has_rings
    cdef lg_slot *slot                # inside arena
    cdef object _kept                 # keeps the request bytes alive
    cdef list _texts                  # keeps the texts of TLS and checks alive

    def __cinit__(self, arena, Py_ssize_t slot_offset, plan):
        cdef int error = 0
        cdef int os_error = 0
        self._texts = []
        self._copy_targets(plan)
        self._copy_locals(plan)
        self._copy_tls(plan)
        self._copy_requests(plan)
        self._copy_watchings(plan)
        self._copy_schedule(plan)
        self._copy_numbers(plan)
        PyObject_GetBuffer(arena, &self.arena, PyBUF_SIMPLE | PyBUF_WRITABLE)
        self.has_arena = True
        if not 64 <= slot_offset < self.arena.len:
            raise ValueError(f"slot_offset {slot_offset} lies outside of the arena")
        self.slot = <lg_slot *> (<char *> self.arena.buf + slot_offset)
        cdef size_t size = lg_engine_size(&self.plan)
        self.memory = _allocate(1, size)
        self.engine = lg_engine_init(self.memory, size, &self.plan,
                                     <const lg_control *> self.arena.buf, self.slot,
                                     &error, &os_error)
        if self.engine == NULL:
            _raise_for(error, os_error)

    def __dealloc__(self):
        if self.engine != NULL:
            lg_engine_close(self.engine)
        if self.has_arena:
            PyBuffer_Release(&self.arena)
        if self.has_rings:
            PyBuffer_Release(&self.rings)
        if self.targets != NULL:
            for i in range(self.plan.target_count):
                lg_tls_context_free(<lg_tls_context *> self.targets[i].context)
        free(self.memory)
        free(self.tls)
        free(self.targets)
        free(self.addresses)
        free(self.locals)
        free(self.requests)
        free(self.watchings)
        free(self.checks)
        free(self.redirects)
        free(self.borders)
        free(self.target_of)
        free(self.cumulative)
        free(self.points)

    cdef _copy_targets(self, plan):
        cdef uint32_t total = sum(len(target) for target in plan.targets)
        cdef uint32_t count = <uint32_t> len(plan.targets)
        cdef uint32_t at = 0
        cdef uint32_t size
        self.targets = <lg_target *> _allocate(count, sizeof(lg_target))
        self.addresses = <lg_address *> _allocate(total, sizeof(lg_address))
        for i, target in enumerate(plan.targets):
            self.targets[i].transport = &lg_tcp
            self.targets[i].addresses = &self.addresses[at]
            size = <uint32_t> len(target)
            self.targets[i].address_count = size
            for address in target:
                if lg_address_parse(&self.addresses[at], address.host.encode(),
                                    address.port, address.scope) != OK:
                    raise ValueError(f"{address.host!r} is not an IP address")
                at += 1
        self.plan.targets = self.targets
        self.plan.target_count = count

    cdef _copy_tls(self, plan):
        cdef size_t count = <size_t> len(plan.tls)
        self.tls = <lg_tls_options *> _allocate(count, sizeof(lg_tls_options))
        for i, peer in enumerate(plan.tls):
            if peer is not None:
                self._copy_peer(&self.tls[i], peer)
                self.targets[i].context = _tls_context(&self.tls[i])
                self.targets[i].transport = &lg_tls

    cdef _copy_peer(self, lg_tls_options *tls, peer):
        options = peer.options
        tls.host = self._text(peer.name)
        tls.host_is_address = peer.is_address
        tls.ca_file = self._text(options.ca_file)
        tls.cert_file = self._text(options.cert_file)
        tls.key_file = self._text(options.key_file)
        tls.ciphers = self._text(options.cipher_list)
        tls.suites = self._text(options.cipher_suites)
        tls.min_version = TLS_VERSIONS[options.minimum]
        tls.verify = options.verify
        tls.resume = options.resume

    cdef const char *_text(self, text) except? NULL:
        if not text:
            return NULL
        encoded = text.encode()
        self._texts.append(encoded)
        return <const char *> encoded

    cdef _copy_locals(self, plan):
        cdef uint32_t count = <uint32_t> len(plan.local_addresses)
        self.locals = <lg_address *> _allocate(count, sizeof(lg_address))
        for i, host in enumerate(plan.local_addresses):
            if lg_address_parse(&self.locals[i], host.encode(), 0, 0) != OK:
                raise ValueError(f"{host!r} is not an IP address")
        self.plan.locals = self.locals
        self.plan.local_count = count

    cdef _copy_requests(self, plan):
        cdef uint32_t count = <uint32_t> len(plan.requests)
        cdef size_t size
        self.requests = <lg_request *> _allocate(count, sizeof(lg_request))
        self.target_of = <uint32_t *> _allocate(count, sizeof(uint32_t))
        size = <size_t> len(plan.cumulative)
        self.cumulative = <double *> _allocate(size, sizeof(double))
        self._kept = plan.requests
        for i, request in enumerate(plan.requests):
            self.requests[i].bytes = <const char *> request.wire
            size = <size_t> len(request.wire)
            self.requests[i].len = size
            self.requests[i].target = request.target
            self.requests[i].head = request.head
            self.requests[i].idempotent = request.idempotent
            self.target_of[i] = request.target
        for i, share in enumerate(plan.cumulative):
            self.cumulative[i] = share
        self.plan.requests = self.requests
        self.plan.request_count = count
        self.plan.target_of = self.target_of
        self.plan.mix.cumulative = self.cumulative
        self.plan.mix.count = <uint32_t> len(plan.cumulative)

    cdef _copy_watchings(self, plan):
        cdef size_t count = <size_t> len(plan.requests)
        cdef size_t needles = sum(request.needles for request in plan.requests)
        cdef uint16_t *border
        self.watchings = <lg_watching *> _allocate(count, sizeof(lg_watching))
        self.checks = <lg_check *> _allocate(count, sizeof(lg_check))
        self.redirects = <lg_redirect *> _allocate(count, sizeof(lg_redirect))
        self.borders = <uint16_t *> _allocate(needles * LG_NEEDLE_MAX, sizeof(uint16_t))
        border = self.borders
        for i, request in enumerate(plan.requests):
            if request.checks:
                self._copy_check(&self.checks[i], request.checks, border)
                border += <size_t> request.needles * LG_NEEDLE_MAX
                self.watchings[i].check = &self.checks[i]
            if request.redirect is not None:
                self._copy_redirect(&self.redirects[i], request.redirect)
                self.watchings[i].redirect = &self.redirects[i]
            if request.checks or request.redirect is not None:
                lg_watching_init(&self.watchings[i])
                self.requests[i].watching = &self.watchings[i]

    cdef _copy_check(self, lg_check *check, checks, uint16_t *border):
        cdef size_t size
        for first, last in checks.statuses:
            lg_check_allow(check, first, last)
        for i, header in enumerate(checks.headers):
            check.headers[i].name = self._text(header.name.lower())
            check.headers[i].name_len = <uint8_t> len(header.name)
            check.headers[i].value = self._text(header.value)
            check.headers[i].value_len = <uint16_t> len(header.value.encode())
            check.headers[i].equals = header.equals
        check.header_count = <uint8_t> len(checks.headers)
        for i, (needle, excluded) in enumerate(checks.needles):
            size = <size_t> len(needle)
            lg_needle_border(border, <const char *> needle, size)
            check.needles[i].bytes = <const char *> needle
            check.needles[i].len = <uint16_t> size
            check.needles[i].border = border
            check.needles[i].excluded = excluded
            border += size
        check.needle_count = <uint8_t> len(checks.needles)
        check.body_min = checks.body_min_bytes
        largest = checks.body_max_bytes
        check.body_max = UINT64_MAX if largest is None else largest

    cdef _copy_redirect(self, lg_redirect *redirect, wanted):
        cdef size_t size = <size_t> len(wanted.authority)
        redirect.origin.authority = <const char *> wanted.authority
        redirect.origin.len = size
        redirect.origin.https = wanted.https
        redirect.head = wanted.head
        redirect.only_303 = wanted.only_303
        size = <size_t> len(wanted.tail)
        redirect.tail.bytes = <const char *> wanted.tail
        redirect.tail.len = size

    cdef _copy_schedule(self, plan):
        cdef uint32_t count = <uint32_t> len(plan.points)
        self.points = <lg_point *> _allocate(count, sizeof(lg_point))
        for i, (at_s, level) in enumerate(plan.points):
            self.points[i].at_s = at_s
            self.points[i].level = level
        self.plan.schedule.points = self.points
        self.plan.schedule.count = count

    cdef _copy_numbers(self, plan):
        self.plan.open_loop = plan.open_loop
        self.plan.keepalive = plan.keepalive
        self.plan.poisson = plan.poisson
        self.plan.paired = plan.paired
        self.plan.worker = plan.worker
        self.plan.workers = plan.workers
        self.plan.users = plan.users
        self.plan.connections = plan.connections
        self.plan.burst_size = plan.burst_size
        self.plan.cap_count = plan.cap_count
        self.plan.cap_window_ns = plan.cap_window_ns
        self.plan.follow_max = plan.follow
        self.plan.think_min_ns, self.plan.think_max_ns = plan.think_ns
        self.plan.pause_min_ns, self.plan.pause_max_ns = plan.pause_ns
        self.plan.seed = plan.seed
        self.plan.warmup_ns = plan.warmup_ns
        self.plan.total_ns = plan.total_ns
        self.plan.timeout_ns = plan.timeout_ns
        self.plan.connect_timeout_ns = plan.connect_timeout_ns
        self.plan.drain_ns = plan.drain_ns
        self.plan.spin_ns = plan.spin_ns

    def announce(self, uint64_t pid, int32_t cpu):
        self.slot.pid = pid
        self.slot.cpu = cpu

    def leave_samples(self, memory, Py_ssize_t offset):
        cdef lg_samples *samples
        cdef size_t room
        if self.has_rings:
            raise ValueError("samples are left in one ring only, and there is one already")
        PyObject_GetBuffer(memory, &self.rings, PyBUF_SIMPLE | PyBUF_WRITABLE)
        self.has_rings = True
        if not 0 <= offset <= self.rings.len - <Py_ssize_t> sizeof(lg_samples):
            raise ValueError(f"offset {offset} lies outside of the rings")
        samples = <lg_samples *> (<char *> self.rings.buf + offset)
        room = <size_t> (self.rings.len - offset) - sizeof(lg_samples)
        if not 0 < samples.capacity <= room // sizeof(lg_sample):
            raise ValueError(f"a ring of {samples.capacity} samples does not fit into its memory")
        self.plan.samples = samples

    def prepare(self):
        with nogil:
            lg_engine_prepare(self.engine)

    def begin(self, uint64_t start_ns):
        with nogil:
            lg_engine_begin(self.engine, start_ns)

    def step(self):
        cdef int state
        with nogil:
            state = lg_engine_step(self.engine)
        return state

    def fileno(self):
        return lg_engine_fd(self.engine)

    @property
    def state(self):
        return self.slot.state
