/* Starting a worker: posix_spawn of our own executable (a bare fork after an OpenMP region hangs, and OMP_*
 * must be in the environment before libgomp loads), with the job, the shared memory and the answer pipe at
 * fixed descriptors. */
#include "engine/worker_process.h"
#include "base/clock.h"
#include "engine/worker.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_TIMEOUT_MS = 120000, PIPE_BYTES = 1 << 20 };

static status job_file(int *fd, const struct job *job, struct error *err) {
    struct text packed = {0};
    job_pack(&packed, job);
    int file = memfd_create("kmill-job", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    bool ok = file >= 0 && write(file, packed.data, packed.length) == (ssize_t)packed.length &&
              lseek(file, 0, SEEK_SET) == 0 &&
              fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0;
    text_clear(&packed);
    if (ok) {
        *fd = file;
        return OK;
    }
    status rc = error_set_errno(err, ERR_SYSTEM, "memory file for the worker's job");
    if (file >= 0) close(file);
    return rc;
}

/* Our environment without what could steer Python or libgomp, plus what the worker needs. */
static char **worker_environment(char *threads) {
    static char wait[] = "OMP_WAIT_POLICY=passive", dynamic[] = "OMP_DYNAMIC=false", zone[] = "TZ=UTC",
                levels[] = "OMP_MAX_ACTIVE_LEVELS=1",
                stack[] = "OMP_STACKSIZE=16M"; /* CPython counts its own recursion for stacks of that order */
    size_t count = 0;
    while (environ[count])
        count++;
    char **out = calloc(count + 8, sizeof *out);
    if (!out) return NULL;
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], "OMP_", 4) && strncmp(environ[i], "GOMP_", 5) &&
            strncmp(environ[i], "PYTHON", 6) && strncmp(environ[i], "TZ=", 3))
            out[n++] = environ[i];
    out[n++] = wait;
    out[n++] = dynamic;
    out[n++] = zone;
    out[n++] = levels;
    out[n++] = stack;
    out[n++] = threads;
    return out;
}

/* The inherited descriptors go to their fixed numbers by way of high ones, so that no dup2 closes another's
 * source. */
static status spawn_worker(struct worker_process *self, const struct job *job, int job_fd, int memory_fd,
                           int answer_fd, struct error *err) {
    int from[3] = {job_fd, memory_fd, answer_fd}, high[3];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (int i = 0; i < 3; i++) {
        high[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 64);
        posix_spawn_file_actions_adddup2(&actions, high[i], WORKER_FD_JOB + i);
    }
    char program[] = "kmill", option[] = "--worker", *argv[] = {program, option, NULL}, threads[48];
    snprintf(threads, sizeof threads, "OMP_NUM_THREADS=%llu", (unsigned long long)job->threads);
    char **environment = worker_environment(threads);
    const char *executable =
        getenv("KMILL_WORKER"); /* tests of the library run another executable than kmill */
    int failed = environment ? posix_spawn(&self->pid, executable ? executable : "/proc/self/exe", &actions,
                                           NULL, argv, environment)
                             : ENOMEM;
    free(environment);
    posix_spawn_file_actions_destroy(&actions);
    for (int i = 0; i < 3; i++)
        close(high[i]);
    errno = failed;
    if (!failed) return OK;
    self->pid = 0;
    return error_set_errno(err, ERR_SYSTEM, "the worker process cannot be started");
}

static void take_problems(struct problems *problems, const char *payload, size_t length) {
    while (length > 2 * sizeof(int32_t)) {
        int32_t place[2];
        memcpy(place, payload, sizeof place);
        payload += sizeof place;
        length -= sizeof place;
        size_t message = strnlen(payload, length);
        problems_add(problems, place[0], place[1], "%.*s", (int)message, payload);
        size_t step = message < length ? message + 1 : length;
        payload += step;
        length -= step;
    }
}

