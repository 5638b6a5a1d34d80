/* lg_watch.c: takes an answer's bytes apart with lg_http.c and shows each part to those who
 * asked for it.
 */
#include "lg_watch.h"

#include <string.h>

static const char encoding_name[] = "content-encoding";
static const char location_name[] = "location";

static void
add_name(struct lg_field_names *fields, const char *name, size_t len)
{
    fields->names[fields->count] = name;
    fields->lengths[fields->count] = (uint8_t)len;
    fields->count++;
}

void
lg_watching_init(struct lg_watching *watching)
{
    const struct lg_check *check = watching->check;
    struct lg_field_names *fields = &watching->fields;
    fields->count = 0;
    for (unsigned i = 0; check != NULL && i < check->header_count; i++) {
        add_name(fields, check->headers[i].name, check->headers[i].name_len);
    }
    add_name(fields, encoding_name, sizeof encoding_name - 1);
    add_name(fields, location_name, sizeof location_name - 1);
}

/* Forgets what was seen. */
static void
forget(struct lg_watch *w)
{
    w->check = (struct lg_check_state){0};
    lg_fields_begin(&w->fields);
    if (w->hop != NULL) {
        lg_hop_begin(w->hop);
    }
}

void
lg_watch_begin(struct lg_watch *w, const struct lg_watching *watching, struct lg_wire wire,
               struct lg_hop *hop, bool sampling)
{
    w->watching = watching;
    w->wire = wire;
    w->hop = hop;
    w->sampling = sampling;
    w->sample_len = 0;
    forget(w);
}

bool
lg_watch_wants_body(const struct lg_watch *w)
{
    const struct lg_check *check = w->watching->check;
    bool sample = w->sampling && w->sample_len < LG_SAMPLE_BYTES;
    return sample || (check != NULL && lg_check_wants_body(check, &w->check));
}

static void
look_at_body(struct lg_watch *w, const char *bytes, size_t len)
{
    size_t room = w->sampling ? (size_t)(LG_SAMPLE_BYTES - w->sample_len) : 0;
    size_t taken = len < room ? len : room;
    memcpy(w->text + w->sample_len, bytes, taken);
    w->sample_len = (uint16_t)(w->sample_len + taken);
    if (w->watching->check != NULL) {
        lg_check_body(w->watching->check, &w->check, bytes, len);
    }
}

/* A field that is looked for has come; its value is in w->text. which: as lg_fields_next. */
static void
look_at_field(struct lg_watch *w, unsigned which)
{
    const struct lg_check *check = w->watching->check;
    unsigned headers = check == NULL ? 0 : check->header_count;
    for (unsigned i = 0; i < headers; i++) {
        if ((which >> i & 1) != 0) {
            lg_check_header(check, &w->check, i, w->text, w->fields.at);
        }
    }
    if ((which >> headers & 1) != 0) {
        lg_check_encoding(&w->check, w->text, w->fields.at);
    }
    if ((which >> (headers + 1) & 1) != 0 && w->hop != NULL) {
        lg_hop_locate(w->hop, w->watching->redirect, w->wire, w->text, w->fields.at,
                      w->fields.cut);
    }
}

static void
look_at_headers(struct lg_watch *w, const char *at, const char *end)
{
    while (at < end) {
        uint8_t which = lg_fields_next(&w->fields, &w->watching->fields, w->text, &at, end);
        if (which != 0) {
            look_at_field(w, which);
        }
    }
}

int64_t
lg_watch_feed(struct lg_watch *w, struct lg_http *http, const char *bytes, size_t len)
{
    size_t used = 0;
    while (used < len && !http->done) {
        const char *at = bytes + used;
        size_t left = len - used;
        uint64_t payload = lg_http_skippable(http);
        if (payload > 0) {
            size_t n = payload < left ? (size_t)payload : left;
            look_at_body(w, at, n);
            lg_http_skip(http, n);
            used += n;
            continue;
        }
        bool headers = lg_http_part(http) != LG_HTTP_REST;
        int64_t n = lg_http_frame(http, at, left);
        if (n < 0) {
            return n;
        }
        used += (size_t)n;
        if (headers) {
            look_at_headers(w, at, at + n);
        }
        if (lg_http_part(http) == LG_HTTP_START) {
            forget(w); /* that was a 1xx answer, which means nothing here */
        }
    }
    return (int64_t)used;
}
