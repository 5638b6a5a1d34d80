#include "lg_arrivals.h"

#include "lg_rng.h"

/* a_i of arrival a->index. */
static double
area_of_next(struct lg_arrivals *a)
{
    if (!a->poisson) {
        return (double)a->index + 0.5;
    }
    for (; a->gaps <= a->index; a->gaps++) {
        a->area += lg_rng_exponential(a->seed, LG_RNG_GAP, a->gaps);
    }
    return a->area;
}

static uint32_t
endpoint_of_next(const struct lg_arrivals *a)
{
    return lg_mix_choose(a->mix, lg_rng_unit(a->seed, LG_RNG_ENDPOINT, a->index));
}

void
lg_arrivals_rewind(struct lg_arrivals *a)
{
    a->index = a->worker;
    a->gaps = 0;
    a->area = 0.0;
    a->walk = (struct lg_schedule_walk){0};
    a->ended = false;
}

bool
lg_arrivals_next(struct lg_arrivals *a, struct lg_arrival *out)
{
    while (!a->ended) {
        double at_s = lg_schedule_walk_to(a->schedule, &a->walk, area_of_next(a));
        if (at_s >= a->end_s) {
            a->ended = true;
            break;
        }
        uint64_t index = a->index;
        uint32_t endpoint = endpoint_of_next(a);
        a->index += a->workers;
        if (a->target_of[endpoint] == a->target) {
            *out = (struct lg_arrival){
                .index = index,
                .intended_ns = (uint64_t)(at_s * 1e9 + 0.5),
                .endpoint = endpoint,
            };
            return true;
        }
    }
    return false;
}
