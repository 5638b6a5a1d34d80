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

/* One side of the pairs: endpoints 0 and 1 at target 0, 2 and 3 at target 1. */
static struct lg_arrivals
started_side(uint32_t side, uint32_t worker, uint32_t workers)
{
    static const uint32_t target_of[] = {0, 0, 1, 1};
    struct lg_arrivals a = started(target_of, side, worker, workers);
    a.paired = true;
    return a;
}

static void
test_pairs_alternate(void)
{
    struct lg_arrivals side[] = {started_side(0, 0, 1), started_side(1, 0, 1)};
    uint64_t seen[4] = {0};
    for (uint64_t pair = 0; pair < 750; pair++) {
        struct lg_arrival of[2];
        uint64_t second = pair % 2 == 0 ? 1 : 0; /* the side that comes second */
        for (uint32_t s = 0; s < 2; s++) {
            uint64_t index = 2 * pair + (s == second ? 1 : 0);
            CHECK(lg_arrivals_next(&side[s], &of[s]));
            CHECK_EQ_U64(of[s].index, index);
            CHECK_EQ_U64(of[s].intended_ns, due_ns(index));
            CHECK(of[s].endpoint < 4);
            seen[of[s].endpoint % 4]++;
        }
        CHECK_EQ_U64(of[1].endpoint, of[0].endpoint + 2);
    }
    CHECK(seen[0] > 300 && seen[1] > 300); /* of 750, one half each */
    CHECK_EQ_U64(seen[0], seen[2]);
    CHECK_EQ_U64(seen[1], seen[3]);
}

static void
test_a_pair_stays_with_one_worker(void)
{
    struct lg_arrivals side[] = {started_side(0, 2, 5), started_side(1, 2, 5)};
    struct lg_arrival arrival;
    for (uint32_t s = 0; s < 2; s++) {
        for (uint64_t pair = 2; pair < 750; pair += 5) {
            CHECK(lg_arrivals_next(&side[s], &arrival));
            CHECK_EQ_U64(arrival.index / 2, pair);
        }
        CHECK(!lg_arrivals_next(&side[s], &arrival));
    }
}

static void
test_the_end_may_cut_a_pair(void)
{
    struct lg_arrivals side[] = {started_side(0, 0, 1), started_side(1, 0, 1)};
    struct lg_arrival arrival;
    for (uint32_t s = 0; s < 2; s++) {
        side[s].end_s = 0.003; /* arrivals 0, 1 and 2, of which 1 and 2 are side 1's */
        CHECK(lg_arrivals_next(&side[s], &arrival));
        CHECK(lg_arrivals_next(&side[s], &arrival) == (s == 1));
        CHECK(!lg_arrivals_next(&side[s], &arrival));
    }
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
    test_pairs_alternate();
    test_a_pair_stays_with_one_worker();
    test_the_end_may_cut_a_pair();
    test_rewind_starts_again();
    return check_result();
}
