/* For tests that run Python code in subinterpreters: a process with some of them, and calls with limits. */
#ifndef TESTS_STRATEGY_INTERPRETER_FIXTURE_H
#define TESTS_STRATEGY_INTERPRETER_FIXTURE_H

#include "strategy/python_process.h"
#include "strategy/run_guard.h"

#include <Python.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static inline double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* What became of one call. */
struct call_outcome {
    enum run_verdict verdict;
    double seconds;
    char text[4096]; /* str() of what it returned, or "Type: message" of what it raised */
    bool raised;
};

static inline void describe_outcome(struct call_outcome *out, PyObject *result) {
    PyObject *exception = result ? NULL : PyErr_GetRaisedException();
    PyObject *text = PyObject_Str(result ? result : exception);
    const char *utf8 = text ? PyUnicode_AsUTF8(text) : NULL;
    out->raised = !result;
    snprintf(out->text, sizeof out->text, "%s%s%s", exception ? Py_TYPE(exception)->tp_name : "",
             exception ? ": " : "", utf8 ? utf8 : "?");
    PyErr_Clear();
    Py_XDECREF(text);
    Py_XDECREF(exception);
    Py_XDECREF(result);
}

/* Executes source in a fresh namespace of the attached interpreter, then calls its run() as a run is called:
 * limits around the call and around the finalizers of all it made. Never asserts (worker threads may call
 * it). */
static inline struct call_outcome call_run(struct python_interpreter *interpreter, const char *source) {
    struct call_outcome out = {.verdict = RUN_WITHIN_LIMITS};
    double begin = seconds_now();
    run_guard_begin(interpreter);
    PyObject *space = PyDict_New();
    PyObject *result = NULL;
    if (space && PyDict_SetItemString(space, "__builtins__", PyEval_GetBuiltins()) == 0) {
        PyObject *module = PyRun_String(source, Py_file_input, space, space);
        PyObject *run = module ? PyDict_GetItemString(space, "run") : NULL;
        if (run) result = PyObject_CallNoArgs(run);
        Py_XDECREF(module);
    }
    PyObject *exception = result ? NULL : PyErr_GetRaisedException();
    if (space) PyDict_Clear(space);
    Py_XDECREF(space);
    PyGC_Collect();
    out.verdict = run_guard_end(interpreter);
    out.seconds = seconds_now() - begin;
    if (exception) {
        PyException_SetTraceback(exception, Py_None);
        PyErr_SetRaisedException(exception);
    }
    describe_outcome(&out, result);
    return out;
}

#endif
