/* Children of the server: sweeps (`kmill run`), verifications and backtests. One thread starts, watches and
 * ends all of them (a child is tied to the life of the thread that started it), so nothing here runs
 * strategies in the server's process.
 *
 * A sweep posted to the server is first written to RESULTS/.kmill-queue/ID/ (sweep.yaml, strategy.py); it
 * leaves the queue when its result file is complete. After a restart of the server what is there goes on:
 * queued ones start, interrupted ones resume. Nothing posted is lost. */
#ifndef SERVER_WORK_JOBS_H
#define SERVER_WORK_JOBS_H

#include "base/problems.h"
#include "server/server.h"

struct job_manager;
status jobs_open(struct job_manager **out, struct server *server, struct error *err);
/* SIGTERM to all children (a sweep keeps its journal), SIGKILL after 3 s. */
void jobs_drain(struct job_manager *jobs);
void jobs_close(struct job_manager *jobs);

/* What the registry shows of sweeps that came through the server and have no journal yet or none any more. */
struct job_view {
    char id[128];
    int state;          /* enum sweep_state: queued, running, interrupted or failed */
    char posted_at[40]; /* ISO-8601 */
    char *error;        /* one line, NULL: none; malloc'd, as is sweep */
    int line, column;   /* of error, 0: none */
};
/* *views: malloc'd list (job_views_free). Any thread. */
void jobs_list(struct job_manager *jobs, struct job_view **views, size_t *count);
void job_views_free(struct job_view *views, size_t count);
/* True if the sweep came through the server and is not complete (then DELETE may stop it). */
bool jobs_owns(struct job_manager *jobs, const char *id);
int jobs_running_backtests(struct job_manager *jobs);

#endif
