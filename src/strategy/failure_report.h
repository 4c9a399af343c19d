/* A Python exception as the run_failure of a run. */
#ifndef STRATEGY_FAILURE_REPORT_H
#define STRATEGY_FAILURE_REPORT_H

#include "strategy/executor.h"
#include "strategy/run_guard.h"
#include "strategy/strategy_source.h"

/* Takes the exception that is set (there may be none when a limit fired) and fills failure, whose bar is the
 * caller's. A verdict names the failure instead of the exception: TimeLimit, MemoryLimit, Cancelled. No
 * exception is set afterwards. */
void failure_report(struct run_failure *failure, const struct strategy_source *source,
                    enum run_verdict verdict);
/* The verdict came after the failure was filled, or without one. */
void failure_report_verdict(struct run_failure *failure, enum run_verdict verdict);

#endif
