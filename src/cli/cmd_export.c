/* kmill export: runs, trades or equity points of a result file as CSV or JSON, one line a run, trade or
 * point. */
#include "base/file.h"
#include "cli/cli.h"
#include "cli/cli_options.h"
#include "results/result_export.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "usage: kmill export RESULT.h5 [OPTION]...\n\n"
    "  --what W       runs (default): parameters, metrics, status, error; trades; equity\n"
    "  --run N,...    only these runs (default: all that have any)\n"
    "  --where EXPR   only runs that pass, as in kmill top\n"
    "  --format F     csv (default) or json\n"
    "  -o FILE        instead of stdout; an existing file is kept unless --force is given\n"
    "Timestamps are ISO-8601 in UTC, numbers read back to the same double.\n";

enum { PIECE_BYTES = 1 << 16 };
struct request {
    const char *path, *where, *output;
    char *runs; /* is cut into numbers */
    enum export_what what;
    enum row_style style;
    bool force;
};

static int read_what(void *out, const char *option, char *text) {
    if (export_what_parse(out, text)) return 0;
    return cli_usage("%s wants runs, trades or equity, not '%s'", option, text);
}

static int read_format(void *out, const char *option, char *text) {
    enum row_style *style = out;
    if (row_style_parse(style, text) && *style != ROW_TABLE) return 0;
    return cli_usage("%s wants csv or json, not '%s'", option, text);
}

/* ---- which rows ---- */

static status rows_of_runs(struct result *result, char *list, uint64_t **rows, size_t *count,
                           struct error *err) {
    size_t room = 1;
    for (const char *c = list; *c; c++)
        room += *c == ',';
    *rows = calloc(room, sizeof **rows);
    if (!*rows) return error_set(err, ERR_MEMORY, "out of memory");
    status rc = OK;
    for (char *rest = list, *name; rc == OK && (name = strsep(&rest, ","));) {
        int64_t run;
        if (!text_to_int64(&run, name) || run < 0)
            return error_set(err, ERR_INPUT, "'%s' is no run number", name);
        rc = result_row_of_run(result, &(*rows)[*count], (uint64_t)run, err);
        ++*count;
    }
    return rc;
}

static status choose_rows(struct result *result, const struct request *o, uint64_t **rows, size_t *count,
                          struct error *err) {
    uint64_t total;
    struct query query = {.where = o->where, .limit = UINT64_MAX};
    if (o->runs) return rows_of_runs(result, o->runs, rows, count, err);
    return result_query(result, rows, count, &total, &query, err);
}

/* ---- lines ---- */

static status print_lines(FILE *file, struct result_export *lines, struct error *err) {
    struct text text = {0};
    status rc = OK;
    for (bool more = true; more && rc == OK && !ferror(file);) {
        text.length = 0;
        rc = result_export_next(lines, &text, PIECE_BYTES, &more, err);
        if (rc == OK && text.length) fwrite(text.data, 1, text.length, file);
    }
    text_clear(&text);
    if (rc == OK && (fflush(file) != 0 || ferror(file)))
        rc = error_set_errno(err, ERR_IO, "the output cannot be written");
    return rc;
}

static status export(FILE *file, const struct request *o, struct error *err) {
    struct result *result;
    status rc = cli_open_result(&result, o->path, NULL, 0, err);
    if (rc != OK) return rc;
    uint64_t *rows = NULL;
    size_t count = 0;
    rc = choose_rows(result, o, &rows, &count, err);
    struct result_export *lines = NULL;
    if (rc == OK)
        rc = result_export_open(&lines, result, rows, count, o->what, o->style, NULL, err);
    else
        free(rows);
    if (rc == OK) rc = print_lines(file, lines, err);
    result_export_close(lines);
    result_close(result);
    return rc;
}

static status export_to_file(const struct request *o, struct error *err) {
    struct stat from, to;
    if (stat(o->path, &from) == 0 && stat(o->output, &to) == 0 && from.st_dev == to.st_dev &&
        from.st_ino == to.st_ino)
        return error_set(err, ERR_INPUT, "%s: is the result file itself; choose another -o", o->output);
    if (stat(o->output, &to) == 0 && S_ISDIR(to.st_mode))
        return error_set(err, ERR_INPUT, "%s: is a folder; -o wants the name of a file", o->output);
    if (!o->force && access(o->output, F_OK) == 0)
        return error_set(err, ERR_EXISTS, "%s: exists; --force replaces it", o->output);
    struct file_replacement replacement;
    status rc = file_replace_begin(&replacement, o->output, err);
    if (rc != OK) return rc;
    FILE *file = fopen(replacement.temporary, "w");
    rc = file ? export(file, o, err) : error_set_errno(err, ERR_IO, "%s: cannot be written", o->output);
    if (file && fclose(file) != 0 && rc == OK)
        rc = error_set_errno(err, ERR_IO, "%s: cannot be written", o->output);
    if (rc == OK) return file_replace_commit(&replacement, err);
    file_replace_abort(&replacement);
    return rc;
}

int cmd_export(int argc, char **argv) {
    struct request o = {.style = ROW_CSV};
    const struct cli_option options[] = {CLI_OWN("what", &o.what, read_what),
                                         CLI_LIST("run", &o.runs),
                                         CLI_TEXT("where", &o.where),
                                         CLI_OWN("format", &o.style, read_format),
                                         CLI_OPTION("output", TEXT, .text = &o.output, .letter = 'o'),
                                         CLI_FLAG("force", &o.force),
                                         CLI_END};
    int code = cli_read_options(argc, argv, "export", help, options);
    if (code != CLI_GO_ON) return code;
    if (optind + 1 != argc)
        return cli_usage("kmill export wants one result file; kmill export --help tells more");
    o.path = argv[optind];
    struct error err = {0};
    status rc = o.output ? export_to_file(&o, &err) : export(stdout, &o, &err);
    return rc == OK ? 0 : cli_fail_in("--where", &err);
}
