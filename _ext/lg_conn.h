/* lg_conn.h: what happens on one connection: send, receive, repeat, close.
 *
 *   CLOSED -> CONNECTING -> (HANDSHAKING) -> IDLE <-> BUSY -> CLOSED
 *
 * lg_connect.h does CONNECTING and HANDSHAKING, which the connect timeout covers. The outcome
 * of a request goes to lg_record.c and then to the driver (`finished`), which may put the next
 * request on the same connection before the call returns.
 */
#ifndef LG_CONN_H
#define LG_CONN_H

#include "lg_core.h"

void lg_conn_init(struct lg_conn *c, uint32_t target, uint32_t endpoint);

/* Sends a request, over a new connection when c is CLOSED. c is IDLE or CLOSED. */
void lg_conn_request(struct lg_engine *e, struct lg_conn *c, uint32_t endpoint,
                     uint64_t intended_ns, uint64_t now_ns);

/* Serves what epoll reported. */
void lg_conn_event(struct lg_engine *e, struct lg_conn *c, uint32_t events);

/* Its deadline has passed: connect timeout or request timeout. */
void lg_conn_expire(struct lg_engine *e, struct lg_conn *c, uint64_t now_ns);

/* TCP (and TLS) stand: sends the request that waits, or tells the driver `ready`. */
void lg_conn_established(struct lg_engine *e, struct lg_conn *c, uint64_t now_ns);

/* The request at hand ended without a usable answer: closes, records, tells the driver. */
void lg_conn_fail(struct lg_engine *e, struct lg_conn *c, enum lg_error_class why,
                  uint64_t now_ns);

/* Closes the socket. A request on it stays what it is counted as. */
void lg_conn_close(struct lg_engine *e, struct lg_conn *c);

/* The token of a connection in epoll: stale events of an earlier socket are told apart. */
uint64_t lg_conn_token(const struct lg_engine *e, const struct lg_conn *c);

static inline const struct lg_target *
lg_conn_target(const struct lg_engine *e, const struct lg_conn *c)
{
    return &e->plan->targets[c->target];
}

#endif /* LG_CONN_H */
