/* Curves of runs. Alone: on made records, where every point is known, and for what must be refused. With
 * result files as arguments it prints their curves, one line a point, for test_run_curve.py, which compares
 * what the engine kept with what is made of trades. */
#include "kmill/analysis.h"
#include "results/equity_walk.h"
#include "result_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>
#include <cmocka.h>

enum { ROWS = 200 };
static char folder[] = "/tmp/kmill-curve-XXXXXX";
static const double initial_balance = 14000.0;

static void must(status rc, const struct error *err) {
    if (rc != OK) fail_msg("%d: %s", rc, err->message);
}

/* Odd runs keep their whole curve, even ones none; of every fifth run a trade is missing. */
static bool append(struct journal *journal, uint64_t run) {
    static struct sample sample;
    struct text bytes = {0};
    sample_make(&sample, run, 0, run % 2 ? SWEEP_BARS : 0);
    sample.record.metrics[METRIC_INITIAL_BALANCE] = initial_balance;
    sample.record.metrics[METRIC_BARS] = SWEEP_BARS;
    sample.record.trade_total += run % 5 == 4; /* not all trades were kept */
    bool done = run_record_encode(&bytes, &sample.record, NULL) == OK &&
                journal_append(journal, run, bytes.data, bytes.length, NULL) == OK;
    text_clear(&bytes);
    return done;
}

static struct result *make_result(const char *name, bool has_candles) {
    char path[64];
    struct error err;
    struct provenance provenance = sample_sweep();
    struct result_options options = sample_options();
    struct journal *journal;
    struct result *result;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!has_candles) options.series = NULL;
    must(journal_create(&journal, path, false, &provenance, &err), &err);
    for (uint64_t run = 0; run < ROWS; run++)
        assert_true(append(journal, run));
    must(journal_close(journal, &err), &err);
    must(result_write(path, &options, &err), &err);
    must(result_open(&result, path, &err), &err);
    return result;
}

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* The account at a bar of the stored series, from the first trade on each time. */
static void account_at(uint64_t run, int64_t bar, double *balance, double *position) {
    *balance = initial_balance;
    *position = 0.0;
    for (size_t t = 0; t < sample_trade_count(run); t++) {
        struct trade trade = sample_trade(run, t);
        if (trade.after_close ? trade.bar >= bar : trade.bar > bar) continue;
        *balance = trade.balance;
        *position = trade.position;
    }
}

static void check_curve(const struct run_curve *curve, uint64_t run) {
    const struct series_columns *candles = &sample_candles()[0];
    double peak = initial_balance; /* above most first points */
    assert_int_equal(curve->source, run % 2 ? CURVE_FULL : CURVE_TRADES);
    assert_int_equal(curve->count, SWEEP_BARS);
    for (size_t i = 0; i < SWEEP_BARS; i++) {
        double balance, position, equity;
        account_at(run, (int64_t)(SWEEP_FIRST_BAR + i), &balance, &position);
        equity = run % 2 ? sample_equity(run, i) : balance + position * candles->close[i];
        peak = fmax(peak, equity);
        assert_int_equal(curve->bar[i], i);
        assert_int_equal(curve->time[i], candles->open_time[i]);
        assert_true(curve->buy_hold[i] == initial_balance * (candles->close[i] / candles->open[0]));
        assert_true(curve->equity[i] == equity);
        assert_true(curve->drawdown[i] == (peak - equity) / peak);
        if (run % 5 == 4) {
            assert_true(isnan(curve->balance[i]) && isnan(curve->position[i]));
        } else {
            assert_true(curve->balance[i] == balance);
            assert_true(curve->position[i] == position);
        }
    }
}

