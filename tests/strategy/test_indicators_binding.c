/* calculate_...() as a strategy calls them: one value whatever kind of sequence the data comes in, and the
 * reference's errors. (That the values are the reference's is shown where the formulas are, and by whole
 * runs.) */
#include "executor_fixture.h"

static void a_value_does_not_depend_on_the_kind_of_sequence(void **state) {
    (void)state;
    assert_strategy_prints(
        "class Strategy(IStrategy):\n"
        "  bar = -1\n"
        "  def run(self, context, kline, params):\n"
        "    self.bar += 1\n"
        "    c = self.kline_cache\n"
        "    h, l, x = c.get_highs(), c.get_lows(), c.get_closes()\n"
        "    own = KlineCache(50)\n"
        "    for k in c.get_klines(): own.append(Kline('a', k.open, k.high, k.low, k.close, k.volume, 'b'))\n"
        "    def changed(v):\n"
        "      v = v[:]\n"
        "      v.append(0.0)\n"
        "      v.pop()\n"
        "      return v\n"
        "    kinds = [list, tuple, changed, lambda v: [Decimal(y) for y in v], lambda v: v[:]]\n"
        "    for n in (1, 2, 5, 14, 20, 49, 50, 51):\n"
        "      for f in (calculate_sma, calculate_ema, calculate_rsi, calculate_bollinger, lambda v, n: "
        "calculate_macd(v, n, n + 7, 4),\n"
        "                lambda v, n: calculate_sma(v[:-1], n), lambda v, n: calculate_ema(v[2:], n),\n"
        "                lambda v, n: calculate_bollinger(v[3:-2], n, 2.5), lambda v, n: "
        "calculate_rsi(v[-30:], n)):\n"
        "        expected = f(x, n)\n"
        "        for kind in kinds: assert f(kind(x), n) == expected\n"
        "        assert f(own.get_closes(), n) == expected\n"
        "      expected = calculate_atr(h, l, x, n)\n"
        "      assert calculate_atr(list(h), list(l), list(x), n) == calculate_atr(h, list(l), x, n) == "
        "expected\n"
        "      assert calculate_atr(h, l, tuple(x), n) == calculate_atr(h[:], l[:], x[:], n) == expected\n"
        "      assert calculate_atr(own.get_highs(), own.get_lows(), own.get_closes(), n) == expected\n"
        "      assert calculate_atr(l, h, x, n) == calculate_atr(list(l), list(h), list(x), n)\n"
        "      assert calculate_atr(h[:-1], l, x, n) == calculate_atr(list(h)[:-1], list(l), list(x), n)\n"
        "      assert calculate_sma(deque(x), n) == calculate_sma(x, n)\n"
        "    if self.bar == 399: print('done')\n",
        "done\n");
}

/* By hand: windows of few values. */
static void small_windows_have_their_values(void **state) {
    (void)state;
    assert_in_bar_60("    assert calculate_sma([1, 2, 3, 6], 3) == 11 / 3 and calculate_sma([1], 2) is None\n"
                     "    assert calculate_ema([2, 4, 9], 2) == (9 - 3.0) * (2 / 3) + 3.0\n"
                     "    assert calculate_rsi([1, 2, 1.5], 2) == 100 - 100 / (1 + 2.0)\n"
                     "    assert calculate_rsi([1, 2, 3], 2) == 100.0 and calculate_rsi([1, 2], 2) is None\n"
                     "    assert calculate_bollinger([1, 3], 2) == (4.0, 2.0, 0.0)\n"
                     "    assert calculate_bollinger([1, 3], period=2, k=1) == (3.0, 2.0, 1.0)\n"
                     "    assert calculate_bollinger([1], 2) == (None, None, None)\n"
                     "    assert calculate_atr([9, 5, 7], [0, 4, 5], [4.5, 4.5, 6], 2) == (1 + 2.5) / 2\n"
                     "    assert calculate_atr([5, 7], [4, 5], [4.5, 6], 2) is None\n"
                     "    assert calculate_macd([1] * 34) == (None, None, None) and calculate_macd([1] * 35) "
                     "== (0.0, 0.0, 0.0)\n"
                     "    assert calculate_sma([float('inf'), 1.0], 1) == 1.0\n");
}

