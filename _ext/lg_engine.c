/* lg_engine.c: the worker's loop: look at the sockets, send what is due, decide whether to
 * look again, to sleep here, or to hand back to the loop around us.
 *
 * Precision. A sleeping thread wakes 40-60 us after its event, which would be reported as
 * the target's slowness. So (plan->spin_ns > 0) the engine wakes shortly before a due send
 * and polls until it, and polls on while an answer that may come soon is in flight. The
 * polling is counted in slot->spin_ns, so that it is not mistaken for load.
 */
#include "lg_engine.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "lg_conn.h"
#include "lg_connect.h"
#include "lg_core.h"
#include "lg_memory.h"
#include "lg_record.h"

#define EVENTS 64 /* what is due waits for at most this many answers */
#define TIMER_TOKEN UINT64_MAX
#define OPENING_AT_ONCE 64 /* a listen backlog is 128 or more; connects beyond wait 1 s */
#define ANSWER_SOON_NS LG_NS_PER_MS
#define FEW_IN_FLIGHT 8 /* without due times polling pays only while answers are few */
#define ALIVE_NS (50 * LG_NS_PER_MS) /* the longest sleep */
#define GAP_NS (100 * LG_NS_PER_MS)

static int
open_descriptors(struct lg_engine *e)
{
    e->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    e->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (e->epoll_fd < 0 || e->timer_fd < 0) {
        return -1;
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = TIMER_TOKEN};
    return epoll_ctl(e->epoll_fd, EPOLL_CTL_ADD, e->timer_fd, &event);
}

struct lg_engine *
lg_engine_init(void *memory, size_t size, const struct lg_plan *plan,
               const struct lg_control *control, struct lg_slot *slot, int *error,
               int *os_error)
{
    *error = LG_OK;
    *os_error = 0;
    if (control->magic != LG_MAGIC || control->version != LG_LAYOUT_VERSION) {
        *error = LG_E_LAYOUT;
    }
    else if (size < lg_engine_size(plan)) {
        *error = LG_E_MEMORY;
    }
    else if (lg_engine_conns(plan) == 0 || lg_schedule_check(&plan->schedule) != LG_OK) {
        *error = LG_E_INVALID;
    }
    if (*error != LG_OK) {
        return NULL;
    }
    struct lg_engine *e = memory;
    e->plan = plan;
    e->control = control;
    e->slot = slot;
    e->driver = plan->open_loop ? &lg_open_loop : &lg_closed_loop;
    e->paced = plan->open_loop || plan->cap_count > 0 || plan->think_max_ns > 0 ||
               (plan->burst_size > 0 && plan->pause_max_ns > 0);
    e->start_ns = LG_NEVER;
    e->measure_ns = LG_NEVER;
    e->end_ns = LG_NEVER;
    e->armed_ns = LG_NEVER;
    lg_engine_lay_out(e);
    if (open_descriptors(e) < 0) {
        *error = LG_E_SYSTEM;
        *os_error = errno;
        lg_engine_close(e);
        return NULL;
    }
    lg_record_init(slot, plan);
    return e;
}

