/* The executor as the bar loop sees it: runs, what they leave in the ledger, how they fail. */
#include "executor_fixture.h"

static const char sma_cross[] = "class Strategy(IStrategy):\n"
                                "    def run(self, context, kline, params):\n"
                                "        closes = self.kline_cache.get_closes()\n"
                                "        fast_period = params.get('fast_period', 10)\n"
                                "        slow_period = params.get('slow_period', 30)\n"
                                "        if len(closes) < slow_period + 1:\n"
                                "            return\n"
                                "        fast_ma = calculate_sma(closes, fast_period)\n"
                                "        slow_ma = calculate_sma(closes, slow_period)\n"
                                "        prev_fast = calculate_sma(closes[:-1], fast_period)\n"
                                "        prev_slow = calculate_sma(closes[:-1], slow_period)\n"
                                "        if fast_ma > slow_ma and prev_fast <= prev_slow:\n"
                                "            if context.position == 0:\n"
                                "                buy_amount = float(context.balance / kline.close) * 0.95\n"
                                "                context.buy(kline.close, buy_amount, kline.open_time)\n"
                                "        elif fast_ma < slow_ma and prev_fast >= prev_slow:\n"
                                "            if context.position > 0:\n"
                                "                context.sell_all(kline.close, kline.open_time)\n";

/* Simple moving average the plain way; for the wave of the series the crossings are far from ties. */
static double average(size_t end, size_t period) {
    double sum = 0;
    for (size_t i = end - period; i < end; i++)
        sum += fixture.series.close[i];
    return sum / (double)period;
}

/* The bars on which the cross trades, found again without Python. */
static size_t expected_crossings(int64_t *bars) {
    size_t count = 0;
    bool holding = false;
    for (size_t bar = 30; bar < SERIES_BARS; bar++) {
        bool above = average(bar + 1, 10) > average(bar + 1, 30),
             was_above = average(bar, 10) > average(bar, 30);
        if (above == was_above || above == holding) continue;
        holding = above;
        bars[count++] = (int64_t)bar;
    }
    return count;
}

static void the_moving_average_cross_trades_where_the_averages_cross(void **state) {
    (void)state;
    int64_t bars[SERIES_BARS];
    size_t count = expected_crossings(bars);
    struct run_result result = run_source(sma_cross, NULL);
    assert_int_equal(result.status, OK);
    assert_true(count >= 8);
    assert_int_equal(result.ledger.trade_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(result.ledger.trades[i].bar, bars[i]);
        assert_int_equal(result.ledger.trades[i].side, i % 2 ? TRADE_SELL : TRADE_BUY);
        assert_int_equal(result.ledger.trades[i].stamp, STAMP_OPEN_TIME);
    }
    run_result_clear(&result);
}

static void a_second_run_gives_the_same_as_the_first(void **state) {
    (void)state;
    static const struct run_wish plain;
    struct executor *executor = make_executor(sma_cross);
    struct run_result first = run_executor(executor, &plain), second = run_executor(executor, &plain);
    assert_int_equal(first.ledger.trade_count, second.ledger.trade_count);
    assert_memory_equal(first.ledger.trades, second.ledger.trades,
                        first.ledger.trade_count * sizeof *first.ledger.trades);
    run_result_clear(&first);
    run_result_clear(&second);
    executor->ops->destroy(executor);
}

/* ---- failing --------------------------------------------------------------------------------- */

/* By hand, from the line numbers of source. */
static void assert_fails(const char *source, const char *type, const char *message, int line, int64_t bar,
                         const char *traceback) {
    struct run_result result = run_source(source, NULL);
    assert_int_equal(result.status, ERR_STRATEGY);
    assert_string_equal(result.report.failure.type, type);
    assert_string_equal(result.report.failure.message, message);
    assert_string_equal(result.report.failure.traceback, traceback);
    assert_int_equal(result.report.failure.line, line);
    assert_int_equal(result.report.failure.bar, bar);
    run_result_clear(&result);
}

