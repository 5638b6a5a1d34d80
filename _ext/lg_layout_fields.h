/* lg_layout_fields.h: the fields and constants of lg_layout.h and lg_samples.h as the compiler
 * sees them, for the test that holds loadgen/arena.py and loadgen/sample_rings.py equal.
 * Included by _merge.pyx alone. */
#ifndef LG_LAYOUT_FIELDS_H
#define LG_LAYOUT_FIELDS_H

#include <stddef.h>

#include "lg_layout.h"
#include "lg_samples.h"

struct lg_layout_field {
    const char *record;
    const char *name; /* "": the record itself */
    size_t offset;
    size_t size;
};

#define LG_RECORD(record)                     \
    {                                         \
#record, "", 0, sizeof(struct record) \
    }
#define LG_FIELD(record, field)                          \
    {                                                    \
#record, #field, offsetof(struct record, field), \
            sizeof(((struct record *)NULL)->field)       \
    }

static const struct lg_layout_field lg_layout_fields[] = {
    LG_RECORD(lg_hist),
    LG_FIELD(lg_hist, count),
    LG_FIELD(lg_hist, sum_ns),
    LG_FIELD(lg_hist, min_ns),
    LG_FIELD(lg_hist, max_ns),
    LG_FIELD(lg_hist, saturated),
    LG_FIELD(lg_hist, bits),
    LG_FIELD(lg_hist, buckets),
    LG_FIELD(lg_hist, lo),
    LG_FIELD(lg_hist, hi),
    LG_FIELD(lg_hist, reserved),
    LG_RECORD(lg_control),
    LG_FIELD(lg_control, magic),
    LG_FIELD(lg_control, version),
    LG_FIELD(lg_control, workers),
    LG_FIELD(lg_control, endpoints),
    LG_FIELD(lg_control, stop),
    LG_FIELD(lg_control, slot_bytes),
    LG_FIELD(lg_control, start_ns),
    LG_FIELD(lg_control, end_ns),
    LG_FIELD(lg_control, reserved),
    LG_RECORD(lg_endpoint_stats),
    LG_FIELD(lg_endpoint_stats, sent),
    LG_FIELD(lg_endpoint_stats, succeeded),
    LG_FIELD(lg_endpoint_stats, failed),
    LG_FIELD(lg_endpoint_stats, late),
    LG_FIELD(lg_endpoint_stats, dropped),
    LG_FIELD(lg_endpoint_stats, reconnects),
    LG_FIELD(lg_endpoint_stats, surplus),
    LG_FIELD(lg_endpoint_stats, connects),
    LG_FIELD(lg_endpoint_stats, bytes_sent),
    LG_FIELD(lg_endpoint_stats, bytes_received),
    LG_FIELD(lg_endpoint_stats, warmup_sent),
    LG_FIELD(lg_endpoint_stats, warmup_succeeded),
    LG_FIELD(lg_endpoint_stats, warmup_failed),
    LG_FIELD(lg_endpoint_stats, followed),
    LG_FIELD(lg_endpoint_stats, fails_from),
    LG_FIELD(lg_endpoint_stats, reserved),
    LG_FIELD(lg_endpoint_stats, errors),
    LG_FIELD(lg_endpoint_stats, status),
    LG_FIELD(lg_endpoint_stats, checks),
    LG_FIELD(lg_endpoint_stats, response),
    LG_FIELD(lg_endpoint_stats, response_counts),
    LG_FIELD(lg_endpoint_stats, service),
    LG_FIELD(lg_endpoint_stats, service_counts),
    LG_FIELD(lg_endpoint_stats, ttfb),
    LG_FIELD(lg_endpoint_stats, ttfb_counts),
    LG_FIELD(lg_endpoint_stats, connect),
    LG_FIELD(lg_endpoint_stats, connect_counts),
    LG_FIELD(lg_endpoint_stats, tls),
    LG_FIELD(lg_endpoint_stats, tls_counts),
    LG_FIELD(lg_endpoint_stats, lag),
    LG_FIELD(lg_endpoint_stats, lag_counts),
    LG_RECORD(lg_slot),
    LG_FIELD(lg_slot, state),
    LG_FIELD(lg_slot, cpu),
    LG_FIELD(lg_slot, pid),
    LG_FIELD(lg_slot, users),
    LG_FIELD(lg_slot, in_flight),
    LG_FIELD(lg_slot, connections),
    LG_FIELD(lg_slot, loops),
    LG_FIELD(lg_slot, spin_ns),
    LG_FIELD(lg_slot, cpu_ns),
    LG_FIELD(lg_slot, alive_ns),
    LG_FIELD(lg_slot, gap_ns),
    LG_FIELD(lg_slot, gaps_ns),
    LG_FIELD(lg_slot, ended_ns),
    LG_FIELD(lg_slot, waited),
    LG_FIELD(lg_slot, dropped_busy),
    LG_FIELD(lg_slot, refused_certificate),
    LG_FIELD(lg_slot, tls_error),
    LG_FIELD(lg_slot, own_lag),
    LG_FIELD(lg_slot, own_lag_counts),
    LG_FIELD(lg_slot, failed_answers),
    LG_FIELD(lg_slot, held),
    LG_FIELD(lg_slot, reserved),
    LG_FIELD(lg_slot, failed_answer),
    LG_RECORD(lg_failed_answer),
    LG_FIELD(lg_failed_answer, body_bytes),
    LG_FIELD(lg_failed_answer, endpoint),
    LG_FIELD(lg_failed_answer, status),
    LG_FIELD(lg_failed_answer, kind),
    LG_FIELD(lg_failed_answer, index),
    LG_FIELD(lg_failed_answer, len),
    LG_FIELD(lg_failed_answer, reserved),
    LG_FIELD(lg_failed_answer, body),
    LG_RECORD(lg_sample),
    LG_FIELD(lg_sample, intended_ns),
    LG_FIELD(lg_sample, sent_ns),
    LG_FIELD(lg_sample, first_ns),
    LG_FIELD(lg_sample, done_ns),
    LG_FIELD(lg_sample, body_bytes),
    LG_FIELD(lg_sample, endpoint),
    LG_FIELD(lg_sample, status),
    LG_FIELD(lg_sample, failure),
    LG_RECORD(lg_samples),
    LG_FIELD(lg_samples, capacity),
    LG_FIELD(lg_samples, written),
    LG_FIELD(lg_samples, lost),
    LG_FIELD(lg_samples, reserved),
    LG_FIELD(lg_samples, taken),
    LG_FIELD(lg_samples, reserved_too),
};

