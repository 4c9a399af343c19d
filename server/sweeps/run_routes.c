/* GET runs of a sweep: a page of them, one of them. */
#include "base/clock.h"
#include "kmill/series.h"
#include "metrics/monthly_returns.h"
#include "results/provenance.h"
#include "results/result_file.h"
#include "server/http/pool.h"
#include "server/http/route.h"
#include "server/sweeps/run_cells.h"
#include "server/sweeps/run_filter.h"
#include "server/sweeps/sweep_handlers.h"
#include "server/sweeps/sweep_registry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 1000, MONTHS_MAX = 12 * 100 };

/* ---- a page ---- */

/* run, status, what varies, what is ranked by, and the figures that the document has. */
static status default_columns(struct row_columns *columns, struct result *result, struct error *err) {
    static const char *const main_metrics[] = {"finalBalance", "profit",  "profitRate",  "maxDrawdown",
                                               "sharpe",       "winRate", "totalTrades", "quoteFee"};
    const char *rank = result_provenance(result)->rank_metric;
    enum metric metric;
    status rc = row_columns_add_list(columns, result, "run,status", err);
    if (rc == OK) rc = row_columns_add_params(columns, result, false, err);
    if (!rank || !metric_find(&metric, rank)) rank = NULL;
    if (rc == OK && rank) rc = row_columns_add(columns, result, rank, err);
    for (size_t i = 0; i < sizeof main_metrics / sizeof *main_metrics && rc == OK; i++)
        if (!rank || strcmp(rank, main_metrics[i]) != 0)
            rc = row_columns_add(columns, result, main_metrics[i], err);
    return rc;
}

struct page {
    struct query query;
    struct row_columns columns;
    uint64_t *rows, total;
    size_t count;
    bool sparkline;
};

static bool read_page(struct page *page, struct request *request, struct result *result) {
    struct error err = {0};
    const char *list = request_query(request, "columns");
    if (!run_filter_where(request, &page->query.where, result) ||
        !run_filter_statuses(request, &page->query.statuses) ||
        !run_filter_sort(request, &page->query, result, true))
        return false;
    status rc = list && *list ? row_columns_add_list(&page->columns, result, list, &err)
                              : default_columns(&page->columns, result, &err);
    if (rc != OK) request_fail_error(request, "columns", &err);
    return rc == OK;
}

static status write_page(struct request *request, const struct page *page, struct result *result,
                         struct error *err) {
    struct writer w = request_writer(request);
    status rc = OK;
    writer_map(&w);
    writer_key_uint(&w, "total", page->total);
    writer_key_uint(&w, "offset", page->query.offset);
    writer_key_uint(&w, "count", page->count);
    writer_key(&w, "columns");
    writer_array(&w);
    for (size_t c = 0; c < page->columns.count; c++)
        writer_string(&w, page->columns.items[c].name);
    writer_end(&w);
    writer_key(&w, "rows");
    writer_array(&w);
    for (size_t i = 0; i < page->count && rc == OK; i++) {
        writer_array(&w);
        for (size_t c = 0; c < page->columns.count && rc == OK; c++)
            rc = write_cell(&w, &page->columns.items[c], result, page->rows[i], err);
        writer_end(&w);
    }
    writer_end(&w);
    if (page->sparkline) {
        writer_key(&w, "sparklines");
        writer_array(&w);
        for (size_t i = 0; i < page->count; i++)
            write_sparkline(&w, result->sparkline + page->rows[i] * SPARKLINE_POINTS);
        writer_end(&w);
    }
    writer_end(&w);
    return rc;
}

/* Of a sweep that waits: what will be its columns is not known. */
static void write_no_runs(struct request *request, int64_t offset) {
    if (request_has_version(request, NULL)) return;
    struct writer w = request_writer(request);
    writer_map(&w);
    writer_key_uint(&w, "total", 0);
    writer_key_uint(&w, "offset", (uint64_t)offset);
    writer_key_uint(&w, "count", 0);
    for (int i = 0; i < 2; i++) {
        writer_key(&w, i ? "rows" : "columns");
        writer_array(&w);
        writer_end(&w);
    }
    writer_end(&w);
}

