/* Sweep files: what is read from them, and that every mistake is found at its line and column with what to do
 * about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "sweep/spec.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define REQUIRED "name: n\nstrategy: s.py\nsymbols: BTCUSDT\nintervals: 1h\n" /* lines 1 to 4 */

static struct sweep_spec *parsed(const char *text) {
    struct sweep_spec *spec;
    struct problems problems = {0};
    if (spec_parse(&spec, text, strlen(text), "folder/sweep.yaml", &problems) != OK)
        fail_msg("%d:%d: %s\nin\n%s", problems.items[0].line, problems.items[0].column,
                 problems.items[0].message, text);
    assert_int_equal(problems.count, 0);
    return spec;
}

static void assert_decimal(struct decimal value, const char *expected) {
    char text[DECIMAL_TEXT_MAX];
    decimal_to_text(text, value);
    assert_string_equal(text, expected);
}

static void every_key_reaches_its_field(void **state) {
    (void)state;
    struct sweep_spec *spec =
        parsed("# a sweep\n"
               "name: sma_cross-1.0\n"
               "strategy: ../strategies/sma_cross.py\n"
               "store: /data/klines\n"
               "symbols: [BTCUSDT, \"1000SATSUSDT\"]\n"
               "intervals:\n  - 1h\n  - 1M\n"
               "from: 2024-01-01\n"
               "to: 2024-07-01T12:00:00Z\n"
               "warmup: 100\n"
               "account:\n"
               "  initial_balance: 10000.50\n"
               "  fee_rate: 0.00075\n"
               "  slippage_bp: 1.5\n"
               "  price_check: off\n"
               "params:\n"
               "  fast: [5, 10.0, 'x', true, null]\n"
               "  slow: {range: [20, 60], step: 10}\n"
               "  klineWndSize: 60\n"
               "where:\n  - fast != slow\n  - slow > 20\n"
               "method: random\n"
               "trials: 1000\n"
               "seed: 7\n"
               "rank_by: {metric: max_drawdown, direction: min}\n"
               "filters: {min_trades: 5, max_drawdown: 0.3, max_trades: 10, min_winRate: 0.4}\n"
               "limits: {seconds: 2.5, memory_mb: 64}\n"
               "keep: {equity: {top: 20}, points: 500, trades: none}\n"
               "threads: 3\n"
               "output: out/result.h5\n");
    assert_string_equal(spec->name, "sma_cross-1.0");
    assert_string_equal(spec->strategy_path, "folder/../strategies/sma_cross.py");
    assert_string_equal(spec->store, "/data/klines");
    assert_int_equal(spec->series_count, 4);
    static const struct series_name series[] = {{"BTCUSDT", INTERVAL_1H},
                                                {"BTCUSDT", INTERVAL_1MO},
                                                {"1000SATSUSDT", INTERVAL_1H},
                                                {"1000SATSUSDT", INTERVAL_1MO}};
    for (int i = 0; i < 4; i++) {
        assert_string_equal(spec->series[i].symbol, series[i].symbol);
        assert_int_equal(spec->series[i].interval, series[i].interval);
    }
    assert_true(spec->has_from && spec->has_to);
    assert_int_equal(spec->from_ms, 1704067200000);
    assert_int_equal(spec->to_ms, 1719835200000);
    assert_int_equal(spec->warmup, 100);
    assert_decimal(spec->account.initial_balance, "10000.50");
    assert_decimal(spec->account.fee_rate, "0.00075");
    assert_decimal(spec->account.slippage_bp, "1.5");
    assert_int_equal(spec->account.price_check, PRICE_CHECK_OFF);
    assert_int_equal(spec->param_count, 3);
    assert_string_equal(spec->params[0].name, "fast");
    assert_int_equal(spec->params[0].kind, DOMAIN_LIST);
    assert_int_equal(spec->params[0].count, 5);
    static const struct value values[] = {{VALUE_INT, .integer = 5},
                                          {VALUE_FLOAT, .real = 10.0},
                                          {VALUE_TEXT, .text = "x"},
                                          {VALUE_BOOL, .boolean = true},
                                          {VALUE_NONE, {0}}};
    for (int i = 0; i < 5; i++)
        assert_true(value_equal(spec->params[0].values[i], values[i]));
    assert_int_equal(spec->params[1].kind, DOMAIN_RANGE);
    assert_int_equal(spec->params[1].count, 5);
    assert_true(spec->params[1].integral);
    assert_int_equal(spec->params[1].line, 19);
    assert_int_equal(spec->where_count, 2);
    assert_string_equal(expression_text(spec->where[1]), "slow > 20");
    assert_int_equal(spec->method, METHOD_RANDOM);
    assert_int_equal(spec->trials, 1000);
    assert_int_equal(spec->seed, 7);
    assert_int_equal(spec->rank_metric, METRIC_MAX_DRAWDOWN);
    assert_false(spec->rank_descending);
    assert_int_equal(spec->filter_count, 3);
    assert_int_equal(spec->filters[0].metric, METRIC_TOTAL_TRADES);
    assert_true(spec->filters[0].minimum == 5.0 && spec->filters[0].maximum == 10.0);
    assert_int_equal(spec->filters[1].metric, METRIC_MAX_DRAWDOWN);
    assert_true(isnan(spec->filters[1].minimum) && spec->filters[1].maximum == 0.3);
    assert_int_equal(spec->filters[2].metric, METRIC_WIN_RATE);
    assert_true(spec->limit_seconds == 2.5);
    assert_int_equal(spec->limit_memory, 64 << 20);
    assert_int_equal(spec->keep_equity, KEEP_TOP);
    assert_int_equal(spec->keep_equity_top, 20);
    assert_int_equal(spec->equity_points, 500);
    assert_int_equal(spec->keep_trades, KEEP_NONE);
    assert_int_equal(spec->threads, 3);
    assert_string_equal(spec->output, "folder/out/result.h5");
    assert_memory_equal(spec->text, "# a sweep\nname:", 15);
    spec_close(spec);
}

