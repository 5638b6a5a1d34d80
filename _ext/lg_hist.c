/* lg_hist.c: reading log-linear histograms; what is done per request is inline in the
 * header. */
#include "lg_hist.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "lg_errors.h"

void
lg_hist_init(struct lg_hist *h, uint32_t bits)
{
    h->count = 0;
    h->sum_ns = 0;
    h->min_ns = UINT64_MAX;
    h->max_ns = 0;
    h->saturated = 0;
    h->buckets = LG_HIST_BUCKETS(bits);
    h->lo = h->buckets;
    h->hi = 0;
    h->reserved = 0;
    /* Last: a reader takes a head without bits for an empty one. */
    __atomic_store_n(&h->bits, bits, __ATOMIC_RELEASE);
}

/* How often the value has doubled beyond the buckets that are 1 ns wide. */
static uint32_t
bucket_exponent(uint32_t bits, uint32_t bucket)
{
    uint32_t octave = bucket >> bits;
    return octave > 0 ? octave - 1 : 0;
}

uint64_t
lg_hist_bucket_low(uint32_t bits, uint32_t bucket)
{
    uint32_t e = bucket_exponent(bits, bucket);
    return (uint64_t)(bucket - (e << bits)) << e;
}

uint64_t
lg_hist_bucket_mid(uint32_t bits, uint32_t bucket)
{
    uint64_t width_ns = UINT64_C(1) << bucket_exponent(bits, bucket);
    return lg_hist_bucket_low(bits, bucket) + width_ns / 2;
}

/* How far ahead of an addition its source is fetched. Half a page: the processor's own
 * prefetching ends at the page, and a fifth of the time would be waiting there. */
#define PREFETCH_BYTES 2048

/* Adds n counts and returns their sum. Plain loads, so that it may be vectorised: the
 * lanes are aligned words, and those are read whole. */
static uint64_t
add_counts(uint64_t *restrict into, const uint64_t *restrict from, uint32_t n)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        __builtin_prefetch((const void *)((uintptr_t)&from[i] + PREFETCH_BYTES));
        uint64_t count = from[i];
        into[i] += count;
        sum += count;
    }
    return sum;
}

int
lg_hist_merge(struct lg_hist *into, const struct lg_hist *from)
{
    uint32_t bits = __atomic_load_n(&from->bits, __ATOMIC_ACQUIRE);
    if (bits == 0) {
        return LG_OK;
    }
    uint32_t lo = from->lo;
    uint32_t hi = from->hi;
    if (bits != into->bits) {
        return LG_E_INVALID;
    }
    if (lo > hi) {
        return LG_OK;
    }
    if (hi >= into->buckets) {
        return LG_E_INVALID;
    }
    uint64_t count = add_counts(into->counts + lo, from->counts + lo, hi - lo + 1);
    if (count == 0) {
        return LG_OK; /* a first value whose count is still to come */
    }
    /* Acquire: the head is read after the counts, as record writes it before them. */
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    into->count += count;
    into->sum_ns += from->sum_ns;
    into->saturated += from->saturated;
    into->min_ns = from->min_ns < into->min_ns ? from->min_ns : into->min_ns;
    into->max_ns = from->max_ns > into->max_ns ? from->max_ns : into->max_ns;
    into->lo = lo < into->lo ? lo : into->lo;
    into->hi = hi > into->hi ? hi : into->hi;
    return LG_OK;
}

static bool
quantiles_valid(const double *q, uint32_t n)
{
    double before = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!(q[i] > 0 && q[i] <= 1 && q[i] >= before)) {
            return false; /* the negation catches NaN */
        }
        before = q[i];
    }
    return true;
}

/* 1 .. count. Source: slo/histogram.py computes the same, to the last bit. */
static uint64_t
quantile_rank(double q, uint64_t count)
{
    double rank = ceil(q * (double)count * (1 - 4 * DBL_EPSILON));
    return rank < 1 ? 1 : (uint64_t)rank;
}

static uint64_t
reported_ns(const struct lg_hist *h, uint32_t bucket)
{
    uint64_t mid_ns = lg_hist_bucket_mid(h->bits, bucket);
    uint64_t floored_ns = mid_ns > h->min_ns ? mid_ns : h->min_ns;
    return floored_ns < h->max_ns ? floored_ns : h->max_ns;
}

int
lg_hist_quantiles(const struct lg_hist *h, const double *q, uint32_t n, uint64_t *out_ns)
{
    if (!quantiles_valid(q, n)) {
        return LG_E_INVALID;
    }
    uint32_t done = 0;
    uint64_t seen = 0;
    uint64_t rank = n > 0 ? quantile_rank(q[0], h->count) : 0;
    for (uint32_t bucket = h->lo; bucket <= h->hi && done < n; bucket++) {
        seen += h->counts[bucket];
        while (rank <= seen && done < n) {
            out_ns[done++] = reported_ns(h, bucket);
            rank = done < n ? quantile_rank(q[done], h->count) : 0;
        }
    }
    while (done < n) {
        out_ns[done++] = h->max_ns; /* empty: 0 */
    }
    return LG_OK;
}
