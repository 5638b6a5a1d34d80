/* sources: lg_schedule.c */
/* The schedule's functions against numbers worked out by hand. */
#include "check.h"
#include "lg_errors.h"
#include "lg_schedule.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))
#define SCHEDULE(points) (&(const struct lg_schedule){points, COUNT(points)})
#define NS 1e-9

/* 100 from the start on. */
static const struct lg_point FLAT[] = {{0, 100}};
/* Up from 0 to 200 in 10 s (area 1000), then 200. */
static const struct lg_point RAMP[] = {{0, 0}, {10, 200}};
/* Down from 200 to 0 in 10 s (area 1000), then nothing for ever. */
static const struct lg_point DOWN[] = {{0, 200}, {10, 0}};
/* 10 until 10 s (100), nothing until 20 s, 50 until 30 s (500), then down to 0 at 40 s (250).
 */
static const struct lg_point PAUSE[] = {{0, 10},  {10, 10}, {10, 0}, {20, 0},
                                        {20, 50}, {30, 50}, {40, 0}};
/* 10 s of the first level before the first point, then a jump over a point nobody sees. */
static const struct lg_point LATE[] = {{10, 5}, {10, 7}, {10, 20}};
/* A slope so small that 1 - (v / u)^2 has no correct digit left. */
static const struct lg_point NEARLY_FLAT[] = {{0, 1000}, {1000, 1000 + 1e-10}};
/* The top of the ramp is cut off: 100 is approached and never there. */
static const struct lg_point SAW[] = {{0, 0}, {10, 100}, {10, 0}, {20, 100}, {20, 0}};

static void
test_check(void)
{
    static const struct lg_point backwards[] = {{1, 1}, {0.5, 1}};
    static const struct lg_point before_zero[] = {{-1, 1}};
    static const struct lg_point below_zero[] = {{0, -1}};
    static const struct lg_point not_a_time[] = {{NAN, 1}};
    static const struct lg_point not_a_level[] = {{0, NAN}};
    static const struct lg_point for_ever[] = {{0, 1}, {INFINITY, 2}};
    static const struct lg_point without_limit[] = {{0, INFINITY}};
    CHECK_EQ_I64(lg_schedule_check(SCHEDULE(FLAT)), LG_OK);
    CHECK_EQ_I64(lg_schedule_check(SCHEDULE(PAUSE)), LG_OK);
    CHECK_EQ_I64(lg_schedule_check(SCHEDULE(backwards)), LG_E_INVALID);
    CHECK_EQ_I64(lg_schedule_check(SCHEDULE(before_zero)), LG_E_INVALID);
    CHECK_EQ_I64(lg_schedule_check(SCHEDULE(below_zero)), LG_E_INVALID);
    CHECK_EQ_I64(lg_schedule_check(SCHEDULE(not_a_time)), LG_E_INVALID);
    CHECK_EQ_I64(lg_schedule_check(SCHEDULE(not_a_level)), LG_E_INVALID);
    CHECK_EQ_I64(lg_schedule_check(SCHEDULE(for_ever)), LG_E_INVALID);
    CHECK_EQ_I64(lg_schedule_check(SCHEDULE(without_limit)), LG_E_INVALID);
    CHECK_EQ_I64(lg_schedule_check(&(struct lg_schedule){FLAT, 0}), LG_E_INVALID);
    CHECK_EQ_I64(lg_schedule_check(&(struct lg_schedule){NULL, 1}), LG_E_INVALID);
}

static void
test_level_and_area(void)
{
    static const struct {
        const char *name;
        const struct lg_schedule schedule;
        double at_s;
        double level;
        double area;
    } cases[] = {
        {"flat, at the start", {FLAT, 1}, 0, 100, 0},
        {"flat, before the start", {FLAT, 1}, -1, 100, 0},
        {"flat", {FLAT, 1}, 2.5, 100, 250},
        {"ramp, at the start", {RAMP, 2}, 0, 0, 0},
        {"ramp, half way", {RAMP, 2}, 5, 100, 250},
        {"ramp, at its end", {RAMP, 2}, 10, 200, 1000},
        {"after the ramp", {RAMP, 2}, 11, 200, 1200},
        {"down, half way", {DOWN, 2}, 5, 100, 750},
        {"down and out", {DOWN, 2}, 1000, 0, 1000},
        {"pause, just before", {PAUSE, 7}, 9, 10, 90},
        {"a jump has taken place at its instant", {PAUSE, 7}, 10, 0, 100},
        {"in the pause", {PAUSE, 7}, 15, 0, 100},
        {"the jump upwards", {PAUSE, 7}, 20, 50, 100},
        {"after the pause", {PAUSE, 7}, 21, 50, 150},
        {"on the way down", {PAUSE, 7}, 35, 25, 787.5},
        {"when all is over", {PAUSE, 7}, 90, 0, 850},
        {"before the first point", {LATE, 3}, 4, 5, 20},
        {"the last of three jumps holds", {LATE, 3}, 10, 20, 50},
        {"after three jumps", {LATE, 3}, 11, 20, 70},
    };
    for (uint32_t i = 0; i < COUNT(cases); i++) {
        check_row(cases[i].name);
        CHECK_NEAR(lg_schedule_level(&cases[i].schedule, cases[i].at_s), cases[i].level, NS);
        CHECK_NEAR(lg_schedule_area(&cases[i].schedule, cases[i].at_s), cases[i].area, NS);
    }
    check_row(NULL);
}

