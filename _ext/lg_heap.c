#include "lg_heap.h"

#include "lg_errors.h"

/* Four children share a cache line (4 * 16 bytes), and the tree is half as deep as a
 * binary one. Entries move into a hole instead of being swapped. */
#define ARITY 4

static void
place_upwards(struct lg_heap_entry *entries, uint32_t hole, struct lg_heap_entry entry)
{
    while (hole > 0) {
        uint32_t parent = (hole - 1) / ARITY;
        if (entries[parent].at_ns <= entry.at_ns) {
            break;
        }
        entries[hole] = entries[parent];
        hole = parent;
    }
    entries[hole] = entry;
}

static uint64_t
nearest_child(const struct lg_heap_entry *entries, uint32_t count, uint64_t first)
{
    uint64_t nearest = first;
    for (uint64_t child = first + 1; child < first + ARITY && child < count; child++) {
        if (entries[child].at_ns < entries[nearest].at_ns) {
            nearest = child;
        }
    }
    return nearest;
}

static void
place_downwards(struct lg_heap_entry *entries, uint32_t count, struct lg_heap_entry entry)
{
    uint64_t hole = 0; /* 64 bits: hole * ARITY + 1 may pass 2^32 */
    for (;;) {
        uint64_t first = hole * ARITY + 1;
        if (first >= count) {
            break;
        }
        uint64_t child = nearest_child(entries, count, first);
        if (entries[child].at_ns >= entry.at_ns) {
            break;
        }
        entries[hole] = entries[child];
        hole = child;
    }
    entries[hole] = entry;
}

void
lg_heap_init(struct lg_heap *h, struct lg_heap_entry *entries, uint32_t capacity)
{
    h->entries = entries;
    h->count = 0;
    h->capacity = capacity;
}

int
lg_heap_push(struct lg_heap *h, uint64_t at_ns, uint32_t owner)
{
    if (h->count == h->capacity) {
        return LG_E_MEMORY;
    }
    struct lg_heap_entry entry = {.at_ns = at_ns, .owner = owner};
    place_upwards(h->entries, h->count++, entry);
    return LG_OK;
}

uint64_t
lg_heap_next_ns(const struct lg_heap *h)
{
    return h->count > 0 ? h->entries[0].at_ns : UINT64_MAX;
}

bool
lg_heap_pop_due(struct lg_heap *h, uint64_t now_ns, struct lg_heap_entry *out)
{
    if (h->count == 0 || h->entries[0].at_ns > now_ns) {
        return false;
    }
    *out = h->entries[0];
    struct lg_heap_entry last = h->entries[--h->count];
    if (h->count > 0) {
        place_downwards(h->entries, h->count, last);
    }
    return true;
}
