/* lg_samples.c: see lg_samples.h. */
#include "lg_samples.h"

void
lg_samples_add(struct lg_samples *samples, const struct lg_sample *sample)
{
    uint64_t written = samples->written;
    /* Acquire: what the reader has not copied yet must not be written over. */
    if (written - __atomic_load_n(&samples->taken, __ATOMIC_ACQUIRE) >= samples->capacity) {
        samples->lost++;
        return;
    }
    samples->ring[written % samples->capacity] = *sample;
    /* Release: readers look at this first, and then only at what is whole. */
    __atomic_store_n(&samples->written, written + 1, __ATOMIC_RELEASE);
}
