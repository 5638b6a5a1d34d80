/* lg_rng.h: random numbers that depend on (seed, stream, counter) and on nothing else.
 *
 * A counter-based generator has no state to share: every worker computes the draw of
 * arrival 1,000,000 or of virtual user 7's third pause by itself, so one seed gives one
 * plan whatever the number of workers.
 *
 * In 64-bit arithmetic that wraps, with G = 0x9e3779b97f4a7c15:
 *
 *   mix(z):  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9
 *            z = (z ^ z >> 27) * 0x94d049bb133111eb
 *            z ^ z >> 31
 *   u64(seed, stream, counter) = mix(mix(mix(seed + G) + stream * G) + counter * G)
 *
 * that is, each (seed, stream) is one SplitMix64 sequence that starts at a place of its
 * own (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
 * tests/golden/make_plan.py says the same in Python, and the golden numbers hold both.
 */
#ifndef LG_RNG_H
#define LG_RNG_H

#include <stdint.h>

/* What a draw is for: draws of different streams are independent. */
enum lg_rng_stream {
    LG_RNG_ENDPOINT = 1, /* counter: arrival, or user and its request */
    LG_RNG_GAP = 2,      /* Poisson gaps; counter: arrival */
    LG_RNG_THINK = 3,    /* think times and first sends; counter: user and request */
    LG_RNG_PAUSE = 4     /* pauses between bursts; counter: user and burst */
};

/* 64 random bits. */
uint64_t lg_rng_u64(uint64_t seed, uint64_t stream, uint64_t counter);

/* Uniform in [0, 1): the upper 53 bits of u64 times 2^-53. */
double lg_rng_unit(uint64_t seed, uint64_t stream, uint64_t counter);

/* Standard exponential: -log(1 - unit); 0 with probability 2^-53, at most 36.74. */
double lg_rng_exponential(uint64_t seed, uint64_t stream, uint64_t counter);

/* The counter of a virtual user's n-th draw: user in the upper 32 bits. */
uint64_t lg_rng_user_counter(uint32_t user, uint32_t n);

#endif /* LG_RNG_H */
