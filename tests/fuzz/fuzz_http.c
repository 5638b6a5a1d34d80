/* sources: lg_http.c */
/* Feeds the same bytes whole, split at a fuzzed place, and one by one, and aborts when
 * the results differ or what the header promises does not hold. The first byte says
 * whether the request was HEAD, the next two where to split.
 *
 * make fuzz; or by hand, from the root of the project:
 *   clang -std=c11 -D_GNU_SOURCE -g -O1 -I_ext -fsanitize=fuzzer,address,undefined \
 *       tests/fuzz/fuzz_http.c _ext/lg_http.c -o /tmp/fuzz_http
 *   /tmp/fuzz_http -max_total_time=120 /tmp/found tests/fuzz/corpus/http
 */
#include "lg_http.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Feeds a copy of its own size, so that AddressSanitizer sees a read beyond its end. */
static int64_t
feed(struct lg_http *p, const char *bytes, size_t length)
{
    char *copy = malloc(length);
    if (copy == NULL && length > 0) {
        return 0;
    }
    if (length > 0) {
        memcpy(copy, bytes, length);
    }
    int64_t used = lg_http_feed(p, copy, length);
    free(copy);
    require(used <= (int64_t)length);
    require(used == (int64_t)length || p->done || used < 0);
    require(!p->done || p->status == 101 || (p->status >= 200 && p->status <= 599));
    require(p->header_bytes <= LG_HTTP_HEADER_LIMIT);
    return used;
}

/* Feeds the first bytes, then `step` at a time; body by lg_http_skip when `skipping`. */
static int64_t
feed_in_pieces(struct lg_http *p, const char *bytes, size_t length, size_t first, size_t step,
               bool skipping)
{
    size_t used = 0;
    size_t piece = first;
    while (used < length && !p->done) {
        piece = piece < length - used ? piece : length - used;
        uint64_t payload = lg_http_skippable(p);
        if (skipping && payload > 0) {
            size_t taken = payload < piece ? (size_t)payload : piece;
            lg_http_skip(p, taken);
            used += taken;
            continue;
        }
        int64_t got = feed(p, bytes + used, piece);
        if (got < 0) {
            return got;
        }
        used += (size_t)got;
        piece = step;
    }
    return (int64_t)used;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3) {
        return 0;
    }
    bool head = (data[0] & 1) != 0;
    const char *bytes = (const char *)data + 3;
    size_t length = size - 3;
    size_t split = (size_t)(data[1] << 8 | data[2]) % (length + 1);
    const size_t firsts[] = {split, 1, split, 1};
    const size_t steps[] = {length, 1, length, 3};
    struct lg_http whole;
    lg_http_init(&whole, head);
    int64_t used = feed(&whole, bytes, length);
    int end = lg_http_eof(&whole);
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        struct lg_http p;
        lg_http_init(&p, head);
        size_t first = firsts[i] > 0 ? firsts[i] : 1;
        require(feed_in_pieces(&p, bytes, length, first, steps[i], i >= 2) == used);
        if (used >= 0) {
            require(lg_http_eof(&p) == end);
            require(p.done == whole.done && p.keep_alive == whole.keep_alive);
            require(p.status == whole.status && p.body_bytes == whole.body_bytes);
            require(lg_http_skippable(&p) == lg_http_skippable(&whole));
        }
    }
    return 0;
}