static void what_is_left_out_has_its_default(void **state) {
    (void)state;
    struct sweep_spec *spec = parsed(REQUIRED);
    assert_decimal(spec->account.initial_balance, "10000");
    assert_decimal(spec->account.fee_rate, "0.001");
    assert_decimal(spec->account.slippage_bp, "0");
    assert_int_equal(spec->account.price_check, PRICE_CHECK_COUNT);
    assert_int_equal(spec->method, METHOD_GRID);
    assert_int_equal(spec->rank_metric, METRIC_PROFIT_RATE);
    assert_true(spec->rank_descending);
    assert_true(spec->limit_seconds == 60.0);
    assert_int_equal(spec->limit_memory, 512 << 20);
    assert_int_equal(spec->keep_equity, KEEP_TOP);
    assert_int_equal(spec->keep_equity_top, 100);
    assert_int_equal(spec->keep_trades, KEEP_ALL);
    assert_int_equal(spec->equity_points, 0);
    assert_false(spec->has_from || spec->has_to);
    assert_null(spec->store);
    assert_null(spec->output);
    assert_int_equal(spec->threads, 0);
    assert_int_equal(spec->series_count, 1);
    spec_close(spec);
}

static void a_metric_without_direction_is_ranked_by_what_is_better(void **state) {
    (void)state;
    static const struct {
        const char *rank;
        enum metric metric;
        bool is_descending;
    } cases[] = {{"sharpe", METRIC_SHARPE, true},
                 {"maxDrawdown", METRIC_MAX_DRAWDOWN, false},
                 {"{metric: ulcer_index}", METRIC_ULCER_INDEX, false},
                 {"{metric: sharpe, direction: min}", METRIC_SHARPE, false},
                 {"{metric: trades, direction: max}", METRIC_TOTAL_TRADES, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        snprintf(text, sizeof text, REQUIRED "rank_by: %s\n", cases[i].rank);
        struct sweep_spec *spec = parsed(text);
        assert_int_equal(spec->rank_metric, cases[i].metric);
        assert_int_equal(spec->rank_descending, cases[i].is_descending);
        spec_close(spec);
    }
}

/* Line and column counted by hand. Where "text" does not define the required keys, they stand before it in
 * four lines. */
struct mistake {
    const char *text;
    int line, column;
    const char *message;
};

static bool is_only_mistake(const struct mistake *m, bool is_whole) {
    struct sweep_spec *spec;
    struct problems problems = {0};
    char text[4096];
    snprintf(text, sizeof text, "%s%s", is_whole ? "" : REQUIRED, m->text);
    status rc = spec_parse(&spec, text, strlen(text), "x.yaml", &problems);
    bool is_right = rc == ERR_INPUT && spec == NULL && problems.count == 1;
    if (is_right) {
        const struct problem *p = &problems.items[0];
        is_right = p->line == m->line && p->column == m->column && strstr(p->message, m->message);
    }
    for (size_t i = 0; !is_right && i < problems.count; i++)
        print_error("%d:%d: %s\n", problems.items[i].line, problems.items[i].column,
                    problems.items[i].message);
    if (!is_right) print_error("expected only %d:%d: %s\nin\n%s\n", m->line, m->column, m->message, text);
    problems_clear(&problems);
    return is_right;
}

static void assert_mistakes(const struct mistake *mistakes, size_t count, bool is_whole) {
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++)
        wrong += !is_only_mistake(&mistakes[i], is_whole);
    assert_int_equal(wrong, 0);
}

