/* lg_conn.c: what happens on a connection that stands: send, receive, follow, repeat, close.
 *
 * epoll is edge-triggered and each socket is registered once for reading and writing, so
 * a request costs no epoll_ctl. The transport says when its link is drained; where epoll has
 * said that the peer closed, reading goes on to the end, since no further edge comes.
 */
#include "lg_conn.h"

#include <errno.h>
#include <sys/epoll.h>

#include "lg_connect.h"
#include "lg_record.h"

#define READS_PER_EVENT 16 /* one large body must not hold up the others */
#define DISCARD_MAX ((size_t)1 << 20)

static void receive(struct lg_engine *e, struct lg_conn *c, bool ending, int send_errno);

static const struct lg_transport *
transport_of(const struct lg_engine *e, const struct lg_conn *c)
{
    return lg_conn_target(e, c)->transport;
}

static const struct lg_request *
request_of(const struct lg_engine *e, const struct lg_conn *c)
{
    return &e->plan->requests[c->endpoint];
}

/* The request at hand: the endpoint's, or the one that it was redirected to. */
static struct lg_wire
wire_of(const struct lg_engine *e, const struct lg_conn *c)
{
    const struct lg_request *request = request_of(e, c);
    if (c->hops == 0) {
        return (struct lg_wire){request->bytes, request->len};
    }
    const struct lg_hop *hop = lg_engine_hop(e, c);
    return (struct lg_wire){hop->wire, hop->wire_len};
}

uint64_t
lg_conn_token(const struct lg_engine *e, const struct lg_conn *c)
{
    return (uint64_t)c->generation << 32 | (uint32_t)(c - e->conns);
}

void
lg_conn_init(struct lg_conn *c, uint32_t target, uint32_t endpoint)
{
    c->link.fd = -1;
    c->state = LG_CONN_CLOSED;
    c->target = (uint16_t)target;
    c->endpoint = endpoint;
}

void
lg_conn_close(struct lg_engine *e, struct lg_conn *c)
{
    if (c->state >= LG_CONN_IDLE) {
        e->slot->connections--;
    }
    if (c->link.fd >= 0) {
        transport_of(e, c)->close(&c->link);
    }
    lg_list_remove(&c->node);
    c->state = LG_CONN_CLOSED;
    c->answered = false;
}

void
lg_conn_fail(struct lg_engine *e, struct lg_conn *c, enum lg_error_class why, uint64_t now_ns)
{
    lg_conn_close(e, c);
    lg_record_failure(e, c, why, now_ns);
    c->loaded = false;
    c->free_ns = now_ns;
    e->driver->finished(e, c, now_ns);
}

/* Sends what is left of the request. */
static void
send_request(struct lg_engine *e, struct lg_conn *c)
{
    struct lg_wire wire = wire_of(e, c);
    while (c->written < wire.len) {
        ssize_t n =
            transport_of(e, c)->send(&c->link, wire.bytes + c->written, wire.len - c->written);
        if (n >= 0) {
            c->written += (size_t)n;
            lg_record_bytes_sent(e, c, (size_t)n);
        }
        else if (n == LG_IO_AGAIN) {
            return;
        }
        else {
            /* The peer may have answered before it closed: that answer counts. */
            receive(e, c, true, errno);
            return;
        }
    }
}

/* An answer is to come into which somebody wants to look. */
static void
watch(struct lg_engine *e, struct lg_conn *c)
{
    const struct lg_watching *watching = request_of(e, c)->watching;
    bool follows = watching->redirect != NULL && c->hops < e->plan->follow_max;
    bool sampling =
        watching->check != NULL && !c->warmup && e->slot->failed_answers < LG_FAILED_ANSWERS;
    lg_watch_begin(lg_engine_watch(e, c), watching, wire_of(e, c),
                   follows ? lg_engine_hop(e, c) : NULL, sampling);
}

/* The connection stands and carries a request that is not sent yet. */
static void
start_request(struct lg_engine *e, struct lg_conn *c)
{
    const struct lg_request *request = request_of(e, c);
    lg_http_init(&c->http, request->head);
    if (request->watching != NULL) {
        watch(e, c);
    }
    c->state = LG_CONN_BUSY;
    c->written = 0;
    c->first_ns = 0;
    e->last_send_ns = lg_now_ns();
    if (c->hops > 0 || c->repeated) {
        lg_gate_pass(&e->gate, e->last_send_ns);
    }
    if (c->hops == 0) {
        c->sent_ns = e->last_send_ns;
    }
    if (!c->repeated && c->hops == 0) {
        lg_record_sent(e, c);
    }
    else if (!c->repeated) {
        lg_record_followed(e, c);
    }
    c->deadline_ns = e->last_send_ns + e->plan->timeout_ns;
    lg_list_push_back(&e->waiting, &c->node);
    send_request(e, c);
}

