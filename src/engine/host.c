/* Host name, CPU model and C library, as recorded with results: libm's last bit may differ between them. */
#include "engine/host.h"
#include "base/memory.h"
#include <gnu/libc-version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

char *host_name(void) {
    struct utsname u;
    return memory_text(uname(&u) ? "unknown" : u.nodename);
}

char *host_cpu(void) {
    FILE *f = fopen("/proc/cpuinfo", "r");
    char line[256], *model = NULL;
    while (f && !model && fgets(line, sizeof line, f)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) || !colon) continue;
        line[strcspn(line, "\n")] = '\0';
        model = memory_text(colon + 1 + strspn(colon + 1, " "));
    }
    if (f) fclose(f);
    return model ? model : memory_text("unknown");
}

char *host_libc(void) {
    char text[64];
    snprintf(text, sizeof text, "glibc %s", gnu_get_libc_version());
    return memory_text(text);
}
