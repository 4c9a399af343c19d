/* A strategy file, compiled once for an interpreter and executed anew for each run. */
#ifndef STRATEGY_STRATEGY_SOURCE_H
#define STRATEGY_STRATEGY_SOURCE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

#include "kmill/error.h"

/* Immutable after open; strings are its own. */
struct strategy_source {
    char *path, *text;
    PyObject *code;
    PyObject *path_object; /* as the code knows it */
    /* Some function mentions run, on_trade or on_day_end as an attribute, so that these may change while a
     * run lasts. */
    bool rebinds_callbacks;
};

/* ERR_STRATEGY with line and column if it does not compile. */
status strategy_source_open(struct strategy_source *source, const char *path, const char *text,
                            struct error *err);
void strategy_source_close(struct strategy_source *source);
/* Line `number` (from 1) without indentation and line end; *length is 0 if there is none. */
const char *strategy_source_line(const struct strategy_source *source, int number, size_t *length);

#endif
