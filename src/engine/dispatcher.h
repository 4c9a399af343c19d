/* Hands runs to a worker process and takes their records, whatever happens to that process.
 *
 * A worker that dies is replaced. Runs it had not begun go back into the queue; those it was on are suspects
 * and run again one at a time: only one that brings the worker down again, alone, has crashed. A worker in
 * which a run overstays its time limit in C code (which no watchdog inside can interrupt) is killed; the run
 * is out of time, its neighbours start again. */
#ifndef ENGINE_DISPATCHER_H
#define ENGINE_DISPATCHER_H

#include "engine/worker_process.h"
#include "results/run_record.h"

/* Where work comes from and answers go to; all called on the main thread. */
struct dispatch_client {
    void *context;
    /* The next piece of work; false: no more. */
    bool (*next)(void *context, struct work_item *item);
    /* An encoded run record of that item. Not OK ends the dispatch with that. */
    status (*record)(void *context, struct work_item item, const char *data, size_t length,
                     struct error *err);
    /* An item that will have no record: RUN_CRASHED or RUN_TIME_LIMIT. */
    status (*lost)(void *context, struct work_item item, enum run_status why, const char *message,
                   struct error *err);
    /* At least every 100 ms. Not OK ends the dispatch: ERR_CANCELLED after the runs in flight have come in,
     * anything else at once. */
    status (*tick)(void *context, struct error *err);
};

/* The record of an item that the dispatcher gave up: no figures. message is borrowed. */
struct run_record lost_run_record(uint64_t run, size_t series, enum run_status why, const char *message);

struct dispatcher;
/* Starts the worker; job is borrowed until close. ERR_STRATEGY with problems when the guard refuses the
 * strategy. */
status dispatcher_open(struct dispatcher **out, const struct job *job, double limit_seconds,
                       struct problems *problems, struct error *err);
/* Works off everything the client has. May be called again with other work. */
status dispatcher_run(struct dispatcher *self, const struct dispatch_client *client, struct error *err);
/* Bars done of the runs under way, as the worker says (a hostile strategy may make it say anything). */
uint64_t dispatcher_bars(const struct dispatcher *self);
const char *dispatcher_python_version(const struct dispatcher *self);
const char *dispatcher_sandbox(const struct dispatcher *self);
void dispatcher_close(struct dispatcher *self);

#endif
