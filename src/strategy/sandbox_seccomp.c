/* The system calls a worker may still make once its runs begin: compute, wait, take and give back anonymous
 * memory that is not executable, write to its own descriptors, end. Everything else returns EPERM, which
 * Python turns into an exception of the run that tried. Calls by the numbers of another architecture (x32,
 * i386) kill the process: nobody makes them by mistake.
 *
 * Allowed and why: futex (locks, GIL, work ring), mmap, mremap, munmap, brk, madvise, mprotect (malloc,
 * arenas; never PROT_EXEC, mmap never of a file), clock_* and nanosleep (deadlines), sched_yield (OpenMP),
 * rt_sig* and restart_syscall (returning from signals), gettid, getpid and tgkill of itself with SIGABRT
 * (abort), write (answers). Not allowed on purpose: getrandom, the one source of chance that is left. */
#include "strategy/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static int allow_plain(scmp_filter_ctx filter) {
    static const int calls[] = {
        SCMP_SYS(futex),       SCMP_SYS(munmap),        SCMP_SYS(mremap),         SCMP_SYS(brk),
        SCMP_SYS(madvise),     SCMP_SYS(clock_gettime), SCMP_SYS(nanosleep),      SCMP_SYS(clock_nanosleep),
        SCMP_SYS(sched_yield), SCMP_SYS(rt_sigreturn),  SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall),
        SCMP_SYS(gettid),      SCMP_SYS(getpid),        SCMP_SYS(exit),           SCMP_SYS(exit_group),
    };
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof calls / sizeof *calls; i++)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
    return rc;
}

static int allow_memory(scmp_filter_ctx filter) {
    const struct scmp_arg_cmp not_executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    const struct scmp_arg_cmp anonymous = SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS);
    int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, not_executable, anonymous);
    if (rc == 0) rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, not_executable);
    return rc;
}

static int allow_answers(scmp_filter_ctx filter, const int *fds, size_t count) {
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
                              SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)fds[i]));
    return rc;
}

/* So that a failed assertion or a corrupt heap ends the worker as SIGABRT, and is reported as that. */
static int allow_abort(scmp_filter_ctx filter) {
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 2,
                            SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()), SCMP_A2(SCMP_CMP_EQ, SIGABRT));
}

/* 0 or a negative errno. */
static int load_filter(const int *writable_fds, size_t count) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!filter) return -ENOMEM;
    int rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (rc == 0) rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    /* Without this, kernels before 5.16 slow the whole process down (speculative store bypass). */
    if (rc == 0) rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
    if (rc == 0) rc = allow_plain(filter);
    if (rc == 0) rc = allow_memory(filter);
    if (rc == 0) rc = allow_answers(filter, writable_fds, count);
    if (rc == 0) rc = allow_abort(filter);
#if defined(KMILL_SANITIZED) /* AddressSanitizer asks where the stack is, then and now. */
    if (rc == 0) rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sigaltstack), 0);
#endif
    if (rc == 0) rc = seccomp_load(filter);
    seccomp_release(filter);
    return rc;
}

/* A second lock on the same door: even a filter with a hole could not open a descriptor. */
static void forbid_descriptors(void) {
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_NOFILE, &none);
}

status sandbox_seccomp(struct sandbox_state *state, const int *writable_fds, size_t count,
                       struct error *err) {
    if (!state->trusted) forbid_descriptors();
    int rc = load_filter(writable_fds, count);
    state->seccomp = rc == 0;
    if (rc == 0 || state->trusted) return OK;
    return error_set(
        err, ERR_SYSTEM,
        "this system has no seccomp filters (%s), so nothing would keep a strategy from files and "
        "network: use --trust-strategy if you trust it",
        strerror(-rc));
}
