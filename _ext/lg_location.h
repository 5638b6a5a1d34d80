/* lg_location.h: where a redirect leads: a Location header joined with the request it answers
 * (RFC 3986 section 5.2, for http and https), and whether that is the same origin. Pure.
 */
#ifndef LG_LOCATION_H
#define LG_LOCATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lg_errors.h"

/* The longest request target that a redirect may lead to, and the longest Location read. */
#define LG_LOCATION_BYTES 2048

/* RFC 6454: scheme, host and port. */
struct lg_origin {
    const char *authority; /* host and port as the Host header has them */
    size_t len;
    bool https;
};

/* Writes the request target (path and query, without a fragment) that a Location leads to.
 * Bytes that may not stand in a request line are percent-encoded, as browsers do it.
 *
 * out: at least `room` bytes, not the memory of base. base: the request target that was
 * redirected: it begins with '/' and has no '#'. Returns the length written, LG_E_INVALID when
 * the Location leads to another origin or to what is not http, or LG_E_TOO_LARGE when there is
 * no room (which a path with ".." may need for what they take away). */
int64_t lg_location_join(char *out, size_t room, const struct lg_origin *origin,
                         const char *base, size_t base_len, const char *location, size_t len);

#endif /* LG_LOCATION_H */
