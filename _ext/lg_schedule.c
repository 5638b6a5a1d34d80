#include "lg_schedule.h"

#include <math.h>
#include <stddef.h>

#include "lg_errors.h"

/* Levels this close are the same: a user number against a level that was computed. */
#define LEVEL_TOLERANCE 1e-9

/* The stretch between two points. Number 0 lies before the first point, number `count`
 * after the last; a jump is a segment without duration. */
struct segment {
    double start_s;
    double end_s; /* INFINITY for the last */
    double from;  /* level at the start */
    double to;    /* level that it runs to at the end */
};

static struct segment
segment_at(const struct lg_schedule *s, uint32_t number)
{
    const struct lg_point *points = s->points;
    if (number == 0) {
        return (struct segment){0.0, points[0].at_s, points[0].level, points[0].level};
    }
    struct lg_point before = points[number - 1];
    if (number == s->count) {
        return (struct segment){before.at_s, INFINITY, before.level, before.level};
    }
    return (struct segment){before.at_s, points[number].at_s, before.level,
                            points[number].level};
}

static double
segment_level(const struct segment *seg, double at_s)
{
    if (seg->from == seg->to) { /* the last segment's duration is infinite */
        return seg->from;
    }
    double share = (at_s - seg->start_s) / (seg->end_s - seg->start_s);
    return seg->from + share * (seg->to - seg->from);
}

/* 0 for a level of 0, however long it lasts. */
static double
segment_area(const struct segment *seg)
{
    double mean = 0.5 * (seg->from + seg->to);
    return mean > 0.0 ? mean * (seg->end_s - seg->start_s) : 0.0;
}

/* When, in seconds from the segment's start, `area` > 0 has come together;
 * area <= whole, the segment's own. */
static double
segment_time_of_area(const struct segment *seg, double area, double whole)
{
    if (seg->from == seg->to) {
        return area / seg->from;
    }
    double share = area / whole;
    double level = sqrt(seg->from * seg->from * (1.0 - share) + seg->to * seg->to * share);
    return 2.0 * area / (seg->from + level);
}

int
lg_schedule_check(const struct lg_schedule *s)
{
    if (s->points == NULL || s->count == 0) {
        return LG_E_INVALID;
    }
    double before_s = 0.0;
    for (uint32_t i = 0; i < s->count; i++) {
        struct lg_point point = s->points[i];
        /* isfinite before the comparisons: NaN compares false with everything */
        if (!isfinite(point.at_s) || !isfinite(point.level) || point.at_s < before_s ||
            point.level < 0.0) {
            return LG_E_INVALID;
        }
        before_s = point.at_s;
    }
    return LG_OK;
}

double
lg_schedule_level(const struct lg_schedule *s, double at_s)
{
    uint32_t number = 0;
    while (number < s->count && s->points[number].at_s <= at_s) {
        number++;
    }
    struct segment seg = segment_at(s, number);
    return segment_level(&seg, at_s);
}

double
lg_schedule_area(const struct lg_schedule *s, double at_s)
{
    double area = 0.0;
    for (uint32_t number = 0; number <= s->count; number++) {
        struct segment seg = segment_at(s, number);
        if (at_s <= seg.start_s) {
            break;
        }
        if (at_s < seg.end_s) {
            seg.to = segment_level(&seg, at_s);
            seg.end_s = at_s;
        }
        area += segment_area(&seg);
    }
    return area;
}

double
lg_schedule_time_of_area(const struct lg_schedule *s, double area)
{
    struct lg_schedule_walk walk = {0};
    return lg_schedule_walk_to(s, &walk, area);
}

double
lg_schedule_walk_to(const struct lg_schedule *s, struct lg_schedule_walk *walk, double area)
{
    for (;;) {
        struct segment seg = segment_at(s, walk->segment);
        double whole = segment_area(&seg);
        double rest = area - walk->area;
        if (rest <= 0.0) { /* reached where the segment before ended */
            return seg.start_s;
        }
        if (rest <= whole) {
            double at_s = seg.start_s + segment_time_of_area(&seg, rest, whole);
            return fmin(at_s, seg.end_s);
        }
        if (walk->segment == s->count) {
            return INFINITY;
        }
        walk->area += whole;
        walk->segment++;
    }
}

double
lg_schedule_next_at_least(const struct lg_schedule *s, double level, double from_s)
{
    for (uint32_t number = 0; number <= s->count; number++) {
        struct segment seg = segment_at(s, number);
        double start_s = fmax(seg.start_s, from_s);
        if (start_s >= seg.end_s) {
            continue;
        }
        if (segment_level(&seg, start_s) >= level - LEVEL_TOLERANCE) {
            return start_s;
        }
        if (seg.to < level - LEVEL_TOLERANCE) {
            continue;
        }
        double share = (fmin(level, seg.to) - seg.from) / (seg.to - seg.from);
        double at_s = fmax(start_s, seg.start_s + share * (seg.end_s - seg.start_s));
        if (at_s < seg.end_s) { /* at its end the next segment's level holds */
            return at_s;
        }
    }
    return INFINITY;
}