static void mistakes_of_keys_and_types(void **state) {
    (void)state;
    static const struct mistake mistakes[] = {
        {"parms: {a: 1}\n", 5, 1, "unknown key 'parms'; did you mean 'params'?"},
        {"fee_rate: 0.1\n", 5, 1, "unknown key 'fee_rate'; it belongs to account"},
        {"xyzzy: 1\n", 5, 1, "unknown key 'xyzzy'; known: name, strategy, store"},
        {"account: {fee: 0.1}\n", 5, 11, "unknown key 'fee' in account; known: initial_balance"},
        {"account: {trials: 1}\n", 5, 11,
         "unknown key 'trials' in account; it belongs to the file's top level"},
        {"account: 5\n", 5, 10, "account must be a map of keys such as initial_balance, not '5'"},
        {"account: {initial_balance: 0}\n", 5, 28, "must be more than 0, not '0'"},
        {"account: {initial_balance: -5}\n", 5, 28, "must be more than 0"},
        {"account: {initial_balance: '5'}\n", 5, 28, "must be a number, not '5': write it without quotes"},
        {"account: {initial_balance: 1_000}\n", 5, 28, "not '1_000': write numbers as 1000"},
        {"account: {initial_balance: .inf}\n", 5, 28, "must be a finite number"},
        {"account: {initial_balance: 1.000000000000000000000000000000000000001}\n", 5, 28, "too many digits"},
        {"account: {fee_rate: -0.001}\n", 5, 21, "at least 0 and less than 1, not '-0.001'"},
        {"account: {fee_rate: 1}\n", 5, 21, "at least 0 and less than 1"},
        {"account: {slippage_bp: 10000}\n", 5, 24, "less than 10000"},
        {"account: {fee_rate: [1]}\n", 5, 21, "must be a number, not a list"},
        {"account:\n  fee_rate:\n", 6, 12, "must be a number, not nothing"},
        {"account: {price_check: of}\n", 5, 24,
         "must be off, count or refuse, not 'of'; did you mean 'off'?"},
        {"warmup: -1\n", 5, 9, "warmup (bars) must be 0 to"},
        {"warmup: 1.5\n", 5, 9, "must be a whole number, not '1.5'"},
        {"warmup: yes\n", 5, 9, "must be a whole number, not 'yes': write true or false"},
        {"warmup: 99999999999999999999\n", 5, 9, "must be a whole number"},
        {"threads: -1\n", 5, 10, "threads (0: all cores) must be 0 to 4096, not '-1'"},
        {"from: 2024-13-01\n", 5, 7, "from must be a UTC time such as 2024-01-31"},
        {"from: 2024-02-01\nto: 2024-02-01\n", 6, 5, "to must be later than from"},
        {"store: [a]\n", 5, 8, "store must be a text, not a list"},
        {"store:\n", 5, 7, "store must be a text, not nothing"},
        {"rank_by: sharp\n", 5, 10, "unknown metric in 'sharp'; did you mean 'sharpe'?"},
        {"rank_by: profit_rat\n", 5, 10, "did you mean 'profit_rate'?"},
        {"rank_by: zzzzzzz\n", 5, 10, "unknown metric in 'zzzzzzz': see the list"},
        {"rank_by: trades\n", 5, 10, "neither more nor less of 'totalTrades' is better"},
        {"rank_by: {metric: sharpe, direction: up}\n", 5, 38, "must be min or max, not 'up'"},
        {"rank_by: {direction: max}\n", 5, 10, "the key 'metric' is missing in rank_by"},
        {"filters: {trades: 5}\n", 5, 11, "a filter is min_METRIC or max_METRIC"},
        {"filters: {min_trads: 5}\n", 5, 11, "unknown metric in 'min_trads'; did you mean 'min_trades'?"},
        {"filters: {max_sharpee: 5}\n", 5, 11, "unknown metric in 'max_sharpee'; did you mean 'max_sharpe'?"},
        {"filters: {max_drawdwn: 5}\n", 5, 11,
         "unknown metric in 'max_drawdwn'; did you mean 'max_drawdown'?"},
        {"filters: {min_trades: a}\n", 5, 23, "min_trades must be a number, not 'a'"},
        {"filters: {min_trades: 5, max_trades: 4}\n", 5, 26,
         "no totalTrades is both at least 5 and at most 4"},
        {"filters: {min_trades: 5, min_totalTrades: 6}\n", 5, 26, "bounds totalTrades a second time"},
        {"filters: [1]\n", 5, 10, "filters must be a map"},
        {"limits: {seconds: 0}\n", 5, 19, "limits.seconds must be more than 0"},
        {"limits: {memory_mb: 0}\n", 5, 21, "limits.memory_mb must be 1 to"},
        {"keep: {equity: some}\n", 5, 16, "keep.equity must be none, all or {top: N}, not 'some'"},
        {"keep: {equity: {topp: 5}}\n", 5, 17, "unknown key 'topp' in keep.equity; did you mean 'top'?"},
        {"keep: {trades: {top: 0}}\n", 5, 22, "top must be at least 1, not '0'"},
        {"keep: {points: 1}\n", 5, 16, "must be 2 to"},
        {"method: gird\n", 5, 9, "method must be grid or random, not 'gird'; did you mean 'grid'?"},
        {"trials: 5\n", 5, 1 + 8, "trials has a meaning only with  method: random"},
        {"method: random\n", 5, 9, "method: random needs trials"},
        {"method: random\ntrials: 0\n", 6, 9, "trials must be at least 1"},
        {"seed: -1\n", 5, 7, "seed must be at least 0"},
    };
    assert_mistakes(mistakes, sizeof mistakes / sizeof *mistakes, false);
}

