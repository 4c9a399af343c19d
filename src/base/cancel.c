/* SIGINT and SIGTERM as a flag: the one piece of process-wide state, because signals are process-wide. */
#include "base/cancel.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t requested;

static void on_signal(int number) {
    (void)number;
    if (requested) _exit(130);
    requested = 1;
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
    return requested != 0;
}
