/* One child process of the server: this program again with other arguments.
 *
 * It is started with posix_spawn (the server has threads and large mappings: fork would copy page tables and
 * may meet a held lock), with an environment of its own (no token, no database address), nothing open but its
 * three descriptors, and `--tied PID` in front of its arguments, by which it asks the kernel to die with the
 * thread that started it (main.c). What it reads lies in a memory file, so that feeding it never waits. */
#ifndef SERVER_WORK_CHILD_H
#define SERVER_WORK_CHILD_H

#include "base/text.h"
#include "kmill/error.h"
#include <sys/types.h>

enum { CHILD_ERRORS_MAX = 16384 };

/* pid 0: none. One thread. */
struct child {
    pid_t pid;
    int output, errors; /* non-blocking; -1: closed or not wanted */
    struct text said;   /* its stderr, the first CHILD_ERRORS_MAX bytes */
};
struct child_options {
    const char *const *arguments; /* NULL-terminated, without the program's name */
    const char *input;            /* its stdin; NULL: empty */
    size_t input_length;
    const char *folder; /* to start in; NULL: ours */
    bool output;        /* its stdout is wanted, else it goes nowhere */
};
status child_start(struct child *out, const struct child_options *options, struct error *err);
/* Takes what stderr has; closes it at its end. */
void child_read_errors(struct child *child);
void child_signal(const struct child *child, int signal);
/* True once it has ended: *wait_status as of waitpid, pid is 0 then. Never waits. */
bool child_ended(struct child *child, int *wait_status);
void child_clear(struct child *child); /* of an ended one */
/* The first line that it wrote to stderr, without `kmill: `, its place (0: none) taken off: "FILE:3:5: text"
 * where file is FILE, or "line 3, column 5: text". "" if it said nothing. */
void child_complaint(const struct child *child, const char *file, struct error *err);

#endif
