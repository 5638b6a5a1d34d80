/* sources: lg_rng.c */
/* The draws against tests/golden/rng.csv, which Python wrote. */
#include "check.h"
#include "lg_rng.h"

/* SplitMix64 from seed 1234567 (Rosetta Code, "Pseudo-random numbers/Splitmix64"). The
 * streams are such sequences, from places that only mixing tells: so the mixing is
 * undone here, and draws 1 to 5 of the stream that starts at 1234567 must be these. */
static const uint64_t SPLITMIX[] = {
    UINT64_C(6457827717110365317),  UINT64_C(3203168211198807973),
    UINT64_C(9817491932198370423),  UINT64_C(4593380528125082431),
    UINT64_C(16408922859458223821),
};

/* z from z ^ z >> shift. */
static uint64_t
unshift(uint64_t mixed, unsigned shift)
{
    uint64_t z = mixed;
    for (unsigned known = shift; known < 64; known += shift) {
        z = mixed ^ z >> shift;
    }
    return z;
}

/* The inverse of an odd number modulo 2^64, by Newton's iteration. */
static uint64_t
inverse(uint64_t odd)
{
    uint64_t x = odd;
    for (int i = 0; i < 6; i++) {
        x *= 2 - odd * x;
    }
    return x;
}

static uint64_t
unmix(uint64_t z)
{
    z = unshift(z, 31) * inverse(UINT64_C(0x94d049bb133111eb));
    z = unshift(z, 27) * inverse(UINT64_C(0xbf58476d1ce4e5b9));
    return unshift(z, 30);
}

static void
test_a_stream_is_a_splitmix_sequence(void)
{
    const uint64_t gamma = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t seed = unmix(unmix(1234567) - LG_RNG_GAP * gamma) - gamma;
    for (uint64_t i = 0; i < 5; i++) {
        CHECK_EQ_U64(lg_rng_u64(seed, LG_RNG_GAP, i + 1), SPLITMIX[i]);
    }
}

static void
test_golden(void)
{
    FILE *file = fopen(CHECK_GOLDEN "/rng.csv", "r");
    char line[256];
    unsigned rows = 0;
    CHECK(file != NULL && fgets(line, sizeof line, file) != NULL);
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        uint64_t seed, stream, counter, bits;
        double unit, exponential;
        check_row(line);
        CHECK_EQ_I64(sscanf(line, "%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",%lf,%lf",
                            &seed, &stream, &counter, &bits, &unit, &exponential),
                     6);
        CHECK_EQ_U64(lg_rng_u64(seed, stream, counter), bits);
        CHECK(lg_rng_unit(seed, stream, counter) == unit);
        CHECK_NEAR(lg_rng_exponential(seed, stream, counter), exponential,
                   4e-16 * exponential); /* log may differ by its last bit */
        rows++;
    }
    check_row(NULL);
    CHECK_EQ_U64(rows, 140);
    if (file != NULL) {
        fclose(file);
    }
}

static void
test_user_counter(void)
{
    CHECK_EQ_U64(lg_rng_user_counter(0, 0), 0);
    CHECK_EQ_U64(lg_rng_user_counter(0, UINT32_MAX), UINT64_C(0xffffffff));
    CHECK_EQ_U64(lg_rng_user_counter(7, 3), UINT64_C(0x700000003));
    CHECK_EQ_U64(lg_rng_user_counter(UINT32_MAX, 1), UINT64_C(0xffffffff00000001));
}

int
main(void)
{
    test_a_stream_is_a_splitmix_sequence();
    test_golden();
    test_user_counter();
    return check_result();
}
