/* What watches over one run: its time limit (watchdog) and its memory limit (counted in Python's allocators).
 *
 * The executor brackets every run with begin and end and asks in between whether something fired. How a limit
 * fires is the other side's business: an exception that cannot be swallowed for good (time), a MemoryError
 * (memory). The executor reports the run as limited whenever a verdict stands, whatever the strategy made of
 * the exception. */
#ifndef STRATEGY_RUN_GUARD_H
#define STRATEGY_RUN_GUARD_H

struct python_interpreter; /* python_process.h */

enum run_verdict {
    RUN_WITHIN_LIMITS = 0,
    RUN_OVER_TIME,   /* the time limit fired */
    RUN_OVER_MEMORY, /* the memory limit fired */
    RUN_CANCELLED    /* the worker was asked to stop */
};

/* All on the interpreter's own worker thread with its thread state attached. */

/* Arms both limits for the run that begins now and forgets the verdict of the run before. */
void run_guard_begin(struct python_interpreter *interpreter);
/* The verdict so far. Asked once a bar: a load, no lock. */
enum run_verdict run_guard_verdict(const struct python_interpreter *interpreter);
/* Called after the run's last finalizer. Disarms, waits for a watchdog that is just firing, removes trace
 * functions and pending asynchronous exceptions; the interpreter is as good as new. Returns the final
 * verdict. */
enum run_verdict run_guard_end(struct python_interpreter *interpreter);

#endif
