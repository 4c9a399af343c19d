/* The manager's thread: one loop over everything that was asked for and every child; see jobs.h. */
#include "server/work/jobs.h"
#include "base/clock.h"
#include "server/http/server_log.h"
#include "server/work/job_manager.h"
#include "server/work/sweep_jobs.h"
#include "server/work/task.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const int64_t drain_ns = INT64_C(3) * 1000000000;

void jobs_ring(struct job_manager *jobs) {
    uint64_t one = 1;
    while (write(jobs->bell, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

const struct settings *jobs_settings(const struct job_manager *jobs) {
    return settings_now(jobs->server->settings_source);
}

void poll_list_add(struct poll_list *list, int fd) {
    if (fd < 0) return;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 16;
        struct pollfd *items = realloc(list->items, capacity * sizeof *items);
        if (!items) return; /* looked at a little later */
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = (struct pollfd){fd, POLLIN, 0};
}

static int sooner(int a, int b) {
    return a < 0 ? b : b < 0 || a < b ? a : b;
}

static bool is_idle(struct job_manager *jobs) {
    pthread_mutex_lock(&jobs->lock);
    bool idle = !jobs->tasks;
    pthread_mutex_unlock(&jobs->lock);
    return idle && !sweep_jobs_run(jobs);
}

static void *manage(void *context) {
    struct job_manager *jobs = context;
    struct poll_list list = {0};
    for (;;) {
        int wait_ms = sooner(tasks_step(jobs), sweep_jobs_step(jobs));
        if (jobs->is_closing && is_idle(jobs)) break;
        list.count = 0;
        poll_list_add(&list, jobs->bell);
        tasks_poll(jobs, &list);
        sweep_jobs_poll(jobs, &list);
        if (poll(list.items, (nfds_t)list.count, wait_ms) <= 0) continue;
        uint64_t rings;
        if (list.items[0].revents && read(jobs->bell, &rings, sizeof rings) < 0 && errno != EAGAIN) break;
    }
    free(list.items);
    return NULL;
}

/* Children start in folders of their own: relative paths would lead elsewhere. */
static char *absolute(const char *path) {
    char *whole = realpath(path, NULL);
    if (whole || path[0] == '/') return whole ? whole : strdup(path);
    char *here = getcwd(NULL, 0), *joined = NULL;
    if (here && asprintf(&joined, "%s/%s", here, path) < 0) joined = NULL;
    free(here);
    return joined;
}

/* Signals are the main thread's. */
static bool start_thread(struct job_manager *jobs) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    jobs->has_thread = pthread_create(&jobs->thread, NULL, manage, jobs) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (jobs->has_thread) pthread_setname_np(jobs->thread, "jobs");
    return jobs->has_thread;
}

status jobs_open(struct job_manager **out, struct server *server, struct error *err) {
    struct job_manager *jobs = calloc(1, sizeof *jobs);
    if (!jobs) return error_set(err, ERR_MEMORY, "out of memory");
    const struct settings *settings = settings_now(server->settings_source);
    jobs->server = server;
    jobs->queue = -1;
    pthread_mutex_init(&jobs->lock, NULL);
    pthread_mutex_init(&jobs->sweep_lock, NULL);
    jobs->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    jobs->results = absolute(settings->results);
    jobs->store = absolute(settings->store);
    status rc = OK;
    if (jobs->bell < 0 || !jobs->results || !jobs->store)
        rc = error_set_errno(err, ERR_SYSTEM, "the manager of child processes");
    if (rc == OK) sweep_jobs_load(jobs);
    if (rc == OK && jobs->queue < 0 && access(jobs->results, F_OK) == 0)
        server_log(LOG_WARN,
                   "another kmill serve has the queue of %s: this one takes no sweeps until it ends",
                   jobs->results);
    if (rc == OK && !start_thread(jobs)) rc = error_set(err, ERR_SYSTEM, "a thread cannot be started");
    if (rc == OK)
        *out = jobs;
    else
        jobs_close(jobs);
    return rc;
}

void jobs_drain(struct job_manager *jobs) {
    if (!jobs) return;
    pthread_mutex_lock(&jobs->sweep_lock);
    if (!jobs->is_stopping) jobs->kill_ns = clock_monotonic_ns() + drain_ns;
    jobs->is_stopping = true;
    pthread_mutex_unlock(&jobs->sweep_lock);
    jobs_ring(jobs);
}

void jobs_close(struct job_manager *jobs) {
    if (!jobs) return;
    jobs_drain(jobs);
    if (jobs->has_thread) {
        jobs->is_closing = true;
        jobs_ring(jobs);
        pthread_join(jobs->thread, NULL);
    }
    sweep_jobs_clear(jobs);
    if (jobs->bell >= 0) close(jobs->bell);
    if (jobs->queue >= 0) close(jobs->queue);
    pthread_mutex_destroy(&jobs->lock);
    pthread_mutex_destroy(&jobs->sweep_lock);
    free(jobs->results);
    free(jobs->store);
    free(jobs);
}

int jobs_running_backtests(struct job_manager *jobs) {
    return tasks_running_backtests(jobs);
}
