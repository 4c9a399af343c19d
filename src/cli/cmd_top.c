/* kmill top: the runs of a result file, ranked. */
#include "base/problems.h"
#include "cli/cli.h"
#include "cli/cli_options.h"
#include "cli/row_table.h"
#include "results/provenance.h"
#include "results/row_columns.h"
#include "results/run_record.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: kmill top RESULT.h5 [OPTION]...\n\n"
    "The best runs by the sweep's own rank_by and filters, or by what the options say. The result of a "
    "sweep\n"
    "that is still running or was interrupted can be read too.\n\n"
    "  --by NAME        sort by a metric or parameter, best first (up to three: a,b,c)\n"
    "  --asc, --desc    smallest or largest first\n"
    "  --where EXPR     only runs that pass, instead of the sweep's filters:\n"
    "                   'totalTrades >= 30 and maxDrawdown < 0.2 and symbol == \"BTCUSDT\"'; '' shows all\n"
    "  --columns A,B    run, status, symbol, interval, elapsed, error, parameters, metrics\n"
    "  --limit N        rows (default 20; 0: all)      --offset N   leave out the first N\n"
    "  --failed         the runs that are not done, with their errors\n"
    "  --format F       table (default), csv, json\n";

struct request {
    const char *path, *where, *columns;
    char *by;      /* is cut into names */
    int direction; /* 0: the metric's own, 1 descending, -1 ascending */
    uint64_t limit, offset;
    bool failed;
    enum row_style style;
};

static int read_format(void *out, const char *option, char *text) {
    if (row_style_parse(out, text)) return 0;
    return cli_usage("%s wants table, csv or json, not '%s'", option, text);
}

/* Larger first where larger is better, and for metrics that are neither; parameters from the smallest. */
static bool is_best_first_descending(const char *name) {
    enum metric metric;
    return metric_find(&metric, name) && metric_info(metric)->better >= 0;
}

static status sort_keys(struct query *query, struct request *o, const struct provenance *provenance,
                        struct error *err) {
    if (!o->by && !o->failed && *provenance->rank_metric) {
        query->sort[0].name = provenance->rank_metric;
        query->sort[0].descending = o->direction ? o->direction > 0 : provenance->rank_descending != 0;
        return OK;
    }
    size_t k = 0;
    for (char *rest = o->by, *name; rest && (name = strsep(&rest, ",")); k++) {
        if (k == QUERY_SORT_KEYS)
            return error_set(err, ERR_INPUT, "--by takes at most %d names", QUERY_SORT_KEYS);
        query->sort[k].name = name;
        query->sort[k].descending = o->direction ? o->direction > 0 : is_best_first_descending(name);
    }
    return OK;
}

static status choose_columns(struct row_columns *columns, struct result *result, const struct request *o,
                             const struct query *query, struct error *err) {
    static const char *const shown[] = {"profitRate", "maxDrawdown", "sharpe", "winRate", "totalTrades"};
    if (o->columns) return row_columns_add_list(columns, result, o->columns, err);
    status rc = row_columns_add(columns, result, "run", err);
    if (rc == OK) rc = row_columns_add_params(columns, result, false, err);
    if (rc == OK && o->failed) return row_columns_add_list(columns, result, "status,error", err);
    /* what it is sorted by is to be seen, and first of the figures if it is none of the usual ones */
    enum metric metric;
    const char *by = query->sort[0].name;
    bool is_shown = !by || !metric_find(&metric, by);
    for (size_t i = 0; i < sizeof shown / sizeof *shown && !is_shown; i++)
        is_shown = strcmp(by, shown[i]) == 0;
    if (rc == OK && !is_shown) rc = row_columns_add(columns, result, by, err);
    for (size_t i = 0; i < sizeof shown / sizeof *shown && rc == OK; i++)
        rc = row_columns_add(columns, result, shown[i], err);
    return rc;
}

static void print_footer(struct result *result, const struct request *o, const struct query *query,
                         size_t count, uint64_t total) {
    char shown[32], matching[32], all[32], lost[32];
    uint64_t failed = result_count_failed(result);
    cli_count(all, result_run_count(result));
    cli_count(matching, total);
    printf("\n%s of %s runs", cli_count(shown, count), all);
    if (o->failed) printf(" (%s failed)", matching);
    if (!o->failed && query->sort[0].name)
        printf(", by %s%s", query->sort[0].name,
               query->sort[0].descending ? ", largest first" : ", smallest first");
    if (query->where && *query->where) printf("; %s pass: %s", matching, query->where);
    putchar('\n');
    if (failed && !o->failed)
        printf("%s %s failed: kmill top %s --failed\n", cli_count(lost, failed), failed == 1 ? "run" : "runs",
               o->path);
}

static status top(struct request *o, struct result *result, struct error *err) {
    const struct provenance *provenance = result_provenance(result);
    const char *where = o->where ? o->where : o->failed ? NULL : provenance->rank_where;
    struct query query = {.where = where, .offset = o->offset, .limit = o->limit ? o->limit : UINT64_MAX};
    query.statuses = o->failed ? ~(1u << RUN_DONE) : 1u << RUN_DONE;
    struct row_columns columns = {0};
    uint64_t *rows = NULL, total = 0;
    size_t count = 0;
    status rc = sort_keys(&query, o, provenance, err);
    if (rc == OK) rc = choose_columns(&columns, result, o, &query, err);
    if (rc == OK) rc = result_query(result, &rows, &count, &total, &query, err);
    if (rc == OK)
        rc = o->style == ROW_TABLE ? row_table_print(stdout, &columns, result, rows, count, err)
                                   : row_columns_print(stdout, &columns, result, rows, count, o->style, err);
    if (rc == OK && o->style == ROW_TABLE) print_footer(result, o, &query, count, total);
    row_columns_clear(&columns);
    free(rows);
    return rc;
}

int cmd_top(int argc, char **argv) {
    struct request o = {.limit = 20};
    bool ascending = false, descending = false;
    const struct cli_option options[] = {CLI_LIST("by", &o.by),
                                         CLI_FLAG("asc", &ascending),
                                         CLI_FLAG("desc", &descending),
                                         CLI_TEXT("where", &o.where),
                                         CLI_TEXT("columns", &o.columns),
                                         CLI_WHOLE("limit", &o.limit, 0, 0),
                                         CLI_WHOLE("offset", &o.offset, 0, 0),
                                         CLI_FLAG("failed", &o.failed),
                                         CLI_OWN("format", &o.style, read_format),
                                         CLI_END};
    int code = cli_read_options(argc, argv, "top", help, options);
    if (code != CLI_GO_ON) return code;
    if (ascending && descending) return cli_usage("--asc and --desc do not go together");
    o.direction = descending - ascending;
    if (optind + 1 != argc) return cli_usage("kmill top wants one result file; kmill top --help tells more");
    o.path = argv[optind];
    struct result *result = NULL;
    struct error err = {0};
    uint64_t no_run = UINT64_MAX;
    status rc = cli_open_result(&result, o.path, &no_run, 1, &err);
    if (rc == OK) rc = top(&o, result, &err);
    result_close(result);
    return rc == OK ? 0 : cli_fail_in("--where", &err);
}
