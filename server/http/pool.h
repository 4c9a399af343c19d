/* Threads for everything that waits or computes. A request's connection is suspended meanwhile. */
#ifndef SERVER_HTTP_POOL_H
#define SERVER_HTTP_POOL_H

#include "kmill/error.h"

struct pool;
status pool_open(struct pool **out, int threads, struct error *err);
/* Runs task(context) on some thread of the pool, in order of submission. False when more than 4096 wait
 * (answer 503). */
bool pool_submit(struct pool *pool, void (*task)(void *context), void *context);
/* Tasks that no thread has taken yet. */
int pool_waiting(struct pool *pool);
/* Finishes what was submitted and ends the threads; pool_submit returns false from here on. */
void pool_stop(struct pool *pool);
/* Frees it too. */
void pool_close(struct pool *pool);

/* HDF5 is not thread-safe everywhere: every call of kmill/store.h and kmill/result.h that may touch a file
 * stands between these two, on a pool thread or at startup. Columns that are mapped are read without it. */
void hdf5_lock(void);
void hdf5_unlock(void);

#endif
