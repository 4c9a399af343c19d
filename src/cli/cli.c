/* What the subcommands share: messages and defaults. */
#include "cli/cli.h"
#include "base/file.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *cli_store(const char *option) {
    if (option) return option;
    const char *store = getenv("KMILL_STORE");
    return store && *store ? store : "klines";
}

char *cli_find_example(const char *path) {
    /* Installed: PREFIX/bin and PREFIX/share/kmill. Built: BUILD/bin in a folder of the source tree. */
    static const char *const places[] = {"../share/kmill", "../../..", "../.."};
    char *folder = path[0] == '/' || access(path, R_OK) == 0 ? NULL : executable_folder();
    for (size_t i = 0; folder && i < sizeof places / sizeof *places; i++) {
        char *base = path_join(folder, places[i]), *example = base ? path_join(base, path) : NULL;
        free(base);
        if (example && access(example, R_OK) == 0) {
            free(folder);
            fprintf(stderr, "kmill: %s is not here; using the example %s\n", path, example);
            return example;
        }
        free(example);
    }
    free(folder);
    return strdup(path);
}

int cli_fail(const struct error *err) {
    if (err->line)
        fprintf(stderr, "kmill: line %d, column %d: %s\n", err->line, err->column, err->message);
    else
        fprintf(stderr, "kmill: %s\n", err->message);
    return error_exit_code(err->code);
}

int cli_usage(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("kmill: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return 2;
}

int cli_problems(const char *file, const struct problems *problems) {
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *p = &problems->items[i];
        if (p->line)
            fprintf(stderr, "%s:%d:%d: %s\n", file, p->line, p->column, p->message);
        else
            fprintf(stderr, "%s: %s\n", file, p->message);
    }
    return 2;
}

char *cli_count(char out[32], unsigned long long n) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", n), at = 0;
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0) out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}
