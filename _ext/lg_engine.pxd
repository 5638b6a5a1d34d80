# lg_engine.pxd: lg_engine.h, lg_plan.h and lg_address.h as Cython sees them; nothing else.
from libc.stdint cimport int32_t, uint16_t, uint32_t, uint64_t

from lg_watch cimport lg_watching


cdef extern from "lg_address.h" nogil:
    struct lg_address:
        pass

    int lg_address_parse(lg_address *out, const char *text, uint16_t port, uint32_t scope)


cdef extern from "lg_transport.h" nogil:
    struct lg_transport:
        pass

    const lg_transport lg_tcp


cdef extern from "lg_schedule.h" nogil:
    struct lg_point:
        double at_s
        double level

    struct lg_schedule:
        const lg_point *points
        uint32_t count


cdef extern from "lg_mix.h" nogil:
    struct lg_mix:
        const double *cumulative
        uint32_t count


cdef extern from "lg_samples.h" nogil:
    struct lg_sample:
        pass

    struct lg_samples:
        uint64_t capacity


cdef extern from "lg_plan.h" nogil:
    struct lg_target:
        const lg_transport *transport
        void *context
        const lg_address *addresses
        uint32_t address_count

    struct lg_request:
        const char *bytes
        size_t len
        uint32_t target
        bint head
        bint idempotent
        const lg_watching *watching

    struct lg_plan:
        const lg_target *targets
        uint32_t target_count
        const lg_address *locals
        uint32_t local_count
        const lg_request *requests
        const uint32_t *target_of
        uint32_t request_count
        lg_mix mix
        lg_schedule schedule
        bint open_loop
        bint keepalive
        bint poisson
        bint paired
        uint32_t worker
        uint32_t workers
        uint32_t users
        uint32_t connections
        uint32_t burst_size
        uint32_t cap_count
        uint64_t cap_window_ns
        uint32_t follow_max
        uint64_t think_min_ns
        uint64_t think_max_ns
        uint64_t pause_min_ns
        uint64_t pause_max_ns
        uint64_t seed
        uint64_t warmup_ns
        uint64_t total_ns
        uint64_t timeout_ns
        uint64_t connect_timeout_ns
        uint64_t drain_ns
        uint64_t spin_ns
        lg_samples *samples


cdef extern from "lg_layout.h" nogil:
    struct lg_control:
        pass

    struct lg_slot:
        uint32_t state
        int32_t cpu
        uint64_t pid


cdef extern from "lg_engine.h" nogil:
    struct lg_engine:
        pass

    size_t lg_engine_size(const lg_plan *plan)
    lg_engine *lg_engine_init(void *memory, size_t size, const lg_plan *plan,
                              const lg_control *control, lg_slot *slot,
                              int *error, int *os_error)
    void lg_engine_prepare(lg_engine *e)
    void lg_engine_begin(lg_engine *e, uint64_t start_ns)
    int lg_engine_fd(const lg_engine *e)
    int lg_engine_step(lg_engine *e)
    void lg_engine_close(lg_engine *e)
