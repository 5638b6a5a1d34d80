/* lg_connect.c: how a connection comes to stand: which address, TCP, the handshake.
 *
 * Addresses of a target are used in turn; one that refuses is set aside for a while, and the
 * connect goes on at once with another. When none is left the connection backs off.
 */
#include "lg_connect.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>

#include "lg_conn.h"
#include "lg_record.h"

#define BACKOFF_FIRST_NS (5 * LG_NS_PER_MS)
#define BACKOFF_MAX_NS (100 * LG_NS_PER_MS)
#define SET_ASIDE_NS LG_NS_PER_S

static enum lg_error_class
connect_class(int error)
{
    switch (error) {
        case EKEYREJECTED:
            return LG_ERR_TLS_CERTIFICATE;
        case EPROTO:
            return LG_ERR_TLS_PROTOCOL;
        case ETIME:
            return LG_ERR_TLS_TIMEOUT;
        case EPIPE: /* closed in the handshake */
            return LG_ERR_CLOSED;
        case ECONNREFUSED:
            return LG_ERR_CONNECT_REFUSED;
        case ETIMEDOUT:
            return LG_ERR_CONNECT_TIMEOUT;
        case ECONNRESET:
            return LG_ERR_CONNECT_RESET;
        case EHOSTUNREACH:
        case ENETUNREACH:
            return LG_ERR_CONNECT_UNREACHABLE;
        case EMFILE:
        case ENFILE:
            return LG_ERR_CONNECT_NO_FILES;
        case EADDRNOTAVAIL:
            return LG_ERR_CONNECT_NO_PORTS;
        default:
            return LG_ERR_CONNECT_FAILED;
    }
}

/* True when the failure is about that address, so that another one may do better. */
static bool
is_address_fault(int error)
{
    return error == ECONNREFUSED || error == ETIMEDOUT || error == ECONNRESET ||
           error == EHOSTUNREACH || error == ENETUNREACH;
}

static uint64_t *
set_aside(struct lg_engine *e, uint32_t target, uint32_t address)
{
    return &e->set_aside_ns[e->address_base[target] + address];
}

/* The next address in turn that is not set aside; when all are, the next in turn. */
static uint32_t
choose_address(struct lg_engine *e, const struct lg_conn *c, uint64_t now_ns)
{
    uint32_t count = lg_conn_target(e, c)->address_count;
    uint32_t first = e->turn[c->target];
    uint32_t chosen = first;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t candidate = (first + i) % count;
        if (*set_aside(e, c->target, candidate) <= now_ns) {
            chosen = candidate;
            break;
        }
    }
    e->turn[c->target] = (chosen + 1) % count;
    return chosen;
}

static bool
another_address(struct lg_engine *e, const struct lg_conn *c, uint64_t now_ns)
{
    uint32_t count = lg_conn_target(e, c)->address_count;
    for (uint32_t i = 0; c->tried < count && i < count; i++) {
        if (*set_aside(e, c->target, i) <= now_ns) {
            return true;
        }
    }
    return false;
}

/* Gives the socket the next local address of its family, if there is one. Its port is chosen
 * by connect: one that is in use for another peer may be used again. */
static int
bind_local(struct lg_engine *e, int fd, sa_family_t family)
{
    const struct lg_plan *plan = e->plan;
    for (uint32_t i = 0; i < plan->local_count; i++) {
        const struct lg_address *local = &plan->locals[e->local_turn % plan->local_count];
        e->local_turn++;
        if (local->storage.ss_family == family) {
            int on = 1;
            setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
            return bind(fd, (const struct sockaddr *)&local->storage, local->len);
        }
    }
    return 0;
}

