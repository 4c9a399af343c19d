/* One run's equity, account and drawdown by bar.
 *
 * From trades and candles the curve is made as the bar loop made it (engine/backtest.c, ledger_mark): the
 * trades' balance and position are the ledger's doubles, and balance + position x close is the same two
 * operations in the same order, so that every bit is the same. */
#include "kmill/analysis.h"
#include "results/result_writer.h"
#include "results/run_record.h"

#include <math.h>
#include <stdlib.h>

/* ---- where it comes from ---- */

struct curve_input {
    const struct run_record *record;
    const struct series_columns *candles; /* NULL: none */
    double *points;                       /* kept equity, or NULL */
    size_t point_count, bars;             /* bars of the evaluated range */
    bool has_account;                     /* all trades are there, and what bar they belong to */
};

/* Where a result has no candles its trades count from an unknown bar. */
static bool account_is_known(const struct curve_input *in) {
    const struct run_record *record = in->record;
    return record->trade_total == 0 || (in->candles && record->trade_count == record->trade_total);
}

static status no_curve(struct result *result, uint64_t row, struct error *err) {
    unsigned long long run = result_run_of_row(result, row);
    if (result_status(result, row) != RUN_DONE)
        return error_set(err, ERR_NOT_FOUND, "run %llu has no curve: it is not done but %s", run,
                         run_status_name((enum run_status)result_status(result, row)));
    return error_set(err, ERR_NOT_FOUND,
                     "nothing but the sparkline was kept of run %llu; kmill verify or a sweep with "
                     "keep.equity makes its curve",
                     run);
}

static status find_input(struct curve_input *in, struct result *result, uint64_t row, struct error *err) {
    size_t series = result_series_of(result, row);
    status rc = result_candles(result, &in->candles, series, err);
    if (rc == ERR_NOT_FOUND) {
        in->candles = NULL;
        rc = OK;
    }
    if (rc == OK) rc = result_run(result, &in->record, row, err);
    if (rc == OK) rc = result_equity(result, &in->points, &in->point_count, row, err);
    if (rc != OK) return rc;
    in->bars = in->candles ? (size_t)in->candles->count : (size_t)in->record->metrics[METRIC_BARS];
    in->has_account = account_is_known(in);
    return OK;
}

/* ---- making it ---- */

static bool make_room(struct run_curve *out, size_t count, bool has_candles) {
    size_t bytes = (count + 1) * sizeof(double);
    out->bar = malloc((count + 1) * sizeof *out->bar);
    out->equity = malloc(bytes);
    out->balance = malloc(bytes);
    out->position = malloc(bytes);
    out->drawdown = malloc(bytes);
    if (has_candles) {
        out->time = malloc((count + 1) * sizeof *out->time);
        out->close = malloc(bytes);
    }
    return out->bar && out->equity && out->balance && out->position && out->drawdown &&
           (!has_candles || (out->time && out->close));
}

/* The account at each point: a trade counts from its bar's point on, one made after the close from the next.
 */
static void fill_account(struct run_curve *out, const struct curve_input *in) {
    const struct run_record *record = in->record;
    double balance = record->metrics[METRIC_INITIAL_BALANCE], position = 0.0;
    int64_t first = in->candles ? (int64_t)in->candles->first_bar : 0;
    size_t next = 0;
    for (size_t i = 0; i < out->count; i++) {
        int64_t now = first + (int64_t)out->bar[i];
        for (; next < record->trade_count; next++) {
            const struct trade *trade = &record->trades[next];
            if (trade->bar + trade->after_close > now) break;
            balance = trade->balance;
            position = trade->position;
        }
        out->balance[i] = in->has_account ? balance : NAN;
        out->position[i] = in->has_account ? position : NAN;
    }
}

static void fill_candles(struct run_curve *out, const struct curve_input *in) {
    for (size_t i = 0; in->candles && i < out->count; i++) {
        out->time[i] = in->candles->open_time[out->bar[i]];
        out->close[i] = in->candles->close[out->bar[i]];
    }
}

static void fill_equity(struct run_curve *out, const struct curve_input *in) {
    for (size_t i = 0; i < out->count; i++)
        out->equity[i] =
            out->source == CURVE_TRADES ? out->balance[i] + out->position[i] * out->close[i] : in->points[i];
}

/* The initial balance is the first peak. */
static void fill_drawdown(struct run_curve *out, double initial) {
    double peak = initial;
    for (size_t i = 0; i < out->count; i++) {
        if (out->equity[i] > peak) peak = out->equity[i];
        out->drawdown[i] = (peak - out->equity[i]) / peak;
    }
}

status result_curve(struct run_curve *out, struct result *result, uint64_t row, struct error *err) {
    struct curve_input in = {0};
    *out = (struct run_curve){0};
    if (result_status(result, row) != RUN_DONE) return no_curve(result, row, err);
    status rc = find_input(&in, result, row, err);
    if (rc == OK) {
        out->source = in.point_count && in.point_count >= in.bars ? CURVE_FULL
                      : in.candles && in.has_account              ? CURVE_TRADES
                                                                  : CURVE_POINTS;
        out->count = out->source == CURVE_TRADES ? in.bars : in.point_count;
        if (in.point_count > in.bars) rc = error_set(err, ERR_CORRUPT, "a curve has more points than bars");
    }
    if (rc == OK && out->count == 0) rc = no_curve(result, row, err);
    if (rc == OK && !make_room(out, out->count, in.candles != NULL))
        rc = error_set(err, ERR_MEMORY, "out of memory for a curve of %zu points", out->count);
    if (rc == OK) {
        for (size_t i = 0; i < out->count; i++)
            out->bar[i] = result_point_bar(i, out->count, in.bars);
        fill_candles(out, &in);
        fill_account(out, &in);
        fill_equity(out, &in);
        fill_drawdown(out, in.record->metrics[METRIC_INITIAL_BALANCE]);
    }
    free(in.points);
    if (rc != OK) run_curve_clear(out);
    return rc;
}

void run_curve_clear(struct run_curve *curve) {
    free(curve->bar);
    free(curve->time);
    free(curve->equity);
    free(curve->balance);
    free(curve->position);
    free(curve->drawdown);
    free(curve->close);
    *curve = (struct run_curve){0};
}
