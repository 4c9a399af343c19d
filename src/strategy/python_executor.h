/* The executor that runs a strategy as Python, in one own-GIL subinterpreter, and the built-in module
 * `_kmill` that gives the strategy its names (Kline, KlineCache, BacktestContext, the indicators, ...) as C
 * types. */
#ifndef STRATEGY_PYTHON_EXECUTOR_H
#define STRATEGY_PYTHON_EXECUTOR_H

#include "strategy/executor.h"

struct python_interpreter; /* python_process.h */

/* A strategy file. path is what tracebacks show. */
struct python_strategy_source {
    const char *path;
    const char *source; /* UTF-8, NUL-terminated */
};

/* {0} is good. */
struct strategy_options {
    size_t log_limit; /* bytes of print output kept per run; 0: STRATEGY_LOG_LIMIT */
};
enum { STRATEGY_LOG_LIMIT = 64 * 1024 };

/* Makes the executor of one interpreter. On the creating thread with a thread state of that interpreter
 * attached, one interpreter after the other (imports and compiling must not run in two at once); ends with
 * gc.freeze() there. The source must have passed the guard. ERR_STRATEGY with line and column where it does
 * not compile.
 *
 * All executor functions then run on the worker thread, with a thread state of the interpreter attached;
 * destroy too (or on the creating thread, attached). Every series a run saw must outlive the executor.
 * interpreter goes to run_guard_* only. */
status python_executor_create(struct executor **out, struct python_interpreter *interpreter,
                              const struct python_strategy_source *source,
                              const struct strategy_options *options, struct error *err);

/* For PyImport_AppendInittab("_kmill", PyInit__kmill), before Py_Initialize. (PyObject * without Python.h.)
 */
struct _object;
struct _object *PyInit__kmill(void);

#endif
