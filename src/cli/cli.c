/* What the subcommands share: messages and defaults. */
#include "cli/cli.h"
#include "base/file.h"
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

int cli_fail_in(const char *option, const struct error *err) {
    if (!err->line) return cli_fail(err);
    fprintf(stderr, "kmill: %s, column %d: %s\n", option, err->column, err->message);
    return error_exit_code(err->code);
}

enum { OPTIONS_MAX = 32, OPTION_LENGTH_MAX = 64 };

/* The option of `name` (up to its "="), complete or abbreviated; *matches counts them. */
static const struct option *find_option(const struct option *options, const char *name, size_t length,
                                        int *matches) {
    const struct option *found = NULL;
    *matches = 0;
    for (const struct option *o = options; o->name; o++) {
        if (strncmp(o->name, name, length) != 0) continue;
        if (!found) found = o;
        if (o->name[length] == '\0') {
            *matches = 1;
            return o;
        }
        ++*matches;
    }
    return found;
}

int cli_bad_option(const char *command, char **argv, const struct option *options) {
    const char *word = argv[optind - 1], *names[OPTIONS_MAX];
    if (strncmp(word, "--", 2) != 0)
        return optopt
                   ? cli_usage("kmill %s: -%c is no option, or lacks its value; kmill %s --help lists them",
                               command, optopt, command)
                   : cli_usage("kmill %s: what does '%s' mean? kmill %s --help", command, word, command);
    int matches;
    size_t count = 0, length = strcspn(word + 2, "=");
    const struct option *found = find_option(options, word + 2, length, &matches);
    if (matches == 1 && found->has_arg == required_argument)
        return cli_usage("kmill %s: --%s wants a value", command, found->name);
    if (matches == 1) return cli_usage("kmill %s: --%s takes no value", command, found->name);
    for (const struct option *o = options; o->name && count < OPTIONS_MAX; o++)
        names[count++] = o->name;
    char name[OPTION_LENGTH_MAX];
    snprintf(name, sizeof name, "%.*s", (int)length, word + 2);
    const char *near = matches ? found->name : nearest_name(name, names, count);
    if (near) return cli_usage("kmill %s has no option '--%s'; did you mean '--%s'?", command, name, near);
    return cli_usage("kmill %s has no option '--%s'; kmill %s --help lists them", command, name, command);
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
