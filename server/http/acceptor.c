/* Left to itself, libmicrohttpd lets every event loop accept: the one that is idle at that moment takes all
 * that wait, and of 100 connections of one client 89 were seen on one loop and 11 on the other, whose clients
 * then wait eight times shorter. A connection that is added from outside goes to the loop that the number of
 * its descriptor says, modulo the loops: here each gets a number by which the loops take turns. (The lowest
 * free number, as accept gives it, will not do: a loop that ends a crowd's connections frees its own.) */
#include "server/http/acceptor.h"
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAUSE_US = 10000, RENUMBER_MAX = 64 };

struct acceptor {
    struct MHD_Daemon *mhd;
    int fd, loops, connections_max;
    atomic_int *open;
    int turn; /* the thread's: loop of the next connection */
    pthread_t thread;
    atomic_bool is_stopping;
};

/* The same socket under a number of the loop whose turn it is; any number if there is none nearby. */
static int renumbered(struct acceptor *self, int fd) {
    for (int i = 0; fd % self->loops != self->turn && i < RENUMBER_MAX; i++) {
        int next = fcntl(fd, F_DUPFD_CLOEXEC, fd + 1);
        if (next < 0) break;
        close(fd);
        fd = next;
    }
    self->turn = (self->turn + 1) % self->loops;
    return fd;
}

/* False: nothing was accepted for want of descriptors or memory. */
static bool accept_one(struct acceptor *self) {
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    int fd = accept4(self->fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
    atomic_fetch_add(self->open, 1);
    /* MHD_NO: the address has too many; it is closed */
    if (MHD_add_connection(self->mhd, renumbered(self, fd), (const struct sockaddr *)&peer, length) !=
        MHD_YES)
        atomic_fetch_sub(self->open, 1);
    return true;
}

static void *accept_all(void *context) {
    struct acceptor *self = context;
    struct pollfd waiting = {.fd = self->fd, .events = POLLIN};
    while (!atomic_load(&self->is_stopping)) {
        if (poll(&waiting, 1, -1) < 0) continue;
        bool is_full = atomic_load(self->open) >= self->connections_max;
        if (is_full || !accept_one(self)) usleep(PAUSE_US);
    }
    return NULL;
}

status acceptor_start(struct acceptor **out, struct MHD_Daemon *mhd, int fd, int loops, int connections_max,
                      atomic_int *open, struct error *err) {
    struct acceptor *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory for the server");
    *self = (struct acceptor){
        .mhd = mhd, .fd = fd, .loops = loops, .connections_max = connections_max, .open = open};
    atomic_init(&self->is_stopping, false);
    if (pthread_create(&self->thread, NULL, accept_all, self)) {
        free(self);
        return error_set(err, ERR_SYSTEM, "a thread of the server cannot be started");
    }
    *out = self;
    return OK;
}

void acceptor_stop(struct acceptor *acceptor) {
    if (!acceptor) return;
    atomic_store(&acceptor->is_stopping, true);
    shutdown(acceptor->fd, SHUT_RDWR); /* wakes the thread */
    pthread_join(acceptor->thread, NULL);
    close(acceptor->fd);
    free(acceptor);
}