static void mistakes_of_parameters(void **state) {
    (void)state;
    static const struct mistake mistakes[] = {
        {"params: [a]\n", 5, 9, "params must be a map"},
        {"params: {a: []}\n", 5, 13, "a is an empty list"},
        {"params: {a: [1, 1]}\n", 5, 17, "'1' stands twice among the values of 'a'"},
        {"params: {a: [1, [2]]}\n", 5, 17,
         "a value of 'a' must be a number, a text, true, false or null, not a list"},
        {"params: {a: no}\n", 5, 13, "'no' as a value of 'a': write true or false, or put it in quotes"},
        {"params: {a: 1_000}\n", 5, 13, "write numbers as 1000"},
        {"params: {a: .nan}\n", 5, 13, "only finite numbers"},
        {"params: {a: 1e999}\n", 5, 13, "too large"},
        {"params: {a: 9223372036854775808}\n", 5, 13, "too large"},
        {"params:\n  a:\n", 6, 5, "write null if None is meant"},
        {"params: {1a: 1}\n", 5, 10, "a parameter's name is 1 to 64 letters"},
        {"params: {a-b: 1}\n", 5, 10, "a parameter's name is"},
        {"params: {in: 1}\n", 5, 10, "'in' is a word of the conditions"},
        {"params: {a: 1, a: 2}\n", 5, 16, "the key 'a' stands twice (first in line 5)"},
        {"params: {a: {rnge: [1, 2]}}\n", 5, 14,
         "unknown key 'rnge' in the parameter 'a'; did you mean 'range'?"},
        {"params: {a: {}}\n", 5, 13, "the parameter 'a' has no values"},
        {"params: {a: {step: 1}}\n", 5, 20, "step belongs to range"},
        {"params: {a: {range: 5}}\n", 5, 21, "range must be [low, high], not '5'"},
        {"params: {a: {range: [1, 2, 3]}}\n", 5, 21, "range must be [low, high], two values, not 3"},
        {"params: {a: {range: [1, b]}}\n", 5, 25, "range must be a number, not 'b'"},
        {"params: {a: {range: [5, 1]}}\n", 5, 21, "range runs from low to high: swap"},
        {"params: {a: {range: [1, 5], step: 0}}\n", 5, 35, "step must be more than 0"},
        {"params: {a: {range: [5, 1], step: -1}}\n", 5, 35, "step must be more than 0"},
        {"params: {a: {range: [0.1, 5]}}\n", 5, 21, "a range of floats needs a step"},
        {"params: {a: {range: [0, 1], step: 1e-40}}\n", 5, 21, "more digits than can be counted"},
        {"params: {a: {range: [0, 1], step: 1e-30}}\n", 5, 21, "more values"},
        {"params: {a: {log_range: [1, 5]}}\n", 5, 25, "log_range needs a count"},
        {"params: {a: {log_range: [0, 5], count: 3}}\n", 5, 26, "logarithm only above 0"},
        {"params: {a: {log_range: [1, -5], count: 3}}\n", 5, 29, "logarithm only above 0"},
        {"params: {a: {log_range: [5, 1], count: 3}}\n", 5, 25, "log_range runs from low to high"},
        {"params: {a: {log_range: [1, 5], count: 0}}\n", 5, 40, "count must be at least 1"},
        {"params: {a: {log_range: [1, 5], count: 1}}\n", 5, 40, "count must be at least 2"},
        {"params: {a: {log_range: [1, 5], count: 100000000000}}\n", 5, 40, "count is too large"},
        {"params: {a: {range: [1, 5], count: 3}}\n", 5, 36, "count belongs to log_range"},
        {"params: {a: {range: [1, 5], integer: [1, 2]}}\n", 5, 38, "range and integer in one parameter"},
        {"params: {a: {uniform: [0, 1]}}\n", 5, 13, "'a' is drawn at random, which a grid cannot do"},
        {"params: {a: {choice: [0, 1]}}\n", 5, 13, "drawn at random"},
        {"params: {a: {integer: [0, 1]}}\n", 5, 13, "drawn at random"},
        {"params: {a: {log_uniform: [1, 2]}}\n", 5, 13, "drawn at random"},
        {"method: random\ntrials: 3\nparams: {a: {uniform: [1, 1]}}\n", 7, 23, "one value only"},
        {"method: random\ntrials: 3\nparams: {a: {uniform: [-1e308, 1e308]}}\n", 7, 23, "too wide"},
        {"method: random\ntrials: 3\nparams: {a: {log_uniform: [0, 1]}}\n", 7, 28, "logarithm only above 0"},
        {"method: random\ntrials: 3\nparams: {a: {integer: [0.5, 1]}}\n", 7, 24,
         "integer must be a whole number"},
        {"method: random\ntrials: 3\nparams: {a: {integer: [2, 1]}}\n", 7, 23,
         "integer runs from low to high"},
        {"method: random\ntrials: 3\nparams: {a: {choice: 5}}\n", 7, 22, "choice must be a list"},
        {"method: random\ntrials: 3\nparams: {a: {choice: []}}\n", 7, 22, "empty list"},
        {"params: {klineWndSize: 0}\n", 5, 24, "whole numbers from 1"},
        {"params: {klineWndSize: [50, 50.5]}\n", 5, 24, "whole numbers from 1"},
        {"params: {klineWndSize: {range: [10, 50], step: 0.5}}\n", 5, 24, "whole numbers from 1"},
        {"params: {klineWndSize: {log_range: [10, 50], count: 3}}\n", 5, 24, "whole numbers from 1"},
        {"params: {kline_wnd_size: 20}\n", 5, 10, "spelled klineWndSize"},
        {"params: {klineWndsize: 20}\n", 5, 10, "spelled klineWndSize, not 'klineWndsize'"},
        {"params: {a: 1}\nwhere: b < 1\n", 6, 8, "unknown name 'b'"},
        {"params: {fast: 1}\nwhere: ['1 < 2', 'fast < 3 and fsat > 2']\n", 6, 32, "did you mean 'fast'?"},
        {"params: {a: 1}\nwhere: a = 1\n", 6, 10, "write =="},
        {"params: {a: 1}\nwhere: >\n  a <\n  b\n", 6, 8,
         "at character 5 of this condition: unknown name 'b'"},
        {"params: {a: 1}\nwhere: {a: 1}\n", 6, 8, "where must be a list, not a map"},
        {"params: {a: 1}\nwhere: []\n", 6, 8, "empty list"},
        {"params: {a: {range: [0, 4611686018427387904]}, b: {range: [0, 7]}}\n", 5, 9,
         "more than 2^64 combinations"},
    };
    assert_mistakes(mistakes, sizeof mistakes / sizeof *mistakes, false);
}

