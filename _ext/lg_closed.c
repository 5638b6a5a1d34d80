/* lg_closed.c: the closed loop: virtual users that send, wait for the answer, pause.
 *
 * User g (of all workers) has a connection per target of its own and is active while the
 * schedule's level is at least g + 1. Its n-th request goes to the endpoint of draw
 * (g, n); its pauses are draws, too, so users do the same whatever worker they are on.
 * The first send is spread over one pause, so that users do not march in step.
 *
 * Where there is a cap on requests, users that it holds back stand in a queue. A held
 * user's request is intended when the gate opens for it: the wait is the cap's doing, and
 * neither the target's nor the generator's.
 */
#include <math.h>

#include "lg_conn.h"
#include "lg_core.h"
#include "lg_rng.h"

static uint32_t
global_index(const struct lg_engine *e, uint32_t user)
{
    return e->plan->worker + user * e->plan->workers;
}

static uint64_t
draw_ns(const struct lg_engine *e, enum lg_rng_stream stream, uint32_t user, uint64_t min_ns,
        uint64_t max_ns)
{
    if (max_ns == 0) {
        return 0;
    }
    uint64_t counter = lg_rng_user_counter(global_index(e, user), e->users[user].requests);
    double unit = lg_rng_unit(e->plan->seed, stream, counter);
    return min_ns + (uint64_t)(unit * (double)(max_ns - min_ns));
}

/* When the user is next active, from now on; LG_NEVER when it is not again. */
static uint64_t
next_active_ns(const struct lg_engine *e, uint32_t user, uint64_t now_ns)
{
    const struct lg_schedule *schedule = &e->plan->schedule;
    double level = (double)global_index(e, user) + 1.0;
    if (schedule->count == 1 && level <= schedule->points[0].level) {
        return now_ns;
    }
    double from_s = now_ns > e->start_ns ? (double)(now_ns - e->start_ns) / 1e9 : 0.0;
    double at_s = lg_schedule_next_at_least(schedule, level, from_s);
    if (isinf(at_s)) {
        return LG_NEVER;
    }
    return at_s <= from_s ? now_ns : e->start_ns + (uint64_t)(at_s * 1e9);
}

static void
wait_until(struct lg_engine *e, uint32_t user, uint64_t at_ns)
{
    if (at_ns < e->end_ns) {
        lg_heap_push(&e->heap, at_ns, user);
    }
}

static void
hold(struct lg_engine *e, uint32_t user, uint64_t now_ns)
{
    e->users[user].next_held = LG_NOBODY;
    if (e->held.first == LG_NOBODY) {
        e->held.first = user;
    }
    else {
        e->users[e->held.last].next_held = user;
    }
    e->held.last = user;
    e->slot->held += now_ns >= e->measure_ns;
}

static uint32_t
release(struct lg_engine *e)
{
    uint32_t user = e->held.first;
    e->held.first = e->users[user].next_held;
    return user;
}

/* The user's turn has come: sends its next request, or waits until it may. queued: it has
 * stood in the queue of the held, and the gate is open. */
static void
take_turn(struct lg_engine *e, uint32_t user, uint64_t intended_ns, uint64_t now_ns,
          bool queued)
{
    if (!lg_engine_running(e) || now_ns >= e->end_ns) {
        return;
    }
    uint64_t active_ns = next_active_ns(e, user, now_ns);
    if (active_ns > now_ns) {
        wait_until(e, user, active_ns);
        return;
    }
    const struct lg_plan *plan = e->plan;
    uint32_t endpoint = 0;
    if (plan->request_count > 1) {
        uint64_t counter = lg_rng_user_counter(global_index(e, user), e->users[user].requests);
        endpoint =
            lg_mix_choose(&plan->mix, lg_rng_unit(plan->seed, LG_RNG_ENDPOINT, counter));
    }
    struct lg_conn *c = &e->conns[user * plan->target_count + plan->target_of[endpoint]];
    if (c->retry_ns > now_ns) {
        wait_until(e, user, c->retry_ns);
        return;
    }
    if (!queued && (e->held.first != LG_NOBODY || lg_gate_open_ns(&e->gate) > now_ns)) {
        hold(e, user, now_ns);
        return;
    }
    e->users[user].requests++;
    lg_conn_request(e, c, endpoint, intended_ns, now_ns);
}

