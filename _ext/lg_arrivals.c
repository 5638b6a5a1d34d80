#include "lg_arrivals.h"

#include "lg_rng.h"

/* The arrival of this turn in the global plan. */
static uint64_t
index_of_next(const struct lg_arrivals *a)
{
    return a->paired ? 2 * a->turn + ((a->turn ^ a->target) & 1) : a->turn;
}

/* a_i of arrival i. */
static double
area_of(struct lg_arrivals *a, uint64_t index)
{
    if (!a->poisson) {
        return (double)index + 0.5;
    }
    for (; a->gaps <= index; a->gaps++) {
        a->area += lg_rng_exponential(a->seed, LG_RNG_GAP, a->gaps);
    }
    return a->area;
}

static uint32_t
endpoint_of_next(const struct lg_arrivals *a)
{
    uint32_t drawn = lg_mix_choose(a->mix, lg_rng_unit(a->seed, LG_RNG_ENDPOINT, a->turn));
    return a->paired ? a->target * a->mix->count + drawn : drawn;
}

void
lg_arrivals_rewind(struct lg_arrivals *a)
{
    a->turn = a->worker;
    a->gaps = 0;
    a->area = 0.0;
    a->walk = (struct lg_schedule_walk){0};
    a->ended = false;
}

bool
lg_arrivals_next(struct lg_arrivals *a, struct lg_arrival *out)
{
    while (!a->ended) {
        uint64_t index = index_of_next(a);
        double at_s = lg_schedule_walk_to(a->schedule, &a->walk, area_of(a, index));
        if (at_s >= a->end_s) {
            a->ended = true;
            break;
        }
        uint32_t endpoint = endpoint_of_next(a);
        a->turn += a->workers;
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
