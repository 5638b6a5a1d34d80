/* sources: lg_hist.c */
/* lg_hist.h against its own definition, on buffers that end where the counts end. */
#include "check.h"

#include <math.h>
#include <stdlib.h>

#include "lg_errors.h"
#include "lg_hist.h"

static const uint32_t BITS[] = {LG_HIST_FINE_BITS, LG_HIST_COARSE_BITS};

static struct lg_hist *
new_hist(uint32_t bits)
{
    struct lg_hist *h = calloc(1, sizeof *h + LG_HIST_BUCKETS(bits) * sizeof(uint64_t));
    if (h == NULL) {
        abort();
    }
    lg_hist_init(h, bits);
    return h;
}

static void
test_buckets_join_without_gap(uint32_t bits)
{
    uint32_t last = LG_HIST_BUCKETS(bits) - 1;
    for (uint32_t b = 0; b <= last; b++) {
        uint64_t low = lg_hist_bucket_low(bits, b);
        uint64_t next = b < last ? lg_hist_bucket_low(bits, b + 1) : LG_HIST_MAX_NS + 1;
        uint64_t mid = lg_hist_bucket_mid(bits, b);
        CHECK(low <= mid && mid < next);
        CHECK_EQ_U64(lg_hist_bucket(bits, low), b);
        CHECK_EQ_U64(lg_hist_bucket(bits, next - 1), b);
        /* The promise: no value of the bucket is further from mid than its 2^-(bits+1). */
        CHECK((mid - low) << (bits + 1) <= low);
    }
}

static void
test_out_of_range_is_counted(uint32_t bits)
{
    struct lg_hist *h = new_hist(bits);
    lg_hist_record(h, LG_HIST_MAX_NS);
    lg_hist_record(h, LG_HIST_MAX_NS + 1);
    lg_hist_record(h, UINT64_MAX / 2);
    lg_hist_record(h, 0);
    CHECK_EQ_U64(h->count, 4);
    CHECK_EQ_U64(h->saturated, 2);
    CHECK_EQ_U64(h->counts[h->buckets - 1], 3);
    CHECK_EQ_U64(h->counts[0], 1);
    CHECK_EQ_U64(h->min_ns, 0);
    CHECK_EQ_U64(h->max_ns, UINT64_MAX / 2);
    CHECK_EQ_U64(h->sum_ns, LG_HIST_MAX_NS + (LG_HIST_MAX_NS + 1) + UINT64_MAX / 2);
    CHECK_EQ_U64(h->lo, 0);
    CHECK_EQ_U64(h->hi, h->buckets - 1);
    free(h);
}

static void
test_merge_adds_everything(uint32_t bits)
{
    struct lg_hist *into = new_hist(bits);
    struct lg_hist *from = new_hist(bits);
    lg_hist_record(into, 1000);
    lg_hist_record(from, 7);
    lg_hist_record(from, 1000);
    lg_hist_record(from, LG_HIST_MAX_NS + 9);
    CHECK_EQ_I64(lg_hist_merge(into, from), LG_OK);
    CHECK_EQ_U64(into->count, 4);
    CHECK_EQ_U64(into->sum_ns, 1000 + 7 + 1000 + LG_HIST_MAX_NS + 9);
    CHECK_EQ_U64(into->min_ns, 7);
    CHECK_EQ_U64(into->max_ns, LG_HIST_MAX_NS + 9);
    CHECK_EQ_U64(into->saturated, 1);
    CHECK_EQ_U64(into->counts[lg_hist_bucket(bits, 1000)], 2);
    CHECK_EQ_U64(into->lo, lg_hist_bucket(bits, 7));
    CHECK_EQ_U64(into->hi, into->buckets - 1);
    free(into);
    free(from);
}

/* What a reader may meet in another process's memory. */
static void
test_merge_of_unfinished_heads(void)
{
    struct lg_hist *into = new_hist(LG_HIST_COARSE_BITS);
    struct lg_hist *from = new_hist(LG_HIST_COARSE_BITS);
    lg_hist_record(into, 50);

    check_row("empty");
    CHECK_EQ_I64(lg_hist_merge(into, from), LG_OK);

    check_row("not initialised");
    memset(from, 0, sizeof *from);
    CHECK_EQ_I64(lg_hist_merge(into, from), LG_OK);

    check_row("first value half recorded: the count is still to come");
    lg_hist_init(from, LG_HIST_COARSE_BITS);
    from->count = 1;
    from->sum_ns = from->min_ns = from->max_ns = from->lo = from->hi = 40;
    CHECK_EQ_I64(lg_hist_merge(into, from), LG_OK);

    check_row("other bits");
    lg_hist_init(from, LG_HIST_COARSE_BITS);
    from->bits = LG_HIST_FINE_BITS;
    CHECK_EQ_I64(lg_hist_merge(into, from), LG_E_INVALID);

    check_row("a range beyond the buckets");
    lg_hist_init(from, LG_HIST_COARSE_BITS);
    from->lo = 0;
    from->hi = from->buckets;
    CHECK_EQ_I64(lg_hist_merge(into, from), LG_E_INVALID);

    check_row(NULL);
    CHECK_EQ_U64(into->count, 1);
    CHECK_EQ_U64(into->sum_ns, 50);
    CHECK_EQ_U64(into->min_ns, 50);
    CHECK_EQ_U64(into->max_ns, 50);
    free(into);
    free(from);
}