static void list_runs(struct request *request) {
    static const char *const names[] = {"offset",  "limit",  "sort",      "where",
                                        "columns", "status", "sparkline", NULL};
    struct page page = {0};
    struct error err = {0};
    int64_t offset = 0, limit = LIMIT_DEFAULT;
    if (!run_filter_known(request, names, true) ||
        !request_query_int(request, &offset, "offset", 0, INT64_MAX) ||
        !request_query_int(request, &limit, "limit", 1, LIMIT_MAX) ||
        !request_query_bool(request, &page.sparkline, "sparkline"))
        return;
    struct held_sweep *held;
    if (!request_hold_if_begun(request, &held)) return;
    if (!held) {
        write_no_runs(request, offset);
        return;
    }
    struct result *result = held_sweep_result(held);
    page.query.offset = (uint64_t)offset;
    page.query.limit = (uint64_t)limit;
    if (read_page(&page, request, result) && !request_has_version(request, held)) {
        status rc = result_query(result, &page.rows, &page.count, &page.total, &page.query, &err);
        if (rc == OK) rc = write_page(request, &page, result, &err);
        if (rc != OK) request_fail_error(request, NULL, &err);
    }
    row_columns_clear(&page.columns);
    free(page.rows);
    request_release(request, held);
}

/* ---- one run ---- */

bool request_row(struct request *request, uint64_t *row, struct result *result) {
    struct error err = {0};
    int64_t run;
    if (!text_to_int64(&run, request->parameters[1]) || run < 0) {
        request_fail(request, 400, "invalid", "n", "'%s' is no run number", request->parameters[1]);
        return false;
    }
    if (result_row_of_run(result, row, (uint64_t)run, &err) == OK) return true;
    request_fail_error(request, "n", &err);
    return false;
}

static void write_run_error(struct writer *w, const struct run_record *record, const struct series *candles,
                            size_t begin) {
    writer_key(w, "error");
    if (record->status == RUN_DONE) {
        writer_null(w);
        return;
    }
    size_t bar = (size_t)record->error_bar - begin;
    writer_map(w);
    writer_key_string(w, "type", record->error_type ? record->error_type : "");
    writer_key_string(w, "message", record->error_message ? record->error_message : "");
    writer_key_string(w, "traceback", record->traceback ? record->traceback : "");
    writer_key_int(w, "line", record->error_line);
    if (record->error_column > 0)
        writer_key_int(w, "column", record->error_column);
    else
        writer_key_null(w, "column");
    if (record->error_bar >= 0 && bar < candles->count)
        writer_key_time(w, "time", candles->open_time[bar]);
    else
        writer_key_null(w, "time");
    writer_end(w);
}

static void write_warnings(struct writer *w, const struct run_record *record) {
    const char *at = record->warnings, *end = at ? at + record->warnings_length : at;
    writer_key(w, "warnings");
    writer_array(w);
    while (at && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        writer_bytes(w, at, (size_t)((stop ? stop : end) - at));
        at = stop ? stop + 1 : end;
    }
    writer_end(w);
}

/* As `kmill show`: from the trades, so only where all of them are there. */
static void write_months(struct writer *w, const struct run_record *record, const struct series *candles,
                         size_t begin) {
    writer_key(w, "monthly_returns");
    writer_array(w);
    struct monthly_return *months = malloc(MONTHS_MAX * sizeof *months);
    if (months && candles->count && record->status == RUN_DONE &&
        record->trade_count == record->trade_total) {
        size_t count = monthly_returns(months, MONTHS_MAX, record->metrics[METRIC_INITIAL_BALANCE],
                                       record->trades, record->trade_count, candles, begin);
        for (size_t i = 0; i < count && i < MONTHS_MAX; i++) {
            writer_map(w);
            writer_key_int(w, "year", months[i].year);
            writer_key_int(w, "month", months[i].month);
            writer_key_double(w, "return", months[i].value);
            writer_end(w);
        }
    }
    free(months);
    writer_end(w);
}

