/* lg_memory.c: the one piece of memory that an engine lives in, cut up by its plan.
 *
 * Everything is sized before the load begins, so nothing is allocated while it goes on.
 */
#include "lg_memory.h"

#include "lg_conn.h"
#include "lg_engine.h"

struct sizes {
    uint32_t users;
    uint32_t conns;
    uint32_t conns_per_target;
    uint32_t addresses;
    size_t total;
    size_t at_conns;
    size_t at_users;
    size_t at_heap;
    size_t at_pools;
    size_t at_set_aside;
    size_t at_base;
    size_t at_turn;
    size_t at_gate;
    size_t at_watches;
    size_t at_hops;
    size_t hop_bytes;
};

/* This worker's part of n things dealt out in turn. */
static uint32_t
share(const struct lg_plan *plan, uint32_t n)
{
    return n > plan->worker ? (n - plan->worker + plan->workers - 1) / plan->workers : 0;
}

static size_t
take(size_t *at, size_t count, size_t bytes)
{
    size_t begin = (*at + 63) & ~(size_t)63;
    *at = begin + count * bytes;
    return begin;
}

/* The largest hop of all endpoints that follow redirects, so that hops stay aligned; 0: none.
 */
static size_t
hop_bytes(const struct lg_plan *plan)
{
    size_t most = 0;
    for (uint32_t i = 0; i < plan->request_count; i++) {
        const struct lg_watching *watching = plan->requests[i].watching;
        if (watching != NULL && watching->redirect != NULL) {
            size_t bytes = lg_hop_size(watching->redirect);
            most = bytes > most ? bytes : most;
        }
    }
    return (most + 7) & ~(size_t)7;
}

static bool
is_watching(const struct lg_plan *plan)
{
    for (uint32_t i = 0; i < plan->request_count; i++) {
        if (plan->requests[i].watching != NULL) {
            return true;
        }
    }
    return false;
}

static struct sizes
sizes_of(const struct lg_plan *plan)
{
    struct sizes s = {0};
    s.users = plan->open_loop ? 0 : share(plan, plan->users);
    s.conns_per_target = plan->open_loop ? share(plan, plan->connections) : s.users;
    s.conns = s.conns_per_target * plan->target_count;
    for (uint32_t i = 0; i < plan->target_count; i++) {
        s.addresses += plan->targets[i].address_count;
    }
    size_t at = sizeof(struct lg_engine);
    s.at_conns = take(&at, s.conns, sizeof(struct lg_conn));
    s.at_users = take(&at, s.users, sizeof(struct lg_user));
    s.at_heap = take(&at, s.users > s.conns ? s.users : s.conns, sizeof(struct lg_heap_entry));
    s.at_pools = take(&at, plan->open_loop ? plan->target_count : 0, sizeof(struct lg_pool));
    s.at_set_aside = take(&at, s.addresses, sizeof(uint64_t));
    s.at_base = take(&at, plan->target_count, sizeof(uint32_t));
    s.at_turn = take(&at, plan->target_count, sizeof(uint32_t));
    s.at_gate = take(&at, plan->cap_count, sizeof(uint64_t));
    s.at_watches = take(&at, is_watching(plan) ? s.conns : 0, sizeof(struct lg_watch));
    s.hop_bytes = hop_bytes(plan);
    s.at_hops = take(&at, s.conns, s.hop_bytes);
    s.total = at;
    return s;
}

size_t
lg_engine_size(const struct lg_plan *plan)
{
    return sizes_of(plan).total;
}

static uint32_t
first_endpoint_of(const struct lg_plan *plan, uint32_t target)
{
    uint32_t endpoint = 0;
    while (endpoint + 1 < plan->request_count && plan->target_of[endpoint] != target) {
        endpoint++;
    }
    return endpoint;
}

static void
init_pool(struct lg_engine *e, uint32_t target)
{
    const struct lg_plan *plan = e->plan;
    struct lg_pool *pool = &e->pools[target];
    lg_list_init(&pool->ready);
    lg_list_init(&pool->closed);
    pool->arrivals = (struct lg_arrivals){
        .schedule = &plan->schedule,
        .mix = &plan->mix,
        .target_of = plan->target_of,
        .target = target,
        .worker = plan->worker,
        .workers = plan->workers,
        .poisson = plan->poisson,
        .paired = plan->paired,
        .seed = plan->seed,
        .end_s = (double)plan->total_ns / 1e9,
    };
    lg_arrivals_rewind(&pool->arrivals);
}

uint32_t
lg_engine_conns(const struct lg_plan *plan)
{
    return sizes_of(plan).conns;
}

void
lg_engine_lay_out(struct lg_engine *e)
{
    const struct lg_plan *plan = e->plan;
    const struct sizes sizes = sizes_of(plan);
    const struct sizes *s = &sizes;
    char *memory = (char *)e;
    e->conns = (struct lg_conn *)(void *)(memory + s->at_conns);
    e->conn_count = s->conns;
    e->users = (struct lg_user *)(void *)(memory + s->at_users);
    e->user_count = s->users;
    e->pools = (struct lg_pool *)(void *)(memory + s->at_pools);
    e->set_aside_ns = (uint64_t *)(void *)(memory + s->at_set_aside);
    e->address_base = (uint32_t *)(void *)(memory + s->at_base);
    e->turn = (uint32_t *)(void *)(memory + s->at_turn);
    e->local_turn = plan->worker;
    e->held = (struct lg_queue){LG_NOBODY, LG_NOBODY};
    e->gate = (struct lg_gate){
        .passed_ns = (uint64_t *)(void *)(memory + s->at_gate),
        .window_ns = plan->cap_window_ns,
        .count = plan->cap_count,
    };
    e->watches = (struct lg_watch *)(void *)(memory + s->at_watches);
    e->hops = memory + s->at_hops;
    e->hop_bytes = s->hop_bytes;
    lg_heap_init(&e->heap, (struct lg_heap_entry *)(void *)(memory + s->at_heap),
                 s->users > s->conns ? s->users : s->conns);
    lg_list_init(&e->connecting);
    lg_list_init(&e->waiting);
    uint32_t base = 0;
    for (uint32_t i = 0; i < plan->target_count; i++) {
        e->address_base[i] = base;
        e->turn[i] = plan->worker % plan->targets[i].address_count;
        base += plan->targets[i].address_count;
        if (plan->open_loop) {
            init_pool(e, i);
        }
    }
    for (uint32_t i = 0; i < s->conns; i++) {
        uint32_t target = i % plan->target_count;
        lg_conn_init(&e->conns[i], target, first_endpoint_of(plan, target));
    }
}
