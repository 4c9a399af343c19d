/* Finds the standard library: beside the executable, so that an installed kmill may be moved, else where the
 * build had it. LIBDIR is lib, lib64 or lib/<multiarch>, whatever the system's convention was at install
 * time. */
#include "strategy/python_process_internal.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const places[] = {"lib/kmill", "lib64/kmill", "lib/*/kmill"};

/* The folder of the running executable, without a trailing slash; "" if the system does not tell. */
static void executable_folder(char out[PATH_MAX]) {
    ssize_t length = readlink("/proc/self/exe", out, PATH_MAX - 1);
    out[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(out, '/');
    if (slash) *slash = '\0';
}

/* The folder of the first file that matches pattern/os.py, malloc'd; NULL if there is none. */
static char *folder_with_os(const char *pattern) {
    char full[PATH_MAX];
    if (snprintf(full, sizeof full, "%s/os.py", pattern) >= (int)sizeof full) return NULL;
    glob_t found;
    char *folder = NULL;
    if (glob(full, 0, NULL, &found) == 0) {
        *strrchr(found.gl_pathv[0], '/') = '\0';
        folder = realpath(found.gl_pathv[0], NULL);
        globfree(&found);
    }
    return folder;
}

/* A folder name that glob takes literally. */
static void quote_for_glob(char out[2 * PATH_MAX], const char *path) {
    for (; *path; path++) {
        if (strchr("*?[\\", *path)) *out++ = '\\';
        *out++ = *path;
    }
    *out = '\0';
}

status python_stdlib_find(char **out, struct error *err) {
    char folder[PATH_MAX], quoted[2 * PATH_MAX], pattern[3 * PATH_MAX];
    executable_folder(folder);
    quote_for_glob(quoted, folder);
    for (size_t i = 0; folder[0] && i < sizeof places / sizeof *places; i++) {
        snprintf(pattern, sizeof pattern, "%s/../%s/python%s", quoted, places[i], KMILL_PYTHON_VERSION);
        *out = folder_with_os(pattern);
        if (*out) return OK;
    }
    quote_for_glob(quoted, KMILL_STDLIB);
    *out = folder_with_os(quoted);
    if (*out) return OK;
    return error_set(
        err, ERR_SYSTEM,
        "Python's standard library is neither in %s/../lib/kmill/python%s nor in %s: install kmill "
        "again, or build it with script/setup",
        folder, KMILL_PYTHON_VERSION, KMILL_STDLIB);
}
