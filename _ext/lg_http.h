/* lg_http.h: incremental parser of HTTP/1.x responses (RFC 9112), for a client.
 *
 * It sees every byte once, keeps no byte, and gives the same result however the bytes
 * are split over reads. The state is a small value inside the caller's connection.
 *
 * As strict as llhttp without its lenient flags, with which it is held equal by
 * differential tests; where we differ is listed in lg_http.c.
 * Threads: none shared; one parser belongs to one connection.
 */
#ifndef LG_HTTP_H
#define LG_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lg_errors.h"

/* How many bytes of framing may come without a byte of payload between them: the status
 * line and headers with all 1xx answers before them; a chunk-size line with its
 * extensions; the trailers. (curl: 300 KiB, nginx: 8 to 32 KiB, Node: 16 KiB.) */
#define LG_HTTP_HEADER_LIMIT 65536

/* Callers read status, minor, body_bytes, done and keep_alive; the rest is the parser's. */
struct lg_http {
    uint64_t body_left;    /* of the body or chunk at hand; while its size is read: the size */
    uint64_t body_bytes;   /* payload seen so far, without chunk framing */
    uint32_t header_bytes; /* counted against LG_HTTP_HEADER_LIMIT */
    uint16_t status;       /* 100..599 once the headers are read; 1xx answers are passed over,
                              except 101, which is final */
    uint8_t minor;         /* HTTP/1.minor: 0 or 1 */
    uint8_t state;
    uint8_t word;    /* which word of interest the bytes at hand may be */
    uint8_t matched; /* bytes of that word, or of the status line, seen so far */
    uint8_t flags;   /* what the headers said */
    bool head;       /* the request was HEAD: no body follows */
    bool done;       /* the response is complete */
    bool keep_alive; /* valid when done: the connection may be used again */
};

enum lg_http_part {
    LG_HTTP_START,   /* before a status line, the first one or that after a 1xx answer */
    LG_HTTP_HEADERS, /* within the status line or the headers */
    LG_HTTP_REST     /* behind the final headers */
};

/* Starts a new response. head: the request was HEAD. */
void lg_http_init(struct lg_http *p, bool head);

/* Feeds bytes. Returns how many belong to this response (0..len; fewer than len only
 * when p->done, the rest is surplus), LG_E_PROTOCOL, or LG_E_TOO_LARGE. After an error
 * the connection is of no use, and every further call returns LG_E_PROTOCOL until p is
 * initialised again. len may be 0.
 *
 * A 101 completes the response, never to be kept alive: what follows is the protocol
 * that the plan's own Upgrade header asked for, and surplus to us. */
int64_t lg_http_feed(struct lg_http *p, const char *bytes, size_t len);

/* The same for whoever looks at the bytes: feeds at most up to the end of the headers at hand,
 * or to the next payload (which goes to lg_http_skip). lg_http_skippable(p) is 0, len > 0. */
int64_t lg_http_frame(struct lg_http *p, const char *bytes, size_t len);

/* Where the next byte belongs. Within one call of lg_http_frame the part changes at its end
 * only, and after START. */
enum lg_http_part lg_http_part(const struct lg_http *p);

/* The peer closed. Returns LG_OK when that completes the response (a close-delimited
 * body; p->done is set) or it was complete before, else LG_E_CLOSED. */
int lg_http_eof(struct lg_http *p);

/* How many of the next bytes are certainly body, so that they may be thrown away
 * unseen (recv with MSG_TRUNC) and then be told to lg_http_skip. 0 when unknown. For a
 * close-delimited body: UINT64_MAX. */
uint64_t lg_http_skippable(const struct lg_http *p);

/* Takes n bytes of body as seen; n <= lg_http_skippable(p). May set p->done. */
void lg_http_skip(struct lg_http *p, uint64_t n);

#endif /* LG_HTTP_H */
