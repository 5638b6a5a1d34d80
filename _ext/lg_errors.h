/* lg_errors.h: the return codes of every lg_ function, and the classes a failed
 * request is counted under.
 *
 * A function returns >= 0 for a result and one of these negative codes for a failure;
 * none prints, exits or leaves its meaning in errno.
 */
#ifndef LG_ERRORS_H
#define LG_ERRORS_H

enum lg_status {
    LG_OK = 0,
    LG_E_INVALID = -1,   /* an argument is out of its documented range */
    LG_E_MEMORY = -2,    /* the caller's buffer is too small, or an allocation failed */
    LG_E_SYSTEM = -3,    /* a system call failed; the errno is in the out-argument */
    LG_E_PROTOCOL = -4,  /* the peer's bytes are not HTTP/1.x */
    LG_E_TOO_LARGE = -5, /* the peer's header is larger than the limit */
    LG_E_CLOSED = -6,    /* the peer closed before its message was complete */
    LG_E_LAYOUT = -7     /* shared memory does not carry our magic, version or size */
};

/* Why a request failed without a usable answer. The order is the index into
 * lg_endpoint_stats.errors and part of the shared-memory layout; the names that
 * people read are in loadgen/arena.py (ERROR_CLASSES), held equal by a test. */
enum lg_error_class {
    LG_ERR_CONNECT_REFUSED = 0,
    LG_ERR_CONNECT_TIMEOUT,
    LG_ERR_CONNECT_RESET,
    LG_ERR_CONNECT_UNREACHABLE,
    LG_ERR_CONNECT_NO_FILES, /* this process or machine has no file descriptor left */
    LG_ERR_CONNECT_NO_PORTS, /* no ephemeral port left towards that address */
    LG_ERR_CONNECT_FAILED,   /* any other failure of connect(2) */
    LG_ERR_TLS_CERTIFICATE,
    LG_ERR_TLS_PROTOCOL,
    LG_ERR_TLS_TIMEOUT,
    LG_ERR_TIMEOUT,
    LG_ERR_RESET,
    LG_ERR_CLOSED,
    LG_ERR_PROTOCOL,
    LG_ERR_HEADER_TOO_LARGE,
    LG_ERR_CHECK,
    LG_ERROR_CLASSES /* how many; not a class */
};

#endif /* LG_ERRORS_H */
