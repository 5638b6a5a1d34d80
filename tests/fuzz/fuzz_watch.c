/* sources: lg_watch.c lg_check.c lg_fields.c lg_http.c lg_location.c lg_redirect.c */
/* Looks into the same bytes whole, split at a fuzzed place, and one by one, and aborts when
 * what is seen differs, or when the parser alone sees another answer. The first two bytes say
 * where to split.
 *
 * make fuzz; or by hand as in fuzz_http.c, with the sources above.
 */
#include "lg_watch.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TAIL " HTTP/1.1\r\nHost: a\r\n\r\n"
#define WIRE "GET /dir/x?y HTTP/1.1\r\nHost: a\r\n\r\n"

static uint16_t borders[2][4];
static struct lg_check check = {
    .header_count = 2,
    .headers = {{.name = "x-a", .name_len = 3, .value = "b", .value_len = 1, .equals = true},
                {.name = "x-a", .name_len = 3, .value = "bc", .value_len = 2}},
    .needle_count = 2,
    .needles = {{.bytes = "aab", .border = borders[0], .len = 3},
                {.bytes = "xx", .border = borders[1], .len = 2, .excluded = true}},
    .body_min = 1,
    .body_max = 1000,
};
static const struct lg_redirect redirect = {
    .origin = {"a", 1, false},
    .tail = {TAIL, sizeof TAIL - 1},
};

static void
require(bool holds)
{
    if (!holds) {
        abort();
    }
}

struct sight {
    struct lg_watch watch;
    struct lg_http http;
    struct lg_hop *hop;
    int64_t used;
};

/* Looks at `first` bytes, then at `step` at a time, each time in memory of its own size. */
static void
look(struct sight *s, const struct lg_watching *watching, const char *bytes, size_t len,
     size_t first, size_t step)
{
    s->hop = malloc(lg_hop_size(&redirect));
    s->used = 0;
    lg_http_init(&s->http, false);
    lg_watch_begin(&s->watch, watching, (struct lg_wire){WIRE, sizeof WIRE - 1}, s->hop, true);
    size_t piece = first;
    while ((size_t)s->used < len && !s->http.done) {
        size_t left = len - (size_t)s->used;
        piece = piece < left ? piece : left;
        char *copy = malloc(piece);
        memcpy(copy, bytes + s->used, piece);
        int64_t n = lg_watch_feed(&s->watch, &s->http, copy, piece);
        free(copy);
        if (n < 0) {
            s->used = n;
            return;
        }
        s->used += n;
        piece = step;
    }
}

static void
require_same(const struct sight *a, const struct sight *b)
{
    require(a->used == b->used);
    if (a->used < 0) {
        return;
    }
    require(a->http.done == b->http.done && a->http.body_bytes == b->http.body_bytes);
    require(memcmp(&a->watch.check, &b->watch.check, sizeof a->watch.check) == 0);
    require(a->watch.sample_len == b->watch.sample_len);
    require(a->http.body_bytes == 0 ||
            memcmp(a->watch.text, b->watch.text, a->watch.sample_len) == 0);
    require(a->hop->target_len == b->hop->target_len);
    require(memcmp(a->hop->target, b->hop->target, a->hop->target_len) == 0);
}

/* What a redirect leads to can stand in a request line. */
static void
require_sendable(struct sight *s)
{
    if (!lg_hop_take(s->hop, &redirect, 302)) {
        return;
    }
    require(s->hop->target[0] == '/' && s->hop->target_len <= LG_LOCATION_BYTES);
    for (uint32_t i = 0; i < s->hop->target_len; i++) {
        require(s->hop->target[i] > ' ' && s->hop->target[i] < 0x7f);
        require(s->hop->target[i] != '#');
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3) {
        return 0;
    }
    const char *bytes = (const char *)data + 2;
    size_t len = size - 2;
    size_t split = 1 + (size_t)(data[0] << 8 | data[1]) % len;
    struct lg_watching watching = {.check = &check, .redirect = &redirect};
    struct sight sights[3];
    const size_t firsts[] = {len, split, 1};
    const size_t steps[] = {len, len, 1};
    for (size_t i = 0; i < 2; i++) {
        lg_needle_border(borders[i], check.needles[i].bytes, check.needles[i].len);
    }
    lg_watching_init(&watching);
    for (size_t i = 0; i < 3; i++) {
        look(&sights[i], &watching, bytes, len, firsts[i], steps[i]);
        require_same(&sights[0], &sights[i]);
    }
    struct lg_http alone;
    lg_http_init(&alone, false);
    int64_t used = lg_http_feed(&alone, bytes, len);
    require(used == sights[0].used && (used < 0 || alone.done == sights[0].http.done));
    for (size_t i = 0; i < 3; i++) {
        if (sights[i].used >= 0) {
            require_sendable(&sights[i]);
        }
        free(sights[i].hop);
    }
    return 0;
}
