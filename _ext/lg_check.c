/* lg_check.c: header values are compared whole; bodies are searched with Knuth-Morris-Pratt,
 * since its state is one number per needle, whatever the pieces.
 */
#include "lg_check.h"

#include <string.h>
#include <strings.h>

void
lg_needle_border(uint16_t *border, const char *bytes, size_t len)
{
    size_t matched = 0;
    border[0] = 0;
    for (size_t i = 1; i < len; i++) {
        while (matched > 0 && bytes[i] != bytes[matched]) {
            matched = border[matched - 1];
        }
        matched += bytes[i] == bytes[matched];
        border[i] = (uint16_t)matched;
    }
}

void
lg_check_allow(struct lg_check *check, unsigned first_status, unsigned last_status)
{
    check->by_status = true;
    for (unsigned status = first_status; status <= last_status; status++) {
        check->statuses[status / 64] |= UINT64_C(1) << status % 64;
    }
}

void
lg_check_header(const struct lg_check *check, struct lg_check_state *s, unsigned index,
                const char *value, size_t len)
{
    const struct lg_header_check *want = &check->headers[index];
    bool good = want->value_len == 0;
    if (want->equals) {
        good = len == want->value_len && memcmp(value, want->value, len) == 0;
    }
    else if (!good) {
        good = memmem(value, len, want->value, want->value_len) != NULL;
    }
    s->seen |= (uint8_t)(1u << index);
    s->good |= (uint8_t)((unsigned)good << index);
}

void
lg_check_encoding(struct lg_check_state *s, const char *value, size_t len)
{
    static const char plain[] = "identity";
    bool is_plain =
        len == 0 || (len == sizeof plain - 1 && strncasecmp(value, plain, len) == 0);
    s->encoded = s->encoded || !is_plain;
}

/* Goes on searching. Returns whether the needle was found; *matched is kept either way. */
static bool
search(const struct lg_needle *needle, uint16_t *matched, const char *bytes, size_t len)
{
    const char *end = bytes + len;
    size_t m = *matched;
    while (bytes < end && m < needle->len) {
        if (m == 0) {
            bytes = memchr(bytes, needle->bytes[0], (size_t)(end - bytes));
            if (bytes == NULL) {
                break;
            }
        }
        if (*bytes == needle->bytes[m]) {
            bytes++;
            m++;
        }
        else {
            m = needle->border[m - 1];
        }
    }
    *matched = (uint16_t)m;
    return m == needle->len;
}

void
lg_check_body(const struct lg_check *check, struct lg_check_state *s, const char *bytes,
              size_t len)
{
    for (unsigned i = 0; i < check->needle_count && !s->encoded; i++) {
        bool found = (s->found >> i & 1) != 0;
        if (!found && search(&check->needles[i], &s->matched[i], bytes, len)) {
            s->found |= (uint8_t)(1u << i);
        }
    }
}

bool
lg_check_wants_body(const struct lg_check *check, const struct lg_check_state *s)
{
    unsigned all = (1u << check->needle_count) - 1;
    return s->found != all && !s->encoded;
}

static bool
is_allowed(const struct lg_check *check, unsigned status)
{
    return !check->by_status || (check->statuses[status / 64] >> status % 64 & 1) != 0;
}

struct lg_verdict
lg_check_verdict(const struct lg_check *check, const struct lg_check_state *s, unsigned status,
                 uint64_t body_bytes)
{
    if (!is_allowed(check, status)) {
        return (struct lg_verdict){LG_CHECK_STATUS, 0};
    }
    for (uint8_t i = 0; i < check->header_count; i++) {
        if ((s->good >> i & 1) == 0) {
            bool seen = (s->seen >> i & 1) != 0;
            return (struct lg_verdict){seen ? LG_CHECK_HEADER_VALUE : LG_CHECK_HEADER_MISSING,
                                       i};
        }
    }
    if (check->needle_count > 0 && s->encoded) {
        return (struct lg_verdict){LG_CHECK_BODY_ENCODED, 0};
    }
    for (uint8_t i = 0; i < check->needle_count; i++) {
        bool found = (s->found >> i & 1) != 0;
        bool excluded = check->needles[i].excluded;
        if (found == excluded) {
            return (struct lg_verdict){excluded ? LG_CHECK_BODY_HAS : LG_CHECK_BODY_LACKS, i};
        }
    }
    if (body_bytes < check->body_min) {
        return (struct lg_verdict){LG_CHECK_BODY_SMALL, 0};
    }
    if (body_bytes > check->body_max) {
        return (struct lg_verdict){LG_CHECK_BODY_LARGE, 0};
    }
    return (struct lg_verdict){LG_CHECK_PASSED, 0};
}
