/* sources: lg_samples.c */
/* test_lg_samples.c: a ring keeps order, goes round, and loses what it has no room for. */
#include <stdlib.h>

#include "check.h"
#include "lg_samples.h"

static struct lg_samples *
ring_of(uint64_t capacity)
{
    struct lg_samples *ring = calloc(1, sizeof *ring + capacity * sizeof ring->ring[0]);
    ring->capacity = capacity;
    return ring;
}

static void
add(struct lg_samples *ring, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i <= to; i++) {
        lg_samples_add(ring, &(struct lg_sample){.done_ns = i});
    }
}

static void
test_samples_stand_in_their_order(void)
{
    struct lg_samples *ring = ring_of(4);
    add(ring, 1, 3);
    CHECK_EQ_U64(ring->written, 3);
    CHECK_EQ_U64(ring->ring[0].done_ns, 1);
    CHECK_EQ_U64(ring->ring[2].done_ns, 3);
    CHECK_EQ_U64(ring->lost, 0);
    free(ring);
}

static void
test_a_full_ring_keeps_what_it_has_and_counts_what_it_loses(void)
{
    struct lg_samples *ring = ring_of(4);
    add(ring, 1, 9);
    CHECK_EQ_U64(ring->written, 4);
    CHECK_EQ_U64(ring->lost, 5);
    CHECK_EQ_U64(ring->ring[0].done_ns, 1);
    CHECK_EQ_U64(ring->ring[3].done_ns, 4);
    free(ring);
}

static void
test_what_was_taken_makes_room(void)
{
    struct lg_samples *ring = ring_of(4);
    add(ring, 1, 4);
    ring->taken = 2;
    add(ring, 5, 7);
    CHECK_EQ_U64(ring->written, 6);
    CHECK_EQ_U64(ring->lost, 1);
    CHECK_EQ_U64(ring->ring[0].done_ns, 5);
    CHECK_EQ_U64(ring->ring[1].done_ns, 6);
    CHECK_EQ_U64(ring->ring[2].done_ns, 3);
    free(ring);
}

int
main(void)
{
    test_samples_stand_in_their_order();
    test_a_full_ring_keeps_what_it_has_and_counts_what_it_loses();
    test_what_was_taken_makes_room();
    return check_result();
}
