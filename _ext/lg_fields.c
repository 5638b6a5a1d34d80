/* lg_fields.c: a line is either passed over at once, or its name compared with all that are
 * still possible, byte by byte, and its value copied.
 */
#include "lg_fields.h"

#include <string.h>

#include "lg_http_chars.h"

enum state {
    F_START, /* before the status line */
    F_SKIP,  /* in a line that is of no interest */
    F_NAME,
    F_VALUE
};

void
lg_fields_begin(struct lg_fields *f)
{
    *f = (struct lg_fields){.state = F_START};
}

static void
begin_name(struct lg_fields *f, const struct lg_field_names *names)
{
    f->state = F_NAME;
    f->matching = (uint8_t)((1u << names->count) - 1);
    f->at = 0;
    f->cut = false;
}

static const char *
skip_line(struct lg_fields *f, const struct lg_field_names *names, const char *at,
          const char *end)
{
    const char *lf = memchr(at, '\n', (size_t)(end - at));
    if (lf == NULL) {
        return end;
    }
    begin_name(f, names);
    return lf + 1;
}

/* Whether a name of which `at` bytes have come goes on with this one; ':': ends here. */
static bool
goes_on(const char *name, size_t len, size_t at, char c)
{
    char lower = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    return c == ':' ? at == len : at < len && name[at] == lower;
}

/* The names that are still possible after this byte. */
static uint8_t
still_matching(const struct lg_fields *f, const struct lg_field_names *names, char c)
{
    unsigned left = f->matching;
    for (unsigned i = 0; i < names->count; i++) {
        /* A name that is out already may be shorter than f->at. */
        bool possible = (left >> i & 1) != 0;
        if (possible && !goes_on(names->names[i], names->lengths[i], f->at, c)) {
            left &= ~(1u << i);
        }
    }
    return (uint8_t)left;
}

static const char *
read_name(struct lg_fields *f, const struct lg_field_names *names, const char *at,
          const char *end)
{
    while (at < end && f->state == F_NAME) {
        f->matching = still_matching(f, names, *at);
        f->at++;
        if (f->matching == 0) {
            f->state = F_SKIP;
        }
        else if (*at++ == ':') {
            f->state = F_VALUE;
            f->at = 0;
        }
    }
    return at;
}

static const char *
read_value(struct lg_fields *f, char *value, const char *at, const char *end)
{
    while (at < end && f->at == 0 && lg_is_ows(*at)) {
        at++;
    }
    const char *cr = memchr(at, '\r', (size_t)(end - at));
    size_t n = (size_t)((cr == NULL ? end : cr) - at);
    size_t room = (size_t)(LG_FIELD_BYTES - f->at);
    f->cut = f->cut || n > room;
    size_t copied = n < room ? n : room;
    memcpy(value + f->at, at, copied);
    f->at = (uint16_t)(f->at + copied);
    if (cr != NULL) {
        f->state = F_SKIP;
        while (!f->cut && f->at > 0 && lg_is_ows(value[f->at - 1])) {
            f->at--;
        }
    }
    return at + n;
}

uint8_t
lg_fields_next(struct lg_fields *f, const struct lg_field_names *names, char *value,
               const char **at, const char *end)
{
    while (*at < end) {
        switch (f->state) {
            case F_START:
                f->state = **at == '\r' || **at == '\n' ? F_START : F_SKIP;
                *at += f->state == F_START;
                break;
            case F_SKIP:
                *at = skip_line(f, names, *at, end);
                break;
            case F_NAME:
                *at = read_name(f, names, *at, end);
                break;
            default: /* F_VALUE */
                *at = read_value(f, value, *at, end);
                if (f->state == F_SKIP) {
                    return f->matching;
                }
                break;
        }
    }
    return 0;
}
