/* lg_http.c: a state for every place where a read may end; between two such places
 * bytes are passed over in runs, not one by one.
 *
 * Where we differ from llhttp 9.4 without lenient flags, and why:
 * - Protocols other than HTTP/1.0 and HTTP/1.1 (RTSP, ICE, HTTP/0.9, HTTP/2.0) are
 *   errors: we never ask for them.
 * - Status codes outside 100..599 are errors: they have no class (RFC 9110 15).
 * - `Connection: close` always wins; llhttp lets keep-alive win in HTTP/1.0 (RFC 9112
 *   9.3). A Proxy-Connection header means nothing: it is no standard, and we use no proxy.
 * - Transfer-Encoding in HTTP/1.0 is obeyed, but the connection not kept (RFC 9112 6.1).
 * - Empty elements of a Transfer-Encoding list are ignored, and a tab after its last
 *   element as much as a space (RFC 9110 5.6.1, 5.6.3): "chunked," is chunked.
 * - Headers of a 1xx answer mean nothing beyond it; llhttp ends the connection after
 *   `Connection: close` or HTTP/1.0 there.
 * - No 1xx answer has a body (RFC 9112 6.3); llhttp knows 100 to 103 only.
 * - 101 is the final answer, with no body and no keep-alive (lg_http.h).
 * - Chunk extensions are passed over as text: no CR or LF can be in a well-formed one,
 *   so they cannot move a boundary, and RFC 9112 7.1.1 has us ignore them.
 * - Trailers are checked as headers are, but mean nothing (RFC 9110 6.5.1); llhttp lets
 *   them change keep-alive and refuses a Content-Length there.
 * - There is a limit on framing (LG_HTTP_HEADER_LIMIT).
 */
#include "lg_http.h"

#include <string.h>

#include "lg_http_chars.h"

enum state {
    S_STATUS, /* within "HTTP/1.1 200" and the byte after it; empty lines before it */
    S_REASON,
    S_STATUS_LF,
    S_FIELD, /* at the beginning of a header line */
    S_NAME,
    S_OWS, /* optional white space before a value */
    S_VALUE,
    S_LENGTH,     /* the digits of a Content-Length */
    S_LENGTH_OWS, /* white space after them */
    S_CONNECTION,
    S_ENCODING,
    S_VALUE_LF,
    S_FIELDS_LF, /* within the CR LF that ends headers or trailers */
    S_CHUNK,     /* at the beginning of a chunk-size line */
    S_CHUNK_SIZE,
    S_CHUNK_EXTENSION,
    S_CHUNK_LF,
    S_CHUNK_END, /* at the CR LF after a chunk's data */
    S_CHUNK_END_LF,
    S_FAILED,
    S_BODY, /* from here on: payload */
    S_CHUNK_DATA,
    S_BODY_UNTIL_EOF
};

enum flag {
    F_LENGTH = 1,
    F_ENCODING = 2,
    F_CHUNKED = 4, /* the last transfer coding so far is chunked */
    F_CLOSE = 8,
    F_KEEP_ALIVE = 16,
    F_TRAILERS = 32
};

enum word {
    W_NONE,
    W_OTHER,
    W_CONNECTION,
    W_LENGTH,
    W_ENCODING,
    W_CLOSE,
    W_KEEP_ALIVE,
    W_CHUNKED
};

/* In lower case. W_NONE (nothing read yet) and W_OTHER (nothing of interest) begin with a
 * byte that no name or value may have, so that they neither match nor are complete. */
static const char words[][18] = {
    [W_NONE] = "\1",
    [W_OTHER] = "\1",
    [W_CONNECTION] = "connection",
    [W_LENGTH] = "content-length",
    [W_ENCODING] = "transfer-encoding",
    [W_CLOSE] = "close",
    [W_KEEP_ALIVE] = "keep-alive",
    [W_CHUNKED] = "chunked",
};

/* Passes over the bytes that continue the word at hand. Folding case by one bit would
 * take CR for '-', hence the second condition. */
static inline const char *
match(struct lg_http *p, const char *at, const char *end)
{
    const char *rest = words[p->word] + p->matched;
    const char *start = at;
    while (at < end && (*at | 0x20) == *rest && *at != '\r') {
        at++;
        rest++;
    }
    p->matched = (uint8_t)(p->matched + (at - start));
    return at;
}

static inline void
begin_word(struct lg_http *p, enum word word)
{
    p->word = (uint8_t)word;
    p->matched = 0;
}

/* Whether the bytes at hand are the whole word. */
static inline bool
is_matched(const struct lg_http *p)
{
    return words[p->word][p->matched] == '\0';
}