static void curves_come_from_kept_points_or_from_trades(void **state) {
    (void)state;
    struct result *result = make_result("a.h5", true);
    size_t refused = 0, checked = 0;
    for (uint64_t run = 0; run < ROWS; run++) {
        struct run_curve curve;
        struct error err;
        enum curve_source source;
        status rc = result_curve(&curve, result, run, &err);
        assert_int_equal(result_curve_source(&source, result, run, &err), rc);
        if (rc == OK) {
            assert_int_equal(source, curve.source);
            check_curve(&curve, run);
            run_curve_clear(&curve);
            checked++;
            continue;
        }
        char expected[160];
        assert_int_equal(rc, ERR_NOT_FOUND);
        snprintf(expected, sizeof expected,
                 sample_fails(run) ? "run %d has no curve: its status is 'failed'"
                                   : "of run %d only the sparkline was kept; keep.equity or "
                                     "keep.trades of a sweep file keep what its curve is made of",
                 (int)run);
        assert_string_equal(err.message, expected);
        assert_true(sample_fails(run) || (run % 2 == 0 && run % 5 == 4));
        refused++;
    }
    assert_true(refused > 20 && checked > 100);
    result_close(result);
}

static void without_candles_there_is_equity_but_no_account(void **state) {
    (void)state;
    struct result *result = make_result("b.h5", false);
    for (uint64_t run = 0; run < ROWS; run++) {
        struct run_curve curve;
        struct error err;
        bool no_trades = sample_trade_count(run) == 0 && run % 5 != 4;
        status rc = result_curve(&curve, result, run, &err);
        assert_int_equal(rc, sample_fails(run) || run % 2 == 0 ? ERR_NOT_FOUND : OK);
        if (rc != OK) continue;
        assert_int_equal(curve.source, CURVE_FULL);
        assert_null(curve.time);
        assert_null(curve.buy_hold);
        assert_true(curve.equity[17] == sample_equity(run, 17));
        assert_true(no_trades ? curve.balance[17] == initial_balance : isnan(curve.balance[17]));
        run_curve_clear(&curve);
    }
    result_close(result);
}

/* What kmill export and --json show of such a result. */
static void an_equity_walk_from_nowhere_has_the_account_of_runs_without_trades_only(void **state) {
    (void)state;
    static struct sample sample;
    for (uint64_t run = 1; run < 40; run++) {
        if (sample_fails(run)) continue;
        sample_make(&sample, run, 0, 50);
        for (int is_known = 0; is_known < 2; is_known++) {
            size_t begin = is_known ? 80 : EQUITY_WALK_NOWHERE, points = 0, bar;
            struct equity_walk walk = equity_walk_start(&sample.record, begin, 50);
            double equity, balance, position;
            bool has_account;
            for (; equity_walk_next(&walk, &bar, &equity, &has_account); points++) {
                assert_int_equal(bar, points);
                assert_true(equity == sample_equity(run, points));
                assert_int_equal(has_account, is_known || sample_trade_count(run) == 0);
                if (!has_account || sample_trade_count(run) == 0) continue;
                account_at(run, (int64_t)(begin + bar), &balance, &position);
                if (balance == initial_balance) balance = sample.record.metrics[METRIC_INITIAL_BALANCE];
                assert_true(walk.balance == balance && walk.position == position);
            }
            assert_int_equal(points, 50);
        }
    }
}

/* ---- for test_run_curve.py ---- */

static int print_curves(const char *path) {
    static const char *const sources[] = {"full", "trades", "points"};
    struct result *result;
    struct run_curve curve;
    const struct series_columns *candles;
    struct error err = {0};
    status rc = result_open(&result, path, &err);
    for (uint64_t row = 0; rc == OK && row < result_run_count(result); row++) {
        rc = result_curve(&curve, result, row, &err);
        if (rc == OK) rc = result_candles(result, &candles, result_series_of(result, row), &err);
        for (size_t i = 0; rc == OK && i < curve.count; i++)
            printf("%llu %s %zu %lld %.17g %.17g %.17g %.17g %.17g %.17g\n",
                   (unsigned long long)result_run_of_row(result, row), sources[curve.source], curve.bar[i],
                   (long long)curve.time[i], curve.equity[i], curve.balance[i], curve.position[i],
                   curve.drawdown[i], candles->close[curve.bar[i]], curve.buy_hold[i]);
        run_curve_clear(&curve);
    }
    if (rc != OK) fprintf(stderr, "%s\n", err.message);
    result_close(result);
    return rc == OK ? 0 : 1;
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_come_from_kept_points_or_from_trades),
        cmocka_unit_test(without_candles_there_is_equity_but_no_account),
        cmocka_unit_test(an_equity_walk_from_nowhere_has_the_account_of_runs_without_trades_only),
    };
    if (argc == 2) return print_curves(argv[1]);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
