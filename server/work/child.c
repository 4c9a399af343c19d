/* Starting, hearing and ending a child; see child.h. */
#include "server/work/child.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENVIRONMENT_MAX = 32, ARGUMENTS_MAX = 32 };

/* Names (or beginnings of names) that a child gets from our environment. Everything else stays here. */
static const char *const passed_on[] = {
    "PATH=",  "LANG=",       "LC_",           "TMPDIR=",       "LD_LIBRARY_PATH=", "KMILL_WORKER=",
    "ASAN_O", "UBSAN_OPTIO", "LSAN_OPTIONS=", "TSAN_OPTIONS=", "PYTHONMALLOC=",    "HDF5_USE_FILE_LOCKING="};

static void make_environment(char *out[ENVIRONMENT_MAX]) {
    size_t n = 0;
    for (char **e = environ; *e && n + 1 < ENVIRONMENT_MAX; e++)
        for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
            if (!strncmp(*e, passed_on[i], strlen(passed_on[i]))) {
                out[n++] = *e;
                break;
            }
    out[n] = NULL;
}

/* A descriptor the child reads from: a memory file, or /dev/null. */
static int input_file(const struct child_options *o) {
    if (!o->input) return open("/dev/null", O_RDONLY | O_CLOEXEC);
    int file = memfd_create("kmill-request", MFD_CLOEXEC);
    size_t done = 0;
    while (file >= 0 && done < o->input_length) {
        ssize_t n = write(file, o->input + done, o->input_length - done);
        if (n < 0 && errno != EINTR) {
            close(file);
            return -1;
        }
        if (n > 0) done += (size_t)n;
    }
    if (file >= 0) lseek(file, 0, SEEK_SET);
    return file;
}

static int spawn(struct child *self, const struct child_options *o, const int from[3]) {
    static char name[] = "kmill", tied[] = "--tied";
    char parent[24], *argv[ARGUMENTS_MAX] = {name, tied, parent}, *environment[ENVIRONMENT_MAX];
    snprintf(parent, sizeof parent, "%d", (int)getpid());
    for (size_t i = 0; o->arguments[i] && i + 4 < ARGUMENTS_MAX; i++)
        argv[i + 3] = (char *)(uintptr_t)o->arguments[i]; /* posix_spawn does not write there */
    make_environment(environment);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (int i = 0; i < 3; i++)
        posix_spawn_file_actions_adddup2(&actions, from[i], i);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (o->folder) posix_spawn_file_actions_addchdir_np(&actions, o->folder);
    sigset_t none, usual; /* the server's threads block signals and ignore SIGPIPE: the child starts afresh */
    sigemptyset(&none);
    sigemptyset(&usual);
    for (const int *s = (const int[]){SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, 0}; *s; s++)
        sigaddset(&usual, *s);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    /* a group of its own: Ctrl-C in the server's terminal is the server's business */
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    const char *other =
        getenv("KMILL_WORKER"); /* tests of the library run in another executable than kmill */
    int failed =
        posix_spawn(&self->pid, other ? other : "/proc/self/exe", &actions, &attributes, argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

static void close_pair(int pair[2]) {
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0) close(pair[i]);
}

/* Descriptors of the child must not be 0 to 2 themselves: dup2 of one would close another's source. */
static void lift(int *fd) {
    if (*fd < 0 || *fd > 2) return;
    int high = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
    close(*fd);
    *fd = high;
}

status child_start(struct child *out, const struct child_options *options, struct error *err) {
    struct child self = {.output = -1, .errors = -1};
    int output[2] = {-1, -1}, errors[2] = {-1, -1}, input = input_file(options);
    bool ready = input >= 0 && pipe2(errors, O_CLOEXEC) == 0;
    if (ready && options->output)
        ready = pipe2(output, O_CLOEXEC) == 0;
    else if (ready)
        ready = (output[1] = open("/dev/null", O_WRONLY | O_CLOEXEC)) >= 0;
    lift(&input);
    lift(&output[1]);
    lift(&errors[1]);
    errno = ready ? spawn(&self, options, (const int[]){input, output[1], errors[1]}) : errno;
    status rc = OK;
    if (!ready || errno) rc = error_set_errno(err, ERR_SYSTEM, "a process cannot be started");
    if (rc == OK) {
        self.output = output[0];
        self.errors = errors[0];
        output[0] = errors[0] = -1;
        if (self.output >= 0) fcntl(self.output, F_SETFL, O_NONBLOCK);
        fcntl(self.errors, F_SETFL, O_NONBLOCK);
    }
    close_pair(output);
    close_pair(errors);
    if (input >= 0) close(input);
    *out = rc == OK ? self : (struct child){.output = -1, .errors = -1};
    return rc;
}

void child_read_errors(struct child *child) {
    char block[4096];
    while (child->errors >= 0) {
        ssize_t n = read(child->errors, block, sizeof block);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) {
            close(child->errors);
            child->errors = -1;
            return;
        }
        size_t room = CHILD_ERRORS_MAX - child->said.length;
        text_add(&child->said, block, (size_t)n < room ? (size_t)n : room);
    }
}

void child_signal(const struct child *child, int signal) {
    if (child->pid > 0) kill(child->pid, signal);
}

bool child_ended(struct child *child, int *wait_status) {
    if (child->pid <= 0) return true;
    pid_t ended = waitpid(child->pid, wait_status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR)) return false;
    if (ended < 0) *wait_status = 0;
    child->pid = 0;
    return true;
}

void child_clear(struct child *child) {
    if (child->output >= 0) close(child->output);
    if (child->errors >= 0) close(child->errors);
    text_clear(&child->said);
    *child = (struct child){.output = -1, .errors = -1};
}

/* The first complete mistake is what counts: others may follow from it. */
void child_complaint(const struct child *child, const char *file, struct error *err) {
    const char *at = child->said.length ? child->said.data : "";
    int line = 0, column = 0, used = 0;
    size_t name = file ? strlen(file) : 0;
    if (name && !strncmp(at, file, name) && at[name] == ':') {
        if (sscanf(at + name, ":%d:%d: %n", &line, &column, &used) == 2 && used) at += name + (size_t)used;
    } else if (!strncmp(at, "kmill: ", 7)) {
        at += 7;
        if (sscanf(at, "line %d, column %d: %n", &line, &column, &used) == 2 && used) at += used;
    }
    if (!used) line = column = 0;
    error_set_at(err, ERR_INPUT, line, column, "%.*s", (int)strcspn(at, "\n"), at);
}
