/* lg_mix.h: which endpoint a request goes to, by weight. Pure. */
#ifndef LG_MIX_H
#define LG_MIX_H

#include <stdint.h>

struct lg_mix {
    /* [count], ascending, the caller's. cumulative[i] = sum of weights 0..i / sum of all;
     * exactly 1.0 from the last endpoint that has a weight on. */
    const double *cumulative;
    uint32_t count; /* >= 1 */
};

/* The first endpoint whose cumulative weight is > unit; 0 <= unit < 1. An endpoint of
 * weight 0 is never chosen. */
uint32_t lg_mix_choose(const struct lg_mix *mix, double unit);

#endif /* LG_MIX_H */