static void mistakes_of_the_required_keys_and_of_yaml(void **state) {
    (void)state;
    static const struct mistake mistakes[] = {
        {"", 1, 1, "the sweep file must be a map of keys such as name, not nothing"},
        {"[1]", 1, 1, "must be a map"},
        {"name: n\nstrategy: s\nsymbols: A\n", 1, 1, "the key 'intervals' is missing"},
        {"name: a/b\nstrategy: s\nsymbols: A\nintervals: 1h\n", 1, 7, "name must be 1 to 100 letters"},
        {"name: n\nstrategy: s\nsymbols: A/B\nintervals: 1h\n", 3, 10, "a symbol is 1 to 31 letters"},
        {"name: n\nstrategy: s\nsymbols: ../A\nintervals: 1h\n", 3, 10, "a symbol is"},
        {"name: n\nstrategy: s\nsymbols: [A, A]\nintervals: 1h\n", 3, 14, "the symbol 'A' stands twice"},
        {"name: n\nstrategy: s\nsymbols: []\nintervals: 1h\n", 3, 10, "symbols is an empty list"},
        {"name: n\nstrategy: s\nsymbols: A\nintervals: 7h\n", 4, 12, "an interval must be 1m, 3m"},
        {"name: n\nstrategy: s\nsymbols: A\nintervals: [1h, 1H]\n", 4, 17, "did you mean '1h'?"},
        {"name: n\nstrategy: s\nsymbols: A\nintervals: [1M, 1mo]\n", 4, 17,
         "the interval '1mo' stands twice"},
        {"name: n\nname: m\nstrategy: s\nsymbols: A\nintervals: 1h\n", 2, 1,
         "'name' stands twice (first in line 1)"},
        {"name: &x n\n", 1, 7, "anchors and aliases"},
        {"name: *x\n", 1, 7, "anchors and aliases"},
        {"name: !!int 5\n", 1, 7, "tags (!) are not supported"},
        {"name: n\n---\nname: m\n", 2, 1, "a second document begins here"},
        {"name: [\n", 2, 1, "this is not YAML"},
        {"name: n\n\tx: 1\n", 2, 1, "this is not YAML"},
        {"name: a\xff\n", 1, 8, "not valid UTF-8"},
        {"name: \xc3\xa4\n# \xc3(\n", 2, 4, "not valid UTF-8"},
        {"name: a\x01\n", 1, 8, "control character"},
        {"name: \"a\\0b\"\n", 1, 7, "may not contain the character \\0"},
        {"[1]: 2\n", 1, 1, "a key must be a plain word"},
        {"a: [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]\n", 1, 19, "nested too deeply"},
    };
    assert_mistakes(mistakes, sizeof mistakes / sizeof *mistakes, true);
}

