/* One run for people. */
#include "cli/run_view.h"
#include "cli/table.h"
#include "metrics/monthly_returns.h"
#include "results/metric_text.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

enum { TRADE_ENDS = 10, GROUP_MAX = 16, NAME_WIDTH = 24 };

struct group {
    const char *title;
    enum metric metrics[GROUP_MAX];
    size_t count;
};
#define GROUP(title, ...) \
    { title, {__VA_ARGS__}, sizeof((enum metric[]){__VA_ARGS__}) / sizeof(enum metric) }

static const struct group groups[] = {
    GROUP("Result", METRIC_INITIAL_BALANCE, METRIC_FINAL_BALANCE, METRIC_PROFIT, METRIC_PROFIT_RATE,
          METRIC_BUY_HOLD_RETURN, METRIC_CAGR, METRIC_PEAK_EQUITY, METRIC_BASE_ASSET, METRIC_QUOTE_ASSET,
          METRIC_BASE_FEE, METRIC_QUOTE_FEE),
    GROUP("Risk", METRIC_VOLATILITY, METRIC_SHARPE, METRIC_SORTINO, METRIC_CALMAR, METRIC_OMEGA,
          METRIC_RECOVERY_FACTOR, METRIC_ALPHA, METRIC_BETA, METRIC_VAR_95, METRIC_CVAR_95, METRIC_SKEW,
          METRIC_KURTOSIS),
    GROUP("Drawdown", METRIC_MAX_DRAWDOWN, METRIC_AVERAGE_DRAWDOWN, METRIC_MAX_DRAWDOWN_DURATION,
          METRIC_AVERAGE_DRAWDOWN_DURATION, METRIC_ULCER_INDEX),
    GROUP("Trades", METRIC_TOTAL_TRADES, METRIC_BUYS, METRIC_SELLS, METRIC_REFUSED_ORDERS,
          METRIC_PRICE_OUTSIDE),
    GROUP("Rounds", METRIC_WIN_RATE, METRIC_BEST_TRADE, METRIC_WORST_TRADE, METRIC_AVERAGE_TRADE,
          METRIC_AVERAGE_WIN, METRIC_AVERAGE_LOSS, METRIC_PROFIT_FACTOR, METRIC_EXPECTANCY, METRIC_SQN,
          METRIC_KELLY, METRIC_MAX_CONSECUTIVE_WINS, METRIC_MAX_CONSECUTIVE_LOSSES, METRIC_MAX_TRADE_DURATION,
          METRIC_AVERAGE_TRADE_DURATION),
    GROUP("Time", METRIC_START, METRIC_END, METRIC_DURATION, METRIC_BARS, METRIC_EXPOSURE),
};

static void print_metric(FILE *out, enum metric metric, double value) {
    struct text text = {0};
    const char *unit = metric_info(metric)->unit;
    metric_text_add(&text, metric, value);
    bool names_unit = !isnan(value) && (strcmp(unit, "quote") == 0 || strcmp(unit, "base") == 0);
    fprintf(out, "  %-*s %16s%s%s\n", NAME_WIDTH, metric_info(metric)->name, text.data, names_unit ? " " : "",
            names_unit ? unit : "");
    text_clear(&text);
}

static void print_figures(FILE *out, const struct run_record *record) {
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        fprintf(out, "\n%s\n", groups[g].title);
        for (size_t i = 0; i < groups[g].count; i++)
            print_metric(out, groups[g].metrics[i], record->metrics[groups[g].metrics[i]]);
    }
}

/* Text of a strategy, indented; control characters other than line ends do not reach the terminal. */
static void print_block(FILE *out, const char *title, const char *text, size_t length) {
    if (length == 0) return;
    fprintf(out, "\n%s\n  ", title);
    while (length > 0 && text[length - 1] == '\n')
        length--;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n')
            fputs("\n  ", out);
        else
            fputc(c == '\t' || (c >= ' ' && c != 0x7f) ? c : '?', out);
    }
    fputc('\n', out);
}

static void print_error(FILE *out, const struct run_record *record, const struct series *series,
                        size_t begin) {
    struct text where = {0};
    size_t row = (size_t)record->error_bar - begin;
    if (record->error_line > 0) text_printf(&where, " in line %d", record->error_line);
    if (record->error_bar < 0)
        text_add_string(&where, " before the first bar");
    else if (series && row < series->count) {
        text_add_string(&where, " at the bar of ");
        metric_text_add_time(&where, series->open_time[row]);
    } else
        text_printf(&where, " at bar %lld", (long long)record->error_bar);
    fprintf(out, "\nThis run is not done: %s%s\n", run_status_name(record->status), where.data);
    text_clear(&where);
    struct text what = {0};
    text_printf(&what, "%s: %s", record->error_type ? record->error_type : "?",
                record->error_message ? record->error_message : "");
    print_block(out, "Error", what.data, what.length);
    if (record->traceback) print_block(out, "Traceback", record->traceback, strlen(record->traceback));
    text_clear(&what);
}

static void print_curve(FILE *out, const struct run_record *record) {
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    size_t points = SPARKLINE_POINTS;
    while (points > 0 && isnan(record->sparkline[points - 1]))
        points--;
    if (points == 0) return;
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < points; i++) {
        low = fmin(low, (double)record->sparkline[i]);
        high = fmax(high, (double)record->sparkline[i]);
    }
    struct text range = {0};
    metric_text_add_grouped(&range, low, 2);
    text_add_string(&range, " to ");
    metric_text_add_grouped(&range, high, 2);
    fprintf(out, "\nEquity, %s\n  ", range.data);
    for (size_t i = 0; i < points; i++) {
        double level = high > low ? ((double)record->sparkline[i] - low) / (high - low) : 0;
        fputs(blocks[(size_t)fmin(level * 8, 7)], out);
    }
    fputc('\n', out);
    text_clear(&range);
}

