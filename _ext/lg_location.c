/* lg_location.c: the parts of a reference, then RFC 3986 section 5.2.2 to 5.2.4.
 *
 * A reference with a scheme and no authority ("http:a") is another origin to us: RFC 3986
 * calls reading it as a relative one a loophole. Userinfo in an authority likewise: we have no
 * business sending somebody's password.
 */
#include "lg_location.h"

#include <string.h>

struct text {
    const char *at;
    const char *end;
};

static size_t
length(struct text t)
{
    return (size_t)(t.end - t.at);
}

/* The first of these characters in t, or its end. */
static const char *
find_any(struct text t, const char *characters)
{
    while (t.at < t.end && (*t.at == '\0' || strchr(characters, *t.at) == NULL)) {
        t.at++;
    }
    return t.at;
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool
same_text(struct text a, struct text b)
{
    if (length(a) != length(b)) {
        return false;
    }
    for (size_t i = 0; i < length(a); i++) {
        if (lower(a.at[i]) != lower(b.at[i])) {
            return false;
        }
    }
    return true;
}

/* Takes the port off an authority: the default one when none is written, UINT32_MAX when it
 * is no port. */
static uint32_t
take_port(struct text *authority, uint32_t standard)
{
    const char *colon = authority->end;
    while (colon > authority->at && colon[-1] >= '0' && colon[-1] <= '9') {
        colon--;
    }
    if (colon == authority->at || colon[-1] != ':') {
        return standard;
    }
    uint32_t port = 0;
    for (const char *digit = colon; digit < authority->end; digit++) {
        port = port * 10 + (uint32_t)(*digit - '0');
        if (port > UINT16_MAX) {
            return UINT32_MAX;
        }
    }
    bool written = colon < authority->end;
    authority->end = colon - 1;
    return written ? port : standard;
}

static bool
is_own_authority(const struct lg_origin *origin, struct text authority)
{
    uint32_t standard = origin->https ? 443 : 80;
    struct text own = {origin->authority, origin->authority + origin->len};
    uint32_t own_port = take_port(&own, standard);
    uint32_t port = take_port(&authority, standard);
    return port == own_port && same_text(own, authority);
}

/* The scheme at the beginning of a reference, without its colon; empty when there is none. */
static struct text
scheme_of(struct text reference)
{
    const char *end = find_any(reference, ":/?#");
    bool named = end < reference.end && *end == ':';
    return (struct text){reference.at, named ? end : reference.at};
}

static bool
is_own_scheme(const struct lg_origin *origin, struct text scheme)
{
    const char *own = origin->https ? "https" : "http";
    return same_text(scheme, (struct text){own, own + strlen(own)});
}

/* Where the output goes; full: something did not fit. */
struct writer {
    char *at;
    char *begin;
    char *end;
    bool full;
};

static void
put(struct writer *w, char c)
{
    if (w->at == w->end) {
        w->full = true;
        return;
    }
    *w->at++ = c;
}

/* Copies text; a byte that is not visible ASCII as %XX. */
static void
put_encoded(struct writer *w, struct text t)
{
    static const char hex[] = "0123456789ABCDEF";
    for (; t.at < t.end; t.at++) {
        unsigned char byte = (unsigned char)*t.at;
        if (byte > 0x20 && byte < 0x7f) {
            put(w, *t.at);
            continue;
        }
        put(w, '%');
        put(w, hex[byte >> 4]);
        put(w, hex[byte & 15]);
    }
}

/* Removes the last segment that was written, and the '/' before it. */
static void
drop_segment(struct writer *w)
{
    while (w->at > w->begin && *--w->at != '/') {
    }
}

static bool
is_dots(struct text segment, size_t count)
{
    return length(segment) == count && memcmp(segment.at, "..", count) == 0;
}

/* Writes segments that '/' separates, each with a '/' before it; "." and ".." as they are
 * meant (5.2.4). */
static void
put_segments(struct writer *w, struct text path)
{
    bool last = false;
    while (!last) {
        struct text segment = {path.at, find_any(path, "/")};
        last = segment.end == path.end;
        path.at = last ? path.end : segment.end + 1;
        bool up = is_dots(segment, 2);
        if (up) {
            drop_segment(w);
        }
        if (!up && !is_dots(segment, 1)) {
            put(w, '/');
            put_encoded(w, segment);
        }
        else if (last) {
            put(w, '/');
        }
    }
}

/* Writes what a path is relative to: the base up to its last '/' (5.2.3). */
static void
put_folder(struct writer *w, struct text base)
{
    while (base.at < base.end && base.end[-1] != '/') {
        base.end--;
    }
    if (length(base) > 1) {
        put_segments(w, (struct text){base.at + 1, base.end - 1});
    }
}

/* Takes scheme and authority off a reference. False: another origin. */
static bool
take_origin(struct text *reference, const struct lg_origin *origin, bool *absolute)
{
    struct text scheme = scheme_of(*reference);
    bool named = length(scheme) > 0;
    if (named) {
        reference->at = scheme.end + 1;
    }
    *absolute = length(*reference) >= 2 && memcmp(reference->at, "//", 2) == 0;
    if (!*absolute) {
        return !named;
    }
    reference->at += 2;
    struct text authority = {reference->at, find_any(*reference, "/?#")};
    reference->at = authority.end;
    return (!named || is_own_scheme(origin, scheme)) && is_own_authority(origin, authority);
}

int64_t
lg_location_join(char *out, size_t room, const struct lg_origin *origin, const char *base,
                 size_t base_len, const char *location, size_t len)
{
    struct text reference = {location, location + len};
    struct text from = {base, base + base_len};
    bool absolute;
    if (!take_origin(&reference, origin, &absolute)) {
        return LG_E_INVALID;
    }
    reference.end = find_any(reference, "#");
    struct text path = {reference.at, find_any(reference, "?")};
    struct text query = {path.end, reference.end};
    struct text base_path = {from.at, find_any(from, "?")};
    struct writer w = {.at = out, .begin = out, .end = out + room};
    if (length(path) > 0 && *path.at == '/') {
        put_segments(&w, (struct text){path.at + 1, path.end});
    }
    else if (length(path) > 0) {
        put_folder(&w, base_path);
        put_segments(&w, path);
    }
    else if (absolute) {
        put(&w, '/');
    }
    else {
        put_encoded(&w, base_path);
        query = length(query) > 0 ? query : (struct text){base_path.end, from.end};
    }
    put_encoded(&w, query);
    return w.full ? LG_E_TOO_LARGE : w.at - w.begin;
}
