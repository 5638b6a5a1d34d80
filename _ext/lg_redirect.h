/* lg_redirect.h: the next request of a redirected one: where to, and its bytes. No I/O.
 *
 * Followed are 301, 302, 303, 307 and 308 of GET and HEAD, and 303 of any method, which goes
 * on as a GET (RFC 9110 section 15.4); others would have a body to be sent once more.
 */
#ifndef LG_REDIRECT_H
#define LG_REDIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lg_location.h"

/* A request as it goes over the wire. */
struct lg_wire {
    const char *bytes;
    size_t len;
};

/* How an endpoint's redirects are followed. */
struct lg_redirect {
    struct lg_origin origin;
    bool head;           /* goes on as HEAD, else as GET */
    bool only_303;       /* the request has a body, or is neither GET nor HEAD */
    struct lg_wire tail; /* what comes after the request target: " HTTP/1.1", all headers */
};

/* A connection's place for its next request. */
struct lg_hop {
    uint32_t target_len; /* of the Location read last; 0: none that is followed */
    uint32_t wire_len;
    char target[LG_LOCATION_BYTES];
    char wire[]; /* the request that was redirected to */
};

/* Bytes of a hop for any of these requests. */
size_t lg_hop_size(const struct lg_redirect *redirect);

/* An answer begins: it has no Location yet. */
void lg_hop_begin(struct lg_hop *hop);

/* The answer to `wire` has this Location. cut: its value is longer than that. */
void lg_hop_locate(struct lg_hop *hop, const struct lg_redirect *redirect, struct lg_wire wire,
                   const char *location, size_t len, bool cut);

/* The answer is complete. Makes hop->wire the next request; false: it is not to be followed.
 */
bool lg_hop_take(struct lg_hop *hop, const struct lg_redirect *redirect, unsigned status);

#endif /* LG_REDIRECT_H */
