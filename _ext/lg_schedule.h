/* lg_schedule.h: a level (users, or requests per second) that is piecewise linear in time.
 *
 * Pure functions of values: no clock, no state. Times are seconds since the load began.
 * Before the first point the level is that of the first point, after the last that of
 * the last. Two points at the same time are a jump; the later one holds from there on.
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

/* LG_OK, or LG_E_INVALID when a point breaks the rules above. */
int lg_schedule_check(const struct lg_schedule *s);

double lg_schedule_level(const struct lg_schedule *s, double at_s);

/* Integral of the level from 0 to at_s: arrivals expected by then. */
double lg_schedule_area(const struct lg_schedule *s, double at_s);

/* The earliest time at which the area reaches `area`; INFINITY when it never does. */
double lg_schedule_time_of_area(const struct lg_schedule *s, double area);

/* The earliest time >= from_s at which the level is >= `level` (within 1e-9);
 * INFINITY when there is none. */
double lg_schedule_next_at_least(const struct lg_schedule *s, double level, double from_s);

#endif /* LG_SCHEDULE_H */
