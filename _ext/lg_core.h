/* lg_core.h: the engine's inside, shared by lg_engine.c, lg_conn.c and the two drivers.
 *
 * One engine has connections (lg_conn.c: what happens on one of them), a driver that
 * decides what is sent next (lg_closed.c: virtual users; lg_open.c: arrivals), and a
 * recorder (lg_record.c: what an outcome writes into the slot). All times absolute
 * CLOCK_MONOTONIC nanoseconds.
 */
#ifndef LG_CORE_H
#define LG_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "lg_arrivals.h"
#include "lg_clock.h"
#include "lg_gate.h"
#include "lg_heap.h"
#include "lg_http.h"
#include "lg_layout.h"
#include "lg_list.h"
#include "lg_plan.h"
#include "lg_watch.h"

#define LG_BUFFER_BYTES 65536
#define LG_SENDS_PER_ROUND 32 /* answers wait for at most this many sends */

enum lg_conn_state {
    LG_CONN_CLOSED = 0,
    LG_CONN_CONNECTING,
    LG_CONN_HANDSHAKING,
    LG_CONN_IDLE,
    LG_CONN_BUSY /* a request is being sent or its answer awaited */
};

struct lg_conn {
    struct lg_node node; /* in one list at a time: timeouts while waiting, else a free list */
    struct lg_link link;
    struct lg_http http;
    uint64_t intended_ns;
    uint64_t begun_ns;   /* the connect call, then the TLS handshake */
    uint64_t free_ns;    /* since when it could take a request */
    uint64_t allowed_ns; /* since when the cap allowed the request at hand */
    uint64_t sent_ns;    /* 0: not yet */
    uint64_t first_ns;   /* first byte of the answer; 0: none yet */
    uint64_t deadline_ns;
    uint64_t retry_ns; /* no connect before this */
    size_t written;    /* bytes of the request sent so far */
    uint32_t generation;
    uint32_t endpoint;
    uint16_t target;
    uint16_t address;
    uint16_t tried;   /* addresses tried for the connect at hand */
    uint8_t failures; /* connects failed in a row */
    uint8_t state;
    bool loaded;   /* carries a request */
    bool warmup;   /* ... of the warm-up */
    bool answered; /* has answered before: the server may close it while idle */
    bool repeated; /* the request at hand has been sent before */
    uint8_t hops;  /* redirects that it followed */
};

struct lg_user {
    uint32_t requests; /* begun so far: the counter of its draws */
    uint32_t burst;    /* requests of the burst at hand that are done */
    uint32_t next_held;
};

#define LG_NOBODY UINT32_MAX

struct lg_queue { /* users that the cap holds back, in their order; LG_NOBODY: empty */
    uint32_t first;
    uint32_t last;
};

struct lg_pool {           /* the open loop's connections to one target */
    struct lg_list ready;  /* established, the last used first */
    struct lg_list closed; /* not established, may be opened */
    struct lg_arrivals arrivals;
    struct lg_arrival next;
    bool more; /* `next` holds an arrival */
};

struct lg_engine;

struct lg_driver {
    /* The load begins; e->start_ns is set. */
    void (*begin)(struct lg_engine *e);
    /* A connection without a request was established. */
    void (*ready)(struct lg_engine *e, struct lg_conn *c);
    /* A connection without a request was closed, or could not be opened. */
    void (*lost)(struct lg_engine *e, struct lg_conn *c, uint64_t now_ns);
    /* The request on c ended, one way or the other; c is idle or closed. */
    void (*finished)(struct lg_engine *e, struct lg_conn *c, uint64_t now_ns);
    /* Sends all that is due. */
    void (*due)(struct lg_engine *e, uint64_t now_ns);
    /* When something will be due and can be sent; LG_NEVER when only events can tell. */
    uint64_t (*next_due_ns)(const struct lg_engine *e);
    /* Nothing new is sent from now on. */
    void (*end)(struct lg_engine *e);
    /* Virtual users that are active. */
    uint64_t (*users)(const struct lg_engine *e, uint64_t now_ns);
};

extern const struct lg_driver lg_closed_loop;
extern const struct lg_driver lg_open_loop;

struct lg_engine {
    const struct lg_plan *plan;
    const struct lg_driver *driver;
    const struct lg_control *control;
    struct lg_slot *slot;
    int epoll_fd;
    int timer_fd;
    uint64_t start_ns; /* LG_NEVER until begin */
    uint64_t measure_ns;
    uint64_t end_ns;
    uint64_t armed_ns;     /* the timer's deadline; LG_NEVER: not armed */
    uint64_t last_send_ns; /* of any request */
    uint32_t in_flight;
    uint32_t to_open;          /* pre-connects still to begin: the last of conns */
    bool paced;                /* there are due times to hit */
    struct lg_list connecting; /* by deadline */
    struct lg_list waiting;    /* by deadline */
    struct lg_conn *conns;
    uint32_t conn_count;
    struct lg_user *users; /* closed loop */
    uint32_t user_count;
    struct lg_queue held;     /* closed loop */
    struct lg_gate gate;      /* the cap on requests */
    struct lg_heap heap;      /* closed loop: users; open loop: connections in back-off */
    struct lg_pool *pools;    /* open loop, per target */
    uint64_t *set_aside_ns;   /* per address of all targets: not used until */
    uint32_t *address_base;   /* per target: index of its first in set_aside_ns */
    uint32_t *turn;           /* per target: the address whose turn it is */
    uint32_t local_turn;      /* the local address whose turn it is */
    struct lg_watch *watches; /* per connection, when answers are looked into */
    char *hops; /* per connection, when redirects are followed: a struct lg_hop */
    size_t hop_bytes;
    char buffer[LG_BUFFER_BYTES];
};

static inline bool
lg_engine_running(const struct lg_engine *e)
{
    return e->slot->state == LG_WORKER_RUNNING;
}

/* Of a connection whose endpoint has lg_watching. */
static inline struct lg_watch *
lg_engine_watch(const struct lg_engine *e, const struct lg_conn *c)
{
    return &e->watches[c - e->conns];
}

/* Of a connection whose endpoint follows redirects. */
static inline struct lg_hop *
lg_engine_hop(const struct lg_engine *e, const struct lg_conn *c)
{
    return (struct lg_hop *)(void *)(e->hops + (size_t)(c - e->conns) * e->hop_bytes);
}

#endif /* LG_CORE_H */
