/* sources: lg_http.c */
/* Each row of the table is one response. It is fed whole, byte by byte, and split in two
 * at every place, always so that it ends at a page that may not be read; all must come
 * to the same. Expectations are RFC 9112's, or llhttp's where it says more (seen with
 * httptools 0.9; tests/loadgen/test_http_parser.py compares the two for real). */
#include "lg_http.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "lg_http_chars.h"

#define OK11 "HTTP/1.1 200 OK\r\n"
#define EMPTY OK11 "Content-Length: 0\r\n\r\n"
#define CHUNKED OK11 "Transfer-Encoding: chunked\r\n\r\n"

enum outcome {
    KEPT, /* done, and the connection may be used again */
    DONE, /* done, and it may not */
    PARTIAL,
    EOF_ENDS, /* not done, but the end of the connection makes it so */
    BAD
};

struct row {
    const char *name;
    const char *input;
    size_t length;
    enum outcome outcome;
    uint16_t status;
    uint64_t body_bytes;
    size_t surplus; /* bytes of the input that are not the response's */
    bool head;
};

/* A row; what follows the outcome is 0 or false when left out. */
#define ROW(title, bytes, ...)                                          \
    {                                                                   \
        .name = (title), .input = (bytes), .length = sizeof(bytes) - 1, \
        .outcome = __VA_ARGS__                                          \
    }

