/* lg_tcp.c: the transport of http://, a plain non-blocking TCP socket. */
#include "lg_transport.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static ssize_t
failure(void)
{
    return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ? LG_IO_AGAIN : LG_IO_ERROR;
}

static ssize_t
tcp_send(struct lg_link *link, const char *bytes, size_t len)
{
    ssize_t n = send(link->fd, bytes, len, MSG_NOSIGNAL);
    return n >= 0 ? n : failure();
}

/* What recv returned, as lg_io. A short read means that the socket was empty. */
static ssize_t
received(struct lg_link *link, ssize_t n, size_t len)
{
    if (n > 0) {
        link->drained = (size_t)n < len;
        return n;
    }
    return n == 0 ? LG_IO_EOF : failure();
}

static ssize_t
tcp_recv(struct lg_link *link, char *buffer, size_t len)
{
    return received(link, recv(link->fd, buffer, len, 0), len);
}

static ssize_t
tcp_discard(struct lg_link *link, size_t len)
{
    /* tcp(7): with MSG_TRUNC the kernel drops the bytes and never copies them. No buffer
     * at all, for AddressSanitizer believes that recv writes what it returns. */
    return received(link, recv(link->fd, NULL, len, MSG_TRUNC), len);
}

static void
tcp_close(struct lg_link *link)
{
    close(link->fd);
    link->fd = -1;
}

const struct lg_transport lg_tcp = {
    .handshake = NULL,
    .send = tcp_send,
    .recv = tcp_recv,
    .discard = tcp_discard,
    .close = tcp_close,
};
