/* lg_transport.h: how bytes get to the peer: a struct of functions, so that the engine's
 * loop has no `if` for plain TCP and TLS.
 *
 * A link is one non-blocking socket (and, for TLS, a session on it); it stays at its address
 * from the handshake to the close. All functions return a number of bytes, or one of lg_io;
 * errno says more only for LG_IO_ERROR, in the words of TCP and these:
 *   EPROTO        what came is not TLS, or TLS's own alert; see link->detail
 *   EKEYREJECTED  the peer's certificate is not accepted; see link->detail
 *   EPIPE         the peer closed without TLS's word that nothing is missing
 * Threads: a link belongs to one engine.
 */
#ifndef LG_TRANSPORT_H
#define LG_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum lg_io {
    LG_IO_AGAIN = -1, /* nothing now; the socket's next edge in epoll says when */
    LG_IO_EOF = -2,   /* the peer has closed its side */
    LG_IO_ERROR = -3  /* see errno */
};

struct lg_link {
    int fd;          /* -1: none */
    bool drained;    /* after recv or discard: nothing is left to read until the next edge */
    uint64_t detail; /* EPROTO: OpenSSL's error code; EKEYREJECTED: its X509_V_ERR_* */
    void *session;   /* the transport's own; NULL for TCP, and before the handshake */
};

struct lg_transport {
    /* After the TCP connection stands: 0 when bytes may be sent, LG_IO_AGAIN to be called
     * again at the next edge, LG_IO_EOF or LG_IO_ERROR. context: the target's. NULL: nothing
     * to do. */
    int (*handshake)(struct lg_link *link, void *context);
    ssize_t (*send)(struct lg_link *link, const char *bytes, size_t len);
    ssize_t (*recv)(struct lg_link *link, char *buffer, size_t len);
    /* Throws away up to len received bytes; TCP does not even copy them. */
    ssize_t (*discard)(struct lg_link *link, size_t len);
    /* Closes the socket and frees the session. */
    void (*close)(struct lg_link *link);
};

extern const struct lg_transport lg_tcp;

#endif /* LG_TRANSPORT_H */
