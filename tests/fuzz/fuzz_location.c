/* sources: lg_location.c */
/* Joins any Location with any base, in buffers of fuzzed size, and aborts when what comes out
 * could not stand in a request line or leads away from where a strict reading of its
 * beginning says. The first byte is the size of the output buffer divided by 8; then the
 * base, up to a line feed; then the Location.
 */
#include "lg_location.h"

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

static char *
copy_of(const char *bytes, size_t len)
{
    char *copy = malloc(len + (len == 0));
    memcpy(copy, bytes, len);
    return copy;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || data[1] != '/') {
        return 0;
    }
    size_t room = (size_t)data[0] * 8;
    const char *base = (const char *)data + 1;
    const char *end = (const char *)data + size;
    const char *lf = memchr(base, '\n', (size_t)(end - base));
    const char *base_end = lf == NULL ? end : lf;
    if (memchr(base, '#', (size_t)(base_end - base)) != NULL) {
        return 0; /* no request target has a fragment */
    }
    const char *location = lf == NULL ? end : lf + 1;
    size_t len = (size_t)(end - location);
    char *base_copy = copy_of(base, (size_t)(base_end - base));
    char *location_copy = copy_of(location, len);
    char *out = malloc(room + 1);
    struct lg_origin origin = {"a.b:81", 6, false};
    int64_t n = lg_location_join(out, room, &origin, base_copy, (size_t)(base_end - base),
                                 location_copy, len);
    require(n == LG_E_INVALID || n == LG_E_TOO_LARGE || (n > 0 && n <= (int64_t)room));
    for (int64_t i = 0; i < n; i++) {
        require(out[i] > ' ' && out[i] < 0x7f && out[i] != '#');
    }
    require(n < 0 || out[0] == '/');
    bool foreign = len >= 2 && memcmp(location, "//", 2) == 0 &&
                   (len < 8 || strncasecmp(location, "//a.b:", 6) != 0);
    require(!foreign || n == LG_E_INVALID);
    free(out);
    free(location_copy);
    free(base_copy);
    return 0;
}