static void
test_time_of_area(void)
{
    static const struct {
        const char *name;
        const struct lg_schedule schedule;
        double area;
        double at_s;
    } cases[] = {
        {"nothing is there at once", {FLAT, 1}, 0, 0},
        {"flat", {FLAT, 1}, 250, 2.5},
        {"flat, after a year", {FLAT, 1}, 3153600000, 31536000},
        {"ramp from nothing", {RAMP, 2}, 250, 5},
        {"ramp, its end", {RAMP, 2}, 1000, 10},
        {"after the ramp", {RAMP, 2}, 1200, 11},
        {"down, half way", {DOWN, 2}, 750, 5},
        {"down, its very end", {DOWN, 2}, 1000, 10},
        {"down, more than there is", {DOWN, 2}, 1000.001, INFINITY},
        {"earliest: before the pause, not after", {PAUSE, 7}, 100, 10},
        {"after the pause", {PAUSE, 7}, 100.5, 20.01},
        {"on the way down", {PAUSE, 7}, 787.5, 35},
        {"all there is", {PAUSE, 7}, 850, 40},
        {"more than there is", {PAUSE, 7}, 851, INFINITY},
        {"before the first point", {LATE, 3}, 20, 4},
        {"after three jumps", {LATE, 3}, 70, 11},
        {"no slope to speak of", {NEARLY_FLAT, 2}, 500000, 500},
    };
    for (uint32_t i = 0; i < COUNT(cases); i++) {
        check_row(cases[i].name);
        CHECK_NEAR(lg_schedule_time_of_area(&cases[i].schedule, cases[i].area), cases[i].at_s,
                   NS);
    }
    check_row(NULL);
}

/* A walk gives what single questions give, also when it asks twice or skips segments. */
static void
test_walk(void)
{
    static const double areas[] = {0, 0, 50, 100, 100, 100.5, 600, 849, 850, 851, 1e9};
    struct lg_schedule_walk walk = {0};
    struct lg_schedule_walk skipping = {0};
    for (uint32_t i = 0; i < COUNT(areas); i++) {
        double at_s = lg_schedule_time_of_area(SCHEDULE(PAUSE), areas[i]);
        CHECK(lg_schedule_walk_to(SCHEDULE(PAUSE), &walk, areas[i]) == at_s);
    }
    CHECK_NEAR(lg_schedule_walk_to(SCHEDULE(PAUSE), &skipping, 787.5), 35, NS);
}

static void
test_next_at_least(void)
{
    static const struct {
        const char *name;
        const struct lg_schedule schedule;
        double level;
        double from_s;
        double at_s;
    } cases[] = {
        {"at once", {FLAT, 1}, 100, 0, 0},
        {"at once, whenever asked", {FLAT, 1}, 100, 77, 77},
        {"a rounding error is no difference", {FLAT, 1}, 100 + 1e-10, 0, 0},
        {"never", {FLAT, 1}, 101, 0, INFINITY},
        {"where the ramp gets there", {RAMP, 2}, 100, 0, 5},
        {"there already", {RAMP, 2}, 100, 6, 6},
        {"the top of the ramp", {RAMP, 2}, 200, 0, 10},
        {"higher than the ramp", {RAMP, 2}, 201, 0, INFINITY},
        {"not yet gone", {DOWN, 2}, 100, 4, 4},
        {"gone", {DOWN, 2}, 100, 6, INFINITY},
        {"at the jump", {PAUSE, 7}, 20, 0, 20},
        {"a jump down holds at its instant", {PAUSE, 7}, 10, 10, 20},
        {"level 0 is always there", {PAUSE, 7}, 0, 12, 12},
        {"before the first point", {LATE, 3}, 5, 2, 2},
        {"a point that nobody sees", {LATE, 3}, 7, 2, 10},
        {"in the first tooth", {SAW, 5}, 50, 6, 6},
        {"in the second tooth", {SAW, 5}, 50, 10, 15},
        {"a top that is cut off", {SAW, 5}, 100, 0, INFINITY},
    };
    for (uint32_t i = 0; i < COUNT(cases); i++) {
        double from_s = cases[i].from_s;
        check_row(cases[i].name);
        CHECK_NEAR(lg_schedule_next_at_least(&cases[i].schedule, cases[i].level, from_s),
                   cases[i].at_s, NS);
    }
    check_row(NULL);
}

int
main(void)
{
    test_check();
    test_level_and_area();
    test_time_of_area();
    test_walk();
    test_next_at_least();
    return check_result();
}
