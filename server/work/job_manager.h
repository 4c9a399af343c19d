/* What the files of this folder share: the manager's state, and how it moves its tasks and sweeps on.
 *
 * Two locks, never both at once. `lock` is for tasks: event loops take it to read streams, so it is held for
 * moments only. `sweep_lock` is for sweeps, and is held while their folders are written. Children belong to
 * the manager's thread alone. Nothing outside this folder (streams, requests, the registry, events) is called
 * with either held: those have locks of their own and call us with them held. */
#ifndef SERVER_WORK_JOB_MANAGER_H
#define SERVER_WORK_JOB_MANAGER_H

#include "server/work/jobs.h"
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

struct task;
struct sweep_job;

struct job_manager {
    struct server *server;
    char *results, *store; /* absolute: children start elsewhere */
    pthread_t thread;
    bool has_thread;
    int bell;                             /* eventfd: look at once */
    _Atomic bool is_stopping, is_closing; /* no new ones; end when all have ended */
    pthread_mutex_t lock;
    struct task *tasks;         /* in order of arrival */
    pthread_mutex_t sweep_lock; /* of all below */
    int queue;                  /* locked folder of results: the queue is ours; -1: it is not */
    struct sweep_job *sweeps;
    uint64_t turns;      /* given so far */
    bool sweeps_changed; /* the registry has to look */
    int64_t kill_ns;     /* stopping: what still lives then is killed */
};

/* Any thread: the manager's thread looks at everything now. */
void jobs_ring(struct job_manager *jobs);
const struct settings *jobs_settings(const struct job_manager *jobs);

/* The manager's thread: what it waits for. */
struct poll_list {
    struct pollfd *items;
    size_t count, capacity;
};
void poll_list_add(struct poll_list *list, int fd); /* -1: nothing */

#endif
