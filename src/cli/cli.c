/* What the subcommands share: messages and defaults. */
#include "cli/cli.h"
#include "base/installed.h"
#include "base/memory.h"
#include "base/options.h"
#include "engine/open_result.h"
#include "results/provenance.h"
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
    char *example = path[0] == '/' || access(path, R_OK) == 0 ? NULL : installed_path(path);
    if (!example) return memory_text(path);
    fprintf(stderr, "kmill: %s is not here; using the example %s\n", path, example);
    return example;
}

int cli_fail(const struct error *err) {
    if (err->line)
        fprintf(stderr, "kmill: line %d, column %d: %s\n", err->line, err->column, err->message);
    else
        fprintf(stderr, "kmill: %s\n", err->message);
    return error_exit_code(err->code);
}

int cli_fail_in(const char *option, const struct error *err) {
    if (!err->line) return cli_fail(err);
    fprintf(stderr, "kmill: %s, column %d: %s\n", option, err->column, err->message);
    return error_exit_code(err->code);
}

int cli_bad_option(const char *command, char **argv, const struct option *options) {
    struct error err = {0};
    option_mistake(&err, command, argv, options);
    return cli_fail(&err);
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

static void tell_progress(const struct result *result, const char *path) {
    char have[32], all[32];
    const struct provenance *provenance = result_provenance(result);
    cli_count(have, result_run_count(result));
    cli_count(all, provenance->allowed ? provenance->allowed : provenance->space_size);
    fprintf(stderr, "kmill: %s is not complete: %s of %s runs so far\n", path, have, all);
}

status cli_open_result(struct result **out, const char *path, const uint64_t *trade_runs, size_t trade_count,
                       struct error *err) {
    status rc = sweep_open_result(out, path, trade_runs, trade_count, err);
    if (rc == OK && !result_complete(*out)) tell_progress(*out, path);
    return rc;
}
