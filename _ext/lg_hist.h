/* lg_hist.h: log-linear histograms of nanoseconds, in memory the caller owns.
 *
 * Layout (as HdrHistogram's counts array; Tene, hdrhistogram.org): with `bits` = b the
 * first 2^(b+1) buckets are 1 ns wide, then every doubling of the value has 2^b
 * buckets. bucket(v) = v                                 for v < 2^(b+1)
 *           bucket(v) = (e << b) + (v >> e), e = floor(log2 v) - b   above.
 * A bucket is at most v / 2^b wide, so its midpoint is within v / 2^(b+1) of every value
 * in it: 0.05 % for LG_HIST_FINE_BITS, 0.8 % for LG_HIST_COARSE_BITS.
 *
 * Range: 0 .. LG_HIST_MAX_NS (73 minutes). A larger value is counted in the last bucket
 * and in `saturated`; min, max and sum are exact in every case (the sum is modulo 2^64,
 * which is 584 years of added time).
 *
 * Threads: one writer. A reader in another process may merge at any time: it sees each
 * word whole, and what it sees of a value's count it also sees of its sum, min and max.
 */
#ifndef LG_HIST_H
#define LG_HIST_H

#include <stdint.h>

#define LG_HIST_MAX_BITS 42
#define LG_HIST_MAX_NS ((UINT64_C(1) << LG_HIST_MAX_BITS) - 1)
#define LG_HIST_FINE_BITS 10
#define LG_HIST_COARSE_BITS 6
#define LG_HIST_BUCKETS(bits) ((LG_HIST_MAX_BITS + 1 - (bits)) << (bits))
#define LG_HIST_FINE_BUCKETS LG_HIST_BUCKETS(LG_HIST_FINE_BITS)
#define LG_HIST_COARSE_BUCKETS LG_HIST_BUCKETS(LG_HIST_COARSE_BITS)

/* What stands before the counts of a histogram. lo and hi bound the touched buckets
 * (inclusive); an empty histogram has lo > hi. All zero: not initialised, which merges
 * as empty. */
struct lg_hist {
    uint64_t count;
    uint64_t sum_ns;
    uint64_t min_ns; /* UINT64_MAX when empty */
    uint64_t max_ns;
    uint64_t saturated;
    uint32_t bits;
    uint32_t buckets;
    uint32_t lo;
    uint32_t hi;
    uint64_t reserved;
    uint64_t counts[]; /* [buckets] */
};

_Static_assert(sizeof(struct lg_hist) == 64, "a histogram's head is one cache line");
_Static_assert(__GCC_ATOMIC_LLONG_LOCK_FREE == 2, "readers see each word whole");

/* Makes an empty histogram. Only the head is written: `counts` must be zero already
 * (fresh shared memory is), so that untouched pages stay unallocated.
 * bits: LG_HIST_FINE_BITS or LG_HIST_COARSE_BITS. */
void lg_hist_init(struct lg_hist *h, uint32_t bits);

/* The bucket of a value, clamped to the last one. Inline, and with lg_hist_record the
 * reason: six histograms are written per request. */
static inline uint32_t
lg_hist_bucket(uint32_t bits, uint64_t value_ns)
{
    uint64_t v = value_ns < LG_HIST_MAX_NS ? value_ns : LG_HIST_MAX_NS;
    /* The added bit makes e 0 for all of the first 2^(b+1) values: no branch. */
    uint32_t log2 = 63u - (uint32_t)__builtin_clzll(v | (UINT64_C(1) << bits));
    uint32_t e = log2 - bits;
    return (e << bits) + (uint32_t)(v >> e);
}

/* The smallest value of a bucket, and the middle of it (what a percentile reports). */
uint64_t lg_hist_bucket_low(uint32_t bits, uint32_t bucket);
uint64_t lg_hist_bucket_mid(uint32_t bits, uint32_t bucket);

/* Records one value. Never fails, never allocates. */
static inline void
lg_hist_record(struct lg_hist *h, uint64_t value_ns)
{
    uint32_t bucket = lg_hist_bucket(h->bits, value_ns);
    h->count += 1;
    h->sum_ns += value_ns;
    h->saturated += value_ns > LG_HIST_MAX_NS;
    h->min_ns = value_ns < h->min_ns ? value_ns : h->min_ns;
    h->max_ns = value_ns > h->max_ns ? value_ns : h->max_ns;
    h->lo = bucket < h->lo ? bucket : h->lo;
    h->hi = bucket > h->hi ? bucket : h->hi;
    /* Release: whoever sees the value counted also sees what was written above. */
    __atomic_store_n(&h->counts[bucket], h->counts[bucket] + 1, __ATOMIC_RELEASE);
}

/* Adds `from`, which may be written to meanwhile, to `into`; both have the same bits.
 * Reads and writes only the touched range, and counts what it reads, so that `into` is
 * always whole: its count is the sum of its counts.
 * Returns LG_OK, or LG_E_INVALID when the bits differ or from's range is impossible. */
int lg_hist_merge(struct lg_hist *into, const struct lg_hist *from);

/* The q-quantiles, 0 < q[i] <= 1, ascending, of a histogram that nobody writes to (merge
 * a live one first): the middle of the bucket in which the value of rank
 * ceil(q * count) lies, clamped to [min_ns, max_ns]. A product within 4 ulp above a whole
 * number is that number: 0.07 * 100 is 7. One pass. Writes n values to out_ns; an empty
 * histogram gives zeros.
 * Returns LG_OK, or LG_E_INVALID when q is not ascending or out of range. */
int lg_hist_quantiles(const struct lg_hist *h, const double *q, uint32_t n, uint64_t *out_ns);

#endif /* LG_HIST_H */
