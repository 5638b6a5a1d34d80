/* lg_heap.h: deadlines, the nearest first. A 4-ary min-heap in the caller's memory.
 *
 * Entries cannot be removed before they are due; an owner has at most one entry at a
 * time. push and pop are O(log n).
 */
#ifndef LG_HEAP_H
#define LG_HEAP_H

#include <stdbool.h>
#include <stdint.h>

struct lg_heap_entry {
    uint64_t at_ns;
    uint32_t owner;
    uint32_t reserved;
};

struct lg_heap {
    struct lg_heap_entry *entries; /* [capacity], the caller's */
    uint32_t count;
    uint32_t capacity;
};

void lg_heap_init(struct lg_heap *h, struct lg_heap_entry *entries, uint32_t capacity);

/* Returns LG_OK, or LG_E_MEMORY when it is full. */
int lg_heap_push(struct lg_heap *h, uint64_t at_ns, uint32_t owner);

/* The nearest deadline; UINT64_MAX when empty. */
uint64_t lg_heap_next_ns(const struct lg_heap *h);

/* Removes the nearest entry when it is due (at_ns <= now_ns). Entries with the same
 * deadline come out in any order. Returns false when none is due. */
bool lg_heap_pop_due(struct lg_heap *h, uint64_t now_ns, struct lg_heap_entry *out);

#endif /* LG_HEAP_H */
