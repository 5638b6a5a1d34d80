/* lg_redirect.c: which answers are followed, and the request that follows. */
#include "lg_redirect.h"

#include <string.h>

static const char *
method_of(const struct lg_redirect *redirect)
{
    return redirect->head ? "HEAD " : "GET ";
}

size_t
lg_hop_size(const struct lg_redirect *redirect)
{
    return sizeof(struct lg_hop) + strlen(method_of(redirect)) + LG_LOCATION_BYTES +
           redirect->tail.len;
}

void
lg_hop_begin(struct lg_hop *hop)
{
    hop->target_len = 0;
}

void
lg_hop_locate(struct lg_hop *hop, const struct lg_redirect *redirect, struct lg_wire wire,
              const char *location, size_t len, bool cut)
{
    const char *base = (const char *)memchr(wire.bytes, ' ', wire.len) + 1;
    size_t rest = wire.len - (size_t)(base - wire.bytes);
    size_t base_len = (size_t)((const char *)memchr(base, ' ', rest) - base);
    int64_t n = cut ? LG_E_TOO_LARGE
                    : lg_location_join(hop->target, sizeof hop->target, &redirect->origin,
                                       base, base_len, location, len);
    hop->target_len = n > 0 ? (uint32_t)n : 0;
}

static bool
is_followed(const struct lg_redirect *redirect, unsigned status)
{
    switch (status) {
        case 303:
            return true;
        case 301:
        case 302:
        case 307:
        case 308:
            return !redirect->only_303;
        default:
            return false;
    }
}

bool
lg_hop_take(struct lg_hop *hop, const struct lg_redirect *redirect, unsigned status)
{
    if (hop->target_len == 0 || !is_followed(redirect, status)) {
        return false;
    }
    char *at = stpcpy(hop->wire, method_of(redirect));
    at = mempcpy(at, hop->target, hop->target_len);
    at = mempcpy(at, redirect->tail.bytes, redirect->tail.len);
    hop->wire_len = (uint32_t)(at - hop->wire);
    return true;
}
