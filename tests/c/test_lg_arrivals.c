/* sources: lg_arrivals.c lg_mix.c lg_rng.c lg_schedule.c */
/* The iterator's own matters: ownership, targets, where it ends. The numbers themselves
 * are held by tests/loadgen/test_plan_kernels.py against golden ones. */
#include "check.h"
#include "lg_arrivals.h"

/* 1,000 a second for 1 s, nothing for 1 s, then 1,000 a second again. */
static const struct lg_point POINTS[] = {{0, 1000}, {1, 1000}, {1, 0}, {2, 0}, {2, 1000}};
static const struct lg_schedule SCHEDULE = {POINTS, 5};
static const double CUMULATIVE[] = {0.5, 1.0};
static const struct lg_mix MIX = {CUMULATIVE, 2};
static const uint32_t ONE_TARGET[] = {0, 0};
static const uint32_t TWO_TARGETS[] = {0, 1};

static struct lg_arrivals
started(const uint32_t *target_of, uint32_t target, uint32_t worker, uint32_t workers)
{
    struct lg_arrivals a = {
        .schedule = &SCHEDULE,
        .mix = &MIX,
        .target_of = target_of,
        .target = target,
        .worker = worker,
        .workers = workers,
        .seed = 7,
        .end_s = 2.5,
    };
    lg_arrivals_rewind(&a);
    return a;
}

/* Arrival i is due at i + 1/2 ms, from the 1,000th on a second later. */
static uint64_t
due_ns(uint64_t index)
{
    return index * 1000000 + 500000 + (index < 1000 ? 0 : 1000000000);
}

static void
test_uniform_arrivals_in_order(void)
{
    struct lg_arrivals a = started(ONE_TARGET, 0, 0, 1);
    struct lg_arrival arrival;
    for (uint64_t index = 0; index < 1500; index++) {
        CHECK(lg_arrivals_next(&a, &arrival));
        CHECK_EQ_U64(arrival.index, index);
        CHECK_EQ_U64(arrival.intended_ns, due_ns(index));
        CHECK(arrival.endpoint < 2);
    }
    CHECK(!lg_arrivals_next(&a, &arrival));
    CHECK(!lg_arrivals_next(&a, &arrival)); /* and ever after */
}

static void
test_a_worker_gets_every_nth(void)
{
    struct lg_arrivals a = started(ONE_TARGET, 0, 3, 7);
    struct lg_arrival arrival;
    for (uint64_t index = 3; index < 1500; index += 7) {
        CHECK(lg_arrivals_next(&a, &arrival));
        CHECK_EQ_U64(arrival.index, index);
        CHECK_EQ_U64(arrival.intended_ns, due_ns(index));
    }
    CHECK(!lg_arrivals_next(&a, &arrival));
}

static void
test_more_workers_than_arrivals(void)
{
    struct lg_arrivals a = started(ONE_TARGET, 0, 1500, 2000);
    struct lg_arrival arrival;
    CHECK(!lg_arrivals_next(&a, &arrival));
}

static void
test_targets_share_the_arrivals(void)
{
    struct lg_arrivals all = started(ONE_TARGET, 0, 0, 1);
    struct lg_arrivals of[] = {started(TWO_TARGETS, 0, 0, 1), started(TWO_TARGETS, 1, 0, 1)};
    struct lg_arrival arrival;
    struct lg_arrival same;
    while (lg_arrivals_next(&all, &arrival)) { /* endpoint and target are the same number */
        CHECK(lg_arrivals_next(&of[arrival.endpoint], &same));
        CHECK_EQ_U64(same.index, arrival.index);
        CHECK_EQ_U64(same.intended_ns, arrival.intended_ns);
        CHECK_EQ_U64(same.endpoint, arrival.endpoint);
    }
    CHECK(!lg_arrivals_next(&of[0], &same));
    CHECK(!lg_arrivals_next(&of[1], &same));
}

static void
test_a_target_without_endpoints_has_none(void)
{
    struct lg_arrivals a = started(TWO_TARGETS, 2, 0, 1);
    struct lg_arrival arrival;
    CHECK(!lg_arrivals_next(&a, &arrival));
}

static void
test_an_arrival_at_the_end_does_not_exist(void)
{
    struct lg_arrivals a = started(ONE_TARGET, 0, 0, 1);
    struct lg_arrival arrival;
    a.end_s = 0.0015; /* arrival 1 is intended at exactly that */
    CHECK(lg_arrivals_next(&a, &arrival));
    CHECK(!lg_arrivals_next(&a, &arrival));
}

static void
test_a_schedule_that_dries_up(void)
{
    struct lg_schedule dry = {POINTS, 4};
    struct lg_arrivals a = started(ONE_TARGET, 0, 0, 1);
    struct lg_arrival arrival;
    uint64_t count = 0;
    a.schedule = &dry;
    a.end_s = 1e6;
    while (lg_arrivals_next(&a, &arrival)) {
        count++;
    }
    CHECK_EQ_U64(count, 1000);
}

static void
test_rewind_starts_again(void)
{
    struct lg_arrivals a = started(ONE_TARGET, 0, 2, 5);
    struct lg_arrival first;
    struct lg_arrival again;
    a.poisson = true;
    lg_arrivals_rewind(&a);
    CHECK(lg_arrivals_next(&a, &first));
    while (lg_arrivals_next(&a, &again)) {
    }
    lg_arrivals_rewind(&a);
    CHECK(lg_arrivals_next(&a, &again));
    CHECK_EQ_U64(again.index, first.index);
    CHECK_EQ_U64(again.intended_ns, first.intended_ns);
    CHECK_EQ_U64(again.endpoint, first.endpoint);
}

int
main(void)
{
    test_uniform_arrivals_in_order();
    test_a_worker_gets_every_nth();
    test_more_workers_than_arrivals();
    test_targets_share_the_arrivals();
    test_a_target_without_endpoints_has_none();
    test_an_arrival_at_the_end_does_not_exist();
    test_a_schedule_that_dries_up();
    test_rewind_starts_again();
    return check_result();
}