static const struct row rows[] = {
    /* the first line */
    ROW("sized", OK11 "Content-Length: 3\r\n\r\nabc", KEPT, 200, 3),
    ROW("surplus", OK11 "Content-Length: 3\r\n\r\nabcHT", KEPT, 200, 3, .surplus = 2),
    ROW("no reason, no space", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", KEPT, 200),
    ROW("no reason", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", KEPT, 200),
    ROW("reason of any byte", "HTTP/1.1 200 a\1b\t\xff\r\nContent-Length: 0\r\n\r\n", KEPT,
        200),
    ROW("NUL in reason", "HTTP/1.1 200 a\0b\r\nContent-Length: 0\r\n\r\n", KEPT, 200),
    ROW("empty lines before", "\r\n\n\r\n" EMPTY, KEPT, 200),
    ROW("space before", " " EMPTY, BAD),
    ROW("bare LF after reason", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", BAD),
    ROW("bare CR after reason", "HTTP/1.1 200 OK\rContent-Length: 0\r\n\r\n", BAD),
    ROW("bare LF after status", "HTTP/1.1 200\nContent-Length: 0\r\n\r\n", BAD),
    ROW("HTTP/1.2", "HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n", BAD),
    ROW("HTTP/2.0", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", BAD),
    ROW("HTTP/0.9", "HTTP/0.9 200 OK\r\nContent-Length: 0\r\n\r\n", BAD),
    ROW("HTTP/1.10", "HTTP/1.10 200 OK\r\nContent-Length: 0\r\n\r\n", BAD),
    ROW("lower case", "http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", BAD),
    ROW("RTSP", "RTSP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", BAD),
    ROW("two spaces", "HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n", BAD),
    ROW("tab", "HTTP/1.1\t200 OK\r\nContent-Length: 0\r\n\r\n", BAD),
    ROW("two digits", "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n", BAD),
    ROW("four digits", "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n", BAD),
    ROW("status 099", "HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n", BAD),
    ROW("status 599", "HTTP/1.1 599 OK\r\nContent-Length: 0\r\n\r\n", KEPT, 599),
    ROW("status 600", "HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n", BAD),
    ROW("nothing", "", PARTIAL),
    ROW("cut in the version", "HTTP/1.", PARTIAL),

    /* header lines */
    ROW("white space around values", OK11 "A:\t b \t\r\nContent-Length:\t 3 \t\r\n\r\nabc",
        KEPT, 200, 3),
    ROW("empty value", OK11 "A:\r\nB: \r\nContent-Length: 0\r\n\r\n", KEPT, 200),
    ROW("every token character",
        OK11 "!#$%&'*+-.^_`|~09AZaz: b\r\n"
             "Content-Length: 0\r\n\r\n",
        KEPT, 200),
    ROW("obs-text in value", OK11 "A: \x80\xff\r\nContent-Length: 0\r\n\r\n", KEPT, 200),
    ROW("obs-text in name", OK11 "A\x80: b\r\n\r\n", BAD),
    ROW("space before colon", OK11 "A : b\r\n\r\n", BAD),
    ROW("space before colon of interest", OK11 "Content-Length : 3\r\n\r\n", BAD),
    ROW("no name", OK11 ": b\r\n\r\n", BAD),
    ROW("no colon", OK11 "A\r\n\r\n", BAD),
    ROW("folded line", OK11 "A: b\r\n c\r\n\r\n", BAD),
    ROW("folded line, tab", OK11 "A: b\r\n\tc\r\n\r\n", BAD),
    ROW("folded first line", OK11 " A: b\r\n\r\n", BAD),
    ROW("folded empty value", OK11 "A:\r\n b\r\n\r\n", BAD),
    ROW("bare LF after value", OK11 "A: b\nContent-Length: 0\r\n\r\n", BAD),
    ROW("bare CR after value", OK11 "A: b\rContent-Length: 0\r\n\r\n", BAD),
    ROW("bare LF at the end", OK11 "Content-Length: 0\r\n\n", BAD),
    ROW("bare CR at the end", OK11 "Content-Length: 0\r\n\rx", BAD),
    ROW("control in value", OK11 "A: 12345678\1\r\n\r\n", BAD),
    ROW("DEL in value", OK11 "A: b\x7f\r\n\r\n", BAD),
    ROW("NUL in value", OK11 "A: b\0c\r\n\r\n", BAD),
    ROW("CR for a hyphen", OK11 "Content\rLength: 3\r\n\r\nabc", BAD),

    /* Content-Length */
    ROW("any case", OK11 "cONTENT-lENGTH:3\r\n\r\nabc", KEPT, 200, 3),
    ROW("leading zeros", OK11 "Content-Length: 00000000000000000000003\r\n\r\nabc", KEPT, 200,
        3),
    ROW("largest", OK11 "Content-Length: 18446744073709551615\r\n\r\nabc", PARTIAL, 200, 3),
    ROW("too large", OK11 "Content-Length: 18446744073709551616\r\n\r\n", BAD),
    ROW("far too large", OK11 "Content-Length: 99999999999999999999999\r\n\r\n", BAD),
    ROW("plus", OK11 "Content-Length: +3\r\n\r\nabc", BAD),
    ROW("minus", OK11 "Content-Length: -3\r\n\r\nabc", BAD),
    ROW("hexadecimal", OK11 "Content-Length: 0x3\r\n\r\nabc", BAD),
    ROW("empty length", OK11 "Content-Length:\r\n\r\nabc", BAD),
    ROW("two numbers", OK11 "Content-Length: 3 3\r\n\r\nabc", BAD),
    ROW("list of equals", OK11 "Content-Length: 3, 3\r\n\r\nabc", BAD),
    ROW("repeated", OK11 "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", BAD),
    ROW("conflicting", OK11 "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", BAD),
    ROW("repeated zero", OK11 "Content-Length: 0\r\nContent-Length: 0\r\n\r\n", BAD),
    ROW("longer name", OK11 "Content-Lengthy: 3\r\n\r\nabc", EOF_ENDS, 200, 3),
    ROW("shorter name", OK11 "Content-Lengt: 3\r\n\r\nabc", EOF_ENDS, 200, 3),
    ROW("short by a byte", OK11 "Content-Length: 4\r\n\r\nabc", PARTIAL, 200, 3),

    /* Transfer-Encoding */
    ROW("chunked", CHUNKED "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nX", KEPT, 200, 13,
        .surplus = 1),
    ROW("chunked last", OK11 "Transfer-Encoding: gzip, Chunked \r\n\r\n0\r\n\r\n", KEPT, 200),
    ROW("chunked in two headers",
        OK11 "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", KEPT,
        200),
    ROW("chunked, empty elements", OK11 "Transfer-Encoding: ,chunked\t, ,\r\n\r\n0\r\n\r\n",
        KEPT, 200),
    ROW("chunked not last", OK11 "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", EOF_ENDS,
        200, 5),
    ROW("chunked not in the last header",
        OK11 "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\nabc", EOF_ENDS, 200,
        3),
    ROW("beginning of chunked", OK11 "Transfer-Encoding: chunked, chun\r\n\r\nabc", EOF_ENDS,
        200, 3),
    ROW("other coding", OK11 "Transfer-Encoding: gzip\r\n\r\nabc", EOF_ENDS, 200, 3),
    ROW("chunked with parameter", OK11 "Transfer-Encoding: chunked;a\r\n\r\nabc", EOF_ENDS,
        200, 3),
    ROW("chunked and more", OK11 "Transfer-Encoding: chunked x\r\n\r\nabc", EOF_ENDS, 200, 3),
    ROW("empty encoding", OK11 "Transfer-Encoding:\r\n\r\n", BAD),
    ROW("control in encoding", OK11 "Transfer-Encoding: chunked\1\r\n\r\n", BAD),
    ROW("length, then encoding",
        OK11 "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", BAD),
    ROW("encoding, then length",
        OK11 "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", BAD),
    ROW("chunked HTTP/1.0",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        DONE, 200),

    /* chunks */
    ROW("leading zeros of sizes", CHUNKED "003\r\nabc\r\n000\r\n\r\n", KEPT, 200, 3),
    ROW("zeros beyond 64 bits", CHUNKED "00000000000000000003\r\nabc\r\n0\r\n\r\n", KEPT, 200,
        3),
    ROW("largest chunk", CHUNKED "ffffFFFFffffFFFF\r\nabc", PARTIAL, 200, 3),
    ROW("chunk too large", CHUNKED "10000000000000000\r\nabc", BAD),
    ROW("no size", CHUNKED "\r\n", BAD),
    ROW("no hexadecimal", CHUNKED "g\r\n", BAD),
    ROW("prefixed size", CHUNKED "0x3\r\n", BAD),
    ROW("negative size", CHUNKED "-3\r\n", BAD),
    ROW("space before size", CHUNKED " 3\r\nabc\r\n0\r\n\r\n", BAD),
    ROW("space after size", CHUNKED "3 \r\nabc\r\n0\r\n\r\n", BAD),
    ROW("bare LF after size", CHUNKED "3\nabc\r\n0\r\n\r\n", BAD),
    ROW("bare CR after size", CHUNKED "3\rabc\r\n0\r\n\r\n", BAD),
    ROW("chunk too long for its size", CHUNKED "3\r\nabcd\r\n0\r\n\r\n", BAD),
    ROW("bare LF after data", CHUNKED "3\r\nabc\n0\r\n\r\n", BAD),
    ROW("bare CR after data", CHUNKED "3\r\nabc\r0\r\n\r\n", BAD),
    ROW("no line end after data", CHUNKED "3\r\nabc0\r\n\r\n", BAD),
    ROW("space after a size and extensions",
        CHUNKED "3;a=b;c=\"d;\\\"\t\xff\"\r\nabc\r\n0 \r\n", BAD),
    ROW("extensions skipped", CHUNKED "3;a=b;c=\"d;\\\"\t\xff\"\r\nabc\r\n0;e; f = g\r\n\r\n",
        KEPT, 200, 3),
    ROW("bare LF in extension", CHUNKED "3;a=b\nabc\r\n0\r\n\r\n", BAD),
    ROW("NUL in extension", CHUNKED "3;a\0b\r\n", BAD),
    ROW("trailers",
        CHUNKED "0\r\nA: b\r\nContent-Length: 9\r\nConnection: close\r\n"
                "Transfer-Encoding: x\r\n\r\n",
        KEPT, 200),
    ROW("folded trailer", CHUNKED "0\r\nA: b\r\n c\r\n\r\n", BAD),
    ROW("trailer without colon", CHUNKED "0\r\nA b\r\n\r\n", BAD),
    ROW("cut in the trailers", CHUNKED "0\r\nA: b\r\n", PARTIAL, 200),
    ROW("cut in a chunk", CHUNKED "3\r\nab", PARTIAL, 200, 2),

    /* Connection */
    ROW("close", OK11 "Content-Length: 0\r\nConnection: close\r\n\r\n", DONE, 200),
    ROW("close in a list", OK11 "Connection: x , CLOSE\t,y\r\nContent-Length: 0\r\n\r\n", DONE,
        200),
    ROW("close wins",
        OK11 "Connection: close\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", DONE,
        200),
    ROW("not quite close",
        OK11 "Connection: closed, xclose, clo, c lose\r\nContent-Length: 0\r\n\r\n", KEPT,
        200),
    ROW("CR for keep-alive's hyphen", OK11 "Connection: keep\ralive\r\n\r\n", BAD),
    ROW("empty connection", OK11 "Connection:\r\nContent-Length: 0\r\n\r\n", KEPT, 200),
    ROW("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", DONE, 200),
    ROW("HTTP/1.0 kept",
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n\r\n", KEPT, 200),
    ROW("HTTP/1.0, close wins",
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive, close\r\n\r\n", DONE,
        200),
    ROW("HTTP/1.0, not quite keep-alive",
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alivex\r\n\r\n", DONE, 200),

    /* without a body, or with all that comes */
    ROW("until the end", OK11 "\r\nabc", EOF_ENDS, 200, 3),
    ROW("until the end, empty", OK11 "Connection: keep-alive\r\n\r\n", EOF_ENDS, 200),
    ROW("204", "HTTP/1.1 204 N\r\nContent-Length: 3\r\n\r\n", KEPT, 204),
    ROW("304", "HTTP/1.1 304 N\r\nTransfer-Encoding: chunked\r\n\r\n", KEPT, 304),
    ROW("204, closed", "HTTP/1.1 204 N\r\nConnection: close\r\n\r\n", DONE, 204),
    ROW("HEAD, sized", OK11 "Content-Length: 3\r\n\r\n", KEPT, 200, .head = true),
    ROW("HEAD, chunked", CHUNKED, KEPT, 200, .head = true),
    ROW("HEAD, unsized", OK11 "\r\n", KEPT, 200, .head = true),
    ROW("HEAD, HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n", DONE, 200, .head = true),

    /* 1xx */
    ROW("100", "HTTP/1.1 100 Continue\r\n\r\n" EMPTY, KEPT, 200),
    ROW("102, 103, 199",
        "HTTP/1.1 102 P\r\nA: b\r\n\r\nHTTP/1.1 103 E\r\nLink: c\r\n\r\n"
        "HTTP/1.1 199 X\r\n\r\n" OK11 "Content-Length: 3\r\n\r\nabc",
        KEPT, 200, 3),
    ROW("headers of a 100 are its own",
        "HTTP/1.0 100 C\r\nConnection: close\r\nContent-Length: 9\r\n\r\n" CHUNKED "0\r\n\r\n",
        KEPT, 200),
    ROW("unknown 1xx", "HTTP/1.1 199 X\r\nContent-Length: 3\r\n\r\n" EMPTY, KEPT, 200),
    ROW("empty lines after a 100", "HTTP/1.1 100 C\r\n\r\n\r\n\r\n" EMPTY, KEPT, 200),
    ROW("100 before HEAD's answer", "HTTP/1.1 100 C\r\n\r\n" OK11 "Content-Length: 3\r\n\r\n",
        KEPT, 200, .head = true),
    ROW("only a 100", "HTTP/1.1 100 C\r\n\r\n", PARTIAL),
    ROW("101", "HTTP/1.1 101 S\r\nUpgrade: x\r\nContent-Length: 3\r\n\r\nabc", DONE, 101,
        .surplus = 3),
};

/* Memory whose end is followed by a page that may not be read. */
static char *guarded_end;

static void
map_guarded(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    bytes = (bytes + page - 1) / page * page;
    char *map =
        mmap(NULL, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED || mprotect(map + bytes, page, PROT_NONE) != 0) {
        perror("guard page");
        exit(1);
    }
    guarded_end = map + bytes;
}

/* Feeds bytes that end at the guard page. */
static int64_t
feed(struct lg_http *p, const char *bytes, size_t length)
{
    char *copy = memcpy(guarded_end - length, bytes, length);
    return lg_http_feed(p, copy, length);
}

/* Feeds the input in pieces: the first `first` bytes, then `step` at a time. Returns the
 * bytes used, or the error. */
static int64_t
feed_in_pieces(struct lg_http *p, const char *input, size_t length, size_t first, size_t step)
{
    size_t used = 0;
    size_t piece = first;
    while (used < length && !p->done) {
        piece = piece < length - used ? piece : length - used;
        int64_t got = feed(p, input + used, piece);
        if (got < 0) {
            return got;
        }
        used += (size_t)got;
        piece = step;
    }
    return (int64_t)used;
}

static void
check_outcome(const struct row *row, struct lg_http *p, int64_t used)
{
    if (row->outcome == BAD) {
        CHECK_EQ_I64(used, LG_E_PROTOCOL);
        CHECK(!p->done);
        CHECK_EQ_I64(feed(p, EMPTY, strlen(EMPTY)), LG_E_PROTOCOL);
        return;
    }
    CHECK_EQ_I64(used, (int64_t)(row->length - row->surplus));
    CHECK_EQ_U64(p->body_bytes, row->body_bytes);
    if (row->status != 0) {
        CHECK_EQ_U64(p->status, row->status);
    }
    bool done = row->outcome == DONE || row->outcome == KEPT;
    CHECK(p->done == done);
    CHECK_EQ_I64(lg_http_eof(p), done || row->outcome == EOF_ENDS ? LG_OK : LG_E_CLOSED);
    CHECK(p->done == (row->outcome != PARTIAL));
    if (p->done) {
        CHECK(p->keep_alive == (row->outcome == KEPT));
        CHECK_EQ_I64(feed(p, "x", 1), 0);
        CHECK_EQ_U64(lg_http_skippable(p), 0);
    }
}

static void
test_rows(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct lg_http p;
        check_row(row->name);
        for (size_t first = 1; first <= row->length + 1; first++) {
            lg_http_init(&p, row->head);
            check_outcome(row, &p,
                          feed_in_pieces(&p, row->input, row->length, first, row->length));
        }
        lg_http_init(&p, row->head);
        check_outcome(row, &p, feed_in_pieces(&p, row->input, row->length, 1, 1));
    }
    check_row(NULL);
}

/* A header section one byte larger than the limit is too large, wherever it is split;
 * a byte smaller is not. `around` is what the filling stands in. */
static void
check_limit(const char *name, const char *before, size_t counted, const char *after)
{
    static char input[2 * LG_HTTP_HEADER_LIMIT];
    check_row(name);
    for (size_t over = 0; over < 2; over++) {
        size_t head = strlen(before);
        size_t filling = LG_HTTP_HEADER_LIMIT - counted - strlen(after) + over;
        memcpy(input, before, head);
        memset(input + head, 'x', filling);
        memcpy(input + head + filling, after, strlen(after));
        size_t length = head + filling + strlen(after);
        const size_t steps[] = {length, 1, 4096, length - 1};
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
            struct lg_http p;
            lg_http_init(&p, false);
            int64_t used = feed_in_pieces(&p, input, length, steps[i], steps[i]);
            CHECK_EQ_I64(used, over ? LG_E_TOO_LARGE : (int64_t)length);
        }
    }
    check_row(NULL);
}

static void
test_limits(void)
{
    const char *header = OK11 "A: ";
    check_limit("headers", header, strlen(header), "\r\n\r\n");
    const char *interim = "HTTP/1.1 100 C\r\n\r\n" OK11 "A: ";
    check_limit("headers after a 100", interim, strlen(interim), "\r\n\r\n");
    check_limit("chunk extension", CHUNKED "1\r\na\r\n2;", 4, "\r\n");
    check_limit("trailers", CHUNKED "1\r\na\r\n0\r\nA: ", 8, "\r\n\r\n");
}

/* Framing counts from payload to payload: chunks may be many. */
static void
test_many_chunks(void)
{
    struct lg_http p;
    lg_http_init(&p, false);
    feed(&p, CHUNKED, strlen(CHUNKED));
    for (int i = 0; i < LG_HTTP_HEADER_LIMIT; i++) {
        CHECK_EQ_I64(feed(&p, "1\r\na\r\n", 6), 6);
    }
    CHECK_EQ_I64(feed(&p, "0\r\n\r\n", 5), 5);
    CHECK(p.done && p.keep_alive);
    CHECK_EQ_U64(p.body_bytes, LG_HTTP_HEADER_LIMIT);
}

static void
start(struct lg_http *p, const char *input)
{
    lg_http_init(p, false);
    CHECK_EQ_U64(lg_http_skippable(p), 0);
    CHECK_EQ_I64(feed(p, input, strlen(input)), (int64_t)strlen(input));
}

static void
test_skip_sized(void)
{
    struct lg_http p;
    start(&p, OK11 "Content-Length: 10\r\n\r\nabc");
    CHECK_EQ_U64(lg_http_skippable(&p), 7);
    lg_http_skip(&p, 0);
    lg_http_skip(&p, 6);
    CHECK_EQ_U64(lg_http_skippable(&p), 1);
    CHECK(!p.done);
    lg_http_skip(&p, 1);
    CHECK_EQ_U64(lg_http_skippable(&p), 0);
    CHECK(p.done && p.keep_alive);
    CHECK_EQ_U64(p.body_bytes, 10);
}

static void
test_skip_chunk(void)
{
    struct lg_http p;
    start(&p, CHUNKED "a\r\nabc");
    CHECK_EQ_U64(lg_http_skippable(&p), 7);
    lg_http_skip(&p, 7);
    CHECK_EQ_U64(lg_http_skippable(&p), 0);
    lg_http_skip(&p, 0);
    CHECK(!p.done);
    CHECK_EQ_I64(feed(&p, "\r\n0\r\n\r\n", 7), 7);
    CHECK(p.done && p.keep_alive);
    CHECK_EQ_U64(p.body_bytes, 10);
}

static void
test_skip_until_eof(void)
{
    struct lg_http p;
    start(&p, OK11 "\r\n");
    CHECK_EQ_U64(lg_http_skippable(&p), UINT64_MAX);
    lg_http_skip(&p, 1000);
    CHECK_EQ_U64(lg_http_skippable(&p), UINT64_MAX);
    CHECK_EQ_I64(lg_http_eof(&p), LG_OK);
    CHECK(p.done && !p.keep_alive);
    CHECK_EQ_U64(p.body_bytes, 1000);
}

/* Eight bytes at a time or one: every byte value, at every place, in every length. */
static void
test_find_control(void)
{
    for (size_t length = 1; length <= 17; length++) {
        for (size_t place = 0; place < length; place++) {
            for (int value = 0; value < 256; value++) {
                char *text = guarded_end - length;
                memset(text, 0x80, length); /* 0x80 and 0x20 are where the borrows bite */
                memset(text, ' ', length / 2);
                text[place] = (char)value;
                bool control = value < 0x20 || value == 0x7f;
                CHECK_EQ_I64(lg_find_control(text, guarded_end) - text,
                             (int64_t)(control ? place : length));
            }
        }
    }
}

static void
test_token_characters(void)
{
    const char *others = "!#$%&'*+-.^_`|~"; /* besides digits and letters (RFC 9110 5.6.2) */
    for (int value = 0; value < 256; value++) {
        bool alphanumeric = (value >= '0' && value <= '9') || (value >= 'A' && value <= 'Z') ||
                            (value >= 'a' && value <= 'z');
        bool expected = alphanumeric || (value != 0 && strchr(others, value) != NULL);
        CHECK(lg_is_token((char)value) == expected);
    }
}

static void
test_empty_feed(void)
{
    struct lg_http p;
    lg_http_init(&p, false);
    CHECK_EQ_I64(lg_http_feed(&p, guarded_end, 0), 0);
    CHECK_EQ_I64(lg_http_eof(&p), LG_E_CLOSED);
}

int
main(void)
{
    map_guarded(2 * LG_HTTP_HEADER_LIMIT);
    test_rows();
    test_limits();
    test_many_chunks();
    test_skip_sized();
    test_skip_chunk();
    test_skip_until_eof();
    test_find_control();
    test_token_characters();
    test_empty_feed();
    return check_result();
}
