#include "lg_mix.h"

uint32_t
lg_mix_choose(const struct lg_mix *mix, double unit)
{
    /* Invariant: the answer lies in [first, first + left]. */
    uint32_t first = 0;
    uint32_t left = mix->count - 1;
    while (left > 0) {
        uint32_t half = left / 2;
        if (mix->cumulative[first + half] > unit) {
            left = half;
        }
        else {
            first += half + 1;
            left -= half + 1;
        }
    }
    return first;
}
