/* sources: lg_location.c */
/* Where redirects lead. The first table is RFC 3986 section 5.4 with its own base, as far as
 * the references lead to http; the second has what servers and attackers send. Every row is
 * tried again in a buffer that is a byte too small. */
#include "lg_location.h"

#include <stdlib.h>

#include "check.h"

#define OTHER NULL
#define ROOM 64

struct row {
    const char *location;
    const char *target; /* OTHER: not to be followed */
};

static const struct row rfc_3986_5_4[] = {
    {"g:h", OTHER},
    {"g", "/b/c/g"},
    {"./g", "/b/c/g"},
    {"g/", "/b/c/g/"},
    {"/g", "/g"},
    {"//g", OTHER},
    {"?y", "/b/c/d;p?y"},
    {"g?y", "/b/c/g?y"},
    {"#s", "/b/c/d;p?q"},
    {"g#s", "/b/c/g"},
    {"g?y#s", "/b/c/g?y"},
    {";x", "/b/c/;x"},
    {"g;x", "/b/c/g;x"},
    {"g;x?y#s", "/b/c/g;x?y"},
    {"", "/b/c/d;p?q"},
    {".", "/b/c/"},
    {"./", "/b/c/"},
    {"..", "/b/"},
    {"../", "/b/"},
    {"../g", "/b/g"},
    {"../..", "/"},
    {"../../", "/"},
    {"../../g", "/g"},
    {"../../../g", "/g"},
    {"../../../../g", "/g"},
    {"/./g", "/g"},
    {"/../g", "/g"},
    {"g.", "/b/c/g."},
    {".g", "/b/c/.g"},
    {"g..", "/b/c/g.."},
    {"..g", "/b/c/..g"},
    {"./../g", "/b/g"},
    {"./g/.", "/b/c/g/"},
    {"g/./h", "/b/c/g/h"},
    {"g/../h", "/b/c/h"},
    {"g;x=1/./y", "/b/c/g;x=1/y"},
    {"g;x=1/../y", "/b/c/y"},
    {"g?y/./x", "/b/c/g?y/./x"},
    {"g?y/../x", "/b/c/g?y/../x"},
    {"g#s/./x", "/b/c/g"},
    {"g#s/../x", "/b/c/g"},
    {"http:g", OTHER},
};

/* The origin is http, "shop.example:8080". */
static const struct row of_servers[] = {
    {"http://shop.example:8080/cart", "/cart"},
    {"HTTP://SHOP.example:08080/cart", "/cart"},
    {"http://shop.example:8080", "/"},
    {"http://shop.example:8080?a=b", "/?a=b"},
    {"http://shop.example:8080#top", "/"},
    {"//shop.example:8080/x/../y?z", "/y?z"},
    {"https://shop.example:8080/cart", OTHER},
    {"http://shop.example/cart", OTHER},
    {"http://shop.example:80/cart", OTHER},
    {"http://shop.example.evil:8080/", OTHER},
    {"http://evil/@shop.example:8080/", OTHER},
    {"http://user:secret@shop.example:8080/", OTHER},
    {"http://shop.example:8080:8080/", OTHER},
    {"http://shop.example:99999999999999999999/", OTHER},
    {"http://", OTHER},
    {"http:///path", OTHER},
    {"mailto:someone@shop.example", OTHER},
    {"javascript:alert(1)", OTHER},
    {"/a b\tc\x01", "/a%20b%09c%01"},
    {"/caf\xc3\xa9?\xff", "/caf%C3%A9?%FF"},
    {"/a%20b?c=d&e#f", "/a%20b?c=d&e"},
    {"//", OTHER},
    {"/", "/"},
    {"?", "/b/c/d;p?"},
    {"a:b", OTHER},
    {"./a:b", "/b/c/a:b"},
};

static const struct row from_root[] = {{"x", "/x"}, {"..", "/"}, {"", "/"}, {"?y", "/?y"}};
static const struct row from_dots[] = {{"x", "/a/x"}, {"../x", "/x"}};
static const struct row from_query_with_slashes[] = {{"next", "/next"}, {"?", "/here?"}};

static int64_t
join(char *out, size_t room, const struct lg_origin *origin, const char *base,
     const char *location)
{
    return lg_location_join(out, room, origin, base, strlen(base), location, strlen(location));
}

static void
check_rows(const struct row *rows, size_t count, const struct lg_origin *origin,
           const char *base)
{
    for (const struct row *row = rows; row < rows + count; row++) {
        char out[ROOM];
        check_row(row->location);
        int64_t got = join(out, sizeof out - 1, origin, base, row->location);
        if (row->target == OTHER || got < 0) {
            CHECK_EQ_I64(got, row->target == OTHER ? LG_E_INVALID : LG_OK);
            continue;
        }
        out[got] = '\0';
        CHECK_EQ_STR(out, row->target);
        char *small = malloc((size_t)got);
        CHECK_EQ_I64(join(small, (size_t)got - 1, origin, base, row->location),
                     LG_E_TOO_LARGE);
        free(small);
    }
    check_row(NULL);
}

struct origin_row {
    const char *authority;
    bool https;
    const char *location;
    bool same;
};

static const struct origin_row origins[] = {
    {"a.example", false, "http://a.example/", true},
    {"a.example", false, "http://a.example:80/", true},
    {"a.example", false, "http://a.example:/", true},
    {"a.example:80", false, "http://a.example/", true},
    {"a.example", false, "http://a.example:443/", false},
    {"a.example", true, "https://a.example:443/", true},
    {"a.example", true, "http://a.example/", false},
    {"a.example", true, "//a.example/", true},
    {"[::1]:8080", false, "http://[::1]:8080/", true},
    {"[::1]", false, "http://[::1]/", true},
    {"[::1]", false, "http://[::2]/", false},
    {"127.0.0.1:80", false, "http://127.0.0.1/", true},
    {"127.0.0.1", false, "http://localhost/", false},
};

static void
check_origins(void)
{
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        const struct origin_row *row = &origins[i];
        struct lg_origin origin = {row->authority, strlen(row->authority), row->https};
        char out[8];
        check_row(row->location);
        int64_t got = lg_location_join(out, sizeof out, &origin, "/x", 2, row->location,
                                       strlen(row->location));
        CHECK_EQ_I64(got, row->same ? 1 : LG_E_INVALID);
    }
    check_row(NULL);
}

#define CHECK_ROWS(rows, origin, base) \
    check_rows((rows), sizeof(rows) / sizeof *(rows), (origin), (base))

int
main(void)
{
    struct lg_origin a = {"a", 1, false};
    struct lg_origin shop = {"shop.example:8080", 17, false};
    CHECK_ROWS(rfc_3986_5_4, &a, "/b/c/d;p?q");
    CHECK_ROWS(of_servers, &shop, "/b/c/d;p?q");
    CHECK_ROWS(from_root, &a, "/");
    CHECK_ROWS(from_dots, &a, "/./a/b");
    CHECK_ROWS(from_query_with_slashes, &a, "/here?from=/a/b");
    check_origins();
    return check_result();
}
