/* lg_record.h: what the life of a request writes into the slot. One writer: the engine. */
#ifndef LG_RECORD_H
#define LG_RECORD_H

#include "lg_core.h"

/* Sent later than this after its intended time: late. */
#define LG_LATE_NS LG_NS_PER_MS

/* Empties the slot's histograms, and notes what its endpoints count as failed. */
void lg_record_init(struct lg_slot *slot, const struct lg_plan *plan);

/* A request was given to the connection: counted as sent, in flight. */
void lg_record_begun(struct lg_engine *e, const struct lg_conn *c);

/* Its first byte is about to be sent, at c->sent_ns. */
void lg_record_sent(struct lg_engine *e, const struct lg_conn *c);

/* Its connection was established after `took_ns`. */
void lg_record_connected(struct lg_engine *e, const struct lg_conn *c, uint64_t took_ns);

/* ... and its TLS handshake took this long. */
void lg_record_secured(struct lg_engine *e, const struct lg_conn *c, uint64_t took_ns);

/* The first time that TLS failed or a certificate was refused is kept, for a sentence about
 * it. error: as of lg_transport.h, others are ignored; detail: the link's. */
void lg_record_refusal(struct lg_engine *e, int error, uint64_t detail);

/* Its answer is complete, with c->http.status, and is held against its check. The times of an
 * answer count whether it passes or not. */
void lg_record_answer(struct lg_engine *e, const struct lg_conn *c, uint64_t now_ns);

/* It ended without a usable answer. A timeout's times are recorded, since it lasted at
 * least that long; the times of other failures say nothing of the target's speed. */
void lg_record_failure(struct lg_engine *e, const struct lg_conn *c, enum lg_error_class why,
                       uint64_t now_ns);

void lg_record_bytes_sent(struct lg_engine *e, const struct lg_conn *c, size_t n);
void lg_record_bytes_received(struct lg_engine *e, const struct lg_conn *c, size_t n);
/* Where it was redirected to is about to be asked. */
void lg_record_followed(struct lg_engine *e, const struct lg_conn *c);
void lg_record_reconnect(struct lg_engine *e, const struct lg_conn *c);
void lg_record_surplus(struct lg_engine *e, const struct lg_conn *c);

#endif /* LG_RECORD_H */
