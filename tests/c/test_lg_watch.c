/* sources: lg_watch.c lg_check.c lg_fields.c lg_http.c lg_location.c lg_redirect.c */
/* Each row is one answer, looked into whole, split at every place and byte by byte; what is
 * seen must be the same, and what the row says. tests/fuzz/fuzz_watch.c does it with any
 * bytes. */
#include "lg_watch.h"

#include <stdlib.h>

#include "check.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define TAIL " HTTP/1.1\r\nHost: a\r\n\r\n"
#define WIRE "GET /dir/x HTTP/1.1\r\nHost: a\r\n\r\n"

struct row {
    const char *name;
    const char *answer;
    enum lg_check_kind kind;
    const char *sample;
    const char *target; /* where it leads to */
};

static const struct row rows[] = {
    {"sized", OK "X-A: b\r\nContent-Length: 4\r\n\r\n-ok-", LG_CHECK_PASSED, "-ok-", ""},
    {"chunked",
     OK "x-a:b\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n-o\r\n2\r\nk-\r\n0\r\n\r\n",
     LG_CHECK_PASSED, "-ok-", ""},
    {"no header", OK "Content-Length: 2\r\n\r\nok", LG_CHECK_HEADER_MISSING, "ok", ""},
    {"header in a trailer",
     OK "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-A: b\r\n\r\n",
     LG_CHECK_HEADER_MISSING, "ok", ""},
    {"header of a 1xx",
     "HTTP/1.1 103 Early\r\nX-A: b\r\nLocation: /no\r\n\r\n" OK "Content-Length: 2\r\n\r\nok",
     LG_CHECK_HEADER_MISSING, "ok", ""},
    {"text in a header", OK "X-A: b ok\r\nContent-Length: 2\r\n\r\nko", LG_CHECK_BODY_LACKS,
     "ko", ""},
    {"encoded", OK "X-A: b\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nok",
     LG_CHECK_BODY_ENCODED, "ok", ""},
    {"redirect",
     "HTTP/1.1 302 Found\r\nLocation: y?z\r\nX-A: b\r\nContent-Length: 2\r\n\r\nok",
     LG_CHECK_PASSED, "ok", "/dir/y?z"},
};

struct sight {
    struct lg_watch watch;
    struct lg_http http;
    struct lg_hop *hop;
};

static void
feed(struct sight *s, const char *bytes, size_t len)
{
    char *copy = malloc(len);
    memcpy(copy, bytes, len);
    CHECK_EQ_I64(lg_watch_feed(&s->watch, &s->http, copy, len), (int64_t)len);
    free(copy);
}

static void
check_split(const struct row *row, const struct lg_watching *watching, size_t first,
            size_t step)
{
    struct sight s;
    size_t len = strlen(row->answer);
    s.hop = malloc(lg_hop_size(watching->redirect));
    lg_http_init(&s.http, false);
    lg_watch_begin(&s.watch, watching, (struct lg_wire){WIRE, sizeof WIRE - 1}, s.hop, true);
    for (size_t at = 0, piece = first; at < len; at += piece) {
        piece = at == 0 ? first : step;
        piece = piece < len - at ? piece : len - at;
        feed(&s, row->answer + at, piece);
    }
    struct lg_verdict verdict =
        lg_check_verdict(watching->check, &s.watch.check, s.http.status, s.http.body_bytes);
    CHECK(s.http.done);
    CHECK_EQ_U64(verdict.kind, row->kind);
    CHECK_EQ_U64(s.watch.sample_len, strlen(row->sample));
    CHECK(memcmp(s.watch.text, row->sample, strlen(row->sample)) == 0);
    CHECK_EQ_U64(s.hop->target_len, strlen(row->target));
    CHECK(memcmp(s.hop->target, row->target, strlen(row->target)) == 0);
    free(s.hop);
}

static void
test_what_is_seen_does_not_depend_on_the_pieces(const struct lg_watching *watching)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row(rows[i].name);
        size_t len = strlen(rows[i].answer);
        for (size_t first = 1; first <= len; first++) {
            check_split(&rows[i], watching, first, len);
        }
        check_split(&rows[i], watching, 1, 1);
    }
    check_row(NULL);
}

static void
test_a_body_is_wanted_until_nothing_is_sought(const struct lg_watching *watching)
{
    struct sight s = {.hop = NULL};
    struct lg_wire wire = {WIRE, sizeof WIRE - 1};
    lg_http_init(&s.http, false);
    lg_watch_begin(&s.watch, watching, wire, NULL, false);
    feed(&s, OK "Content-Length: 4000\r\n\r\n-o", 43);
    CHECK(lg_watch_wants_body(&s.watch));
    feed(&s, "k", 1);
    CHECK(!lg_watch_wants_body(&s.watch));
    lg_http_init(&s.http, false);
    lg_watch_begin(&s.watch, watching, wire, NULL, true);
    feed(&s, OK "Content-Length: 4000\r\n\r\nok", 43);
    CHECK(lg_watch_wants_body(&s.watch));
    static char rest[LG_SAMPLE_BYTES];
    feed(&s, rest, LG_SAMPLE_BYTES - 2);
    CHECK(!lg_watch_wants_body(&s.watch));
    feed(&s, rest, 100);
    CHECK_EQ_U64(s.watch.sample_len, LG_SAMPLE_BYTES);
}

int
main(void)
{
    uint16_t border[2];
    struct lg_check check = {.header_count = 1, .needle_count = 1, .body_max = UINT64_MAX};
    struct lg_redirect redirect = {.origin = {"a", 1, false}, .tail = {TAIL, sizeof TAIL - 1}};
    struct lg_watching watching = {.check = &check, .redirect = &redirect};
    lg_needle_border(border, "ok", 2);
    check.headers[0] =
        (struct lg_header_check){.name = "x-a", .name_len = 3, .value = "b", .value_len = 1};
    check.needles[0] = (struct lg_needle){.bytes = "ok", .border = border, .len = 2};
    lg_watching_init(&watching);
    test_what_is_seen_does_not_depend_on_the_pieces(&watching);
    test_a_body_is_wanted_until_nothing_is_sought(&watching);
    return check_result();
}