static void an_exception_fails_its_run_with_the_strategys_own_lines(void **state) {
    (void)state;
    assert_fails("class Strategy(IStrategy):\n"
                 "  bar = -1\n"
                 "  def run(self, context, kline, params):\n"
                 "    self.bar += 1\n"
                 "    if self.bar == 7:\n"
                 "      self.helper([3])\n"
                 "\n"
                 "  def helper(self, values):\n"
                 "    return max(values, key=lambda v: v / 0)\n",
                 "ZeroDivisionError", "division by zero", 9, 7,
                 "Traceback (most recent call last):\n"
                 "  File \"test_strategy.py\", line 6, in run\n"
                 "    self.helper([3])\n"
                 "  File \"test_strategy.py\", line 9, in helper\n"
                 "    return max(values, key=lambda v: v / 0)\n"
                 "  File \"test_strategy.py\", line 9, in <lambda>\n"
                 "    return max(values, key=lambda v: v / 0)\n"
                 "ZeroDivisionError: division by zero\n");
}

/* Equal sweeps give equal results, also where a message shows an object. */
static void addresses_in_messages_are_masked(void **state) {
    (void)state;
    assert_fails(
        "class Strategy(IStrategy):\n"
        "  def run(self, context, kline, params):\n"
        "    raise ValueError('look at 0x1', [object(), object()], 'at 0x12345')\n",
        "ValueError", "('look at 0x1', [<object object at 0x...>, <object object at 0x...>], 'at 0x12345')",
        3, 0,
        "Traceback (most recent call last):\n"
        "  File \"test_strategy.py\", line 3, in run\n"
        "    raise ValueError('look at 0x1', [object(), object()], 'at 0x12345')\n"
        "ValueError: ('look at 0x1', [<object object at 0x...>, <object object at 0x...>], 'at 0x12345')\n");
}

static void frames_of_the_library_are_left_out(void **state) {
    (void)state;
    assert_fails("from collections import Counter\n"
                 "class Strategy(IStrategy):\n"
                 "  def run(self, context, kline, params):\n"
                 "    Counter(5)\n",
                 "TypeError", "'int' object is not iterable", 4, 0,
                 "Traceback (most recent call last):\n"
                 "  File \"test_strategy.py\", line 4, in run\n"
                 "    Counter(5)\n"
                 "TypeError: 'int' object is not iterable\n");
}

static void failures_before_the_first_bar_say_so(void **state) {
    (void)state;
    assert_fails("x = [][1]\n", "IndexError", "list index out of range", 1, -1,
                 "Traceback (most recent call last):\n"
                 "  File \"test_strategy.py\", line 1, in <module>\n"
                 "    x = [][1]\n"
                 "IndexError: list index out of range\n");
    assert_fails("class Strategie(IStrategy): pass\n", "TypeError",
                 "test_strategy.py: no class Strategy(IStrategy) in this file", 0, -1, "");
    assert_fails("class Strategy: pass\n", "TypeError",
                 "test_strategy.py: no class Strategy(IStrategy) in this file", 0, -1, "");
    assert_fails("class Strategy(IStrategy):\n"
                 "  def __init__(self): raise ValueError('two\\nlines')\n",
                 "ValueError", "two lines", 2, -1,
                 "Traceback (most recent call last):\n"
                 "  File \"test_strategy.py\", line 2, in __init__\n"
                 "    def __init__(self): raise ValueError('two\\nlines')\n"
                 "ValueError: two lines\n");
    assert_fails("class Strategy(IStrategy): pass\n", "NotImplementedError",
                 "Strategy must define run(self, context, kline, params)", 0, 0, "");
    assert_fails("class Strategy(IStrategy):\n"
                 "  def initialize(self, kline_wnd_size=50): pass\n"
                 "  def run(self, context, kline, params): pass\n",
                 "AttributeError", "'NoneType' object has no attribute 'append'", 0, 0, "");
}

static void endless_recursion_fails_with_a_short_traceback(void **state) {
    (void)state;
    struct run_result result = run_source("class Strategy(IStrategy):\n"
                                          "  def run(self, context, kline, params):\n"
                                          "    self.run(context, kline, params)\n",
                                          NULL);
    assert_int_equal(result.status, ERR_STRATEGY);
    assert_string_equal(result.report.failure.type, "RecursionError");
    assert_non_null(strstr(result.report.failure.traceback, "[Previous line repeated 9"));
    assert_true(strlen(result.report.failure.traceback) < 600);
    assert_int_equal(result.report.failure.line, 3);
    run_result_clear(&result);
}