enum { MONTHS_MAX = 12 * 100 };

/* A row a year, a column a month, percent. */
static void print_months(FILE *out, const struct run_record *record, const struct series *series,
                         size_t begin) {
    static const char *const names[] = {"year", "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul",  "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (!series || record->status != RUN_DONE || record->trade_count < record->trade_total) return;
    size_t first = series_lower_bound(series, (int64_t)record->metrics[METRIC_START]);
    size_t bars = (size_t)record->metrics[METRIC_BARS];
    if (first + bars > series->count) return;
    struct series range = series_slice(series, first, first + bars);
    struct monthly_return months[MONTHS_MAX];
    size_t count = monthly_returns(months, MONTHS_MAX, record->metrics[METRIC_INITIAL_BALANCE],
                                   record->trades, record->trade_count, &range, begin + first);
    if (count > MONTHS_MAX) count = MONTHS_MAX;
    struct table *table = table_open();
    for (int c = 0; c <= 12; c++)
        table_add_column(table, names[c], c > 0);
    for (size_t i = 0; i < count;) {
        char text[32];
        int year = months[i].year;
        snprintf(text, sizeof text, "%d", year);
        table_add_cell(table, text);
        for (int month = 1; month <= 12; month++) {
            bool there = i < count && months[i].year == year && months[i].month == month;
            snprintf(text, sizeof text, "%.2f", there ? months[i].value * 100 : 0.0);
            table_add_cell(table, there ? text : "");
            i += there;
        }
    }
    fprintf(out, "\nMonthly returns, percent\n");
    table_print(table, out, isatty(fileno(out)) == 1);
    table_close(table);
}

static void add_number_cell(struct table *table, double value, int decimals) {
    struct text text = {0};
    metric_text_add_grouped(&text, value, decimals);
    table_add_cell(table, text.data);
    text_clear(&text);
}

static void add_plain_cell(struct table *table, double value) {
    char text[DOUBLE_TEXT_MAX];
    double_to_text(text, value);
    table_add_cell(table, text);
}

static void add_trade(struct table *table, const struct run_record *record, const struct trade *trade,
                      const struct series *series, size_t begin) {
    struct text stamp = {0};
    size_t row = (size_t)trade->bar - begin;
    if (trade->stamp == STAMP_TEXT)
        text_add_string(&stamp, record->trade_texts[trade->text]);
    else if (series && row < series->count)
        metric_text_add_time(&stamp, trade->stamp == STAMP_CLOSE_TIME ? series->close_time[row]
                                                                      : series->open_time[row]);
    else
        text_printf(&stamp, "bar %lld", (long long)trade->bar);
    table_add_cell(table, stamp.data ? stamp.data : "");
    text_clear(&stamp);
    table_add_cell(table, trade->side == TRADE_SELL ? "sell" : "buy");
    add_plain_cell(table, trade->price);
    add_plain_cell(table, trade->amount);
    add_number_cell(table, trade->fee, 4);
    add_number_cell(table, trade->balance, 2);
    add_plain_cell(table, trade->position);
    add_number_cell(table, trade->total_value, 2);
    if (trade->side == TRADE_SELL)
        add_number_cell(table, trade->profit, 2);
    else
        table_add_cell(table, "");
}

static void add_omission(struct table *table, size_t left_out) {
    char text[64];
    snprintf(text, sizeof text, "... %zu more", left_out);
    table_add_cell(table, text);
    for (size_t i = 1; i < 9; i++)
        table_add_cell(table, "");
}

static void print_trades(FILE *out, const struct run_record *record, const struct series *series,
                         size_t begin, size_t ends) {
    size_t count = record->trades ? record->trade_count : 0;
    if (count < record->trade_total)
        fprintf(out, "\nTrades: %llu, not kept (the sweep file's keep: says of which runs)\n",
                (unsigned long long)record->trade_total);
    if (count == 0) return;
    static const char *const titles[] = {"time",    "side",     "price",       "amount", "fee",
                                         "balance", "position", "total value", "profit"};
    struct table *table = table_open();
    for (size_t c = 0; c < sizeof titles / sizeof *titles; c++)
        table_add_column(table, titles[c], c >= 2);
    bool all = count / 2 < ends || count <= 2 * ends;
    for (size_t i = 0; i < count; i++) {
        if (!all && i == ends) {
            add_omission(table, count - 2 * ends);
            i = count - ends;
        }
        add_trade(table, record, &record->trades[i], series, begin);
    }
    fprintf(out, "\nTrades (times in UTC)\n");
    table_print(table, out, isatty(fileno(out)) == 1);
    table_close(table);
}

void run_view_print_range(FILE *out, const struct run_record *record, const struct series *series,
                          size_t begin, size_t ends) {
    if (record->status == RUN_DONE)
        print_figures(out, record);
    else
        print_error(out, record, series, begin);
    print_block(out, "Warnings", record->warnings, record->warnings_length);
    print_block(out, "Printed by the strategy", record->log, record->log_length);
    print_curve(out, record);
    print_months(out, record, series, begin);
    print_trades(out, record, series, begin, ends);
}

void run_view_print(FILE *out, const struct run_record *record, const struct series *series) {
    run_view_print_range(out, record, series, 0, TRADE_ENDS);
}