static uint64_t
pause_ns(struct lg_engine *e, uint32_t user)
{
    const struct lg_plan *plan = e->plan;
    struct lg_user *u = &e->users[user];
    if (plan->burst_size == 0) {
        return draw_ns(e, LG_RNG_THINK, user, plan->think_min_ns, plan->think_max_ns);
    }
    if (++u->burst < plan->burst_size) {
        return 0;
    }
    u->burst = 0;
    return draw_ns(e, LG_RNG_PAUSE, user, plan->pause_min_ns, plan->pause_max_ns);
}

static void
closed_begin(struct lg_engine *e)
{
    const struct lg_plan *plan = e->plan;
    uint64_t spread_ns = plan->burst_size == 0 ? plan->think_max_ns : plan->pause_max_ns;
    for (uint32_t user = 0; user < e->user_count; user++) {
        uint64_t active_ns = next_active_ns(e, user, e->start_ns);
        if (active_ns != LG_NEVER) {
            active_ns += draw_ns(e, LG_RNG_THINK, user, 0, spread_ns);
            wait_until(e, user, active_ns);
        }
    }
}

static void
closed_ready(struct lg_engine *e, struct lg_conn *c)
{
    (void)e;
    (void)c;
}

static void
closed_lost(struct lg_engine *e, struct lg_conn *c, uint64_t now_ns)
{
    (void)e;
    (void)c;
    (void)now_ns;
}

static void
closed_finished(struct lg_engine *e, struct lg_conn *c, uint64_t now_ns)
{
    uint32_t user = (uint32_t)(c - e->conns) / e->plan->target_count;
    uint64_t at_ns = now_ns + pause_ns(e, user);
    if (at_ns == now_ns && c->retry_ns <= now_ns) {
        take_turn(e, user, now_ns, now_ns, false);
    }
    else {
        wait_until(e, user, at_ns > c->retry_ns ? at_ns : c->retry_ns);
    }
}

static void
closed_due(struct lg_engine *e, uint64_t now_ns)
{
    struct lg_heap_entry entry;
    for (int i = 0; i < LG_SENDS_PER_ROUND && lg_heap_pop_due(&e->heap, now_ns, &entry); i++) {
        take_turn(e, entry.owner, entry.at_ns, now_ns, false);
        now_ns = lg_now_ns();
    }
    uint64_t open_ns = lg_gate_open_ns(&e->gate);
    while (e->held.first != LG_NOBODY && open_ns <= now_ns) {
        take_turn(e, release(e), open_ns, now_ns, true);
        open_ns = lg_gate_open_ns(&e->gate);
    }
}

static uint64_t
closed_next_due_ns(const struct lg_engine *e)
{
    uint64_t next_ns = lg_heap_next_ns(&e->heap);
    uint64_t open_ns = e->held.first != LG_NOBODY ? lg_gate_open_ns(&e->gate) : LG_NEVER;
    return next_ns < open_ns ? next_ns : open_ns;
}

static void
closed_end(struct lg_engine *e)
{
    e->heap.count = 0;
    e->held.first = LG_NOBODY;
}

static uint64_t
closed_users(const struct lg_engine *e, uint64_t now_ns)
{
    double at_s = now_ns > e->start_ns ? (double)(now_ns - e->start_ns) / 1e9 : 0.0;
    double level = lg_schedule_level(&e->plan->schedule, at_s) + 1e-9;
    if (level <= (double)e->plan->worker) {
        return 0;
    }
    uint64_t active =
        ((uint64_t)level + e->plan->workers - 1 - e->plan->worker) / e->plan->workers;
    return active < e->user_count ? active : e->user_count;
}

const struct lg_driver lg_closed_loop = {
    .begin = closed_begin,
    .ready = closed_ready,
    .lost = closed_lost,
    .finished = closed_finished,
    .due = closed_due,
    .next_due_ns = closed_next_due_ns,
    .end = closed_end,
    .users = closed_users,
};