static void leaving_the_interpreter_fails_the_run_only(void **state) {
    (void)state;
    /* SystemExit and the like have no name in a strategy, but can be had from what is there. */
    assert_fails("class Strategy(IStrategy):\n"
                 "  def run(self, context, kline, params):\n"
                 "    def g(): yield\n"
                 "    x = g()\n"
                 "    next(x)\n"
                 "    for c in Exception.__base__.__subclasses__():\n"
                 "      if c.__name__ == 'SystemExit': raise c(3)\n",
                 "SystemExit", "3", 7, 0,
                 "Traceback (most recent call last):\n"
                 "  File \"test_strategy.py\", line 7, in run\n"
                 "    if c.__name__ == 'SystemExit': raise c(3)\n"
                 "SystemExit: 3\n");
}

static void an_exception_that_cannot_be_shown_still_fails_its_run(void **state) {
    (void)state;
    assert_fails("class Bad(Exception):\n"
                 "  def __str__(self): raise ValueError\n"
                 "class Strategy(IStrategy):\n"
                 "  def run(self, context, kline, params): raise Bad\n",
                 "Bad", "", 4, 0,
                 "Traceback (most recent call last):\n"
                 "  File \"test_strategy.py\", line 4, in run\n"
                 "    def run(self, context, kline, params): raise Bad\n"
                 "Bad\n");
}

static void source_that_does_not_compile_is_refused_with_its_place(void **state) {
    (void)state;
    struct executor *executor = NULL;
    struct error err = {0};
    const struct python_strategy_source file = {"broken.py", "class Strategy(IStrategy):\n  x = = 1\n"};
    const struct strategy_options options = {0};
    assert_int_equal(python_executor_create(&executor, fixture.interpreter, &file, &options, &err),
                     ERR_STRATEGY);
    assert_null(executor);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 7);
    assert_string_equal(err.message, "broken.py: invalid syntax");
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void assert_limited(const char *source, double seconds, uint64_t memory, const char *type) {
    struct executor *executor = make_executor(source);
    static const struct run_wish plain;
    python_interpreter_set_limits(fixture.interpreter, seconds, memory);
    struct run_result result = run_executor(executor, &plain);
    assert_int_equal(result.status, ERR_LIMIT);
    assert_string_equal(result.report.failure.type, type);
    run_result_clear(&result);
    python_interpreter_set_limits(fixture.interpreter, 0, 0);
    executor->ops->destroy(executor);
    assert_in_bar_60("    assert len(self.kline_cache) == 50\n");
}

static void a_run_over_its_time_is_marked_so(void **state) {
    (void)state;
    assert_limited("class Strategy(IStrategy):\n"
                   "  def run(self, context, kline, params):\n"
                   "    while True: pass\n",
                   0.1, 0, "TimeLimit");
    assert_limited("class Strategy(IStrategy):\n"
                   "  def run(self, context, kline, params):\n"
                   "    while True:\n"
                   "      try:\n"
                   "        while True: pass\n"
                   "      except: pass\n",
                   0.1, 0, "TimeLimit");
    assert_limited("while True: pass\n", 0.1, 0, "TimeLimit");
}

static void a_finalizer_that_never_ends_is_stopped(void **state) {
    (void)state;
    struct executor *executor = make_executor("class Strategy(IStrategy):\n"
                                              "  def run(self, context, kline, params): pass\n"
                                              "  def __del__(self):\n"
                                              "    while True:\n"
                                              "      try:\n"
                                              "        while True: pass\n"
                                              "      except: pass\n");
    python_interpreter_set_limits(fixture.interpreter, 0.2, 0);
    struct run_result result = run_executor(executor, &(struct run_wish){.end = 5});
    assert_string_equal(result.report.failure.type, "TimeLimit");
    run_result_clear(&result);
    python_interpreter_set_limits(fixture.interpreter, 0, 0);
    executor->ops->destroy(executor);
}

static void a_run_over_its_memory_is_marked_so(void **state) {
    (void)state;
    assert_limited("class Strategy(IStrategy):\n"
                   "  def run(self, context, kline, params):\n"
                   "    x = []\n"
                   "    while True: x.append([1.5] * 1000)\n",
                   20, 64 << 20, "MemoryLimit");
    assert_limited("class Strategy(IStrategy):\n"
                   "  def run(self, context, kline, params):\n"
                   "    try: x = [0] * 10**9\n"
                   "    except Exception: pass\n",
                   20, 64 << 20, "MemoryLimit");
}

/* ---- print, warnings, names ------------------------------------------------------------------ */

