/* CPython in the worker process: started once, one own-GIL subinterpreter a worker thread, none ever
 * destroyed.
 *
 * The order matters and is the caller's (architecture.md, "Two processes"):
 *   main thread: python_process_start; N x python_interpreter_create (each: enter, set up executor, leave);
 *                sandbox_landlock; threads; N x python_interpreter_watch;
 *   each worker thread: python_interpreter_attach; then sandbox_seccomp (once); runs, bracketed by
 * run_guard_*. The stdlib stands beside the executable (../lib/kmill/python3.x, as installed) or where the
 * build found it.
 *
 * Rejected: create and destroy interpreters as runs come (each pair leaks more than a megabyte), PyGILState_*
 * (knows the main interpreter only). */
#ifndef STRATEGY_PYTHON_PROCESS_H
#define STRATEGY_PYTHON_PROCESS_H

#include "kmill/error.h"
#include <stdint.h>

struct python_interpreter;

/* Starts CPython (isolated: no environment, no site, no signal handlers, hash seed 0, TZ=UTC), hooks its
 * allocators for the memory limit and imports what strategies need. Main thread, once, before the first
 * create; the main interpreter stays attached to it. ERR_SYSTEM with both places when there is no stdlib. */
status python_process_start(struct error *err);
/* "3.13.5": the interpreter's own version, for the provenance. Any time. */
const char *python_process_version(void);
/* Detaches the main interpreter from the main thread / attaches it again (around long waits). */
void python_process_leave_main(void);
void python_process_enter_main(void);

/* Makes a subinterpreter with its own GIL and everything a strategy may import already imported. Main thread,
 * main interpreter attached before and after, one after the other. The process ends with them: there is no
 * destroy. */
status python_interpreter_create(struct python_interpreter **out, struct error *err);
/* Attaches the subinterpreter instead of the main one to the main thread / goes back. Only before its worker
 * thread attaches: this is when its executor is made. */
void python_interpreter_enter(struct python_interpreter *self);
void python_interpreter_leave(struct python_interpreter *self);
/* What each of its runs may use from now on; 0: no limit. Before attach, or by the worker between runs. */
void python_interpreter_set_limits(struct python_interpreter *self, double seconds, uint64_t memory_bytes);
/* Starts its watchdog thread and waits until that is ready. After sandbox_landlock, before sandbox_seccomp;
 * any thread, nothing attached needed. */
status python_interpreter_watch(struct python_interpreter *self, struct error *err);
/* Makes the calling thread its worker thread and attaches. Before sandbox_seccomp. */
status python_interpreter_attach(struct python_interpreter *self, struct error *err);
/* Lets go of the interpreter while the worker thread waits for work or writes / takes it again. */
void python_interpreter_pause(struct python_interpreter *self);
void python_interpreter_resume(struct python_interpreter *self);
/* Ends the worker thread's attachment and the watchdog; for an orderly end and for tests. After it the
 * interpreter can be watched and attached again. The calling thread is the attached one. */
void python_interpreter_detach(struct python_interpreter *self);
/* Any thread: the run in progress ends with RUN_CANCELLED, and so does every later one. */
void python_interpreter_cancel(struct python_interpreter *self);

#endif
