#include "lg_rng.h"

#include <math.h>

#define GAMMA UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / golden ratio, odd */

static uint64_t
finalise(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t
lg_rng_u64(uint64_t seed, uint64_t stream, uint64_t counter)
{
    uint64_t key = finalise(finalise(seed + GAMMA) + stream * GAMMA);
    return finalise(key + counter * GAMMA);
}

double
lg_rng_unit(uint64_t seed, uint64_t stream, uint64_t counter)
{
    return (double)(lg_rng_u64(seed, stream, counter) >> 11) * 0x1p-53;
}

double
lg_rng_exponential(uint64_t seed, uint64_t stream, uint64_t counter)
{
    return -log(1.0 - lg_rng_unit(seed, stream, counter)); /* 1 - unit is exact */
}

uint64_t
lg_rng_user_counter(uint32_t user, uint32_t n)
{
    return (uint64_t)user << 32 | n;
}
