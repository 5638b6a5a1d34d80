/* check.h: the assertions of the C tests. A failed check prints where and what, and the
 * test goes on; main ends with `return check_result();`.
 *
 * Loops over tables name the row at hand with check_row, and failures then show it.
 */
#ifndef LG_TESTS_CHECK_H
#define LG_TESTS_CHECK_H

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* A loop gone wrong would fill the disk: after this many only the count goes on. */
#define CHECK_SHOWN 50

static unsigned long check_count;
static unsigned long check_failures;
static const char *check_row_name = "";

#define CHECK(condition) check_true((condition), #condition, __FILE__, __LINE__)
#define CHECK_EQ_U64(actual, expected) \
    check_eq_u64((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_EQ_I64(actual, expected) \
    check_eq_i64((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_EQ_STR(actual, expected) \
    check_eq_str((actual), (expected), #actual, __FILE__, __LINE__)
/* |actual - expected| <= within; equal infinities are near, NaN is near nothing. */
#define CHECK_NEAR(actual, expected, within) \
    check_near((actual), (expected), (within), #actual, __FILE__, __LINE__)

/* Names the table row that the next checks are about; NULL: none. */
static inline void
check_row(const char *name)
{
    check_row_name = name == NULL ? "" : name;
}

/* Counts a check; true when it failed and is to be shown. */
static inline bool
check_failed(bool ok, const char *what, const char *file, int line)
{
    check_count++;
    if (ok) {
        return false;
    }
    check_failures++;
    if (check_failures > CHECK_SHOWN) {
        return false;
    }
    fprintf(stderr, "%s:%d: %s%s%s", file, line, check_row_name, *check_row_name ? ": " : "",
            what);
    return true;
}

static inline void
check_true(bool ok, const char *what, const char *file, int line)
{
    if (check_failed(ok, what, file, line)) {
        fprintf(stderr, " is false\n");
    }
}

static inline void
check_eq_u64(uint64_t actual, uint64_t expected, const char *what, const char *file, int line)
{
    if (check_failed(actual == expected, what, file, line)) {
        fprintf(stderr, " is %" PRIu64 ", expected %" PRIu64 "\n", actual, expected);
    }
}

static inline void
check_eq_i64(int64_t actual, int64_t expected, const char *what, const char *file, int line)
{
    if (check_failed(actual == expected, what, file, line)) {
        fprintf(stderr, " is %" PRId64 ", expected %" PRId64 "\n", actual, expected);
    }
}

static inline void
check_eq_str(const char *actual, const char *expected, const char *what, const char *file,
             int line)
{
    if (check_failed(strcmp(actual, expected) == 0, what, file, line)) {
        fprintf(stderr, " is \"%s\", expected \"%s\"\n", actual, expected);
    }
}

static inline void
check_near(double actual, double expected, double within, const char *what, const char *file,
           int line)
{
    bool ok = actual == expected || fabs(actual - expected) <= within;
    if (check_failed(ok, what, file, line)) {
        fprintf(stderr, " is %.17g, expected %.17g within %g\n", actual, expected, within);
    }
}

/* The exit code of a test: 0 when something was checked and all of it held. */
static inline int
check_result(void)
{
    if (check_count == 0) {
        fprintf(stderr, "nothing was checked\n");
        return 1;
    }
    if (check_failures > 0) {
        fprintf(stderr, "%lu of %lu checks failed\n", check_failures, check_count);
        return 1;
    }
    return 0;
}

#endif /* LG_TESTS_CHECK_H */
