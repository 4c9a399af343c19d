/* The memory limit of a run, counted in Python's allocators on the run's own thread. */
#ifndef STRATEGY_MEMORY_LIMIT_H
#define STRATEGY_MEMORY_LIMIT_H

#include <stdint.h>

/* Wraps CPython's raw and arena allocators. Once, after Py_PreInitialize, before Py_Initialize. */
void memory_limit_install(void);

/* From now on Python memory that this thread takes counts, and what would exceed `bytes` (0: no limit) is
 * refused: Python raises MemoryError there. on_refusal is called at each refusal, inside the allocator: it
 * may not touch Python. */
void memory_limit_begin(uint64_t bytes, void (*on_refusal)(void *context), void *context);
/* Ends the count; returns the bytes taken and not given back (negative: memory from before was given back).
 */
int64_t memory_limit_end(void);

#endif
