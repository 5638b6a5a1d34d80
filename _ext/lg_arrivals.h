/* lg_arrivals.h: the open loop's arrivals, one after the other, as seen by one worker.
 *
 * Arrival i of the global plan is intended at the time at which the schedule's area
 * reaches a_i: uniform a_i = i + 1/2 (the half keeps counts at whole seconds exact);
 * Poisson a_i = E_0 + ... + E_i with standard exponential E (time-change of a unit
 * Poisson process; Lewis & Shedler 1979). Its endpoint is drawn by lg_mix from stream
 * LG_RNG_ENDPOINT, counter i. Worker w of W owns the arrivals with i mod W = w.
 *
 * Paired, arrivals 2k and 2k + 1 are pair k: the same endpoint, drawn with counter k, once
 * to target 0 and once to target 1. Arrival i goes to target (i ^ k) & 1, so the order
 * alternates from pair to pair and no target always comes second. Pair k belongs to worker
 * k mod W. Pairing decides where to and what, never when: the times are those of the same
 * plan without pairs, and Poisson arrivals keep a gap each, so that the whole stays a
 * Poisson process. The end may cut the last pair in two.
 *
 * The iterator walks the plan by itself, so every worker computes the same numbers and
 * nothing is stored: a backlog of any length costs no memory. What is not its own it
 * skips: a uniform arrival of another worker costs nothing, a Poisson one its gap, one
 * of another target its draw. No arrival's cost depends on how many there were.
 */
#ifndef LG_ARRIVALS_H
#define LG_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>

#include "lg_mix.h"
#include "lg_schedule.h"

struct lg_arrivals {
    const struct lg_schedule *schedule;
    const struct lg_mix *mix;
    /* Target of each endpoint, the caller's: [mix->count]; paired [2 * mix->count], as the
     * mix is that of one target then: e of it is e at target 0, mix->count + e at 1. */
    const uint32_t *target_of;
    uint32_t target; /* only arrivals of this target; paired: 0 or 1 */
    uint32_t worker;
    uint32_t workers;
    bool poisson;
    bool paired;
    uint64_t seed;
    double end_s; /* finite; arrivals intended at or after this do not exist */

    /* The iterator's own. */
    uint64_t turn; /* the next arrival of this worker; paired: its next pair */
    uint64_t gaps; /* Poisson: how many have been added to area */
    double area;   /* Poisson: E_0 + ... + E_(gaps - 1) */
    struct lg_schedule_walk walk;
    bool ended;
};

struct lg_arrival {
    uint64_t index;       /* in the global plan */
    uint64_t intended_ns; /* since the load began, to the nearest */
    uint32_t endpoint;
};

/* The caller fills the fields from schedule to end_s (worker < workers; the schedule
 * passes lg_schedule_check); this sets the rest to the start. */
void lg_arrivals_rewind(struct lg_arrivals *a);

/* The next arrival of this worker and target. False when there is none left (and ever
 * after). */
bool lg_arrivals_next(struct lg_arrivals *a, struct lg_arrival *out);

#endif /* LG_ARRIVALS_H */
