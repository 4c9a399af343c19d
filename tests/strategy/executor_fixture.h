/* For tests that run whole strategies: one interpreter, a made series, and the bar loop around an executor in
 * its plainest form. */
#ifndef TESTS_STRATEGY_EXECUTOR_FIXTURE_H
#define TESTS_STRATEGY_EXECUTOR_FIXTURE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "strategy/python_executor.h"
#include "strategy/python_process.h"

enum { SERIES_BARS = 400 };

struct fixture {
    struct python_interpreter *interpreter;
    struct series series;
    struct shared_columns *columns;
    int64_t open_time[SERIES_BARS], close_time[SERIES_BARS], trades_count[SERIES_BARS];
    double prices[5][SERIES_BARS];
};

static struct fixture fixture;

/* Hourly candles from 2024-01-01 on: a wave on a slope, 8 decimals as prices have them; opens follow closes.
 */
static inline void fixture_fill_series(struct fixture *self) {
    double last = 100;
    for (int i = 0; i < SERIES_BARS; i++) {
        double close = round((100 + 20 * sin(i / 9.0) + 5 * cos(i * 1.7) + i * 0.03) * 1e8) / 1e8;
        self->open_time[i] = INT64_C(1704067200000) + i * INT64_C(3600000);
        self->close_time[i] = self->open_time[i] + 3599999;
        self->trades_count[i] = i;
        self->prices[0][i] = last;
        self->prices[1][i] = fmax(last, close) + 0.5;
        self->prices[2][i] = fmin(last, close) - 0.25;
        self->prices[3][i] = close;
        self->prices[4][i] = 1000 + i % 7;
        last = close;
    }
    self->series = (struct series){.symbol = "TESTUSDT",
                                   .interval = INTERVAL_1H,
                                   .count = SERIES_BARS,
                                   .open_time = self->open_time,
                                   .close_time = self->close_time,
                                   .trades_count = self->trades_count,
                                   .open = self->prices[0],
                                   .high = self->prices[1],
                                   .low = self->prices[2],
                                   .close = self->prices[3],
                                   .volume = self->prices[4]};
}

static inline int fixture_open(void **state) {
    (void)state;
    struct error err = {0};
    fixture_fill_series(&fixture);
    if (python_process_start(&err) || python_interpreter_create(&fixture.interpreter, &err) ||
        python_interpreter_watch(fixture.interpreter, &err) ||
        shared_columns_open(&fixture.columns, &fixture.series, 1 << 20, &err)) {
        print_error("%s\n", err.message);
        return -1;
    }
    python_process_leave_main();
    return python_interpreter_attach(fixture.interpreter, &err);
}

static inline int fixture_close(void **state) {
    (void)state;
    python_interpreter_detach(fixture.interpreter);
    shared_columns_close(fixture.columns);
    return 0;
}

/* What a test asks of a run; {0} takes all bars, window 50, balance 10000, fee 0.001. */
struct run_wish {
    const struct parameter_value *params;
    size_t param_count, window, first_bar, begin, end;
};

/* What came of it; run_result_clear. */
struct run_result {
    status status;
    struct run_report report;
    struct ledger ledger;
    double last_equity;
    size_t bars;
};

static inline void run_result_clear(struct run_result *result) {
    run_report_clear(&result->report);
    ledger_clear(&result->ledger);
}

static inline struct executor *make_executor(const char *source) {
    struct executor *executor = NULL;
    struct error err = {0};
    const struct python_strategy_source file = {"test_strategy.py", source};
    const struct strategy_options options = {0};
    status rc = python_executor_create(&executor, fixture.interpreter, &file, &options, &err);
    if (rc != OK) print_error("%s:%d:%d\n", err.message, err.line, err.column);
    assert_int_equal(rc, OK);
    return executor;
}

static inline status run_bars(struct executor *executor, const struct run_input *input,
                              struct run_result *result) {
    struct ledger *ledger = &result->ledger;
    const struct series *series = input->series;
    status rc = OK;
    for (size_t bar = input->first_bar; rc == OK && bar < input->begin; bar++)
        rc = executor->ops->on_warmup(executor, bar);
    for (size_t bar = input->begin; rc == OK && bar < input->end; bar++) {
        ledger->moment = (struct order_moment){(int64_t)bar, series->low[bar], series->high[bar], false};
        rc = executor->ops->on_bar(executor, bar);
        if (rc != OK) break;
        result->last_equity = ledger_mark(ledger, series->close[bar]);
        result->bars++;
        if (executor->ops->wants_equity(executor))
            executor->ops->on_equity(executor, bar, result->last_equity);
        bool last = bar + 1 == input->end;
        if (last || clock_utc_day(series->open_time[bar]) != clock_utc_day(series->open_time[bar + 1])) {
            ledger->moment.after_close = true;
            rc = executor->ops->on_day_end(executor, bar);
        }
    }
    return rc;
}

static inline struct run_result run_executor(struct executor *executor, const struct run_wish *wish) {
    struct run_result result = {0};
    const struct account_rules rules = {.initial_balance = decimal_from_int64(10000),
                                        .fee_rate = decimal_from_double(0.001),
                                        .slippage_bp = decimal_from_int64(0),
                                        .price_check = PRICE_CHECK_COUNT};
    const struct run_input input = {.series = &fixture.series,
                                    .columns = fixture.columns,
                                    .params = wish->params,
                                    .param_count = wish->param_count,
                                    .window = wish->window ? wish->window : 50,
                                    .first_bar = wish->first_bar,
                                    .begin = wish->begin,
                                    .end = wish->end ? wish->end : SERIES_BARS};
    ledger_reset(&result.ledger, &rules);
    result.status = executor->ops->start(executor, &input, &result.ledger);
    if (result.status == OK) result.status = run_bars(executor, &input, &result);
    executor->ops->finish(executor, &result.report);
    return result;
}

/* One run of a source that nothing but this test uses. */
static inline struct run_result run_source(const char *source, const struct run_wish *wish) {
    static const struct run_wish plain;
    struct executor *executor = make_executor(source);
    struct run_result result = run_executor(executor, wish ? wish : &plain);
    executor->ops->destroy(executor);
    return result;
}

static inline const char *report_log(const struct run_result *result) {
    return result->report.log.data ? result->report.log.data : "";
}

/* The strategy asserts for itself: it must end well, having printed exactly `log`. */
static inline void assert_strategy_prints(const char *source, const char *log) {
    struct run_result result = run_source(source, NULL);
    if (result.status != OK)
        print_error("%s: %s\n%s", result.report.failure.type, result.report.failure.message,
                    result.report.failure.traceback);
    assert_int_equal(result.status, OK);
    assert_string_equal(report_log(&result), log);
    run_result_clear(&result);
}

/* Python source of a strategy whose run() executes `body` (indented by four, newline-ended) once, in bar 60.
 */
#define IN_BAR_60(body)                          \
    "class Strategy(IStrategy):\n"               \
    "  bar = -1\n"                               \
    "  def run(self, context, kline, params):\n" \
    "    self.bar += 1\n"                        \
    "    if self.bar != 60: return\n" body "    print('done')\n"
#define assert_in_bar_60(body) assert_strategy_prints(IN_BAR_60(body), "done\n")

#endif
