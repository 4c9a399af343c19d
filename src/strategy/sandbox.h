/* What holds a hostile strategy: the kernel. From sandbox_seccomp on this process can compute, wait, take
 * anonymous memory and write to the descriptors it was given; it can open nothing, start nothing, signal
 * nothing.
 *
 * Two walls, because Landlock cannot be laid over threads that exist and seccomp would forbid making them:
 * sandbox_landlock before the first thread, sandbox_seccomp (all threads at once, TSYNC) after the last.
 * Seccomp alone suffices. Landlock alone does not (sockets other than TCP, signals and fork stay open), so
 * where seccomp is missing the user must say that he trusts the strategy. */
#ifndef STRATEGY_SANDBOX_H
#define STRATEGY_SANDBOX_H

#include "kmill/error.h"
#include <stddef.h>
#include <stdint.h>

/* {0} before sandbox_landlock. Plain data. */
struct sandbox_state {
    bool trusted;     /* in: --trust-strategy, go on where the kernel offers nothing */
    int landlock_abi; /* 0: not in force */
    bool seccomp;     /* in force */
};

/* Main thread, before any other thread exists: closes every descriptor not in kept[0..count), forbids core
 * dumps and new privileges, drops all capabilities, caps private memory at data_limit bytes (RLIMIT_DATA; 0:
 * no cap; a backstop well above the sum of all runs' limits), then Landlock: no file, no TCP, no signal to
 * outside. A kernel without Landlock is no error. */
status sandbox_landlock(struct sandbox_state *state, const int *kept, size_t count, uint64_t data_limit,
                        struct error *err);
/* After the last thread was made: the allowlist, over all threads. write() works on writable_fds only.
 * ERR_SYSTEM naming --trust-strategy where the kernel has no seccomp filters and state->trusted is false. */
status sandbox_seccomp(struct sandbox_state *state, const int *writable_fds, size_t count, struct error *err);
/* What is in force, for the provenance: "landlock 4, seccomp", "seccomp", "none (trusted)". Into out,
 * NUL-terminated. */
void sandbox_describe(char out[64], const struct sandbox_state *state);

#endif
