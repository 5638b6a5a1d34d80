/* sources: lg_heap.c */
/* The heap against a table that is searched from end to end, and at its limits. */
#include "check.h"
#include "lg_errors.h"
#include "lg_heap.h"

#define MANY 1000

/* Knuth's MMIX generator: any numbers do, as long as they are the same in every run. */
static uint32_t
next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

static void
test_empty(void)
{
    struct lg_heap heap;
    struct lg_heap_entry room[1];
    struct lg_heap_entry out;
    lg_heap_init(&heap, room, 1);
    CHECK_EQ_U64(lg_heap_next_ns(&heap), UINT64_MAX);
    CHECK(!lg_heap_pop_due(&heap, UINT64_MAX, &out));
}

static void
test_full(void)
{
    struct lg_heap heap;
    struct lg_heap_entry room[2];
    lg_heap_init(&heap, room, 2);
    CHECK_EQ_I64(lg_heap_push(&heap, 20, 0), LG_OK);
    CHECK_EQ_I64(lg_heap_push(&heap, 10, 1), LG_OK);
    CHECK_EQ_I64(lg_heap_push(&heap, 5, 2), LG_E_MEMORY);
    CHECK_EQ_U64(lg_heap_next_ns(&heap), 10);
}

static void
test_due_includes_the_instant_itself(void)
{
    struct lg_heap heap;
    struct lg_heap_entry room[1];
    struct lg_heap_entry out;
    lg_heap_init(&heap, room, 1);
    CHECK_EQ_I64(lg_heap_push(&heap, 10, 7), LG_OK);
    CHECK(!lg_heap_pop_due(&heap, 9, &out));
    CHECK(lg_heap_pop_due(&heap, 10, &out));
    CHECK_EQ_U64(out.at_ns, 10);
    CHECK_EQ_U64(out.owner, 7);
    CHECK_EQ_U64(heap.count, 0);
}

/* The entry of `owners` that is due first, by looking at all of them. */
static uint32_t
earliest(const uint64_t *at_ns, const bool *waiting)
{
    uint32_t best = MANY;
    for (uint32_t owner = 0; owner < MANY; owner++) {
        if (waiting[owner] && (best == MANY || at_ns[owner] < at_ns[best])) {
            best = owner;
        }
    }
    return best;
}

/* range: how many different deadlines there are; few means many equal ones. */
static void
test_random_pushes_and_pops(uint32_t range)
{
    static struct lg_heap_entry room[MANY];
    uint64_t at_ns[MANY];
    bool waiting[MANY] = {false};
    struct lg_heap heap;
    lg_heap_init(&heap, room, MANY);
    uint64_t random = 42;
    for (uint32_t step = 0; step < 5 * MANY; step++) {
        uint32_t owner = next_random(&random) % MANY;
        if (!waiting[owner]) { /* grows to about half, then as many come as go */
            at_ns[owner] = next_random(&random) % range;
            waiting[owner] = true;
            CHECK_EQ_I64(lg_heap_push(&heap, at_ns[owner], owner), LG_OK);
            continue;
        }
        struct lg_heap_entry out;
        uint64_t expected_ns = at_ns[earliest(at_ns, waiting)];
        CHECK_EQ_U64(lg_heap_next_ns(&heap), expected_ns);
        CHECK(lg_heap_pop_due(&heap, expected_ns, &out));
        CHECK_EQ_U64(out.at_ns, expected_ns);
        CHECK(waiting[out.owner] && at_ns[out.owner] == expected_ns);
        waiting[out.owner] = false;
    }
    struct lg_heap_entry out;
    uint64_t before_ns = 0;
    while (lg_heap_pop_due(&heap, UINT64_MAX, &out)) {
        CHECK(out.at_ns >= before_ns);
        CHECK(waiting[out.owner]);
        waiting[out.owner] = false;
        before_ns = out.at_ns;
    }
    CHECK_EQ_U64(earliest(at_ns, waiting), MANY); /* every entry came out, once */
}

int
main(void)
{
    test_empty();
    test_full();
    test_due_includes_the_instant_itself();
    test_random_pushes_and_pops(10);
    test_random_pushes_and_pops(1000000000);
    return check_result();
}
