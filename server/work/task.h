/* A request that waits for a child: a backtest, the check of a strategy, a run verified.
 *
 * The child speaks in lines (backtest_child.h). Until it has said how it ends (a result or an error) a client
 * that wants JSON has no answer at all, its request is deferred; then the answer is set, and a result streams
 * through as it comes: half a million equity points are never in memory at once. A client that wants events
 * has its stream from the beginning. Either going away ends the child. */
#ifndef SERVER_WORK_TASK_H
#define SERVER_WORK_TASK_H

#include "kmill/series.h"
#include "server/http/request.h"
#include "server/http/stream.h"
#include "server/work/child.h"
#include "server/work/job_manager.h"

enum task_kind { TASK_BACKTEST, TASK_CHECK, TASK_VERIFY };
enum { TASK_ID_MAX = 24, TASK_ARGUMENTS = 12 };

/* Zero-initialised but for what task_submit's caller knows. */
struct task_options {
    enum task_kind kind;
    bool events;                           /* answer with a stream of events */
    char symbol[SYMBOL_MAX], interval[16]; /* backtests */
    double seconds;                        /* the child is killed after that */
    struct text input;                     /* its stdin; taken over */
    char *arguments[TASK_ARGUMENTS];       /* malloc'd, NULL-terminated; taken over */
};
void task_options_clear(struct task_options *options);

/* 16 hex digits. */
void task_make_id(char out[TASK_ID_MAX]);
/* On a pool thread, as the last act of a handler: the request is deferred, or answered with 503 (as many wait
 * as may) or as a stream. Takes what options owns, in any case. */
void task_submit(struct job_manager *jobs, struct request *request, const char *id,
                 struct task_options *options);
/* False: there is no such backtest. */
bool task_cancel(struct job_manager *jobs, const char *id);
/* {"backtests": [...]}: waiting and running ones, oldest first. */
void tasks_write(struct job_manager *jobs, struct writer *w);
int tasks_running_backtests(struct job_manager *jobs);

/* Manager's thread, without the lock: starts, reads, answers and ends. How many ms until it wants to be
 * called again even if nothing is heard; -1: never. */
int tasks_step(struct job_manager *jobs);
void tasks_poll(struct job_manager *jobs, struct poll_list *list);

#endif
