/* Arms and disarms both limits around a run: a deadline for the watchdog, a budget for the allocators. */
#include "strategy/run_guard.h"
#include "base/clock.h"

#include "strategy/memory_limit.h"
#include "strategy/python_process_internal.h"

/* A run that catches its MemoryError and goes on is stopped like one out of time, after this long. */
enum { AFTER_REFUSAL_NS = 100 * 1000 * 1000 };

/* Inside the allocator, GIL held or not; on the worker thread. */
static void memory_refused(void *context) {
    struct python_interpreter *self = context;
    int none = RUN_WITHIN_LIMITS;
    if (!atomic_compare_exchange_strong(&self->verdict, &none, RUN_OVER_MEMORY)) return;
    int64_t latest = clock_monotonic_ns() + AFTER_REFUSAL_NS;
    if (atomic_load(&self->deadline_ns) > latest) atomic_store(&self->deadline_ns, latest);
}

static int64_t deadline_of(const struct python_interpreter *self) {
    /* 1e9 s: more nanoseconds would not fit. !(x > 0) also takes NaN. */
    if (!(self->limit_seconds > 0) || self->limit_seconds > 1e9) return RUN_UNLIMITED;
    return clock_monotonic_ns() + (int64_t)(self->limit_seconds * 1e9);
}

void run_guard_begin(struct python_interpreter *self) {
    atomic_store(&self->verdict, RUN_WITHIN_LIMITS);
    memory_limit_begin(self->limit_memory, memory_refused, self);
    atomic_store(&self->deadline_ns, deadline_of(self));
}

enum run_verdict run_guard_verdict(const struct python_interpreter *self) {
    return (enum run_verdict)atomic_load_explicit(&self->verdict, memory_order_relaxed);
}

enum run_verdict run_guard_end(struct python_interpreter *self) {
    /* With the GIL held a watchdog that wants to fire waits for it, and then finds no deadline. */
    memory_limit_end();
    watchdog_disarm(self);
    return (enum run_verdict)atomic_load(&self->verdict);
}