/* Begins a connect to the next address. Returns 0, or the errno of what failed. */
static int
begin_connect(struct lg_engine *e, struct lg_conn *c, uint64_t now_ns)
{
    c->address = (uint16_t)choose_address(e, c, now_ns);
    c->tried++;
    c->generation++;
    c->begun_ns = now_ns;
    const struct lg_address *address = &lg_conn_target(e, c)->addresses[c->address];
    int family = address->storage.ss_family;
    c->link.fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->link.fd < 0) {
        return errno;
    }
    c->state = LG_CONN_CONNECTING;
    int on = 1;
    if (family == AF_INET || family == AF_INET6) {
        setsockopt(c->link.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
        .data.u64 = lg_conn_token(e, c),
    };
    if (epoll_ctl(e->epoll_fd, EPOLL_CTL_ADD, c->link.fd, &event) < 0) {
        return errno;
    }
    if (bind_local(e, c->link.fd, address->storage.ss_family) < 0) {
        return errno;
    }
    const struct sockaddr *name = (const struct sockaddr *)&address->storage;
    if (connect(c->link.fd, name, address->len) < 0 && errno != EINPROGRESS) {
        return errno;
    }
    c->deadline_ns = now_ns + e->plan->connect_timeout_ns;
    lg_list_push_back(&e->connecting, &c->node);
    return 0;
}

/* No address can be connected to: back off, and say so to whoever waits. */
static void
give_up_connect(struct lg_engine *e, struct lg_conn *c, int error, uint64_t now_ns)
{
    uint64_t pause_ns = BACKOFF_FIRST_NS << c->failures;
    if (pause_ns < BACKOFF_MAX_NS) {
        c->failures++;
    }
    c->retry_ns = now_ns + (pause_ns < BACKOFF_MAX_NS ? pause_ns : BACKOFF_MAX_NS);
    if (c->loaded) {
        lg_conn_fail(e, c, connect_class(error), now_ns);
    }
    else {
        e->driver->lost(e, c, now_ns);
    }
}

static void
connect_failed(struct lg_engine *e, struct lg_conn *c, int error, uint64_t now_ns)
{
    while (error != 0) {
        lg_conn_close(e, c);
        if (!is_address_fault(error)) {
            break;
        }
        *set_aside(e, c->target, c->address) = now_ns + SET_ASIDE_NS;
        if (!another_address(e, c, now_ns)) {
            break;
        }
        error = begin_connect(e, c, now_ns);
    }
    if (error != 0) {
        give_up_connect(e, c, error, now_ns);
    }
}

void
lg_connect(struct lg_engine *e, struct lg_conn *c, uint64_t now_ns)
{
    lg_list_remove(&c->node);
    c->tried = 0;
    int error = begin_connect(e, c, now_ns);
    if (error != 0) {
        connect_failed(e, c, error, now_ns);
    }
}

static void
handshake(struct lg_engine *e, struct lg_conn *c)
{
    int rc =
        lg_conn_target(e, c)->transport->handshake(&c->link, lg_conn_target(e, c)->context);
    if (rc == LG_IO_AGAIN) {
        return;
    }
    int error = rc == LG_IO_ERROR ? errno : EPIPE;
    uint64_t now_ns = lg_now_ns();
    if (rc == 0) {
        lg_record_secured(e, c, now_ns - c->begun_ns);
        lg_conn_established(e, c, now_ns);
    }
    else {
        lg_record_refusal(e, error, c->link.detail);
        connect_failed(e, c, error, now_ns);
    }
}

/* The kernel has an answer to connect(2). */
static void
connected(struct lg_engine *e, struct lg_conn *c)
{
    int error = 0;
    socklen_t len = sizeof error;
    uint64_t now_ns = lg_now_ns();
    if (getsockopt(c->link.fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0) {
        error = errno;
    }
    if (error != 0) {
        connect_failed(e, c, error, now_ns);
        return;
    }
    lg_record_connected(e, c, now_ns - c->begun_ns);
    if (lg_conn_target(e, c)->transport->handshake == NULL) {
        lg_conn_established(e, c, now_ns);
        return;
    }
    c->state = LG_CONN_HANDSHAKING;
    c->begun_ns = now_ns;
    handshake(e, c);
}

void
lg_connect_event(struct lg_engine *e, struct lg_conn *c)
{
    if (c->state == LG_CONN_CONNECTING) {
        connected(e, c);
    }
    else {
        handshake(e, c);
    }
}

void
lg_connect_expire(struct lg_engine *e, struct lg_conn *c, uint64_t now_ns)
{
    connect_failed(e, c, c->state == LG_CONN_CONNECTING ? ETIMEDOUT : ETIME, now_ns);
}
