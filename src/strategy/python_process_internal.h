/* The interpreter handle as python_process, run_guard and watchdog share it. Nobody else includes this. */
#ifndef STRATEGY_PYTHON_PROCESS_INTERNAL_H
#define STRATEGY_PYTHON_PROCESS_INTERNAL_H

#include "strategy/python_process.h"
#include <Python.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>

#define RUN_NONE INT64_MAX            /* the deadline while there is no run */
#define RUN_UNLIMITED (INT64_MAX - 1) /* ... and in a run without a time limit */

struct python_interpreter {
    /* Immutable after python_interpreter_create. */
    PyInterpreterState *state;
    PyThreadState *first;      /* made on the main thread; enter and leave use it */
    PyObject *limit_exception; /* what a run over its limit sees raised; not an Exception */

    /* The worker thread only. */
    PyThreadState *worker;
    double limit_seconds;
    uint64_t limit_memory;

    /* Written by the worker at begin and end (its GIL held) and by the watchdog under the same GIL; read by
     * both without it. */
    _Atomic int64_t deadline_ns; /* CLOCK_MONOTONIC */
    _Atomic int verdict;         /* enum run_verdict */
    bool fired;                  /* trace function and asynchronous exception are set; GIL */

    /* Any thread. */
    atomic_bool cancelled;

    /* The watchdog thread; started and joined by python_interpreter_watch and _detach. */
    bool watched;
    pthread_t watchdog;
    atomic_bool watchdog_stop;
    sem_t watchdog_ready;
};

/* python_process_stdlib.c: the folder of os.py, malloc'd. */
status python_stdlib_find(char **out, struct error *err);
/* watchdog.c */
status watchdog_start(struct python_interpreter *self, struct error *err);
void watchdog_stop(struct python_interpreter *self); /* with nothing attached */
/* Deadline and trace function off; GIL held. */
void watchdog_disarm(struct python_interpreter *self);

#endif