void
lg_conn_request(struct lg_engine *e, struct lg_conn *c, uint32_t endpoint,
                uint64_t intended_ns, uint64_t now_ns)
{
    lg_list_remove(&c->node);
    c->endpoint = endpoint;
    c->intended_ns = intended_ns;
    c->loaded = true;
    c->repeated = false;
    c->hops = 0;
    c->sent_ns = 0;
    c->first_ns = 0;
    c->warmup = intended_ns < e->measure_ns;
    lg_gate_pass(&e->gate, now_ns);
    lg_record_begun(e, c);
    if (c->state == LG_CONN_IDLE) {
        start_request(e, c);
    }
    else {
        lg_connect(e, c, now_ns);
    }
}

void
lg_conn_established(struct lg_engine *e, struct lg_conn *c, uint64_t now_ns)
{
    lg_list_remove(&c->node);
    c->state = LG_CONN_IDLE;
    c->failures = 0;
    c->retry_ns = 0;
    c->free_ns = now_ns;
    e->slot->connections++;
    if (c->loaded) {
        start_request(e, c);
    }
    else {
        e->driver->ready(e, c);
    }
}

/* The answer leads elsewhere on its origin: the request goes on there. False: it does not. */
static bool
follow(struct lg_engine *e, struct lg_conn *c, bool reusable, uint64_t now_ns)
{
    const struct lg_watching *watching = request_of(e, c)->watching;
    if (watching == NULL || watching->redirect == NULL || c->hops == e->plan->follow_max ||
        !lg_hop_take(lg_engine_hop(e, c), watching->redirect, c->http.status)) {
        return false;
    }
    lg_list_remove(&c->node);
    c->hops++;
    c->repeated = false;
    if (reusable) {
        c->answered = true;
        start_request(e, c);
    }
    else {
        lg_conn_close(e, c);
        lg_connect(e, c, now_ns);
    }
    return true;
}

/* The answer is complete. */
static void
finish(struct lg_engine *e, struct lg_conn *c, bool reusable, uint64_t now_ns)
{
    bool whole = c->written == wire_of(e, c).len;
    reusable = reusable && whole && e->plan->keepalive;
    if (follow(e, c, reusable, now_ns)) {
        return;
    }
    lg_record_answer(e, c, now_ns);
    c->loaded = false;
    c->free_ns = now_ns;
    if (reusable) {
        lg_list_remove(&c->node);
        c->state = LG_CONN_IDLE;
        c->answered = true;
    }
    else {
        lg_conn_close(e, c);
    }
    e->driver->finished(e, c, now_ns);
}

/* RFC 9112 section 9.3.1: a server may close an idle connection at any time, so a request
 * that crossed the close on the wire is sent once more when that is safe. Where a redirect
 * leads is a GET, and still asked after the end of the load. */
static bool
may_repeat(const struct lg_engine *e, const struct lg_conn *c)
{
    bool safe = c->hops > 0 || (request_of(e, c)->idempotent && lg_engine_running(e));
    return safe && c->answered && !c->repeated && c->first_ns == 0;
}

static enum lg_error_class
broken_class(int error)
{
    switch (error) {
        case 0:
        case EPIPE:
            return LG_ERR_CLOSED;
        case EPROTO:
            return LG_ERR_TLS_PROTOCOL;
        default:
            return LG_ERR_RESET;
    }
}

/* The connection ended: in order (error 0) or by an errno. */
static void
broken(struct lg_engine *e, struct lg_conn *c, int error)
{
    uint64_t now_ns = lg_now_ns();
    if (!c->loaded) {
        lg_conn_close(e, c);
        e->driver->lost(e, c, now_ns);
    }
    else if (error == 0 && lg_http_eof(&c->http) == LG_OK) {
        finish(e, c, false, now_ns);
    }
    else if (error != EPROTO && may_repeat(e, c)) {
        lg_record_reconnect(e, c);
        lg_conn_close(e, c);
        c->repeated = true;
        lg_connect(e, c, now_ns);
    }
    else {
        lg_conn_fail(e, c, broken_class(error), now_ns);
    }
}

/* Bytes came although no request is on the way. */
static void
unasked(struct lg_engine *e, struct lg_conn *c)
{
    lg_record_surplus(e, c);
    lg_conn_close(e, c);
    e->driver->lost(e, c, lg_now_ns());
}

