/* lg_gate.h: a cap: no more than `count` passes in any `window_ns`.
 *
 * The gate remembers its last `count` passes; it opens one window after the oldest of them.
 * So the cap holds in every window, wherever it begins, and not only on average.
 *
 * The caller owns the memory of `passed_ns`: `count` zeroed values; count 0 is no cap.
 * Threads: a gate belongs to one engine.
 */
#ifndef LG_GATE_H
#define LG_GATE_H

#include <stdint.h>

struct lg_gate {
    uint64_t *passed_ns; /* a ring; 0: not yet */
    uint64_t window_ns;
    uint32_t count;
    uint32_t at; /* the oldest pass */
};

/* When the next pass is allowed; in the past: now. */
static inline uint64_t
lg_gate_open_ns(const struct lg_gate *gate)
{
    if (gate->count == 0 || gate->passed_ns[gate->at] == 0) {
        return 0;
    }
    return gate->passed_ns[gate->at] + gate->window_ns;
}

/* Something passes. What passes a closed gate, because it cannot wait, counts as if it had
 * waited: what comes after it pays for it. */
static inline void
lg_gate_pass(struct lg_gate *gate, uint64_t now_ns)
{
    if (gate->count == 0) {
        return;
    }
    uint64_t open_ns = lg_gate_open_ns(gate);
    gate->passed_ns[gate->at] = open_ns > now_ns ? open_ns : now_ns;
    gate->at = (gate->at + 1) % gate->count;
}

#endif /* LG_GATE_H */