static void print_writes_what_python_writes(void **state) {
    (void)state;
    assert_strategy_prints("class Strategy(IStrategy):\n"
                           "  def run(self, context, kline, params):\n"
                           "    if self.kline_cache.get_klines()[1:]: return\n"
                           "    print()\n"
                           "    print(1, 2.5, 'x', None, [kline.volume], sep=', ', end='!\\n')\n"
                           "    print('a', 'b', sep=None, end=None, flush=True, file=None)\n"
                           "    print('\\u00e9\\udc80')\n"
                           "    for k in ({'sep': 1}, {'end': 1}, {'file': 1}, {'fiel': 1}):\n"
                           "      try: print('no', **k)\n"
                           "      except TypeError as e: print(e)\n",
                           "\n1, 2.5, x, None, [1000.0]!\na b\n\303\251\\udc80\n"
                           "sep must be None or a string, not int\nend must be None or a string, not int\n"
                           "print: file= is refused, a strategy writes to its run's log only\n"
                           "print() got an unexpected keyword argument 'fiel'\n");
}

static void a_long_log_is_cut_once(void **state) {
    (void)state;
    struct run_result result = run_source("class Strategy(IStrategy):\n"
                                          "  def run(self, context, kline, params):\n"
                                          "    print('\\u00e9' * 1000)\n",
                                          NULL);
    assert_int_equal(result.status, OK);
    assert_true(result.report.log.length < STRATEGY_LOG_LIMIT + 100);
    const char *note = strstr(report_log(&result), "\n[log cut here");
    assert_non_null(note);
    assert_null(strstr(note + 2, "[log cut here"));
    assert_int_equal((unsigned char)note[-1], 0xA9); /* a whole character before it */
    run_result_clear(&result);
}

static void assert_warns(const char *body, const struct parameter_value *params, size_t count, size_t window,
                         const char *warnings) {
    char source[1024];
    snprintf(source, sizeof source,
             "class Strategy(IStrategy):\n  def run(self, context, kline, params):\n%s", body);
    struct run_result result =
        run_source(source, &(struct run_wish){.params = params, .param_count = count, .window = window});
    assert_int_equal(result.status, OK);
    assert_string_equal(result.report.warnings.data ? result.report.warnings.data : "", warnings);
    run_result_clear(&result);
}

static void an_indicator_that_never_fits_is_named(void **state) {
    (void)state;
    const struct parameter_value params[] = {{"fast_period", {.kind = VALUE_INT, .integer = 10}},
                                             {"slow_period", {.kind = VALUE_INT, .integer = 60}},
                                             {"klineWndSize", {.kind = VALUE_INT, .integer = 50}}};
    static const char both[] = "    closes = self.kline_cache.get_closes()\n"
                               "    calculate_sma(closes, params['fast_period'])\n"
                               "    calculate_sma(closes, params['slow_period'])\n";
    assert_warns(both, params, 3, 50, "slow_period 60 never fits klineWndSize 50\n");
    assert_warns(both, params, 3, 60, "");
    assert_warns("    if len(self.kline_cache) < params['slow_period']: return\n    context.buy(kline.close, "
                 "1, 'x')\n",
                 params, 3, 50, "slow_period 60 never fits klineWndSize 50\n");
    assert_warns("    calculate_rsi(self.kline_cache.get_closes(), 50)\n", NULL, 0, 50,
                 "calculate_rsi of period 50 (51 values) never fits klineWndSize 50\n");
    assert_warns("    calculate_macd(self.kline_cache.get_closes())\n", NULL, 0, 30,
                 "calculate_macd of period 26 (35 values) never fits klineWndSize 30\n");
    assert_warns("    calculate_sma(self.kline_cache.get_closes(), 500)\n", NULL, 0, 600,
                 "calculate_sma of period 500 never fits the 400 klines there are\n");
}

static void names_are_those_of_the_contract(void **state) {
    (void)state;
    assert_in_bar_60(
        "    import collections, datetime as dt, math, kmill\n"
        "    from decimal import Decimal as D, getcontext\n"
        "    from collections import Counter, namedtuple, defaultdict\n"
        "    from kmill import Kline as K, calculate_sma as sma\n"
        "    assert D is Decimal and K is Kline and sma is calculate_sma and dt.datetime is datetime\n"
        "    assert collections.deque is deque and math.sqrt(4) == 2.0\n"
        "    P = namedtuple('P', 'x y')\n"
        "    assert P(1, 2).y == 2\n"
        "    for name in ('os', 'sys', 'time', 'collections.abc', 'builtins', 'gc', '_kmill'):\n"
        "      try: __import__(name)\n"
        "      except Exception as e: assert name in str(e)\n"
        "      else: assert False, name\n"
        "    for f in (lambda: open, lambda: eval, lambda: getattr, lambda: globals, lambda: input, lambda: "
        "vars):\n"
        "      try: f()\n"
        "      except NameError: pass\n"
        "      else: assert False\n");
}