/* Parses n bytes of the buffer. Returns true when the connection goes on waiting. */
static bool
parse(struct lg_engine *e, struct lg_conn *c, size_t n, bool ending)
{
    uint64_t now_ns = lg_now_ns();
    if (c->first_ns == 0) {
        c->first_ns = now_ns;
    }
    bool watched = request_of(e, c)->watching != NULL;
    int64_t used = watched ? lg_watch_feed(lg_engine_watch(e, c), &c->http, e->buffer, n)
                           : lg_http_feed(&c->http, e->buffer, n);
    if (used < 0) {
        bool large = used == LG_E_TOO_LARGE;
        lg_conn_fail(e, c, large ? LG_ERR_HEADER_TOO_LARGE : LG_ERR_PROTOCOL, now_ns);
        return false;
    }
    if (!c->http.done) {
        return true;
    }
    bool surplus = (size_t)used < n;
    if (surplus) {
        lg_record_surplus(e, c);
    }
    finish(e, c, c->http.keep_alive && !surplus && !ending, now_ns);
    return false;
}

/* Bytes that may be thrown away unseen; too few are not worth a call of their own. */
static uint64_t
discardable(const struct lg_engine *e, const struct lg_conn *c)
{
    uint64_t n = c->loaded ? lg_http_skippable(&c->http) : 0;
    if (n <= LG_BUFFER_BYTES) {
        return 0;
    }
    bool watched = request_of(e, c)->watching != NULL;
    return watched && lg_watch_wants_body(lg_engine_watch(e, c)) ? 0 : n;
}

/* Reads one piece. Returns true when there may be more to read now. */
static bool
receive_piece(struct lg_engine *e, struct lg_conn *c, bool ending, int send_errno)
{
    const struct lg_transport *transport = transport_of(e, c);
    uint64_t skippable = discardable(e, c);
    bool skip = skippable > 0;
    size_t room = LG_BUFFER_BYTES;
    if (skip) {
        room = skippable < DISCARD_MAX ? (size_t)skippable : DISCARD_MAX;
    }
    ssize_t n =
        skip ? transport->discard(&c->link, room) : transport->recv(&c->link, e->buffer, room);
    if (n == LG_IO_AGAIN && send_errno == 0) {
        return false;
    }
    if (n < 0) {
        int error = n == LG_IO_ERROR ? errno : 0;
        lg_record_refusal(e, error, c->link.detail);
        broken(e, c, error != 0 ? error : send_errno);
        return false;
    }
    if (!c->loaded) {
        unasked(e, c);
        return false;
    }
    lg_record_bytes_received(e, c, (size_t)n);
    if (skip) {
        lg_http_skip(&c->http, (uint64_t)n);
        if (c->http.done) {
            finish(e, c, c->http.keep_alive && !ending, lg_now_ns());
            return false;
        }
    }
    else if (!parse(e, c, (size_t)n, ending)) {
        return false;
    }
    return !c->link.drained || ending;
}

/* Reads what is there. ending: epoll said that the peer closed, or send failed with
 * send_errno; then reading goes on to the end. */
static void
receive(struct lg_engine *e, struct lg_conn *c, bool ending, int send_errno)
{
    for (int i = 0; i < READS_PER_EVENT; i++) {
        if (!receive_piece(e, c, ending, send_errno)) {
            return;
        }
    }
    /* More is there: have epoll report it again after the others had their turn. */
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
        .data.u64 = lg_conn_token(e, c),
    };
    epoll_ctl(e->epoll_fd, EPOLL_CTL_MOD, c->link.fd, &event);
}

void
lg_conn_event(struct lg_engine *e, struct lg_conn *c, uint32_t events)
{
    bool ending = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    switch (c->state) {
        case LG_CONN_CONNECTING:
        case LG_CONN_HANDSHAKING:
            lg_connect_event(e, c);
            break;
        case LG_CONN_BUSY: {
            /* Whatever the event: TLS may have to read in order to write, and bytes that it
             * holds already make no event of their own. */
            uint32_t generation = c->generation;
            receive(e, c, ending, 0);
            if (c->generation == generation && c->state == LG_CONN_BUSY) {
                send_request(e, c);
            }
            break;
        }
        case LG_CONN_IDLE:
            if ((events & EPOLLIN) != 0 || ending) {
                receive(e, c, ending, 0);
            }
            break;
        default:
            break;
    }
}

void
lg_conn_expire(struct lg_engine *e, struct lg_conn *c, uint64_t now_ns)
{
    if (c->state == LG_CONN_BUSY) {
        lg_conn_fail(e, c, LG_ERR_TIMEOUT, now_ns);
    }
    else {
        lg_connect_expire(e, c, now_ns);
    }
}
