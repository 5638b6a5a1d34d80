/* sources: */
/* The gate against a count of passes in every window. */
#include "check.h"
#include "lg_gate.h"

#define PASSES 1000

/* Something always waits: passes as soon as the gate is open. Returns the passes' times. */
static void
pass_eagerly(struct lg_gate *gate, uint64_t step_ns, uint64_t *passed_ns)
{
    uint64_t now_ns = 1000;
    for (int i = 0; i < PASSES; i++) {
        while (lg_gate_open_ns(gate) > now_ns) {
            now_ns += step_ns;
        }
        lg_gate_pass(gate, now_ns);
        passed_ns[i] = now_ns;
    }
}

static void
test_no_window_has_more_passes_than_allowed(void)
{
    static const uint32_t counts[] = {1, 2, 7, 100};
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        uint64_t ring[100] = {0};
        uint64_t passed_ns[PASSES];
        struct lg_gate gate = {.passed_ns = ring, .window_ns = 1000, .count = counts[k]};
        pass_eagerly(&gate, 3, passed_ns);
        for (uint32_t i = 0; i + counts[k] < PASSES; i++) {
            CHECK(passed_ns[i + counts[k]] - passed_ns[i] >= 1000);
        }
        /* ... and hardly fewer: each window loses less than a step. */
        uint64_t windows = (PASSES - 1) / counts[k];
        CHECK(passed_ns[PASSES - 1] - passed_ns[0] <= windows * (1000 + 3));
    }
}

static void
test_without_a_count_it_is_open(void)
{
    struct lg_gate gate = {0};
    lg_gate_pass(&gate, 5);
    CHECK_EQ_U64(lg_gate_open_ns(&gate), 0);
}

static void
test_what_cannot_wait_is_paid_for_by_what_comes_after_it(void)
{
    uint64_t ring[1] = {0};
    struct lg_gate gate = {.passed_ns = ring, .window_ns = 10, .count = 1};
    lg_gate_pass(&gate, 100);
    lg_gate_pass(&gate, 101);
    lg_gate_pass(&gate, 102);
    CHECK_EQ_U64(lg_gate_open_ns(&gate), 130);
}

int
main(void)
{
    test_no_window_has_more_passes_than_allowed();
    test_without_a_count_it_is_open();
    test_what_cannot_wait_is_paid_for_by_what_comes_after_it();
    return check_result();
}