static void all_mistakes_are_reported_at_once_in_the_order_of_the_file(void **state) {
    (void)state;
    static const char text[] = "nme: x\n"
                               "strategy: s.py\n"
                               "symbols: [A, 'B C']\n"
                               "intervals: [1h, 2w]\n"
                               "params:\n"
                               "  fast: {range: [10, 5]}\n"
                               "  slow: {uniform: [1, 2]}\n"
                               "where: fast < slwo\n"
                               "account: {fee_rate: -1, price_check: yes}\n";
    static const struct {
        int line, column;
        const char *message;
    } expected[] = {{1, 1, "unknown key 'nme'; did you mean 'name'?"},
                    {3, 14, "a symbol"},
                    {4, 17, "an interval"},
                    {6, 17, "range runs"},
                    {7, 9, "drawn at random"},
                    {8, 15, "did you mean 'slow'?"},
                    {9, 21, "fee_rate"},
                    {9, 38, "price_check"}};
    struct sweep_spec *spec;
    struct problems problems = {0};
    assert_int_equal(spec_parse(&spec, text, strlen(text), "x", &problems), ERR_INPUT);
    assert_int_equal(problems.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < problems.count; i++) {
        assert_int_equal(problems.items[i].line, expected[i].line);
        assert_int_equal(problems.items[i].column, expected[i].column);
        assert_non_null(strstr(problems.items[i].message, expected[i].message));
    }
    problems_clear(&problems);
}