static void
test_a_whole_count_is_made_while_the_writer_is_ahead(void)
{
    struct lg_hist *into = new_hist(LG_HIST_COARSE_BITS);
    struct lg_hist *from = new_hist(LG_HIST_COARSE_BITS);
    lg_hist_record(from, 10);
    from->count = 3; /* two more are being recorded */
    CHECK_EQ_I64(lg_hist_merge(into, from), LG_OK);
    CHECK_EQ_U64(into->count, 1);
    free(into);
    free(from);
}

/* Values below 2^(bits+1) have buckets of their own: quantiles are exact order statistics. */
static void
test_quantiles_of_one_to_a_hundred(uint32_t bits)
{
    struct lg_hist *h = new_hist(bits);
    const double q[] = {1e-9, 0.01, 0.07, 0.29, 0.5, 0.5, 0.505, 0.57, 0.99, 0.991, 1.0};
    const uint64_t expected[] = {1, 1, 7, 29, 50, 50, 51, 57, 99, 100, 100};
    uint64_t actual[11];
    for (uint64_t v = 1; v <= 100; v++) {
        lg_hist_record(h, v);
    }
    CHECK_EQ_I64(lg_hist_quantiles(h, q, 11, actual), LG_OK);
    for (uint32_t i = 0; i < 11; i++) {
        CHECK_EQ_U64(actual[i], expected[i]);
    }
    CHECK_EQ_I64(lg_hist_quantiles(h, q, 0, actual), LG_OK);
    free(h);
}

static void
test_quantiles_stay_within_the_extremes(void)
{
    struct lg_hist *h = new_hist(LG_HIST_COARSE_BITS);
    const double q[] = {0.5, 1.0};
    uint64_t actual[2];
    CHECK_EQ_I64(lg_hist_quantiles(h, q, 2, actual), LG_OK);
    CHECK_EQ_U64(actual[0], 0);
    CHECK_EQ_U64(actual[1], 0);
    lg_hist_record(h, 123456789);
    CHECK_EQ_I64(lg_hist_quantiles(h, q, 2, actual), LG_OK);
    CHECK_EQ_U64(actual[0], 123456789);
    CHECK_EQ_U64(actual[1], 123456789);
    free(h);
}

static void
test_quantiles_refuse_what_is_no_ascending_probability(void)
{
    struct lg_hist *h = new_hist(LG_HIST_COARSE_BITS);
    const double bad[][2] = {{0, 1}, {-0.5, 1}, {0.5, 1.5}, {0.9, 0.5}, {NAN, 1}, {0.5, NAN}};
    uint64_t untouched[2] = {7, 7};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_EQ_I64(lg_hist_quantiles(h, bad[i], 2, untouched), LG_E_INVALID);
    }
    CHECK_EQ_U64(untouched[0] + untouched[1], 14);
    free(h);
}

int
main(void)
{
    CHECK_EQ_U64(LG_HIST_FINE_BUCKETS, 33792);
    CHECK_EQ_U64(LG_HIST_COARSE_BUCKETS, 2368);
    for (size_t i = 0; i < sizeof BITS / sizeof *BITS; i++) {
        check_row(BITS[i] == LG_HIST_FINE_BITS ? "fine" : "coarse");
        test_buckets_join_without_gap(BITS[i]);
        test_out_of_range_is_counted(BITS[i]);
        test_merge_adds_everything(BITS[i]);
        test_quantiles_of_one_to_a_hundred(BITS[i]);
    }
    check_row(NULL);
    test_merge_of_unfinished_heads();
    test_a_whole_count_is_made_while_the_writer_is_ahead();
    test_quantiles_stay_within_the_extremes();
    test_quantiles_refuse_what_is_no_ascending_probability();
    return check_result();
}