/* Wakes the loop at this time or before: never later than ALIVE_NS from now. */
static void
arm(struct lg_engine *e, uint64_t at_ns, uint64_t now_ns)
{
    bool soon_enough = e->armed_ns > now_ns && e->armed_ns <= at_ns;
    if (soon_enough) {
        return;
    }
    if (at_ns > now_ns + ALIVE_NS) {
        at_ns = now_ns + ALIVE_NS;
    }
    if (at_ns <= now_ns) {
        at_ns = now_ns + 1;
    }
    e->armed_ns = at_ns;
    struct itimerspec spec = {
        .it_value = {.tv_sec = (time_t)(at_ns / LG_NS_PER_S),
                     .tv_nsec = (long)(at_ns % LG_NS_PER_S)},
    };
    timerfd_settime(e->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

/* Before the load begins: keeps some connects under way until all have been tried. */
static void
open_some(struct lg_engine *e, uint64_t now_ns)
{
    while (e->to_open > 0 && lg_list_empty(&e->connecting)) {
        uint32_t batch = e->to_open < OPENING_AT_ONCE ? e->to_open : OPENING_AT_ONCE;
        for (uint32_t i = 0; i < batch; i++) {
            lg_connect(e, &e->conns[--e->to_open], now_ns);
        }
    }
    if (e->to_open == 0 && lg_list_empty(&e->connecting)) {
        e->slot->state = LG_WORKER_READY;
    }
}

void
lg_engine_prepare(struct lg_engine *e)
{
    uint64_t now_ns = lg_now_ns();
    bool opens = e->plan->open_loop && e->plan->keepalive;
    e->to_open = opens ? e->conn_count : 0;
    for (uint32_t i = e->to_open; i < e->conn_count; i++) {
        e->driver->lost(e, &e->conns[i], now_ns);
    }
    open_some(e, now_ns);
    arm(e, now_ns + ALIVE_NS, now_ns);
}

void
lg_engine_begin(struct lg_engine *e, uint64_t start_ns)
{
    e->start_ns = start_ns;
    e->measure_ns = start_ns + e->plan->warmup_ns;
    e->end_ns = start_ns + e->plan->total_ns;
    e->slot->state = LG_WORKER_RUNNING;
    e->driver->begin(e);
    uint64_t now_ns = lg_now_ns();
    arm(e, start_ns - e->plan->spin_ns, now_ns);
}

int
lg_engine_fd(const struct lg_engine *e)
{
    return e->epoll_fd;
}

static void
dispatch(struct lg_engine *e, const struct epoll_event *events, int count)
{
    for (int i = 0; i < count; i++) {
        uint64_t token = events[i].data.u64;
        if (token == TIMER_TOKEN) {
            continue;
        }
        struct lg_conn *c = &e->conns[(uint32_t)token];
        if (lg_conn_token(e, c) == token) {
            lg_conn_event(e, c, events[i].events);
        }
    }
}

static struct lg_conn *
first_deadline(const struct lg_list *list)
{
    struct lg_node *node = lg_list_first(list);
    return node == NULL ? NULL
                        : (struct lg_conn *)((char *)node - offsetof(struct lg_conn, node));
}

static uint64_t
expire(struct lg_engine *e, const struct lg_list *list, uint64_t now_ns)
{
    struct lg_conn *c = first_deadline(list);
    while (c != NULL && c->deadline_ns <= now_ns) {
        lg_conn_expire(e, c, now_ns);
        c = first_deadline(list);
    }
    return c == NULL ? LG_NEVER : c->deadline_ns;
}

static uint64_t
earlier(uint64_t a_ns, uint64_t b_ns)
{
    return a_ns < b_ns ? a_ns : b_ns;
}

/* Gives up connects that carry a request: it would be sent after the end. One that was
 * redirected has been sent before it. */
static void
give_up_connects(struct lg_engine *e)
{
    for (uint32_t i = 0; i < e->conn_count; i++) {
        struct lg_conn *c = &e->conns[i];
        bool opening = c->state == LG_CONN_CONNECTING || c->state == LG_CONN_HANDSHAKING;
        bool redirected = c->loaded && c->hops > 0;
        if (opening && !redirected) {
            e->in_flight -= c->loaded;
            lg_conn_close(e, c);
        }
    }
}

/* Moves from running to draining to done as time and answers allow. */
static void
advance_state(struct lg_engine *e, uint64_t now_ns)
{
    struct lg_slot *slot = e->slot;
    if (slot->state == LG_WORKER_NEW) {
        open_some(e, now_ns);
        return;
    }
    if (slot->state == LG_WORKER_RUNNING) {
        uint64_t asked_ns = e->control->end_ns;
        if (asked_ns != 0 && asked_ns < e->end_ns) {
            e->end_ns = asked_ns > e->start_ns ? asked_ns : e->start_ns;
        }
        if (now_ns >= e->end_ns) {
            slot->state = LG_WORKER_DRAINING;
            e->driver->end(e);
            give_up_connects(e);
        }
    }
    bool drained = slot->state == LG_WORKER_DRAINING &&
                   (e->in_flight == 0 || now_ns >= e->end_ns + e->plan->drain_ns);
    if (drained || (e->control->stop != 0 && slot->state != LG_WORKER_DONE)) {
        slot->ended_ns = now_ns;
        slot->state = LG_WORKER_DONE;
    }
}

/* Serves what has timed out. Returns when the next deadline or change of state is. */
static uint64_t
serve_deadlines(struct lg_engine *e, uint64_t now_ns)
{
    uint64_t next_ns = expire(e, &e->connecting, now_ns);
    next_ns = earlier(next_ns, expire(e, &e->waiting, now_ns));
    if (e->slot->state == LG_WORKER_RUNNING) {
        next_ns = earlier(next_ns, e->end_ns);
    }
    else if (e->slot->state == LG_WORKER_DRAINING) {
        next_ns = earlier(next_ns, e->end_ns + e->plan->drain_ns);
    }
    return next_ns;
}

static bool
should_spin(const struct lg_engine *e, uint64_t due_ns, uint64_t now_ns)
{
    uint64_t spin_ns = e->plan->spin_ns;
    if (spin_ns == 0) {
        return false;
    }
    if (due_ns != LG_NEVER && due_ns <= now_ns + spin_ns) {
        return true;
    }
    bool worth = e->paced || e->in_flight <= FEW_IN_FLIGHT;
    return worth && e->in_flight > 0 && now_ns - e->last_send_ns < ANSWER_SOON_NS;
}

/* A round that began later than it was meant to, or took far too long: the thread was
 * stopped or starved. */
static void
note_gap(struct lg_engine *e, uint64_t meant_ns, uint64_t now_ns)
{
    if (now_ns <= meant_ns || e->slot->state != LG_WORKER_RUNNING) {
        return;
    }
    uint64_t gap_ns = now_ns - meant_ns;
    if (gap_ns > e->slot->gap_ns) {
        e->slot->gap_ns = gap_ns;
    }
    if (gap_ns > GAP_NS) {
        e->slot->gaps_ns += gap_ns;
    }
}

static void
publish(struct lg_engine *e, uint64_t now_ns)
{
    struct timespec cpu;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    e->slot->cpu_ns = (uint64_t)cpu.tv_sec * LG_NS_PER_S + (uint64_t)cpu.tv_nsec;
    e->slot->alive_ns = now_ns;
    e->slot->in_flight = e->in_flight;
    e->slot->users = lg_engine_running(e) ? e->driver->users(e, now_ns) : 0;
}

struct round {
    uint64_t now_ns;
    uint64_t due_ns;  /* the next due send */
    uint64_t wake_ns; /* the latest time to look again when no event comes */
};

/* One round: what the sockets report, what is due, what has expired. begun_ns: when the
 * round before ended. */
static struct round
look(struct lg_engine *e, uint64_t begun_ns, int sleep_ms)
{
    struct epoll_event events[EVENTS];
    struct round r;
    int count = epoll_wait(e->epoll_fd, events, EVENTS, sleep_ms);
    uint64_t last_send_ns = e->last_send_ns;
    e->slot->loops++;
    dispatch(e, events, count);
    r.now_ns = lg_now_ns();
    note_gap(e, sleep_ms == 0 ? begun_ns : e->armed_ns, r.now_ns);
    if (lg_engine_running(e)) {
        e->driver->due(e, r.now_ns);
    }
    r.wake_ns = serve_deadlines(e, r.now_ns);
    advance_state(e, r.now_ns);
    r.due_ns = LG_NEVER;
    if (lg_engine_running(e)) {
        r.due_ns = e->driver->next_due_ns(e);
    }
    if (r.due_ns != LG_NEVER) {
        r.wake_ns = earlier(r.wake_ns, r.due_ns - e->plan->spin_ns);
    }
    if (sleep_ms == 0 && count <= 0 && e->last_send_ns == last_send_ns) {
        e->slot->spin_ns += r.now_ns - begun_ns;
    }
    return r;
}

int
lg_engine_step(struct lg_engine *e)
{
    uint64_t now_ns = lg_now_ns();
    uint64_t slice_end_ns = now_ns + LG_SLICE_NS;
    int sleep_ms = 0;
    note_gap(e, e->armed_ns, now_ns);
    for (;;) {
        struct round r = look(e, now_ns, sleep_ms);
        now_ns = r.now_ns;
        if (e->slot->state == LG_WORKER_DONE) {
            break;
        }
        bool again = r.due_ns <= now_ns || should_spin(e, r.due_ns, now_ns);
        if (again && now_ns < slice_end_ns) {
            sleep_ms = 0;
            continue;
        }
        arm(e, again ? now_ns : r.wake_ns, now_ns);
        /* Sleeping here saves the way through Python; a longer sleep belongs to the loop
         * around us. */
        bool long_sleep = e->in_flight == 0 && r.wake_ns > slice_end_ns;
        if (now_ns >= slice_end_ns || long_sleep) {
            break;
        }
        sleep_ms = (int)((slice_end_ns - now_ns) / LG_NS_PER_MS) + 1;
    }
    publish(e, lg_now_ns());
    return (int)e->slot->state;
}

void
lg_engine_close(struct lg_engine *e)
{
    for (uint32_t i = 0; i < e->conn_count; i++) {
        lg_conn_close(e, &e->conns[i]);
    }
    if (e->timer_fd >= 0) {
        close(e->timer_fd);
    }
    if (e->epoll_fd >= 0) {
        close(e->epoll_fd);
    }
    e->timer_fd = -1;
    e->epoll_fd = -1;
}
