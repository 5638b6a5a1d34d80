/* lg_conn.h: what happens on one connection: connect, send, receive, repeat, close.
 *
 *   CLOSED -> CONNECTING -> (HANDSHAKING) -> IDLE <-> BUSY -> CLOSED
 *
 * The connect timeout covers CONNECTING and HANDSHAKING. The outcome of a request goes to
 * lg_record.c and then to the driver (`finished`), which may put the next request on the same
 * connection before the call returns.
 */
#ifndef LG_CONN_H
#define LG_CONN_H

#include "lg_core.h"

void lg_conn_init(struct lg_conn *c, uint32_t target, uint32_t endpoint);

/* Connects without a request; ends in the driver's `ready` or `lost`. c is CLOSED. */
void lg_conn_open(struct lg_engine *e, struct lg_conn *c, uint64_t now_ns);

/* Sends a request, over a new connection when c is CLOSED. c is IDLE or CLOSED. */
void lg_conn_request(struct lg_engine *e, struct lg_conn *c, uint32_t endpoint,
                     uint64_t intended_ns, uint64_t now_ns);

/* Serves what epoll reported. */
void lg_conn_event(struct lg_engine *e, struct lg_conn *c, uint32_t events);

/* Its deadline has passed: connect timeout or request timeout. */
void lg_conn_expire(struct lg_engine *e, struct lg_conn *c, uint64_t now_ns);

/* Closes the socket. A request on it stays what it is counted as. */
void lg_conn_close(struct lg_engine *e, struct lg_conn *c);

/* The token of a connection in epoll: stale events of an earlier socket are told apart. */
uint64_t lg_conn_token(const struct lg_engine *e, const struct lg_conn *c);

#endif /* LG_CONN_H */
