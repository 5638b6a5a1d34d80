/* lg_memory.h: the one piece of memory that an engine lives in, cut up by its plan.
 * lg_engine_size (lg_engine.h) says how large it is. */
#ifndef LG_MEMORY_H
#define LG_MEMORY_H

#include "lg_core.h"

/* Connections that this worker has; 0: its plan gives it nothing to do. */
uint32_t lg_engine_conns(const struct lg_plan *plan);

/* Puts e->conns and the rest behind the engine, each in its first state. e lies at the
 * beginning of lg_engine_size(e->plan) zeroed bytes; e->plan is set. */
void lg_engine_lay_out(struct lg_engine *e);

#endif /* LG_MEMORY_H */
