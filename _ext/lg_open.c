/* lg_open.c: the open loop: arrivals at times that the plan alone decides.
 *
 * Any free connection to the arrival's target takes it; the last used first, since that
 * one is the least likely to have been closed by the server. When none is free the arrival
 * waits in the iterator (a backlog costs no memory) and is taken by the connection that
 * becomes free first; its response time counts from the intended send all the same. So it
 * does when a cap on requests holds back the catching up after a stall.
 */
#include "lg_conn.h"
#include "lg_core.h"

static struct lg_pool *
pool_of(struct lg_engine *e, const struct lg_conn *c)
{
    return &e->pools[c->target];
}

static void
advance(struct lg_pool *pool)
{
    pool->more = lg_arrivals_next(&pool->arrivals, &pool->next);
}

static struct lg_conn *
first_conn(const struct lg_list *list)
{
    struct lg_node *node = lg_list_first(list);
    return node == NULL ? NULL
                        : (struct lg_conn *)((char *)node - offsetof(struct lg_conn, node));
}

static struct lg_conn *
free_conn(const struct lg_pool *pool)
{
    struct lg_conn *c = first_conn(&pool->ready);
    return c != NULL ? c : first_conn(&pool->closed);
}

/* Sends the pool's next arrival on c when it is due. Returns whether it did. */
static bool
send_next(struct lg_engine *e, struct lg_pool *pool, struct lg_conn *c, uint64_t now_ns)
{
    uint64_t intended_ns = e->start_ns + pool->next.intended_ns;
    if (!pool->more || intended_ns > now_ns || now_ns >= e->end_ns || !lg_engine_running(e)) {
        return false;
    }
    uint64_t open_ns = lg_gate_open_ns(&e->gate);
    if (open_ns > now_ns) {
        return false;
    }
    c->allowed_ns = open_ns;
    e->slot->held += open_ns > intended_ns && intended_ns >= e->measure_ns;
    uint32_t endpoint = pool->next.endpoint;
    advance(pool);
    lg_conn_request(e, c, endpoint, intended_ns, now_ns);
    return true;
}

/* Puts a connection without a request where the next arrival finds it. */
static void
put_back(struct lg_engine *e, struct lg_conn *c, uint64_t now_ns)
{
    struct lg_pool *pool = pool_of(e, c);
    if (c->state == LG_CONN_IDLE) {
        lg_list_push_front(&pool->ready, &c->node);
    }
    else if (c->retry_ns > now_ns) {
        lg_heap_push(&e->heap, c->retry_ns, (uint32_t)(c - e->conns));
    }
    else {
        lg_list_push_back(&pool->closed, &c->node);
    }
}

static void
open_begin(struct lg_engine *e)
{
    for (uint32_t i = 0; i < e->plan->target_count; i++) {
        advance(&e->pools[i]);
    }
}

static void
open_ready(struct lg_engine *e, struct lg_conn *c)
{
    lg_list_push_front(&pool_of(e, c)->ready, &c->node);
}

static void
open_finished(struct lg_engine *e, struct lg_conn *c, uint64_t now_ns)
{
    bool usable = c->state == LG_CONN_IDLE || c->retry_ns <= now_ns;
    if (!usable || !send_next(e, pool_of(e, c), c, now_ns)) {
        put_back(e, c, now_ns);
    }
}

static void
open_due(struct lg_engine *e, uint64_t now_ns)
{
    struct lg_heap_entry entry;
    while (lg_heap_pop_due(&e->heap, now_ns, &entry)) {
        struct lg_conn *c = &e->conns[entry.owner];
        lg_list_push_back(&pool_of(e, c)->closed, &c->node);
    }
    for (uint32_t i = 0; i < e->plan->target_count; i++) {
        struct lg_pool *pool = &e->pools[i];
        for (int sends = 0; sends < LG_SENDS_PER_ROUND; sends++) {
            struct lg_conn *c = free_conn(pool);
            if (c == NULL || !send_next(e, pool, c, now_ns)) {
                break;
            }
            now_ns = lg_now_ns();
        }
    }
}

static uint64_t
open_next_due_ns(const struct lg_engine *e)
{
    uint64_t next_ns = lg_heap_next_ns(&e->heap);
    for (uint32_t i = 0; i < e->plan->target_count; i++) {
        const struct lg_pool *pool = &e->pools[i];
        if (pool->more && free_conn(pool) != NULL) {
            uint64_t at_ns = e->start_ns + pool->next.intended_ns;
            next_ns = at_ns < next_ns ? at_ns : next_ns;
        }
    }
    uint64_t open_ns = lg_gate_open_ns(&e->gate);
    return next_ns > open_ns ? next_ns : open_ns;
}

/* Since when the longest free connection of a list has been free; since_ns without one that
 * has been for longer. */
static uint64_t
longest_free_ns(const struct lg_list *list, uint64_t since_ns)
{
    const struct lg_node *node = list->head.next;
    for (; node != &list->head; node = node->next) {
        const struct lg_conn *c =
            (const struct lg_conn *)((const char *)node - offsetof(struct lg_conn, node));
        since_ns = c->free_ns < since_ns ? c->free_ns : since_ns;
    }
    return since_ns;
}

/* What was due before any connection became free had none, even when an answer that came at
 * the very end has freed one since. */
static void
open_end(struct lg_engine *e)
{
    for (uint32_t i = 0; i < e->plan->target_count; i++) {
        struct lg_pool *pool = &e->pools[i];
        uint64_t free_ns =
            longest_free_ns(&pool->ready, longest_free_ns(&pool->closed, LG_NEVER));
        while (pool->more && e->start_ns + pool->next.intended_ns < e->end_ns) {
            if (e->start_ns + pool->next.intended_ns >= e->measure_ns) {
                e->slot->endpoints[pool->next.endpoint].dropped++;
                e->slot->dropped_busy += e->start_ns + pool->next.intended_ns < free_ns;
            }
            advance(pool);
        }
        pool->more = false;
    }
    e->heap.count = 0;
}

static uint64_t
open_users(const struct lg_engine *e, uint64_t now_ns)
{
    (void)e;
    (void)now_ns;
    return 0;
}

const struct lg_driver lg_open_loop = {
    .begin = open_begin,
    .ready = open_ready,
    .lost = put_back,
    .finished = open_finished,
    .due = open_due,
    .next_due_ns = open_next_due_ns,
    .end = open_end,
    .users = open_users,
};
