/* SIGINT and SIGTERM as a flag: the one piece of process-wide state, because signals are process-wide. */
#include "base/cancel.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static atomic_int requested; /* lock-free: fit for signal handlers, and other threads read it */

static void on_signal(int number) {
    (void)number;
    if (atomic_exchange(&requested, 1)) _exit(130);
}

void cancel_install(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    /* poll and sleep return EINTR all the same; reads and writes of libraries need not know of signals. */
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool cancel_requested(void) {
    return atomic_load(&requested) != 0;
}
