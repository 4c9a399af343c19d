/* Runs share nothing: whatever a run leaves behind, the next one is what it would have been alone. */
#include "executor_fixture.h"

/* Three runs of one executor print the same, and end well. */
static void assert_runs_are_alike(const char *source, const char *log) {
    static const struct run_wish ten_bars = {.end = 10};
    struct executor *executor = make_executor(source);
    for (int i = 0; i < 3; i++) {
        struct run_result result = run_executor(executor, &ten_bars);
        if (result.status != OK)
            print_error("run %d: %s: %s\n%s", i, result.report.failure.type, result.report.failure.message,
                        result.report.failure.traceback);
        assert_int_equal(result.status, OK);
        assert_string_equal(report_log(&result), log);
        run_result_clear(&result);
    }
    executor->ops->destroy(executor);
}

#define ONCE(body)                               \
    "class Strategy(IStrategy):\n"               \
    "  done = False\n"                           \
    "  def run(self, context, kline, params):\n" \
    "    if self.done: return\n"                 \
    "    Strategy.done = True\n" body

static void globals_class_attributes_and_default_arguments_start_anew(void **state) {
    (void)state;
    assert_runs_are_alike("seen = []\n"
                          "def note(x, kept=[]):\n"
                          "  kept.append(x)\n"
                          "  return len(kept)\n"
                          "class Strategy(IStrategy):\n"
                          "  runs = 0\n"
                          "  def __init__(self):\n"
                          "    super().__init__()\n"
                          "    Strategy.runs += 1\n"
                          "    seen.append(1)\n"
                          "    print(Strategy.runs, len(seen), note(1))\n"
                          "  def run(self, context, kline, params): pass\n",
                          "1 1 1\n");
}

static void the_decimal_context_starts_anew(void **state) {
    (void)state;
    assert_runs_are_alike("from decimal import getcontext, setcontext, Context, ROUND_DOWN, Inexact\n" ONCE(
                              "    c = getcontext()\n"
                              "    print(c.prec, c.rounding, [str(f) for f in c.flags if c.flags[f]])\n"
                              "    c.prec, c.rounding = 3, ROUND_DOWN\n"
                              "    c.traps[Inexact] = True\n"
                              "    setcontext(Context(prec=2))\n"),
                          "28 ROUND_HALF_EVEN []\n");
}

static void classes_of_the_library_cannot_be_changed(void **state) {
    (void)state;
    assert_runs_are_alike(
        "import collections, decimal, datetime, math, kmill\n"
        "from collections import Counter, OrderedDict, ChainMap, UserDict, UserList, UserString, "
        "defaultdict\n"
        "def refused(change):\n"
        "  try: change()\n"
        "  except (TypeError, AttributeError): return True\n"
        "  return False\n"
        "def put(thing):\n"
        "  def change(): thing.left_behind = 1\n"
        "  return change\n" ONCE(
            "    things = [Counter, OrderedDict, ChainMap, UserDict, UserList, UserString, defaultdict, "
            "deque, Decimal,\n"
            "              decimal.Context, decimal.Inexact, decimal.DecimalTuple, datetime.date, "
            "datetime.timedelta, IStrategy,\n"
            "              Kline, KlineCache, Order, OrderType, OrderSide, OrderType.BUY, BacktestContext, "
            "calculate_sma, max, sum,\n"
            "              print, math.sqrt, type(context.balance), context, kline, collections.namedtuple,\n"
            "              self.kline_cache.get_closes(), type(OrderType), str, float]\n"
            "    things[0:0] = [datetime.datetime, datetime.timezone]\n"
            "    for thing in things:\n"
            "      if not refused(put(thing)): print('not refused:', thing)\n"
            "    print('checked')\n"),
        "checked\n");
}

static void modules_and_functions_of_the_library_start_anew(void **state) {
    (void)state;
    assert_runs_are_alike(
        "import collections, math\n" ONCE("    update = collections.Counter.update\n"
                                          "    try: print(update.note)\n"
                                          "    except AttributeError: print('new')\n"
                                          "    update.note = 1\n"
                                          "    collections.note = math.pi = 3\n"
                                          "    print(isinstance([], collections.ChainMap))\n"
                                          "    collections.ChainMap.register(list)\n"),
        "new\nFalse\n");
}

static void a_finalizer_runs_before_the_next_run_and_reaches_no_account(void **state) {
    (void)state;
    /* In a cycle, so that only the collector finds it. */
    assert_runs_are_alike(
        "class Late:\n"
        "  def __init__(self, context, kline):\n"
        "    self.context, self.kline, self.me = context, kline, self\n"
        "  def __del__(self):\n"
        "    print('late', self.kline.close > 0)\n"
        "    try: self.context.buy(1.0, 1.0, 'x')\n"
        "    except RuntimeError as e: print(e)\n"
        "    try: self.context.trades\n"
        "    except RuntimeError as e: print(e)\n" ONCE("    Late(context, kline)\n    print('run')\n"),
        "run\nlate True\nthis context's run is over\nthis context's run is over\n");
}

