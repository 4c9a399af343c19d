/* The sweeps of the results folder: complete result files, and journals of running or interrupted ones. One
 * thread looks at the folder and at the journals' new records four times a second and publishes what changed.
 */
#ifndef SERVER_SWEEPS_SWEEP_REGISTRY_H
#define SERVER_SWEEPS_SWEEP_REGISTRY_H

#include "kmill/result.h"
#include "server/server.h"

/* queued, starting and failed are those of sweeps started through the server (work/jobs.h). */
enum sweep_state {
    SWEEP_QUEUED,
    SWEEP_RUNNING,
    SWEEP_INTERRUPTED,
    SWEEP_COMPLETE,
    SWEEP_FAILED,
    SWEEP_DAMAGED
};
const char *sweep_state_name(enum sweep_state state);

struct sweep_registry;
status sweep_registry_open(struct sweep_registry **out, struct server *server, struct error *err);
void sweep_registry_close(struct sweep_registry *registry);
/* Look now: a job changed. Any thread. */
void sweep_registry_wake(struct sweep_registry *registry);
/* Looks now and waits until it is done (10 s at most). Pool thread. */
void sweep_registry_look(struct sweep_registry *registry);

/* The jobs of this server, once they are open; NULL before they are closed (waits until they are no longer
 * asked). */
struct job_manager;
void sweep_registry_set_jobs(struct sweep_registry *registry, struct job_manager *jobs);
/* OK if there is such a sweep; ERR_NOT_FOUND names the nearest id. Looks at the folder anew before it says
 * so. Pool thread. */
status sweep_registry_find(struct sweep_registry *registry, const char *id, struct error *err);
/* How many sweeps there are. */
size_t sweep_registry_count(struct sweep_registry *registry);
/* Changes with anything that the list says. */
uint64_t sweep_registry_version(struct sweep_registry *registry);
/* The summaries, newest first, as an array; the members of one (without braces). Pool thread. */
struct writer;
void sweep_registry_write(struct sweep_registry *registry, struct writer *w);
status sweep_registry_write_one(struct sweep_registry *registry, struct writer *w, const char *id,
                                struct error *err);

/* A sweep by its id (the file name without .h5). The result is for the caller alone until released (a lock a
 * sweep). Running ones: a result made of the journal at most a few seconds ago. ERR_NOT_FOUND names the
 * nearest id. Pool thread.
 */
struct held_sweep;
status sweep_hold(struct held_sweep **out, struct sweep_registry *registry, const char *id,
                  struct error *err);
struct result *held_sweep_result(struct held_sweep *held);
/* Changes whenever the rows may have changed: for ETags. */
uint64_t held_sweep_version(const struct held_sweep *held);
const char *
held_sweep_path(const struct held_sweep *held); /* of the result file, also when it is not there yet */
/* A second result of the same, for the caller alone and for as long as he likes; result_close under
 * hdf5_lock. All its metric columns are found already: queries and analyses of it touch no HDF5. */
status held_sweep_open_own(struct result **out, const struct held_sweep *held, struct error *err);
/* Ranges of its parameters and metrics, made once for each version; borrowed until sweep_release. */
struct sweep_columns;
status held_sweep_columns(struct held_sweep *held, const struct sweep_columns **out, struct error *err);
/* False: its file became shorter while it was held, and what was read of it may be nothing. */
bool held_sweep_is_whole(const struct held_sweep *held);
void sweep_release(struct held_sweep *held);

#endif