/* Whatever a file holds, it is answered and nothing breaks: every prefix of a good file, and every byte of it
 * replaced. */
static void damaged_files_are_answered(void **state) {
    (void)state;
    static const char good[] =
        REQUIRED "params: {a: {range: [1, 3]}, b: [x, 'y']}\nwhere: [a > 1]\nkeep: {equity: {top: 2}}\n";
    static const char bytes[] = "\0\n\"'[{]}:,#&*!|>-%\t\xff";
    char text[sizeof good];
    for (size_t length = 0; length < sizeof good; length++) {
        for (size_t b = 0; b < sizeof bytes; b++) {
            struct sweep_spec *spec;
            struct problems problems = {0};
            memcpy(text, good, sizeof good);
            text[length] = bytes[b];
            size_t size = b == 0 ? length : sizeof good - 1;
            status rc = spec_parse(&spec, text, size, "x", &problems);
            assert_true((rc == OK) == (problems.count == 0) && (rc == OK) == (spec != NULL));
            spec_close(spec);
            problems_clear(&problems);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_reaches_its_field),
        cmocka_unit_test(what_is_left_out_has_its_default),
        cmocka_unit_test(a_metric_without_direction_is_ranked_by_what_is_better),
        cmocka_unit_test(mistakes_of_keys_and_types),
        cmocka_unit_test(mistakes_of_parameters),
        cmocka_unit_test(mistakes_of_the_required_keys_and_of_yaml),
        cmocka_unit_test(all_mistakes_are_reported_at_once_in_the_order_of_the_file),
        cmocka_unit_test(damaged_files_are_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
