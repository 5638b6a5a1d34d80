/* lg_connect.h: how a connection comes to stand: CLOSED -> CONNECTING -> (HANDSHAKING) ->
 * IDLE.
 *
 * Ends in lg_conn_established; or, when no address can be connected to, in lg_conn_fail for a
 * connection that carries a request and in the driver's `lost` for one that does not.
 */
#ifndef LG_CONNECT_H
#define LG_CONNECT_H

#include "lg_core.h"

/* Begins to connect. c is CLOSED. */
void lg_connect(struct lg_engine *e, struct lg_conn *c, uint64_t now_ns);

/* Serves what epoll reported of a connection that is CONNECTING or HANDSHAKING. */
void lg_connect_event(struct lg_engine *e, struct lg_conn *c);

/* The connect timeout has passed. */
void lg_connect_expire(struct lg_engine *e, struct lg_conn *c, uint64_t now_ns);

#endif /* LG_CONNECT_H */
