/* The part of the sandbox that must stand before threads exist: descriptors, limits, capabilities, Landlock.
 * See sandbox.h; the system call filter is in sandbox_seccomp.c.
 *
 * Works for root and for everyone, in chroots and containers: nothing here needs a privilege or a mounted
 * /proc. */
#include "strategy/sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* <linux/landlock.h> of Debian 12 ends at version 3; the kernel's layout and numbers are fixed. */
struct landlock_attributes {
    uint64_t handled_files;
    uint64_t handled_network; /* from version 4 */
    uint64_t scoped;          /* from version 6 */
};
enum { LANDLOCK_QUERY_VERSION = 1 };

/* ---- descriptors ----------------------------------------------------------------------------------- */

static void close_between(unsigned first, unsigned last) {
    if (first > last || syscall(SYS_close_range, first, last, 0) == 0) return;
    long open_max = sysconf(_SC_OPEN_MAX); /* a kernel before 5.9 */
    for (unsigned fd = first; fd <= last && (long)fd < open_max; fd++)
        close((int)fd);
}

static int by_value(const void *a, const void *b) {
    return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b);
}

static status close_others(const int *kept, size_t count, struct error *err) {
    int *sorted = calloc(count + 1, sizeof *sorted);
    if (!sorted) return error_set(err, ERR_MEMORY, "out of memory for %zu descriptors", count);
    if (count) memcpy(sorted, kept, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_value);
    unsigned next = 0;
    for (size_t i = 0; i < count; i++) {
        if (sorted[i] > 0) close_between(next, (unsigned)sorted[i] - 1);
        next = (unsigned)sorted[i] + 1;
    }
    close_between(next, UINT32_MAX);
    free(sorted);
    return OK;
}

/* ---- limits and privileges ------------------------------------------------------------------------- */

static status set_limit(int resource, uint64_t value, const char *name, struct error *err) {
    struct rlimit now;
    if (getrlimit(resource, &now)) return error_set_errno(err, ERR_SYSTEM, "%s", name);
    if (now.rlim_max < value) value = now.rlim_max; /* raising needs a privilege and is not wanted */
    struct rlimit wanted = {.rlim_cur = value, .rlim_max = value};
    if (setrlimit(resource, &wanted)) return error_set_errno(err, ERR_SYSTEM, "%s", name);
    return OK;
}

/* A worker that root started has no use for what root may do. */
static status drop_capabilities(struct error *err) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capset, &header, none)) return error_set_errno(err, ERR_SYSTEM, "capset");
    return OK;
}

/* ---- Landlock -------------------------------------------------------------------------------------- */

/* All rights of that version, so that a ruleset without rules denies them all. */
static size_t all_rights(struct landlock_attributes *out, int version) {
    int file_rights = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13;
    *out = (struct landlock_attributes){.handled_files = (1ULL << file_rights) - 1};
    if (version < 4) return sizeof out->handled_files;
    out->handled_network = 3; /* bind and connect */
    if (version < 6) return 2 * sizeof out->handled_files;
    out->scoped = 3; /* abstract sockets and signals */
    return sizeof *out;
}

/* The version in force, or 0 where there is no Landlock: not built in, not enabled, or refused by a
 * container. */
static int restrict_files(void) {
    int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_QUERY_VERSION);
    if (version < 1) return 0;
    struct landlock_attributes rights;
    size_t size = all_rights(&rights, version);
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rights, size, 0);
    if (ruleset < 0) return 0;
    long refused = syscall(SYS_landlock_restrict_self, ruleset, 0);
    close(ruleset);
    return refused ? 0 : version;
}

/* The shadow memory of a sanitizer is data too, terabytes of it: nothing could be mapped any more. */
static status limit_data(uint64_t bytes, struct error *err) {
#if defined(KMILL_SANITIZED)
    bytes = 0;
#endif
    return bytes ? set_limit(RLIMIT_DATA, bytes, "RLIMIT_DATA", err) : OK;
}

status sandbox_landlock(struct sandbox_state *state, const int *kept, size_t count, uint64_t data_limit,
                        struct error *err) {
    status rc = close_others(kept, count, err);
    if (rc == OK) rc = set_limit(RLIMIT_CORE, 0, "RLIMIT_CORE", err);
    if (rc == OK) rc = limit_data(data_limit, err);
    if (rc == OK) rc = drop_capabilities(err);
    if (rc) return rc;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return error_set_errno(err, ERR_SYSTEM, "PR_SET_NO_NEW_PRIVS");
    state->landlock_abi = restrict_files();
    return OK;
}

void sandbox_describe(char out[64], const struct sandbox_state *state) {
    char landlock[32] = "";
    if (state->landlock_abi) snprintf(landlock, sizeof landlock, "landlock %d", state->landlock_abi);
    const char *comma = landlock[0] && state->seccomp ? ", " : "";
    snprintf(out, 64, "%s%s%s%s", landlock, comma, state->seccomp ? "seccomp" : "",
             state->seccomp ? ""
             : landlock[0]  ? " only (trusted)"
                            : "none (trusted)");
}
