/* Stops a run that is over its limit, whatever it does with exceptions. One thread an interpreter.
 *
 * The fast path of a run is a store: begin writes a deadline, end takes it away. The watchdog looks every
 * tick, or sooner where a deadline comes sooner. Past the deadline it takes the interpreter's GIL, looks
 * again, and sets
 *  - an asynchronous exception, raised in the worker thread at its next bytecode, and
 *  - a trace function that raises at every call, line and return, so that `except BaseException: pass` and
 * `finally` loops get it again and again until the run's first frame is left. It repeats while the run goes
 * on. What happens inside one C call (sum(range(10**12))) heeds nothing: the coordinator kills the process.
 * One watchdog for all interpreters would wait at such an interpreter's GIL and leave the others alone, hence
 * one each. Only CPython's public API is used. */
#include "strategy/python_process_internal.h"
#include "base/clock.h"
#include "strategy/run_guard.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum { TICK_NS = 25 * 1000 * 1000, SHORTEST_NS = 1000 * 1000 };
/* Never runs Python code; the default of 8 MiB a thread would count towards RLIMIT_DATA. */
enum { STACK_SIZE = 512 * 1024 };

/* argument: the exception type. Runs on the worker thread. */
static int raise_limit(PyObject *argument, PyFrameObject *frame, int what, PyObject *value) {
    (void)frame;
    (void)what;
    (void)value;
    PyErr_SetNone(argument);
    return -1;
}

static bool is_over(struct python_interpreter *self, int64_t now) {
    int64_t deadline = atomic_load(&self->deadline_ns);
    return deadline != RUN_NONE && (deadline <= now || atomic_load(&self->cancelled));
}

static void fire(struct python_interpreter *self, PyThreadState *mine) {
    PyEval_RestoreThread(mine);
    if (is_over(self, clock_monotonic_ns())) {
        int none = RUN_WITHIN_LIMITS;
        atomic_compare_exchange_strong(&self->verdict, &none,
                                       atomic_load(&self->cancelled) ? RUN_CANCELLED : RUN_OVER_TIME);
        self->fired = true;
        PyEval_SetTraceAllThreads(raise_limit, self->limit_exception);
        PyThreadState_SetAsyncExc(self->worker->thread_id, self->limit_exception);
    }
    PyEval_SaveThread();
}

void watchdog_disarm(struct python_interpreter *self) {
    atomic_store(&self->deadline_ns, RUN_NONE);
    if (!self->fired) return;
    self->fired = false;
    PyEval_SetTraceAllThreads(NULL, NULL);
    PyThreadState_SetAsyncExc(self->worker->thread_id, NULL);
}

static void sleep_ns(int64_t ns) {
    struct timespec pause = {.tv_nsec = ns < SHORTEST_NS ? SHORTEST_NS : ns < TICK_NS ? ns : TICK_NS};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
}

/* Its thread state is made before the sandbox closes and kept: firing takes no memory of the system. */
static void *watch(void *context) {
    struct python_interpreter *self = context;
    PyThreadState *mine = PyThreadState_New(self->state);
    sem_post(&self->watchdog_ready);
    while (!atomic_load(&self->watchdog_stop)) {
        int64_t now = clock_monotonic_ns();
        if (mine && is_over(self, now)) {
            fire(self, mine);
            sleep_ns(TICK_NS);
        } else {
            int64_t deadline = atomic_load(&self->deadline_ns);
            sleep_ns(deadline - now);
        }
    }
    if (mine) {
        PyEval_RestoreThread(mine);
        PyThreadState_Clear(mine);
        PyThreadState_DeleteCurrent();
    }
    return NULL;
}

status watchdog_start(struct python_interpreter *self, struct error *err) {
    atomic_store(&self->watchdog_stop, false);
    sem_init(&self->watchdog_ready, 0, 0);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    int rc = pthread_create(&self->watchdog, &attributes, watch, self);
    pthread_attr_destroy(&attributes);
    if (rc) return error_set(err, ERR_SYSTEM, "a watchdog thread cannot be started: %s", strerror(rc));
    while (sem_wait(&self->watchdog_ready) && errno == EINTR)
        ;
    self->watched = true;
    return OK;
}

void watchdog_stop(struct python_interpreter *self) {
    if (!self->watched) return;
    atomic_store(&self->watchdog_stop, true);
    pthread_join(self->watchdog, NULL);
    sem_destroy(&self->watchdog_ready);
    self->watched = false;
}