struct lg_layout_constant {
    const char *name;
    uint64_t value;
};

#define LG_CONSTANT(name) \
    {                     \
#name, name       \
    }

static const struct lg_layout_constant lg_layout_constants[] = {
    LG_CONSTANT(LG_MAGIC),
    LG_CONSTANT(LG_LAYOUT_VERSION),
    LG_CONSTANT(LG_STATUS_CODES),
    LG_CONSTANT(LG_FAILED_ANSWERS),
    LG_CONSTANT(LG_SAMPLE_BYTES),
    LG_CONSTANT(LG_CHECK_KINDS),
    LG_CONSTANT(LG_ERROR_CLASSES),
    LG_CONSTANT(LG_WORKER_NEW),
    LG_CONSTANT(LG_WORKER_READY),
    LG_CONSTANT(LG_WORKER_RUNNING),
    LG_CONSTANT(LG_WORKER_DRAINING),
    LG_CONSTANT(LG_WORKER_DONE),
    LG_CONSTANT(LG_ERR_CONNECT_REFUSED),
    LG_CONSTANT(LG_ERR_CONNECT_TIMEOUT),
    LG_CONSTANT(LG_ERR_CONNECT_RESET),
    LG_CONSTANT(LG_ERR_CONNECT_UNREACHABLE),
    LG_CONSTANT(LG_ERR_CONNECT_NO_FILES),
    LG_CONSTANT(LG_ERR_CONNECT_NO_PORTS),
    LG_CONSTANT(LG_ERR_CONNECT_FAILED),
    LG_CONSTANT(LG_ERR_TLS_CERTIFICATE),
    LG_CONSTANT(LG_ERR_TLS_PROTOCOL),
    LG_CONSTANT(LG_ERR_TLS_TIMEOUT),
    LG_CONSTANT(LG_ERR_TIMEOUT),
    LG_CONSTANT(LG_ERR_RESET),
    LG_CONSTANT(LG_ERR_CLOSED),
    LG_CONSTANT(LG_ERR_PROTOCOL),
    LG_CONSTANT(LG_ERR_HEADER_TOO_LARGE),
    LG_CONSTANT(LG_ERR_CHECK),
    LG_CONSTANT(LG_CHECK_STATUS),
    LG_CONSTANT(LG_CHECK_HEADER_MISSING),
    LG_CONSTANT(LG_CHECK_HEADER_VALUE),
    LG_CONSTANT(LG_CHECK_BODY_LACKS),
    LG_CONSTANT(LG_CHECK_BODY_HAS),
    LG_CONSTANT(LG_CHECK_BODY_SMALL),
    LG_CONSTANT(LG_CHECK_BODY_LARGE),
    LG_CONSTANT(LG_CHECK_BODY_ENCODED),
};

enum {
    LG_LAYOUT_FIELDS = sizeof lg_layout_fields / sizeof *lg_layout_fields,
    LG_LAYOUT_CONSTANTS = sizeof lg_layout_constants / sizeof *lg_layout_constants
};

#endif /* LG_LAYOUT_FIELDS_H */
