/* lg_check.h: what an endpoint's answers are held against, and how an answer does. Pure.
 *
 * A check sees header values whole and the body in any pieces, and keeps no byte of it. The
 * verdict names the first thing that is wrong: status, headers, encoding, body.
 */
#ifndef LG_CHECK_H
#define LG_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LG_CHECK_HEADERS 4
#define LG_CHECK_NEEDLES 4
#define LG_NEEDLE_MAX 1024 /* bytes of a needle */
#define LG_CHECK_STATUSES 600
#define LG_SAMPLE_BYTES 1024 /* of a body, kept when its check fails */

/* Why an answer failed. The order is the index into lg_endpoint_stats.checks and part of the
 * shared-memory layout; loadgen/checks.py has the words, held equal by a test. */
enum lg_check_kind {
    LG_CHECK_STATUS = 0,
    LG_CHECK_HEADER_MISSING,
    LG_CHECK_HEADER_VALUE,
    LG_CHECK_BODY_LACKS, /* a needle that must be there */
    LG_CHECK_BODY_HAS,   /* one that must not */
    LG_CHECK_BODY_SMALL,
    LG_CHECK_BODY_LARGE,
    LG_CHECK_BODY_ENCODED, /* compressed, although we asked for it plain: not searched */
    LG_CHECK_KINDS,        /* how many; not a kind */
    LG_CHECK_PASSED = LG_CHECK_KINDS
};

struct lg_header_check {
    const char *name; /* lower case */
    const char *value;
    uint16_t value_len; /* 0: the header must be there, with any value */
    uint8_t name_len;
    bool equals; /* the whole value, else anywhere in it; of any field line of that name */
};

struct lg_needle {
    const char *bytes;
    const uint16_t *border; /* [len], see lg_needle_border */
    uint16_t len;           /* 1..LG_NEEDLE_MAX */
    bool excluded;          /* must not be in the body */
};

struct lg_check {
    uint64_t statuses[(LG_CHECK_STATUSES + 63) / 64]; /* bit per allowed status */
    bool by_status;                                   /* else no status fails the check */
    uint8_t header_count;
    uint8_t needle_count;
    struct lg_header_check headers[LG_CHECK_HEADERS];
    struct lg_needle needles[LG_CHECK_NEEDLES];
    uint64_t body_min; /* bytes of the body as it was sent */
    uint64_t body_max; /* UINT64_MAX: no limit */
};

/* How one answer does so far. */
struct lg_check_state {
    uint16_t matched[LG_CHECK_NEEDLES]; /* bytes of the needle that the body ends with */
    uint8_t found;                      /* bit per needle */
    uint8_t seen;                       /* bit per header check: the header is there */
    uint8_t good;                       /* ... and has the value */
    bool encoded;
};

struct lg_verdict {
    enum lg_check_kind kind;
    uint8_t index; /* of the header check or needle */
};

/* Fills border[0..len), which lg_needle keeps: border[i] is the length of the longest proper
 * prefix of bytes[0..i] that it also ends with (Knuth, Morris, Pratt 1977). */
void lg_needle_border(uint16_t *border, const char *bytes, size_t len);

void lg_check_allow(struct lg_check *check, unsigned first_status, unsigned last_status);

/* Header check `index` has met its header, with this value. */
void lg_check_header(const struct lg_check *check, struct lg_check_state *s, unsigned index,
                     const char *value, size_t len);

/* The answer says how its body is encoded. */
void lg_check_encoding(struct lg_check_state *s, const char *value, size_t len);

/* The next bytes of the body. */
void lg_check_body(const struct lg_check *check, struct lg_check_state *s, const char *bytes,
                   size_t len);

/* Whether the bytes of the body still matter; their number always does. */
bool lg_check_wants_body(const struct lg_check *check, const struct lg_check_state *s);

/* The answer is complete. */
struct lg_verdict lg_check_verdict(const struct lg_check *check,
                                   const struct lg_check_state *s, unsigned status,
                                   uint64_t body_bytes);

#endif /* LG_CHECK_H */