/* Takes one byte that must be c. */
static inline const char *
expect(struct lg_http *p, const char *at, char c, enum state next)
{
    p->state = (uint8_t)next;
    return *at == c ? at + 1 : NULL;
}

/* The first line up to the byte after the status code, and empty lines before it. */
static const char *
parse_status(struct lg_http *p, const char *at, const char *end)
{
    static const char line[] = "HTTP/1.# ###"; /* # stands for a digit */
    enum { MINOR = 7, LENGTH = sizeof line - 1 };
    while (p->matched == 0 && at < end && (*at == '\r' || *at == '\n')) {
        at++;
    }
    if (p->matched == 0 && end - at >= MINOR && memcmp(at, line, MINOR) == 0) {
        at += MINOR;
        p->matched = MINOR;
    }
    for (; at < end && p->matched < LENGTH; at++, p->matched++) {
        unsigned digit = lg_decimal(*at);
        bool is_digit = line[p->matched] == '#';
        if (is_digit ? digit > 9 : *at != line[p->matched]) {
            return NULL;
        }
        if (p->matched == MINOR) {
            p->minor = (uint8_t)digit;
        }
        else if (is_digit) {
            p->status = (uint16_t)(p->status * 10 + digit);
        }
    }
    if (p->minor > 1) {
        return NULL;
    }
    if (at == end) {
        return at;
    }
    if (p->status < 100 || p->status > 599) {
        return NULL;
    }
    return *at == ' ' ? expect(p, at, ' ', S_REASON) : expect(p, at, '\r', S_STATUS_LF);
}

/* Any byte but CR and LF, as llhttp has it. */
static const char *
parse_reason(struct lg_http *p, const char *at, const char *end)
{
    at = lg_find_control(at, end);
    while (at < end && *at != '\r' && *at != '\n') {
        at = lg_find_control(at + 1, end);
    }
    return at == end ? at : expect(p, at, '\r', S_STATUS_LF);
}

/* At the beginning of a line: a header, or the empty line that ends them. */
static const char *
begin_field(struct lg_http *p, const char *at)
{
    if (*at == '\r') {
        return expect(p, at, '\r', S_FIELDS_LF);
    }
    if (!lg_is_token(*at)) {
        return NULL; /* among others, the white space of a folded line */
    }
    char c = *at | 0x20;
    bool trailer = (p->flags & F_TRAILERS) != 0;
    begin_word(p, trailer    ? W_OTHER
                  : c == 'c' ? W_CONNECTION
                  : c == 't' ? W_ENCODING
                             : W_OTHER);
    p->state = S_NAME;
    return at;
}

static const char *
parse_name(struct lg_http *p, const char *at, const char *end)
{
    at = match(p, at, end);
    if (at < end && p->word == W_CONNECTION && p->matched == 3) {
        p->word = W_LENGTH; /* "con" is the beginning of both */
        at = match(p, at, end);
    }
    if (at < end && lg_is_token(*at)) {
        begin_word(p, W_OTHER);
        do {
            at++;
        } while (at < end && lg_is_token(*at));
    }
    return at == end ? at : expect(p, at, ':', S_OWS);
}

/* White space before a value; then, at its first byte, how to read it. NULL when the
 * header may not be there, or not be empty. */
static const char *
begin_value(struct lg_http *p, const char *at, const char *end)
{
    while (at < end && lg_is_ows(*at)) {
        at++;
    }
    if (at == end) {
        return at;
    }
    uint8_t word = is_matched(p) ? p->word : W_OTHER;
    begin_word(p, W_NONE);
    p->state = S_VALUE;
    if (word == W_CONNECTION) {
        p->state = S_CONNECTION;
    }
    else if (word == W_ENCODING) {
        p->state = S_ENCODING;
        if ((p->flags & F_LENGTH) != 0 || *at == '\r') {
            return NULL;
        }
        p->flags |= F_ENCODING;
    }
    else if (word == W_LENGTH) {
        p->state = S_LENGTH;
        if ((p->flags & (F_LENGTH | F_ENCODING)) != 0 || lg_decimal(*at) > 9) {
            return NULL;
        }
    }
    return at;
}

static const char *
parse_value(struct lg_http *p, const char *at, const char *end)
{
    at = lg_find_text_end(at, end);
    return at == end ? at : expect(p, at, '\r', S_VALUE_LF);
}