static void datetime_works_but_has_no_clock(void **state) {
    (void)state;
    assert_in_bar_60(
        "    from datetime import date, timedelta, timezone\n"
        "    d = datetime.fromisoformat(kline.open_time.replace('Z', '+00:00'))\n"
        "    assert (d.hour, d.day, d.tzinfo) == (12, 3, timezone.utc) and isinstance(d, datetime) and "
        "isinstance(d, date)\n"
        "    e = d + timedelta(days=1)\n"
        "    assert isinstance(e, datetime) and e - d == timedelta(days=1) and e > d and "
        "e.isoformat().startswith('2024-01-04')\n"
        "    assert isinstance(d.date(), date) and d.date() == date(2024, 1, 3) and not isinstance(d.date(), "
        "datetime)\n"
        "    assert isinstance(datetime(2024, 1, 1), date) and repr(date(2024, 1, 3)) == "
        "'datetime.date(2024, 1, 3)'\n"
        "    assert datetime.strptime('2024-01-03', '%Y-%m-%d') == datetime(2024, 1, 3)\n"
        "    assert datetime.fromtimestamp(0) == datetime(1970, 1, 1) and f'{d:%H:%M}' == '12:00'\n"
        "    class Mine(datetime): pass\n"
        "    for f in (datetime.now, datetime.utcnow, datetime.today, date.today, d.now, Mine.now, "
        "Mine(2024, 1, 1).today):\n"
        "      try: f()\n"
        "      except RuntimeError as e: assert 'no clock' in str(e)\n"
        "      else: assert False, f\n"
        "    for i in range(10000): d = d + timedelta(1)\n"
        "    assert d.year == 2051\n");
}

static void parameters_have_their_types_and_are_fresh(void **state) {
    (void)state;
    const struct parameter_value params[] = {{"i", {.kind = VALUE_INT, .integer = -3}},
                                             {"f", {.kind = VALUE_FLOAT, .real = 0.1}},
                                             {"b", {.kind = VALUE_BOOL, .boolean = true}},
                                             {"t", {.kind = VALUE_TEXT, .text = "x"}},
                                             {"n", {.kind = VALUE_NONE}}};
    struct executor *executor = make_executor("class Strategy(IStrategy):\n"
                                              "  def run(self, context, kline, params):\n"
                                              "    if 'seen' not in params: print(params)\n"
                                              "    params['seen'] = 1\n");
    for (int i = 0; i < 2; i++) {
        struct run_result result =
            run_executor(executor, &(struct run_wish){.params = params, .param_count = 5});
        assert_string_equal(report_log(&result), "{'i': -3, 'f': 0.1, 'b': True, 't': 'x', 'n': None}\n");
        run_result_clear(&result);
    }
    executor->ops->destroy(executor);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_moving_average_cross_trades_where_the_averages_cross),
        cmocka_unit_test(a_second_run_gives_the_same_as_the_first),
        cmocka_unit_test(an_exception_fails_its_run_with_the_strategys_own_lines),
        cmocka_unit_test(addresses_in_messages_are_masked),
        cmocka_unit_test(frames_of_the_library_are_left_out),
        cmocka_unit_test(failures_before_the_first_bar_say_so),
        cmocka_unit_test(endless_recursion_fails_with_a_short_traceback),
        cmocka_unit_test(leaving_the_interpreter_fails_the_run_only),
        cmocka_unit_test(an_exception_that_cannot_be_shown_still_fails_its_run),
        cmocka_unit_test(source_that_does_not_compile_is_refused_with_its_place),
        cmocka_unit_test(a_run_over_its_time_is_marked_so),
        cmocka_unit_test(a_finalizer_that_never_ends_is_stopped),
        cmocka_unit_test(a_run_over_its_memory_is_marked_so),
        cmocka_unit_test(print_writes_what_python_writes),
        cmocka_unit_test(a_long_log_is_cut_once),
        cmocka_unit_test(an_indicator_that_never_fits_is_named),
        cmocka_unit_test(names_are_those_of_the_contract),
        cmocka_unit_test(datetime_works_but_has_no_clock),
        cmocka_unit_test(parameters_have_their_types_and_are_fresh),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
