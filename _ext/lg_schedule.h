/* lg_schedule.h: a level (users, or requests per second) that is piecewise linear in time.
 *
 * Pure functions of values: no clock, no state. Times are seconds since the load began.
 * Before the first point the level is that of the first point, after the last that of
 * the last. Two points at the same time are a jump; the later one holds from there on.
 *
 * Over a segment of T seconds from level u to level v the area is T (u + v) / 2, and the
 * square of the level is linear in the area. So the level at which the area d has come
 * together is w = sqrt(u^2 (1 - f) + v^2 f), f = d / (T (u + v) / 2), after
 * d / ((u + w) / 2) seconds: no difference of near numbers, whatever the slope.
 */
#ifndef LG_SCHEDULE_H
#define LG_SCHEDULE_H

#include <stdint.h>

struct lg_point {
    double at_s;  /* >= 0, ascending (equal: a jump) */
    double level; /* >= 0, finite */
};

struct lg_schedule {
    const struct lg_point *points; /* the caller's, for the schedule's whole life */
    uint32_t count;                /* >= 1 */
};

/* Where a walk along the schedule stands; {0} is its start. */
struct lg_schedule_walk {
    uint32_t segment;
    double area; /* from time 0 to the start of that segment */
};

/* LG_OK, or LG_E_INVALID when a point breaks the rules above. */
int lg_schedule_check(const struct lg_schedule *s);

double lg_schedule_level(const struct lg_schedule *s, double at_s);

/* Integral of the level from 0 to at_s: arrivals expected by then. 0 for at_s <= 0. */
double lg_schedule_area(const struct lg_schedule *s, double at_s);

/* The earliest time at which the area reaches `area`; INFINITY when it never does. */
double lg_schedule_time_of_area(const struct lg_schedule *s, double area);

/* The same for areas that never go down from call to call of one walk: all calls
 * together pass each segment once. */
double lg_schedule_walk_to(const struct lg_schedule *s, struct lg_schedule_walk *walk,
                           double area);

/* The earliest time >= from_s at which the level is >= `level` (within 1e-9);
 * INFINITY when there is none. The top of a ramp that a jump cuts off is never reached. */
double lg_schedule_next_at_least(const struct lg_schedule *s, double level, double from_s);

#endif /* LG_SCHEDULE_H */