static const char *
parse_length(struct lg_http *p, const char *at, const char *end)
{
    for (; p->state == S_LENGTH && at < end; at++) {
        unsigned digit = lg_decimal(*at);
        if (digit > 9) {
            p->flags |= F_LENGTH;
            p->state = S_LENGTH_OWS;
            break;
        }
        if (__builtin_mul_overflow(p->body_left, 10, &p->body_left) ||
            __builtin_add_overflow(p->body_left, digit, &p->body_left)) {
            return NULL;
        }
    }
    while (at < end && lg_is_ows(*at)) {
        at++;
    }
    return at == end ? at : expect(p, at, '\r', S_VALUE_LF);
}

/* At the first byte of an element of Connection or Transfer-Encoding. */
static void
begin_element(struct lg_http *p, char first)
{
    char c = first | 0x20;
    if (p->state == S_ENCODING) {
        begin_word(p, c == 'c' ? W_CHUNKED : W_OTHER);
    }
    else {
        begin_word(p, c == 'c' ? W_CLOSE : c == 'k' ? W_KEEP_ALIVE : W_OTHER);
    }
}

static void
end_element(struct lg_http *p)
{
    bool known = is_matched(p);
    if (p->state == S_CONNECTION && known) {
        p->flags |= p->word == W_CLOSE ? F_CLOSE : F_KEEP_ALIVE;
    }
    else if (p->state == S_ENCODING && p->word != W_NONE) {
        p->flags &= (uint8_t)~F_CHUNKED;
        p->flags |= known ? F_CHUNKED : 0;
    }
    begin_word(p, W_NONE);
}

static const char *
parse_list(struct lg_http *p, const char *at, const char *end)
{
    while (at < end) {
        if (*at == ',' || *at == '\r') {
            end_element(p);
            if (*at == '\r') {
                return expect(p, at, '\r', S_VALUE_LF);
            }
            at++;
        }
        else if (lg_is_ows(*at)) {
            if (p->word != W_NONE && !is_matched(p)) {
                begin_word(p, W_OTHER); /* white space within an element */
            }
            at++;
        }
        else if (lg_is_control(*at)) {
            return NULL;
        }
        else {
            if (p->word == W_NONE) {
                begin_element(p, *at);
            }
            const char *next = match(p, at, end);
            if (next == at) {
                begin_word(p, W_OTHER);
                next++;
            }
            at = next;
        }
    }
    return at;
}

/* RFC 9112 9.3. */
static bool
may_keep_alive(const struct lg_http *p)
{
    if ((p->flags & F_CLOSE) != 0) {
        return false;
    }
    return p->minor == 1 || (p->flags & (F_KEEP_ALIVE | F_ENCODING)) == F_KEEP_ALIVE;
}

/* At the end of headers: what follows (RFC 9112 6.3). */
static void
end_headers(struct lg_http *p)
{
    bool interim = p->status < 200 && p->status != 101;
    bool bodiless = p->head || p->status == 101 || p->status == 204 || p->status == 304;
    bool sized = (p->flags & F_LENGTH) != 0;
    if (interim) {
        p->state = S_STATUS;
        p->status = 0;
        p->matched = 0;
        p->flags = 0;
        p->body_left = 0;
    }
    else if (bodiless || (sized && p->body_left == 0)) {
        p->keep_alive = p->status != 101 && may_keep_alive(p);
        p->done = true;
    }
    else if (sized || (p->flags & F_CHUNKED) != 0) {
        p->keep_alive = may_keep_alive(p);
        p->state = sized ? S_BODY : S_CHUNK;
    }
    else {
        p->state = S_BODY_UNTIL_EOF;
    }
}

static const char *
parse_fields_end(struct lg_http *p, const char *at)
{
    if (*at != '\n') {
        return NULL;
    }
    if ((p->flags & F_TRAILERS) != 0) {
        p->done = true;
    }
    else {
        end_headers(p);
    }
    return at + 1;
}

static const char *
parse_chunk_size(struct lg_http *p, const char *at, const char *end)
{
    unsigned digit = lg_hexadecimal(*at);
    if (p->state == S_CHUNK) {
        p->body_left = 0;
        p->state = S_CHUNK_SIZE;
        if (digit > 15) {
            return NULL;
        }
    }
    for (; digit <= 15; digit = lg_hexadecimal(*at)) {
        if (p->body_left >> 60 != 0) {
            return NULL;
        }
        p->body_left = p->body_left << 4 | digit;
        if (++at == end) {
            return at;
        }
    }
    return *at == ';' ? expect(p, at, ';', S_CHUNK_EXTENSION)
                      : expect(p, at, '\r', S_CHUNK_LF);
}

static const char *
parse_chunk_extension(struct lg_http *p, const char *at, const char *end)
{
    at = lg_find_text_end(at, end);
    return at == end ? at : expect(p, at, '\r', S_CHUNK_LF);
}