static void wrong_arguments_raise_as_in_the_reference(void **state) {
    (void)state;
    assert_in_bar_60(
        "    def raises(f, *args, **named):\n"
        "      try: return f'returned {f(*args, **named)}'\n"
        "      except (TypeError, ValueError, OverflowError) as e: return f'{type(e).__name__}: {e}'\n"
        "    x = self.kline_cache.get_closes()\n"
        "    for f in (calculate_sma, calculate_ema, calculate_rsi, calculate_bollinger):\n"
        "      assert raises(f, x, 0) == 'ValueError: period must be at least 1, not 0'\n"
        "      assert raises(f, x, -10**30) == f'ValueError: period must be at least 1, not {-10**30}'\n"
        "      assert raises(f, x, 2.0) == 'TypeError: period must be an int, not float'\n"
        "      assert raises(f, x, True) == 'TypeError: period must be an int, not bool'\n"
        "      assert raises(f, None, 2) == 'TypeError: data must be a sequence of numbers, not NoneType'\n"
        "      assert raises(f, None, 0) == 'ValueError: period must be at least 1, not 0'\n"
        "      assert raises(f, ['a', 1.0, 'b', 'c'], 2) == 'TypeError: data must hold numbers only, not "
        "str'\n"
        "      assert raises(f, [1.0, True, 1.0, True], 2) == 'TypeError: data must hold numbers only, not "
        "bool'\n"
        "      assert f(x, 10**30) in (None, (None, None, None)) and f(x, 2**63 - 1) in (None, (None, None, "
        "None))\n"
        "      assert raises(f, [10**400] * 4, 2).startswith('OverflowError')\n"
        "    assert calculate_sma(['not looked at', 1.0, 2.0], 2) == 1.5\n"
        "    assert raises(calculate_sma, x) == \"TypeError: calculate_sma() missing required argument: "
        "'period'\"\n"
        "    assert raises(calculate_sma, x, 1, 2).startswith('TypeError') and "
        "raises(calculate_sma).startswith('TypeError')\n"
        "    assert raises(calculate_sma, x, perid=3) == \"TypeError: calculate_sma() got an unexpected "
        "keyword argument 'perid'\"\n"
        "    assert raises(calculate_sma, x, 3, period=3) == \"TypeError: calculate_sma() got multiple "
        "values for argument 'period'\"\n"
        "    assert calculate_sma(period=3, data=x) == calculate_sma(x, 3)\n"
        "    assert raises(calculate_macd, x, 26, 12) == 'ValueError: fast must be less than slow, not 26 "
        "and 12'\n"
        "    assert raises(calculate_macd, x, 1, 2, 0) == 'ValueError: signal must be at least 1, not 0'\n"
        "    assert raises(calculate_macd, 5) == 'TypeError: data must be a sequence of numbers, not int'\n"
        "    assert raises(calculate_bollinger, x, 5, 'k') == 'TypeError: k must be a number, not str'\n"
        "    assert raises(calculate_bollinger, x, 99, 'k') == 'TypeError: k must be a number, not str'\n"
        "    assert calculate_bollinger(x, 5, Decimal('2.5')) == calculate_bollinger(x, 5, 2.5)\n"
        "    assert raises(calculate_atr, x, 1, x) == 'TypeError: lows must be a sequence of numbers, not "
        "int'\n"
        "    assert raises(calculate_atr, [1, 2], [1, None], [1, 2], 1) == 'TypeError: lows must hold "
        "numbers only, not NoneType'\n"
        "    assert calculate_atr(x, x, x) == calculate_atr(x, x, x, 14) == calculate_atr(closes=x, highs=x, "
        "lows=x)\n"
        "    assert calculate_rsi(x) == calculate_rsi(x, 14) and calculate_bollinger(x) == "
        "calculate_bollinger(x, 20, 2.0)\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_does_not_depend_on_the_kind_of_sequence),
        cmocka_unit_test(small_windows_have_their_values),
        cmocka_unit_test(wrong_arguments_raise_as_in_the_reference),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