static status take_first_frame(struct worker_process *self, const struct frame_header *header,
                               const char *payload, struct problems *problems, struct error *err) {
    int length = (int)header->length;
    if (header->kind == FRAME_PROBLEMS) {
        take_problems(problems, payload, header->length);
        return error_set(err, ERR_STRATEGY, "the strategy is refused: %zu problem%s", problems->count,
                         problems->count == 1 ? "" : "s");
    }
    if (header->kind == FRAME_FATAL && header->length > sizeof(int32_t)) {
        int32_t code;
        memcpy(&code, payload, sizeof code);
        return error_set(err, (status)code, "%.*s", length - (int)sizeof code, payload + sizeof code);
    }
    if (header->kind != FRAME_READY)
        return error_set(err, ERR_CORRUPT, "the worker began with an odd answer");
    const char *newline = memchr(payload, '\n', header->length);
    size_t first = newline ? (size_t)(newline - payload) : header->length;
    self->python_version = strndup(payload, first);
    self->sandbox = newline ? strndup(newline + 1, header->length - first - 1) : strdup("");
    return OK;
}

static status wait_until_ready(struct worker_process *self, struct problems *problems, struct error *err) {
    int64_t deadline = clock_monotonic_ns() + INT64_C(1000000) * START_TIMEOUT_MS;
    for (;;) {
        struct frame_header header;
        const char *payload;
        status rc = frame_reader_next(&self->reader, &header, &payload, err);
        if (rc == OK) return take_first_frame(self, &header, payload, problems, err);
        if (rc != ERR_NOT_FOUND) return rc;
        int64_t left = (deadline - clock_monotonic_ns()) / 1000000;
        if (left <= 0) return error_set(err, ERR_SYSTEM, "the worker did not get ready within 120 s");
        struct pollfd p = {self->answers, POLLIN, 0};
        if (poll(&p, 1, (int)left) <= 0) continue;
        bool end;
        rc = frame_reader_fill(&self->reader, self->answers, &end, err);
        if (rc != OK) return rc;
        if (!end) continue;
        char how[64];
        worker_process_describe_end(how, worker_process_end(self));
        return error_set(err, ERR_IO, "the worker process ended with %s before it was ready", how);
    }
}

status worker_process_start(struct worker_process *out, const struct job *job, struct problems *problems,
                            struct error *err) {
    struct worker_process self = {.answers = -1};
    int job_fd = -1, memory_fd = -1, answers[2] = {-1, -1};
    status rc = job_file(&job_fd, job, err);
    if (rc != OK) goto done;
    rc = channel_memory_create(&self.memory, &memory_fd, (uint32_t)job->threads, err);
    if (rc != OK) goto done;
    if (pipe2(answers, O_CLOEXEC)) {
        rc = error_set_errno(err, ERR_SYSTEM, "pipe to the worker");
        goto done;
    }
    fcntl(answers[1], F_SETPIPE_SZ, PIPE_BYTES); /* a wish: fewer context switches where it is granted */
    self.answers = answers[0];
    rc = spawn_worker(&self, job, job_fd, memory_fd, answers[1], err);
    if (rc != OK) goto done;
    close(answers[1]); /* before reading: the end of the worker must be the end of the pipe */
    answers[1] = -1;
    rc = wait_until_ready(&self, problems, err);
    if (rc != OK) goto done;
    *out = self;
    self = (struct worker_process){.answers = -1};
done:
    if (job_fd >= 0) close(job_fd);
    if (memory_fd >= 0) close(memory_fd);
    if (answers[1] >= 0) close(answers[1]);
    worker_process_end(&self);
    return rc;
}

int worker_process_end(struct worker_process *self) {
    int wait_status = 0;
    if (self->pid > 0) {
        kill(self->pid, SIGKILL); /* harmless if it has ended: it is not reaped yet */
        while (waitpid(self->pid, &wait_status, 0) < 0 && errno == EINTR)
            ;
        self->pid = 0;
        close(self->answers);
        self->answers = -1;
    }
    channel_memory_close(self->memory);
    frame_reader_clear(&self->reader);
    free(self->python_version);
    free(self->sandbox);
    *self = (struct worker_process){.answers = -1};
    return wait_status;
}

void worker_process_describe_end(char out[64], int wait_status) {
    if (WIFSIGNALED(wait_status))
        snprintf(out, 64, "signal %d (%s)", WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)));
    else
        snprintf(out, 64, "exit code %d", WEXITSTATUS(wait_status));
}