static void a_suspended_generator_ends_with_its_run(void **state) {
    (void)state;
    assert_runs_are_alike("kept = []\n"
                          "def steps(context):\n"
                          "  try:\n"
                          "    yield 1\n"
                          "    yield 2\n"
                          "  finally:\n"
                          "    print('closed')\n" ONCE("    g = steps(context)\n"
                                                       "    kept.append((g, kept, self))\n"
                                                       "    print(next(g))\n"),
                          "1\nclosed\n");
}

static void a_failing_finalizer_is_a_line_in_the_log(void **state) {
    (void)state;
    assert_runs_are_alike(
        "class Bad:\n"
        "  def __del__(self): raise ValueError('oops')\n" ONCE("    Bad()\n    print('on')\n"),
        "exception ignored in a finalizer: ValueError: oops\non\n");
}

static void a_run_after_a_failed_one_is_whole(void **state) {
    (void)state;
    static const struct run_wish ten_bars = {.end = 10};
    const struct parameter_value raise = {"fail", {.kind = VALUE_BOOL, .boolean = true}};
    const struct run_wish failing = {.params = &raise, .param_count = 1, .end = 10};
    struct executor *executor = make_executor("class Strategy(IStrategy):\n"
                                              "  def run(self, context, kline, params):\n"
                                              "    if params.get('fail'): raise ValueError('as asked')\n"
                                              "    print(len(self.kline_cache), context.position == 0)\n"
                                              "    context.buy(kline.close, 0.1, kline.open_time)\n");
    struct run_result first = run_executor(executor, &ten_bars);
    struct run_result failed = run_executor(executor, &failing);
    struct run_result third = run_executor(executor, &ten_bars);
    assert_int_equal(failed.status, ERR_STRATEGY);
    assert_int_equal(first.ledger.trade_count, 10);
    assert_int_equal(third.ledger.trade_count, 10);
    assert_memory_equal(first.ledger.trades, third.ledger.trades, 10 * sizeof *first.ledger.trades);
    assert_string_equal(report_log(&first), report_log(&third));
    run_result_clear(&first);
    run_result_clear(&failed);
    run_result_clear(&third);
    executor->ops->destroy(executor);
}

/* ---- memory ---------------------------------------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__)
/* As <sanitizer/allocator_interface.h> has it, which GCC does not install. */
size_t __sanitizer_get_current_allocated_bytes(void);
enum { RUNS = 1000 };
/* The sanitizer keeps freed memory resident for a while: what is allocated says more. */
static long used_kb(void) {
    return (long)(__sanitizer_get_current_allocated_bytes() / 1024);
}
#else
enum { RUNS = 100000 };
static long used_kb(void) {
    long size, resident;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &size, &resident), 2);
    fclose(file);
    return resident * 4;
}
#endif

static void many_runs_use_no_more_memory_than_few(void **state) {
    (void)state;
    static const struct run_wish three_bars = {.end = 3};
    struct executor *executor = make_executor(
        "from collections import namedtuple, Counter\n"
        "from decimal import getcontext\n"
        "class Node:\n"
        "  pass\n"
        "class Strategy(IStrategy):\n"
        "  def run(self, context, kline, params):\n"
        "    self.me, self.closes, self.klines = self, self.kline_cache.get_closes(), "
        "self.kline_cache.get_klines()\n"
        "    self.closes.append(self.closes)\n"
        "    n = Node()\n"
        "    n.n, n.kline, n.context, n.days = n, kline, context, (d for d in self.klines)\n"
        "    context.buy(kline.close, 0.1, kline.open_time)\n"
        "    self.lists = context.trades, context.orders, context.equity_curve, context.balance / 3.5\n"
        "    context.sell_all(kline.close, kline.close_time + '!')\n"
        "    calculate_macd(self.klines and [k.close for k in self.klines])\n"
        "    print(kline, context.get_equity(kline.close))\n"
        "    if len(self.klines) == 3: raise ValueError(self)\n");
    long warm = 0;
    for (int i = 0; i < RUNS; i++) {
        struct run_result result = run_executor(executor, &three_bars);
        assert_int_equal(result.status, ERR_STRATEGY);
        run_result_clear(&result);
        if (i == RUNS / 10) warm = used_kb();
    }
    long grown = used_kb() - warm;
    print_message("          %ld KiB more after %d runs\n", grown, RUNS);
    assert_true(grown < RUNS / 50); /* 20 bytes a run would show */
    executor->ops->destroy(executor);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(globals_class_attributes_and_default_arguments_start_anew),
        cmocka_unit_test(the_decimal_context_starts_anew),
        cmocka_unit_test(classes_of_the_library_cannot_be_changed),
        cmocka_unit_test(modules_and_functions_of_the_library_start_anew),
        cmocka_unit_test(a_finalizer_runs_before_the_next_run_and_reaches_no_account),
        cmocka_unit_test(a_suspended_generator_ends_with_its_run),
        cmocka_unit_test(a_failing_finalizer_is_a_line_in_the_log),
        cmocka_unit_test(a_run_after_a_failed_one_is_whole),
        cmocka_unit_test(many_runs_use_no_more_memory_than_few),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
