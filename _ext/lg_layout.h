/* lg_layout.h: the shared memory between the coordinator and its workers.
 *
 *   arena = struct lg_control | slot of worker 0 | slot of worker 1 | ...
 *   slot  = struct lg_slot    | struct lg_endpoint_stats per endpoint
 *
 * The memory is created zeroed by the coordinator. Each field has one writer for life:
 * the coordinator writes lg_control (except that nobody else does), the worker writes
 * its slot. Every counter is a monotonic total that a reader may sample at any time as a
 * whole 64-bit word; two counters read one after the other are not one instant, so
 * sums close only once the worker's state is LG_WORKER_DONE.
 *
 * loadgen/arena.py mirrors this file as a NumPy dtype; a test holds the two equal. All
 * times are CLOCK_MONOTONIC nanoseconds unless the name says otherwise.
 */
#ifndef LG_LAYOUT_H
#define LG_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "lg_check.h"
#include "lg_errors.h"
#include "lg_hist.h"

#define LG_MAGIC UINT64_C(0x314e45474441304c) /* "L0ADGEN1", little-endian */
#define LG_LAYOUT_VERSION 2
#define LG_STATUS_CODES 600 /* index = status code; 100..599 are used */

enum lg_worker_state {
    LG_WORKER_NEW = 0,
    LG_WORKER_READY,    /* connected as far as the plan asks; waits for start_ns */
    LG_WORKER_RUNNING,  /* start_ns has passed */
    LG_WORKER_DRAINING, /* sends nothing new, awaits answers */
    LG_WORKER_DONE
};

struct lg_control {
    uint64_t magic;
    uint32_t version;
    uint32_t workers;
    uint32_t endpoints;
    uint32_t stop; /* 1: stop at once, answers in flight are given up */
    uint64_t slot_bytes;
    uint64_t start_ns; /* 0 until every worker is ready */
    uint64_t end_ns;   /* 0, or the instant at which the load ends before its plan does */
    uint64_t reserved[2];
};
_Static_assert(sizeof(struct lg_control) == 64, "the control block is one cache line");

#define LG_FAILED_ANSWERS 3 /* kept per worker */

/* An answer that failed its check, for people to look at. */
struct lg_failed_answer {
    uint64_t body_bytes; /* of the whole body */
    uint32_t endpoint;
    uint16_t status;
    uint16_t kind;  /* enum lg_check_kind */
    uint16_t index; /* which header check or needle */
    uint16_t len;   /* bytes in body */
    uint32_t reserved;
    char body[LG_SAMPLE_BYTES]; /* its beginning */
};

/* What one endpoint's requests came to, as counted by one worker.
 * After LG_WORKER_DONE: sent = succeeded + failed + in flight at the end. */
struct lg_endpoint_stats {
    uint64_t sent; /* requests begun; one whose connect fails is one, too */
    uint64_t succeeded;
    uint64_t failed;  /* transport error, or an answer that is not a success */
    uint64_t late;    /* sent more than 1 ms after intended */
    uint64_t dropped; /* open loop: intended within the run, never sent */
    uint64_t reconnects;
    uint64_t surplus;
    uint64_t connects; /* connections established for a request of this endpoint */
    uint64_t bytes_sent;
    uint64_t bytes_received;
    uint64_t warmup_sent;
    uint64_t warmup_succeeded;
    uint64_t warmup_failed;
    uint64_t followed;   /* redirects: requests that the server sees besides `sent` */
    uint64_t fails_from; /* an answer of this status or above fails by it alone; constant: 400,
                            or LG_STATUS_CODES where a check judges the status */
    uint64_t reserved;
    uint64_t errors[LG_ERROR_CLASSES];
    uint64_t status[LG_STATUS_CODES]; /* answers whose check, if any, passed */
    uint64_t checks[LG_CHECK_KINDS];  /* sum: errors[LG_ERR_CHECK] */
    struct lg_hist response; /* done - intended: answers of any status, and timeouts */
    uint64_t response_counts[LG_HIST_FINE_BUCKETS];
    struct lg_hist service; /* done - sent */
    uint64_t service_counts[LG_HIST_COARSE_BUCKETS];
    struct lg_hist ttfb; /* first byte - sent */
    uint64_t ttfb_counts[LG_HIST_COARSE_BUCKETS];
    struct lg_hist connect;
    uint64_t connect_counts[LG_HIST_COARSE_BUCKETS];
    struct lg_hist tls;
    uint64_t tls_counts[LG_HIST_COARSE_BUCKETS];
    struct lg_hist lag; /* sent - intended */
    uint64_t lag_counts[LG_HIST_COARSE_BUCKETS];
};

struct lg_slot {
    uint32_t state; /* enum lg_worker_state */
    int32_t cpu;    /* pinned to this core; -1: not pinned */
    uint64_t pid;
    uint64_t users;        /* gauge: virtual users that are active now */
    uint64_t in_flight;    /* gauge: requests sent and not done */
    uint64_t connections;  /* gauge: established connections */
    uint64_t loops;        /* epoll rounds */
    uint64_t spin_ns;      /* time in rounds that found nothing to do */
    uint64_t cpu_ns;       /* CPU time of the engine's thread, sampled per step */
    uint64_t alive_ns;     /* when the engine last ran */
    uint64_t gap_ns;       /* the longest time by which the engine woke too late */
    uint64_t gaps_ns;      /* the sum of such delays over 100 ms: stopped, starved */
    uint64_t ended_ns;     /* when the last answer came or was given up */
    uint64_t waited;       /* measured requests that waited over 1 ms for a free connection */
    uint64_t dropped_busy; /* of the dropped, those that had no free connection at the end */
    uint64_t refused_certificate; /* OpenSSL's X509_V_ERR_* of the first one; 0: none */
    uint64_t tls_error;           /* OpenSSL's code of the first failure of TLS; 0: none */
    struct lg_hist own_lag; /* sent - max(intended, connection free): the generator's part */
    uint64_t own_lag_counts[LG_HIST_COARSE_BUCKETS];
    uint64_t failed_answers; /* how many of the next are written; counted after writing */
    uint64_t held;           /* measured requests that the cap held back */
    uint64_t reserved[5];
    struct lg_failed_answer failed_answer[LG_FAILED_ANSWERS];
    struct lg_endpoint_stats endpoints[];
};

_Static_assert(offsetof(struct lg_endpoint_stats, errors) == 128, "two lines of counters");
_Static_assert(offsetof(struct lg_endpoint_stats, response_counts) ==
                   offsetof(struct lg_endpoint_stats, response) + sizeof(struct lg_hist),
               "a histogram's counts follow its head");
_Static_assert(offsetof(struct lg_slot, own_lag) == 128, "two lines of gauges");
_Static_assert(sizeof(struct lg_endpoint_stats) % 64 == 0, "endpoints stay line-aligned");
_Static_assert(sizeof(struct lg_slot) % 64 == 0, "endpoints start line-aligned");

#endif /* LG_LAYOUT_H */
