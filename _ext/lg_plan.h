/* lg_plan.h: the plan as the engine reads it. Values only, but for `samples`; the caller owns
 * all memory and keeps it unchanged for the engine's whole life.
 */
#ifndef LG_PLAN_H
#define LG_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lg_address.h"
#include "lg_mix.h"
#include "lg_samples.h"
#include "lg_schedule.h"
#include "lg_transport.h"
#include "lg_watch.h"

struct lg_target {
    const struct lg_transport *transport;
    void *context; /* what the transport's handshake takes; NULL for TCP */
    const struct lg_address *addresses;
    uint32_t address_count; /* >= 1 */
};

/* One endpoint's request as it goes over the wire. */
struct lg_request {
    const char *bytes;
    size_t len;
    uint32_t target;
    bool head;       /* HEAD: the answer has no body */
    bool idempotent; /* may be repeated when the server closed an idle connection */
    const struct lg_watching *watching; /* NULL: nobody looks into its answers */
};

struct lg_plan {
    const struct lg_target *targets;
    uint32_t target_count;
    const struct lg_address *locals; /* connections come from these in turn, as families fit */
    uint32_t local_count;            /* 0: the kernel chooses */
    const struct lg_request *requests;
    const uint32_t *target_of; /* [request_count]: requests[i].target */
    uint32_t request_count;
    struct lg_mix mix;           /* over requests; paired: over those of target 0 */
    struct lg_schedule schedule; /* users, or arrivals per second */
    bool open_loop;
    bool keepalive; /* false: a new connection for each request */
    bool poisson;   /* open loop: Poisson arrivals, else uniform */
    bool paired; /* open loop: arrivals in pairs (lg_arrivals.h); the second half of requests
                    are those of the first, to target 1 */
    uint32_t worker;
    uint32_t workers;
    uint32_t users; /* closed loop: of all workers; worker w has users w, w + workers, ... */
    uint32_t connections;   /* open loop: of all workers, per target */
    uint32_t burst_size;    /* closed loop: requests without a think time between pauses; 0: no
                               pauses */
    uint32_t follow_max;    /* redirects of one request that are followed */
    uint32_t cap_count;     /* this worker begins no more requests in any cap_window_ns ... */
    uint64_t cap_window_ns; /* ... (lg_gate.h); cap_count 0: no cap */
    uint64_t think_min_ns;
    uint64_t think_max_ns;
    uint64_t pause_min_ns;
    uint64_t pause_max_ns;
    uint64_t seed;
    uint64_t warmup_ns; /* the first part of total_ns */
    uint64_t total_ns;
    uint64_t timeout_ns;
    uint64_t connect_timeout_ns;
    uint64_t drain_ns; /* how long answers are awaited after the end */
    uint64_t spin_ns;  /* wake this long before a due send and spin to it; 0: never spin */
    struct lg_samples *samples; /* where measured requests leave what they came to; or NULL */
};

#endif /* LG_PLAN_H */
