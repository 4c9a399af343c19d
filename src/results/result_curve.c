/* One run's equity, account and drawdown by bar.
 *
 * From trades and candles the curve is made as the bar loop made it (engine/backtest.c, ledger_mark): the
 * trades' balance and position are the ledger's doubles, and balance + position x close is the same two
 * operations in the same order, so that every bit is the same. */
#include "kmill/analysis.h"
#include "results/equity_walk.h"
#include "results/result_file.h"
#include "results/run_record.h"

#include <math.h>
#include <stdlib.h>

/* ---- where it comes from ---- */

struct curve_input {
    enum curve_source source;
    const struct run_record *record;
    const struct series_columns *candles; /* NULL: none */
    double *points;                       /* kept equity; NULL: none, or not needed */
    size_t bars;                          /* of the evaluated range */
    bool has_account;                     /* all trades are there, and what bars they belong to */
};

static status no_curve(struct result *result, uint64_t row, struct error *err) {
    unsigned long long run = result_run_of_row(result, row);
    enum run_status state = (enum run_status)result_status(result, row);
    if (state != RUN_DONE)
        return error_set(err, ERR_NOT_FOUND, "run %llu has no curve: its status is '%s'", run,
                         run_status_name(state));
    return error_set(
        err, ERR_NOT_FOUND,
        "of run %llu only the sparkline was kept; keep.equity or keep.trades of a sweep file keep "
        "what its curve is made of",
        run);
}

static status find_candles(const struct series_columns **out, struct result *result, uint64_t row,
                           struct error *err) {
    status rc = result_candles(result, out, result_series_of(result, row), err);
    if (rc == ERR_NOT_FOUND) *out = NULL;
    return rc == ERR_NOT_FOUND ? OK : rc;
}

/* All but the points and the record. */
static status find_source(struct curve_input *in, size_t *points, struct result *result, uint64_t row,
                          struct error *err) {
    const double *bars;
    if (result_status(result, row) != RUN_DONE) return no_curve(result, row, err);
    status rc = find_candles(&in->candles, result, row, err);
    if (rc == OK) rc = result_equity_points(result, points, row, err);
    if (rc == OK) rc = result_metric_column(result, &bars, METRIC_BARS, err);
    if (rc != OK) return rc;
    if (!in->candles && !(bars[row] >= 1 && bars[row] <= 0x1p53))
        return result_damaged(result, "a run that is done has no bars", err);
    in->bars = in->candles ? (size_t)in->candles->count : (size_t)bars[row];
    if (*points > in->bars) return result_damaged(result, "a curve has more points than bars", err);
    uint64_t total = result->trades_total[row],
             kept = result->trades_offset[row + 1] - result->trades_offset[row];
    in->has_account = total == 0 || (in->candles && kept == total);
    if (*points > 0 && *points == in->bars)
        in->source = CURVE_FULL;
    else if (in->candles && in->has_account && in->bars > 0)
        in->source = CURVE_TRADES;
    else if (*points > 0)
        in->source = CURVE_POINTS;
    else
        return no_curve(result, row, err);
    return OK;
}

status result_curve_source(enum curve_source *out, struct result *result, uint64_t row, struct error *err) {
    struct curve_input in = {0};
    size_t points;
    status rc = find_source(&in, &points, result, row, err);
    *out = in.source;
    return rc;
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
        out->buy_hold = malloc(bytes);
    }
    return out->bar && out->equity && out->balance && out->position && out->drawdown &&
           (!has_candles || (out->time && out->buy_hold));
}

/* The account at each point: a trade counts from its bar's point on, one made after the close from the next.
 */
static void fill_account(struct run_curve *out, const struct curve_input *in) {
    const struct run_record *record = in->record;
    double balance = record->metrics[METRIC_INITIAL_BALANCE], position = 0.0;
    int64_t first = in->candles ? (int64_t)in->candles->first_bar : 0;
    size_t next = 0;
    for (size_t i = 0; i < out->count; i++) {
        account_move_on(record, &next, first + (int64_t)out->bar[i], &balance, &position);
        out->balance[i] = in->has_account ? balance : NAN;
        out->position[i] = in->has_account ? position : NAN;
    }
}

/* Buy & hold as METRIC_BUY_HOLD_RETURN has it: from the first open, without fees. */
static void fill_candles(struct run_curve *out, const struct curve_input *in) {
    double initial = in->record->metrics[METRIC_INITIAL_BALANCE];
    for (size_t i = 0; in->candles && i < out->count; i++) {
        out->time[i] = in->candles->open_time[out->bar[i]];
        out->buy_hold[i] = initial * (in->candles->close[out->bar[i]] / in->candles->open[0]);
    }
}

static void fill_equity(struct run_curve *out, const struct curve_input *in) {
    for (size_t i = 0; i < out->count; i++)
        out->equity[i] = out->source == CURVE_TRADES
                             ? out->balance[i] + out->position[i] * in->candles->close[out->bar[i]]
                             : in->points[i];
}

/* The initial balance is the first peak. */
static void fill_drawdown(struct run_curve *out, double initial) {
    double peak = initial;
    for (size_t i = 0; i < out->count; i++) {
        if (out->equity[i] > peak) peak = out->equity[i];
        out->drawdown[i] = (peak - out->equity[i]) / peak;
    }
}

static status find_input(struct curve_input *in, size_t *count, struct result *result, uint64_t row,
                         struct error *err) {
    status rc = find_source(in, count, result, row, err);
    if (rc == OK) rc = result_run(result, &in->record, row, err);
    if (rc == OK && in->source != CURVE_TRADES) return result_equity(result, &in->points, count, row, err);
    *count = in->bars;
    return rc;
}

status result_curve(struct run_curve *out, struct result *result, uint64_t row, struct error *err) {
    struct curve_input in = {0};
    size_t count;
    *out = (struct run_curve){0};
    status rc = find_input(&in, &count, result, row, err);
    if (rc == OK && !make_room(out, count, in.candles != NULL))
        rc = error_set(err, ERR_MEMORY, "out of memory for a curve of %zu points", count);
    if (rc == OK) {
        out->source = in.source;
        out->count = count;
        for (size_t i = 0; i < count; i++)
            out->bar[i] = result_point_bar(i, count, in.bars);
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
    free(curve->buy_hold);
    *curve = (struct run_curve){0};
}
