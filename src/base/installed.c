/* The program's surroundings: its files, and how many processors it may use. Nothing is compiled in: an
 * installed kmill may be moved as a whole. */
#include "base/installed.h"

#include "base/file.h"

#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

char *installed_path(const char *name) {
    /* Installed: PREFIX/bin and PREFIX/share/kmill. Built: BUILD/bin in a folder of the source tree. */
    static const char *const places[] = {"../share/kmill", "../../..", "../.."};
    char *folder = executable_folder(), *found = NULL;
    for (size_t i = 0; folder && !found && i < sizeof places / sizeof *places; i++) {
        char *base = path_join(folder, places[i]), *path = path_join(base, name);
        free(base);
        if (access(path, R_OK) == 0)
            found = path;
        else
            free(path);
    }
    free(folder);
    return found;
}

int core_count(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set)) return 1;
    return CPU_COUNT(&set) > 0 ? CPU_COUNT(&set) : 1;
}