static const char *
parse_chunk_line_end(struct lg_http *p, const char *at)
{
    bool last = p->body_left == 0;
    p->flags |= last ? F_TRAILERS : 0;
    return expect(p, at, '\n', last ? S_FIELD : S_CHUNK_DATA);
}

/* What is not payload, up to the end of the headers or trailers at hand; at < end. NULL: the
 * bytes are not HTTP. */
static const char *
parse_framing(struct lg_http *p, const char *at, const char *end)
{
    while (at != NULL && at < end && p->state < S_BODY && !p->done) {
        switch (p->state) {
            case S_STATUS:
                at = parse_status(p, at, end);
                break;
            case S_REASON:
                at = parse_reason(p, at, end);
                break;
            case S_STATUS_LF:
                at = expect(p, at, '\n', S_FIELD);
                break;
            case S_FIELD:
                at = begin_field(p, at);
                break;
            case S_NAME:
                at = parse_name(p, at, end);
                break;
            case S_OWS:
                at = begin_value(p, at, end);
                break;
            case S_VALUE:
                at = parse_value(p, at, end);
                break;
            case S_LENGTH:
            case S_LENGTH_OWS:
                at = parse_length(p, at, end);
                break;
            case S_CONNECTION:
            case S_ENCODING:
                at = parse_list(p, at, end);
                break;
            case S_VALUE_LF:
                at = expect(p, at, '\n', S_FIELD);
                break;
            case S_FIELDS_LF:
                return parse_fields_end(p, at);
            case S_CHUNK:
            case S_CHUNK_SIZE:
                at = parse_chunk_size(p, at, end);
                break;
            case S_CHUNK_EXTENSION:
                at = parse_chunk_extension(p, at, end);
                break;
            case S_CHUNK_LF:
                at = parse_chunk_line_end(p, at);
                break;
            case S_CHUNK_END:
                at = expect(p, at, '\r', S_CHUNK_END_LF);
                break;
            case S_CHUNK_END_LF:
                at = expect(p, at, '\n', S_CHUNK);
                break;
            default: /* S_FAILED */
                return NULL;
        }
    }
    return at;
}

void
lg_http_init(struct lg_http *p, bool head)
{
    *p = (struct lg_http){.state = S_STATUS, .head = head};
}

int64_t
lg_http_frame(struct lg_http *p, const char *bytes, size_t len)
{
    size_t room = LG_HTTP_HEADER_LIMIT - p->header_bytes;
    if (room == 0) {
        p->state = S_FAILED;
        return LG_E_TOO_LARGE;
    }
    const char *next = parse_framing(p, bytes, bytes + (len < room ? len : room));
    if (next == NULL) {
        p->state = S_FAILED;
        return LG_E_PROTOCOL;
    }
    p->header_bytes += (uint32_t)(next - bytes);
    return next - bytes;
}

int64_t
lg_http_feed(struct lg_http *p, const char *bytes, size_t len)
{
    size_t used = 0;
    while (used < len && !p->done) {
        size_t left = len - used;
        uint64_t payload = lg_http_skippable(p);
        if (payload > 0) {
            size_t taken = payload < left ? (size_t)payload : left;
            lg_http_skip(p, taken);
            used += taken;
            continue;
        }
        int64_t n = lg_http_frame(p, bytes + used, left);
        if (n < 0) {
            return n;
        }
        used += (size_t)n;
    }
    return (int64_t)used;
}

enum lg_http_part
lg_http_part(const struct lg_http *p)
{
    if (p->state == S_STATUS && p->matched == 0) {
        return LG_HTTP_START;
    }
    bool before_body = p->state < S_CHUNK && (p->flags & F_TRAILERS) == 0;
    return before_body && !p->done ? LG_HTTP_HEADERS : LG_HTTP_REST;
}

int
lg_http_eof(struct lg_http *p)
{
    p->done = p->done || p->state == S_BODY_UNTIL_EOF;
    return p->done ? LG_OK : LG_E_CLOSED;
}

uint64_t
lg_http_skippable(const struct lg_http *p)
{
    if (p->done || p->state < S_BODY) {
        return 0;
    }
    return p->state == S_BODY_UNTIL_EOF ? UINT64_MAX : p->body_left;
}

void
lg_http_skip(struct lg_http *p, uint64_t n)
{
    if (n == 0) {
        return;
    }
    p->body_bytes += n;
    p->header_bytes = 0;
    if (p->state == S_BODY_UNTIL_EOF) {
        return;
    }
    p->body_left -= n;
    if (p->body_left > 0) {
        return;
    }
    if (p->state == S_CHUNK_DATA) {
        p->state = S_CHUNK_END;
    }
    else {
        p->done = true;
    }
}
