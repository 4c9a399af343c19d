/* A queue of tasks, first in first out, and threads that take from it.
 *
 * The queue is a ring of fixed size: who submits never waits and never allocates. Tasks are whole requests
 * (hundreds of microseconds up), so one mutex is no bottleneck. */
#include "server/http/pool.h"
#include <pthread.h>
#include <stdlib.h>

enum { QUEUE_MAX = 4096 };

struct task {
    void (*run)(void *context);
    void *context;
};

struct pool {
    pthread_mutex_t lock; /* everything below */
    pthread_cond_t wake;
    struct task queue[QUEUE_MAX];
    unsigned first, count;
    bool is_closing;
    int threads_started;
    pthread_t threads[];
};

static pthread_mutex_t hdf5 = PTHREAD_MUTEX_INITIALIZER;

void hdf5_lock(void) {
    pthread_mutex_lock(&hdf5);
}

void hdf5_unlock(void) {
    pthread_mutex_unlock(&hdf5);
}

/* False: closing, and nothing is left. */
static bool take(struct pool *pool, struct task *task) {
    pthread_mutex_lock(&pool->lock);
    while (pool->count == 0 && !pool->is_closing)
        pthread_cond_wait(&pool->wake, &pool->lock);
    bool has = pool->count > 0;
    if (has) {
        *task = pool->queue[pool->first];
        pool->first = (pool->first + 1) % QUEUE_MAX;
        pool->count--;
    }
    pthread_mutex_unlock(&pool->lock);
    return has;
}

static void *work(void *context) {
    struct pool *pool = context;
    struct task task;
    while (take(pool, &task))
        task.run(task.context);
    return NULL;
}

status pool_open(struct pool **out, int threads, struct error *err) {
    if (threads < 1) threads = 1;
    struct pool *self = calloc(1, sizeof *self + (size_t)threads * sizeof *self->threads);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory for the server's threads");
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->wake, NULL);
    for (int i = 0; i < threads; i++, self->threads_started++)
        if (pthread_create(&self->threads[i], NULL, work, self)) {
            pool_close(self);
            return error_set(err, ERR_SYSTEM,
                             "thread %d of the server cannot be started; is the limit of "
                             "processes (ulimit -u) too low?",
                             i + 1);
        }
    *out = self;
    return OK;
}

bool pool_submit(struct pool *pool, void (*task)(void *context), void *context) {
    pthread_mutex_lock(&pool->lock);
    bool has_room = pool->count < QUEUE_MAX && !pool->is_closing;
    if (has_room) {
        pool->queue[(pool->first + pool->count) % QUEUE_MAX] = (struct task){task, context};
        pool->count++;
        pthread_cond_signal(&pool->wake);
    }
    pthread_mutex_unlock(&pool->lock);
    return has_room;
}

int pool_waiting(struct pool *pool) {
    pthread_mutex_lock(&pool->lock);
    int count = (int)pool->count;
    pthread_mutex_unlock(&pool->lock);
    return count;
}

void pool_stop(struct pool *pool) {
    pthread_mutex_lock(&pool->lock);
    pool->is_closing = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->threads_started; i++)
        pthread_join(pool->threads[i], NULL);
    pool->threads_started = 0;
}

void pool_close(struct pool *pool) {
    if (!pool) return;
    pool_stop(pool);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
