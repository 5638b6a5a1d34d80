/* lg_engine.h: one worker's load: connections, pacing, HTTP and recording, without Python.
 *
 * Life: lg_engine_size -> lg_engine_init -> lg_engine_prepare -> step until ready ->
 * lg_engine_begin -> step until done -> lg_engine_close. `step` is to be called whenever
 * lg_engine_fd() is readable (it is an epoll descriptor, to be nested in another loop);
 * it serves all that is ready and returns within about LG_SLICE_NS.
 *
 * Threads: one thread at a time. Nothing is allocated after init, but by
 * OpenSSL for its connections (see lg_tls.h). No function prints.
 */
#ifndef LG_ENGINE_H
#define LG_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "lg_layout.h"
#include "lg_plan.h"

#define LG_SLICE_NS UINT64_C(5000000) /* 5 ms: what the loop around us may have to wait */

struct lg_engine;

/* Bytes of memory that an engine of this plan needs. */
size_t lg_engine_size(const struct lg_plan *plan);

/* Builds the engine in `memory` (zeroed, `size` bytes, aligned for any type); control and
 * slot are the arena's. Returns the engine, or NULL with *error an LG_E_* and, for
 * LG_E_SYSTEM, *os_error the errno. */
struct lg_engine *lg_engine_init(void *memory, size_t size, const struct lg_plan *plan,
                                 const struct lg_control *control, struct lg_slot *slot,
                                 int *error, int *os_error);

/* Opens the open loop's connections (with keep-alive), some at a time; the slot's state
 * becomes LG_WORKER_READY when each is established or has failed once. */
void lg_engine_prepare(struct lg_engine *e);

/* The load begins at this instant (which should lie a little ahead). */
void lg_engine_begin(struct lg_engine *e, uint64_t start_ns);

int lg_engine_fd(const struct lg_engine *e);

/* Returns the slot's state (enum lg_worker_state). */
int lg_engine_step(struct lg_engine *e);

/* Closes every descriptor. The memory is the caller's to free. */
void lg_engine_close(struct lg_engine *e);

#endif /* LG_ENGINE_H */
