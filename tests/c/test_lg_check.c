/* sources: lg_check.c */
/* Verdicts one by one, and the search held against memmem over all ways to split a text. */
#include "lg_check.h"

#include <stdlib.h>

#include "check.h"

static void
test_a_border_is_the_longest_prefix_that_is_a_suffix(void)
{
    /* Cormen et al., Introduction to Algorithms, figure 32.11: the prefix function. */
    static const char text[] = "ababaca";
    static const uint16_t expected[] = {0, 0, 1, 2, 3, 0, 1};
    uint16_t border[7];
    lg_needle_border(border, text, 7);
    for (size_t i = 0; i < 7; i++) {
        CHECK_EQ_U64(border[i], expected[i]);
    }
}

static bool
found_in_pieces(const char *needle, const char *body, size_t len, size_t first, size_t step)
{
    uint16_t border[16];
    size_t needle_len = strlen(needle);
    lg_needle_border(border, needle, needle_len);
    struct lg_check check = {.needle_count = 1, .body_max = UINT64_MAX};
    check.needles[0] =
        (struct lg_needle){.bytes = needle, .border = border, .len = (uint16_t)needle_len};
    struct lg_check_state s = {0};
    size_t piece;
    for (size_t at = 0; at < len; at += piece) {
        piece = at == 0 ? first : step;
        piece = piece < len - at ? piece : len - at;
        char *copy = malloc(piece); /* so that AddressSanitizer sees its end */
        memcpy(copy, body + at, piece);
        lg_check_body(&check, &s, copy, piece);
        free(copy);
    }
    bool found = lg_check_verdict(&check, &s, 200, len).kind == LG_CHECK_PASSED;
    CHECK(found != lg_check_wants_body(&check, &s));
    return found;
}

/* Every text of so many letters out of {a, b}, every needle, every first piece. */
static void
test_the_search_finds_what_memmem_finds_however_the_body_is_split(void)
{
    enum { LENGTH = 9 };
    static const char *needles[] = {"a", "ab", "aab", "abab", "aabaa", "bbbb", "abaabab"};
    for (unsigned bits = 0; bits < 1u << LENGTH; bits++) {
        char body[LENGTH];
        for (unsigned i = 0; i < LENGTH; i++) {
            body[i] = (bits >> i & 1) != 0 ? 'a' : 'b';
        }
        for (size_t n = 0; n < sizeof needles / sizeof *needles; n++) {
            bool expected = memmem(body, LENGTH, needles[n], strlen(needles[n])) != NULL;
            check_row(needles[n]);
            for (size_t first = 1; first <= LENGTH; first++) {
                CHECK(found_in_pieces(needles[n], body, LENGTH, first, LENGTH) == expected);
            }
            CHECK(found_in_pieces(needles[n], body, LENGTH, 1, 1) == expected);
        }
    }
    check_row(NULL);
}

static struct lg_verdict
verdict_of(const struct lg_check *check, unsigned status, uint64_t body_bytes)
{
    return lg_check_verdict(check, &(struct lg_check_state){0}, status, body_bytes);
}

static void
test_statuses_at_the_edges_of_their_range(void)
{
    struct lg_check check = {.body_max = UINT64_MAX};
    CHECK_EQ_U64(verdict_of(&check, 599, 0).kind, LG_CHECK_PASSED);
    lg_check_allow(&check, 200, 204);
    lg_check_allow(&check, 599, 599);
    static const unsigned good[] = {200, 204, 599};
    static const unsigned bad[] = {100, 199, 205, 264, 598};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        CHECK_EQ_U64(verdict_of(&check, good[i], 0).kind, LG_CHECK_PASSED);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_EQ_U64(verdict_of(&check, bad[i], 0).kind, LG_CHECK_STATUS);
    }
}

static void
test_sizes_at_their_bounds(void)
{
    struct lg_check check = {.body_min = 10, .body_max = 20};
    CHECK_EQ_U64(verdict_of(&check, 200, 9).kind, LG_CHECK_BODY_SMALL);
    CHECK_EQ_U64(verdict_of(&check, 200, 10).kind, LG_CHECK_PASSED);
    CHECK_EQ_U64(verdict_of(&check, 200, 20).kind, LG_CHECK_PASSED);
    CHECK_EQ_U64(verdict_of(&check, 200, 21).kind, LG_CHECK_BODY_LARGE);
}

static void
test_one_good_line_of_a_header_is_enough(void)
{
    struct lg_check check = {.header_count = 2, .body_max = UINT64_MAX};
    check.headers[0] = (struct lg_header_check){.value = "b", .value_len = 1, .equals = true};
    check.headers[1] = (struct lg_header_check){.value = "b", .value_len = 1};
    struct lg_check_state s = {0};
    struct lg_verdict verdict = lg_check_verdict(&check, &s, 200, 0);
    CHECK_EQ_U64(verdict.kind, LG_CHECK_HEADER_MISSING);
    CHECK_EQ_U64(verdict.index, 0);
    lg_check_header(&check, &s, 0, "abc", 3);
    CHECK_EQ_U64(lg_check_verdict(&check, &s, 200, 0).kind, LG_CHECK_HEADER_VALUE);
    lg_check_header(&check, &s, 0, "b", 1);
    lg_check_header(&check, &s, 0, "", 0);
    verdict = lg_check_verdict(&check, &s, 200, 0);
    CHECK_EQ_U64(verdict.kind, LG_CHECK_HEADER_MISSING);
    CHECK_EQ_U64(verdict.index, 1);
    lg_check_header(&check, &s, 1, "abc", 3);
    CHECK_EQ_U64(lg_check_verdict(&check, &s, 200, 0).kind, LG_CHECK_PASSED);
}

static void
test_an_encoded_body_is_not_searched(void)
{
    uint16_t border[1] = {0};
    struct lg_check check = {.needle_count = 1, .body_max = UINT64_MAX};
    check.needles[0] =
        (struct lg_needle){.bytes = "x", .border = border, .len = 1, .excluded = true};
    struct lg_check_state s = {0};
    lg_check_encoding(&s, "IDENTITY", 8);
    lg_check_encoding(&s, "", 0);
    CHECK(lg_check_wants_body(&check, &s));
    lg_check_encoding(&s, "gzip", 4);
    CHECK(!lg_check_wants_body(&check, &s));
    CHECK_EQ_U64(lg_check_verdict(&check, &s, 200, 0).kind, LG_CHECK_BODY_ENCODED);
}

int
main(void)
{
    test_a_border_is_the_longest_prefix_that_is_a_suffix();
    test_the_search_finds_what_memmem_finds_however_the_body_is_split();
    test_statuses_at_the_edges_of_their_range();
    test_sizes_at_their_bounds();
    test_one_good_line_of_a_header_is_enough();
    test_an_encoded_body_is_not_searched();
    return check_result();
}
