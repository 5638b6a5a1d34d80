/* lg_watch.h: an answer that is looked into: its headers and body, for checks and redirects.
 *
 * Only the connections of endpoints with such wishes have a watch; all others do not even
 * know that there is one. Threads: one watch belongs to one connection.
 */
#ifndef LG_WATCH_H
#define LG_WATCH_H

#include "lg_check.h"
#include "lg_fields.h"
#include "lg_http.h"
#include "lg_redirect.h"

/* What an endpoint wants to know of its answers. */
struct lg_watching {
    const struct lg_check *check;       /* NULL: none */
    const struct lg_redirect *redirect; /* NULL: a redirect is an answer as any other */
    struct lg_field_names fields;       /* of the check's headers, then the two of HTTP */
};

struct lg_watch {
    const struct lg_watching *watching;
    struct lg_hop *hop;  /* NULL: this answer's Location does not matter */
    struct lg_wire wire; /* the request that is answered */
    struct lg_check_state check;
    struct lg_fields fields;
    uint16_t sample_len;
    bool sampling;
    char text[LG_FIELD_BYTES]; /* the header value at hand; then the body's first bytes */
};

/* Fills in watching->fields. */
void lg_watching_init(struct lg_watching *watching);

/* Before the first byte of the answer to `wire`. hop: NULL, or where its Location goes.
 * sampling: its body's first bytes are to be kept. All pointers must stay valid. */
void lg_watch_begin(struct lg_watch *w, const struct lg_watching *watching,
                    struct lg_wire wire, struct lg_hop *hop, bool sampling);

/* Feeds bytes to http and looks at them. Returns what lg_http_feed does. */
int64_t lg_watch_feed(struct lg_watch *w, struct lg_http *http, const char *bytes, size_t len);

/* Whether the bytes of the body still matter, or may be thrown away unseen. */
bool lg_watch_wants_body(const struct lg_watch *w);

#endif /* LG_WATCH_H */
