/* kmill export: runs, trades or equity points of a result file as CSV or JSON, one line a run, trade or
 * point. */
#include "base/clock.h"
#include "base/file.h"
#include "cli/cli.h"
#include "results/equity_walk.h"
#include "results/result_json.h"
#include "results/row_columns.h"

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

enum { OPT_WHAT = 256, OPT_RUN, OPT_WHERE, OPT_FORMAT, OPT_FORCE };
static const struct option long_options[] = {{"what", required_argument, NULL, OPT_WHAT},
                                             {"run", required_argument, NULL, OPT_RUN},
                                             {"where", required_argument, NULL, OPT_WHERE},
                                             {"format", required_argument, NULL, OPT_FORMAT},
                                             {"output", required_argument, NULL, 'o'},
                                             {"force", no_argument, NULL, OPT_FORCE},
                                             {"help", no_argument, NULL, 'h'},
                                             {NULL, 0, NULL, 0}};

enum what { WHAT_RUNS, WHAT_TRADES, WHAT_EQUITY };
struct request {
    const char *path, *where, *output;
    char *runs; /* is cut into numbers */
    enum what what;
    enum row_style style;
    bool force;
};

static int parse_what(struct request *o, const char *name) {
    static const char *const names[] = {"runs", "trades", "equity"};
    for (enum what w = WHAT_RUNS; w <= WHAT_EQUITY; w++)
        if (strcmp(name, names[w]) == 0) {
            o->what = w;
            return -1;
        }
    return cli_usage("--what wants runs, trades or equity, not '%s'", name);
}

/* -1: go on; else the exit code. */
static int parse_option(struct request *o, int c, char **argv) {
    switch (c) {
    case OPT_WHAT:
        return parse_what(o, optarg);
    case OPT_RUN:
        o->runs = optarg;
        return -1;
    case OPT_WHERE:
        o->where = optarg;
        return -1;
    case OPT_FORMAT:
        if (row_style_parse(&o->style, optarg) && o->style != ROW_TABLE) return -1;
        return cli_usage("--format wants csv or json, not '%s'", optarg);
    case 'o':
        o->output = optarg;
        return -1;
    case OPT_FORCE:
        o->force = true;
        return -1;
    case 'h':
        fputs(help, stdout);
        return 0;
    default:
        return cli_bad_option("export", argv, long_options);
    }
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

struct output {
    FILE *file;
    enum row_style style;
    uint64_t lines;
};

static void begin_line(struct output *out, struct text *line) {
    line->length = 0;
    if (out->style == ROW_JSON) text_add_string(line, out->lines ? ",\n" : "[");
    out->lines++;
}

static void end_line(struct output *out, struct text *line) {
    if (out->style == ROW_CSV) text_add_char(line, '\n');
    fwrite(line->data, 1, line->length, out->file);
}

/* A number of CSV, empty where it is not known, or of JSON. */
static void add_number(struct output *out, struct text *line, double value) {
    if (out->style == ROW_JSON || value == value) text_add_json_double(line, value);
}

/* A text as CSV field or JSON value. */
static void add_string(struct output *out, struct text *line, const char *string) {
    if (out->style == ROW_JSON)
        text_add_json_string(line, string, strlen(string));
    else
        text_add_csv_field(line, string);
}

static void add_trade(struct output *out, struct text *line, const struct run_record *record,
                      const struct trade *trade, const struct series *range, size_t begin) {
    bool json = out->style == ROW_JSON;
    char iso[CLOCK_TEXT_MAX];
    const char *timestamp = result_json_timestamp(iso, trade, record, range, begin);
    text_printf(line, json ? "{\"run\":%llu,\"timestamp\":" : "%llu,", (unsigned long long)record->run);
    add_string(out, line, timestamp);
    text_add_string(line, json ? ",\"type\":" : ",");
    add_string(out, line, trade->side == TRADE_SELL ? "sell" : "buy");
    const struct {
        const char *name;
        double value;
    } members[] = {{"price", trade->price},       {"amount", trade->amount},
                   {"balance", trade->balance},   {"fee", trade->fee},
                   {"position", trade->position}, {"totalValue", trade->total_value},
                   {"profit", trade->profit}};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (json)
            text_printf(line, ",\"%s\":", members[i].name);
        else
            text_add_char(line, ',');
        add_number(out, line, members[i].value);
    }
    if (json) text_add_char(line, '}');
}

static void print_trades(struct output *out, const struct run_record *record, const struct series *range,
                         size_t begin) {
    struct text line = {0};
    for (size_t i = 0; record->trades && i < record->trade_count; i++) {
        begin_line(out, &line);
        add_trade(out, &line, record, &record->trades[i], range, begin);
        end_line(out, &line);
    }
    text_clear(&line);
}

