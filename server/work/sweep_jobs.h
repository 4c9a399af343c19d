/* Sweeps posted to the server: waiting, running, cancelled, refused. A complete one is no longer here: it is
 * a result file like any other. */
#ifndef SERVER_WORK_SWEEP_JOBS_H
#define SERVER_WORK_SWEEP_JOBS_H

#include "server/work/job_manager.h"
#include "server/work/sweep_folder.h"

/* Letters, digits, '.', '_', '-', not beginning with '.'; short enough for RESULTS/ID.h5.journal. */
bool sweep_id_is_good(const char *id);

/* On pool threads. */
/* ERR_EXISTS if a result, a journal or a posted sweep has the name. On disk and synced when it returns. */
status sweep_jobs_add(struct job_manager *jobs, const char *id, const char *yaml, const char *strategy_name,
                      const char *strategy, struct error *err);
/* Stops a running one (its journal stays), keeps a waiting one from starting, and takes one that is cancelled
 * or refused out of the queue for good. ERR_NOT_FOUND: not one of ours. */
status sweep_jobs_cancel(struct job_manager *jobs, const char *id, struct error *err);
/* A cancelled, interrupted or refused one waits for its turn again. ERR_NOT_FOUND: not ours; ERR_EXISTS: it
 * waits or runs. */
status sweep_jobs_resume(struct job_manager *jobs, const char *id, struct error *err);

/* Makes the queue ours, unless it is another server's, and takes up what an earlier one left. Opening,
 * manager's thread not there yet, or sweep_lock held. */
void sweep_jobs_load(struct job_manager *jobs);
void sweep_jobs_clear(struct job_manager *jobs);
/* One has a child. */
bool sweep_jobs_run(struct job_manager *jobs);
/* Manager's thread: as tasks_step and tasks_poll. */
int sweep_jobs_step(struct job_manager *jobs);
void sweep_jobs_poll(struct job_manager *jobs, struct poll_list *list);

#endif