/* What /equity would be made of. */
static const char *curve_of(const struct run_record *record, size_t kept_points,
                            const struct series *candles) {
    if (kept_points && candles->count && kept_points >= candles->count) return "full";
    if (record->status == RUN_DONE && candles->count && record->trade_count == record->trade_total)
        return "trades";
    return kept_points ? "points" : NULL;
}

static status write_params(struct writer *w, struct result *result, uint64_t row, struct error *err) {
    status rc = OK;
    writer_key(w, "params");
    writer_map(w);
    for (size_t p = 0; p < result_param_count(result) && rc == OK; p++) {
        struct value value;
        rc = result_param(result, &value, p, row, err);
        if (rc != OK) break;
        writer_key(w, result_param_name(result, p));
        write_value(w, value);
    }
    writer_end(w);
    return rc;
}

static void write_figures(struct writer *w, const struct run_record *record) {
    writer_key(w, "metrics");
    writer_map(w);
    for (enum metric m = 0; m < METRIC_COUNT; m++) {
        writer_key(w, metric_info(m)->name);
        write_metric(w, m, record->metrics[m]);
    }
    writer_end(w);
}

static void write_range(struct writer *w, const struct series *candles) {
    if (candles->count) {
        writer_key_time(w, "from", candles->open_time[0]);
        writer_key_time(w, "to", candles->open_time[candles->count - 1]);
    } else {
        writer_key_null(w, "from");
        writer_key_null(w, "to");
    }
}

static status write_run(struct writer *w, struct result *result, uint64_t row,
                        const struct run_record *record, size_t kept_points, struct error *err) {
    struct series candles;
    size_t begin;
    const struct series_provenance *series = &result_provenance(result)->series[record->series];
    result_candle_view(result, &candles, &begin, record->series);
    writer_map(w);
    writer_key_uint(w, "run", record->run);
    writer_key_string(w, "status", run_status_name(record->status));
    writer_key_string(w, "symbol", series->symbol);
    writer_key_string(w, "interval", series->interval);
    writer_key_double(w, "elapsed", record->elapsed_seconds);
    status rc = write_params(w, result, row, err);
    write_figures(w, record);
    write_run_error(w, record, &candles, begin);
    writer_key(w, "log");
    writer_bytes(w, record->log ? record->log : "", record->log_length);
    write_warnings(w, record);
    writer_key(w, "sparkline");
    write_sparkline(w, record->sparkline);
    writer_key_uint(w, "trade_count", record->trade_total);
    writer_key_uint(w, "trades_kept", record->trades ? record->trade_count : 0);
    writer_key_string(w, "curve", curve_of(record, kept_points, &candles));
    write_months(w, record, &candles, begin);
    write_range(w, &candles);
    writer_end(w);
    return rc;
}

static void get_run(struct request *request) {
    struct error err = {0};
    uint64_t row;
    if (!request_query_known(request, (const char *const[]){NULL})) return;
    struct held_sweep *held = request_hold(request);
    if (!held) return;
    struct result *result = held_sweep_result(held);
    if (request_row(request, &row, result) && !request_has_version(request, held)) {
        const struct run_record *record;
        double *equity = NULL;
        size_t points = 0;
        hdf5_lock();
        status rc = result_equity(result, &equity, &points, row, &err);
        if (rc == OK) rc = result_run(result, &record, row, &err);
        struct writer w = request_writer(request);
        if (rc == OK) rc = write_run(&w, result, row, record, points, &err);
        hdf5_unlock();
        free(equity);
        if (rc != OK) request_fail_error(request, NULL, &err);
    }
    request_release(request, held);
}

const struct route run_routes[] = {
    {HTTP_GET, "/api/v1/sweeps/{id}/runs", 0, NULL, list_runs},
    {HTTP_GET, "/api/v1/sweeps/{id}/runs/{n}", 0, NULL, get_run},
    {HTTP_GET, "/api/v1/sweeps/{id}/runs/{n}/equity", 0, NULL, get_run_equity},
    {HTTP_GET, "/api/v1/sweeps/{id}/runs/{n}/trades", 0, NULL, get_run_trades},
};
const size_t run_route_count = sizeof run_routes / sizeof *run_routes;