static void print_equity(struct output *out, const struct run_record *record, const struct series *range,
                         size_t begin) {
    struct text line = {0};
    struct equity_walk walk =
        equity_walk_start(record, begin, range->count ? range->count : record->equity_count);
    size_t bar;
    double equity;
    bool has_account, json = out->style == ROW_JSON;
    while (equity_walk_next(&walk, &bar, &equity, &has_account)) {
        char iso[CLOCK_TEXT_MAX] = "";
        if (bar < range->count) clock_format_iso(iso, range->open_time[bar]);
        begin_line(out, &line);
        text_printf(&line, json ? "{\"run\":%llu,\"timestamp\":\"%s\",\"equity\":" : "%llu,%s,",
                    (unsigned long long)record->run, iso);
        add_number(out, &line, equity);
        text_add_string(&line, json ? ",\"balance\":" : ",");
        add_number(out, &line, has_account ? walk.balance : __builtin_nan(""));
        text_add_string(&line, json ? ",\"position\":" : ",");
        add_number(out, &line, has_account ? walk.position : __builtin_nan(""));
        if (json) text_add_char(&line, '}');
        end_line(out, &line);
    }
    text_clear(&line);
}

static status print_row(struct output *out, struct result *result, uint64_t row, enum what what,
                        struct error *err) {
    const struct run_record *found;
    double *equity = NULL;
    struct series candles;
    size_t begin = 0, points = 0;
    status rc = OK;
    if (what == WHAT_EQUITY) rc = result_equity(result, &equity, &points, row, err);
    if (rc != OK || (what == WHAT_EQUITY && points == 0)) return rc;
    rc = result_run(result, &found, row, err);
    if (rc == OK) {
        struct run_record record = *found;
        result_candle_view(result, &candles, &begin, record.series);
        record.equity = equity;
        record.equity_count = points;
        if (what == WHAT_EQUITY)
            print_equity(out, &record, &candles, begin);
        else
            print_trades(out, &record, &candles, begin);
    }
    free(equity);
    return rc;
}

static status print_parts(FILE *file, struct result *result, const struct request *o, const uint64_t *rows,
                          size_t count, struct error *err) {
    struct output out = {.file = file, .style = o->style};
    status rc = OK;
    if (o->style == ROW_CSV)
        fputs(o->what == WHAT_EQUITY
                  ? "run,timestamp,equity,balance,position\n"
                  : "run,timestamp,type,price,amount,balance,fee,position,totalValue,profit\n",
              file);
    for (size_t i = 0; i < count && rc == OK && !ferror(file); i++)
        rc = print_row(&out, result, rows[i], o->what, err);
    if (o->style == ROW_JSON) fputs(out.lines ? "]\n" : "[]\n", file);
    if (rc == OK && (fflush(file) != 0 || ferror(file)))
        rc = error_set_errno(err, ERR_IO, "the output cannot be written");
    return rc;
}

static status print_runs(FILE *file, struct result *result, const struct request *o, const uint64_t *rows,
                         size_t count, struct error *err) {
    struct row_columns columns = {0};
    status rc = row_columns_add_list(&columns, result, "run,status", err);
    if (rc == OK) rc = row_columns_add_params(&columns, result, true, err);
    for (enum metric m = 0; m < METRIC_COUNT && rc == OK; m++)
        rc = row_columns_add(&columns, result, metric_info(m)->name, err);
    if (rc == OK) rc = row_columns_add_list(&columns, result, "elapsed,error", err);
    if (rc == OK) rc = row_columns_print(file, &columns, result, rows, count, o->style, err);
    row_columns_clear(&columns);
    return rc;
}

static status export(FILE *file, const struct request *o, struct error *err) {
    struct result *result;
    status rc = cli_open_result(&result, o->path, NULL, 0, err);
    if (rc != OK) return rc;
    uint64_t *rows = NULL;
    size_t count = 0;
    rc = choose_rows(result, o, &rows, &count, err);
    if (rc == OK)
        rc = o->what == WHAT_RUNS ? print_runs(file, result, o, rows, count, err)
                                  : print_parts(file, result, o, rows, count, err);
    free(rows);
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
    for (int c; (c = getopt_long(argc, argv, "ho:", long_options, NULL)) != -1;) {
        int code = parse_option(&o, c, argv);
        if (code >= 0) return code;
    }
    if (optind + 1 != argc)
        return cli_usage("kmill export wants one result file; kmill export --help tells more");
    o.path = argv[optind];
    struct error err = {0};
    status rc = o.output ? export_to_file(&o, &err) : export(stdout, &o, &err);
    return rc == OK ? 0 : cli_fail_in("--where", &err);
}
