/* lg_http_chars.h: the kinds of characters that HTTP's grammar knows (RFC 9110 5.5, 5.6),
 * and how to pass over many of them at once. Pure; for lg_http.c.
 */
#ifndef LG_HTTP_CHARS_H
#define LG_HTTP_CHARS_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* RFC 9110 5.6.2: the characters of a header's name. */
/* clang-format off */
static const bool lg_token[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 0,  /*  !"#$%&'()*+,-./ */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0,  /* 0123456789:;<=>? */
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  /* @ABCDEFGHIJKLMNO */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1,  /* PQRSTUVWXYZ[\]^_ */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  /* `abcdefghijklmno */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0,  /* pqrstuvwxyz{|}~. */
};
/* clang-format on */

static inline bool
lg_is_token(char c)
{
    return lg_token[(unsigned char)c];
}

static inline bool
lg_is_ows(char c)
{
    return c == ' ' || c == '\t';
}

/* A byte that ends a run of text: below space (tab included) or DEL. */
static inline bool
lg_is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/* 0..9, or something larger. */
static inline unsigned
lg_decimal(char c)
{
    return (unsigned)(unsigned char)c - '0';
}

/* 0..15, or something larger. */
static inline unsigned
lg_hexadecimal(char c)
{
    unsigned digit = lg_decimal(c);
    unsigned letter = ((unsigned)(unsigned char)c | 0x20) - 'a';
    return digit <= 9 ? digit : letter <= 5 ? letter + 10 : 16;
}

/* The first control character at or after `at`, or `end`. Eight bytes a step: a byte
 * below n, and one equal to DEL, set their high bit by borrowing from it. A borrow may
 * also mark a later byte, never an earlier one, so the lowest mark is true. */
static inline const char *
lg_find_control(const char *at, const char *end)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    while (end - at >= 8) {
        uint64_t eight;
        memcpy(&eight, at, sizeof eight);
        eight = le64toh(eight);
        uint64_t not_del = eight ^ (ones * 0x7f);
        uint64_t below_space = (eight - ones * 0x20) & ~eight;
        uint64_t marks = (below_space | ((not_del - ones) & ~not_del)) & (ones * 0x80);
        if (marks != 0) {
            return at + (__builtin_ctzll(marks) >> 3);
        }
        at += 8;
    }
    while (at < end && !lg_is_control(*at)) {
        at++;
    }
    return at;
}

/* The end of a header value or of chunk extensions: the first control character that is
 * not a tab, or `end`. */
static inline const char *
lg_find_text_end(const char *at, const char *end)
{
    at = lg_find_control(at, end);
    while (at < end && *at == '\t') {
        at = lg_find_control(at + 1, end);
    }
    return at;
}

#endif /* LG_HTTP_CHARS_H */
