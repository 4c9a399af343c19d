/* All metrics of one run: the exact ledger's figures here, the rest by parts (metric_parts.h). Formulas:
 * kmill/metrics.h. */
#include "metrics/metric_parts.h"

#include <assert.h>
#include <math.h>

/* The document's result fields: exact decimals, each rounded to a double once. */
static void fill_account(double *out, const struct ledger *ledger, double last_close) {
    struct decimal initial = ledger->rules.initial_balance;
    struct decimal final = ledger_equity(ledger, decimal_from_double(last_close));
    struct decimal profit = decimal_subtract(final, initial);
    out[METRIC_INITIAL_BALANCE] = decimal_to_double(initial);
    out[METRIC_FINAL_BALANCE] = decimal_to_double(final);
    out[METRIC_PROFIT] = decimal_to_double(profit);
    out[METRIC_PROFIT_RATE] = decimal_to_double(decimal_divide(profit, initial));
    out[METRIC_TOTAL_TRADES] = (double)ledger->trade_count;
    out[METRIC_BASE_ASSET] = decimal_to_double(ledger->position);
    out[METRIC_QUOTE_ASSET] = decimal_to_double(ledger->balance);
    out[METRIC_BASE_FEE] = 0.0;
    out[METRIC_QUOTE_FEE] = decimal_to_double(ledger->quote_fee);
    out[METRIC_REFUSED_ORDERS] = (double)ledger->refused_orders;
    out[METRIC_PRICE_OUTSIDE] = (double)ledger->price_outside;
}

static void fill_range(double *out, const struct series *series) {
    size_t n = series->count;
    out[METRIC_START] = (double)series->open_time[0];
    out[METRIC_END] = (double)series->close_time[n - 1];
    out[METRIC_DURATION] = (double)(series->close_time[n - 1] - series->open_time[0]);
    out[METRIC_BARS] = (double)n;
    out[METRIC_BUY_HOLD_RETURN] = series->close[n - 1] / series->open[0] - 1.0;
}

/* Of parts already there. long double: its pow does not depend on the CPU's generation as the double one
 * does. */
static void fill_growth(double *out, const struct metric_input *input) {
    double last = input->equity[input->n - 1], deepest = out[METRIC_MAX_DRAWDOWN];
    long double years = (long double)input->n / (long double)input->bars_per_year;
    double cagr = NAN;
    if (last > 0.0)
        cagr = (double)(powl((long double)last / (long double)input->initial, 1.0L / years) - 1.0L);
    out[METRIC_CAGR] = cagr;
    out[METRIC_CALMAR] = deepest > 0.0 ? cagr / deepest : NAN;
    out[METRIC_RECOVERY_FACTOR] = deepest > 0.0 ? out[METRIC_PROFIT_RATE] / deepest : NAN;
}

void run_metrics(double out[METRIC_COUNT], const struct ledger *ledger, const struct series *series,
                 size_t begin, size_t end, const double *equity, struct metrics_scratch *scratch) {
    assert(begin < end && end <= series->count);
    struct series range = series_slice(series, begin, end);
    struct metric_input input = {.ledger = ledger,
                                 .series = &range,
                                 .n = end - begin,
                                 .first_bar = (int64_t)begin,
                                 .initial = decimal_to_double(ledger->rules.initial_balance),
                                 .equity = equity,
                                 .bars_per_year = interval_per_year(series->interval)};
    fill_account(out, ledger, range.close[range.count - 1]);
    fill_range(out, &range);
    drawdown_metrics(out, &input);
    return_metrics(out, &input, scratch);
    round_metrics(out, &input);
    fill_growth(out, &input);
    for (int i = 0; i < METRIC_COUNT; i++)
        if (!isfinite(out[i])) out[i] = NAN;
}
