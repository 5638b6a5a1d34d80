/* lg_samples.h: a ring in which a worker leaves what each of its requests came to.
 *
 * One writer, the worker, and one reader, the coordinator, in shared memory that is there only
 * when somebody wants samples. A full ring is counted and blocks nobody. The memory is created
 * zeroed by the coordinator, which sets `capacity`; loadgen/sample_rings.py mirrors this file.
 * Times are CLOCK_MONOTONIC nanoseconds.
 */
#ifndef LG_SAMPLES_H
#define LG_SAMPLES_H

#include <stdint.h>

struct lg_sample {
    uint64_t intended_ns;
    uint64_t sent_ns;  /* 0: it was never sent, as its connection could not be made */
    uint64_t first_ns; /* first byte of the answer; 0: none came */
    uint64_t done_ns;
    uint64_t body_bytes; /* of the answer */
    uint32_t endpoint;
    uint16_t status;  /* 0: no answer */
    uint16_t failure; /* enum lg_error_class + 1; 0: none, and the status decides */
};
_Static_assert(sizeof(struct lg_sample) == 48, "as loadgen/sample_rings.py has it");

struct lg_samples {
    uint64_t capacity; /* samples in the ring; > 0 */
    uint64_t written;  /* by the worker, in all; counted after writing */
    uint64_t lost;     /* found the ring full */
    uint64_t reserved[5];
    uint64_t taken; /* by the coordinator, in all */
    uint64_t reserved_too[7];
    struct lg_sample ring[]; /* sample n stands at n % capacity */
};
_Static_assert(sizeof(struct lg_samples) == 128, "a line for each side");

/* Leaves a sample; a ring that is full loses it. */
void lg_samples_add(struct lg_samples *samples, const struct lg_sample *sample);

#endif /* LG_SAMPLES_H */
