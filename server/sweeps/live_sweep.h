/* A sweep that has no result file yet: its journal, read on as it grows. */
#ifndef SERVER_SWEEPS_LIVE_SWEEP_H
#define SERVER_SWEEPS_LIVE_SWEEP_H

#include "server/sweeps/sweep_facts.h"

/* One thread at a time. Needs no HDF5. */
struct live_sweep;
/* path: of the result file. ERR_CORRUPT where the journal's head cannot be read. */
status live_sweep_open(struct live_sweep **out, const char *path, struct error *err);
void live_sweep_close(struct live_sweep *live);
/* Reads what has come, for at most budget_ns; *at_end: there was no more. Damaged records are left out. */
status live_sweep_read(struct live_sweep *live, int64_t budget_ns, bool *at_end, struct error *err);
/* What there is, as of now_ns (clock_monotonic_ns); facts is empty before. state is left to the caller. */
status live_sweep_facts(struct sweep_facts *facts, struct live_sweep *live, int64_t now_ns,
                        struct error *err);

#endif
