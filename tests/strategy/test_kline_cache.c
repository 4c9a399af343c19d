/* KlineCache in all the ways a strategy may use it: the engine's, its own, mixed, replaced, derived. */
#include "executor_fixture.h"

static void the_engines_cache_is_the_window(void **state) {
    (void)state;
    struct run_result result = run_source(
        "class Strategy(IStrategy):\n"
        "  seen = []\n"
        "  def run(self, context, kline, params):\n"
        "    self.seen.append(kline)\n"
        "    c, w = self.kline_cache, self.seen[-7:]\n"
        "    assert c.kline_wnd_size == 7 and len(c) == len(w) and c.is_full() == (len(w) == 7)\n"
        "    assert c.get_klines() == w and c.get_klines()[-1] is kline\n"
        "    assert c.get_opens() == [k.open for k in w] and c.get_highs() == [k.high for k in w]\n"
        "    assert c.get_lows() == [k.low for k in w] and c.get_closes() == [k.close for k in w]\n"
        "    assert c.get_volumes() == [k.volume for k in w]\n"
        "    if len(self.seen) == 400: print(self.seen[0].open_time, self.seen[-1].close_time, "
        "len(set(self.seen)))\n",
        &(struct run_wish){.window = 7});
    assert_int_equal(result.status, OK);
    assert_string_equal(report_log(&result),
                        "2024-01-01T00:00:00+00:00 2024-01-17T15:59:59.999000+00:00 400\n");
    run_result_clear(&result);
}

static void warm_up_fills_the_cache_only(void **state) {
    (void)state;
    struct run_result result =
        run_source("class Strategy(IStrategy):\n"
                   "  bars = 0\n"
                   "  def run(self, context, kline, params):\n"
                   "    if not self.bars: print(len(self.kline_cache), kline.open_time)\n"
                   "    assert self.kline_cache.get_klines()[-1] is kline\n"
                   "    self.bars += 1\n"
                   "    if kline.open_time == '2024-01-02T15:00:00+00:00': print(self.bars)\n",
                   &(struct run_wish){.first_bar = 10, .begin = 30, .end = 40});
    assert_int_equal(result.status, OK);
    assert_string_equal(report_log(&result), "21 2024-01-02T06:00:00+00:00\n10\n");
    run_result_clear(&result);
}

static void a_cache_of_the_strategys_own_holds_what_it_is_given(void **state) {
    (void)state;
    assert_strategy_prints(
        "class Strategy(IStrategy):\n"
        "  def __init__(self):\n"
        "    super().__init__()\n"
        "    self.every, self.third, self.mixed, self.all = KlineCache(5), KlineCache(kline_wnd_size=4), "
        "KlineCache(6), []\n"
        "    self.expected_third, self.expected_mixed = deque(maxlen=4), deque(maxlen=6)\n"
        "  def made(self, x): return Kline('2020-01-01', x, x + 2, x - 1, x + 1, 5, 'end')\n"
        "  def run(self, context, kline, params):\n"
        "    n = len(self.all)\n"
        "    self.all.append(kline)\n"
        "    self.every.append(kline)\n"
        "    if n % 3 == 0:\n"
        "      self.third.append(kline)\n"
        "      self.expected_third.append(kline)\n"
        "    for k in ([kline, self.made(n)] if n == 9 else [kline]):\n"
        "      self.mixed.append(k)\n"
        "      self.expected_mixed.append(k)\n"
        "    assert self.every.get_klines() == self.all[-5:]\n"
        "    for cache, klines in ((self.third, self.expected_third), (self.mixed, self.expected_mixed)):\n"
        "      assert cache.get_klines() == list(klines) and len(cache) == len(klines)\n"
        "      assert cache.get_closes() == [k.close for k in klines] and cache.get_volumes() == [k.volume "
        "for k in klines]\n"
        "      assert calculate_sma(cache.get_closes(), 3) == calculate_sma([k.close for k in klines], 3)\n"
        "    if n == 399: print('done')\n",
        "done\n");
}

static void a_synthetic_kline_in_the_engines_cache_works(void **state) {
    (void)state;
    assert_strategy_prints(
        "class Strategy(IStrategy):\n"
        "  def initialize(self, kline_wnd_size=50):\n"
        "    super().initialize(10)\n"
        "    self.expected = deque(maxlen=10)\n"
        "  def run(self, context, kline, params):\n"
        "    cache = self.kline_cache\n"
        "    self.expected.append(kline)\n"
        "    before = cache.get_closes()\n"
        "    copy = list(before)\n"
        "    if kline.open_time == '2024-01-01T20:00:00+00:00':\n"
        "      k = Kline(kline.open_time, 1, 2, 0, 1.5, 7, kline.close_time)\n"
        "      cache.append(k)\n"
        "      self.expected.append(k)\n"
        "    assert before == copy\n"
        "    assert cache.get_klines() == list(self.expected)\n"
        "    assert cache.get_lows() == [k.low for k in self.expected]\n"
        "    if kline.open_time == '2024-01-17T15:00:00+00:00': print(len(cache), cache.kline_wnd_size)\n",
        "10 10\n");
}

static void the_cache_may_be_replaced_or_derived(void **state) {
    (void)state;
    assert_strategy_prints(
        "class Counting(KlineCache):\n"
        "  appended = 0\n"
        "  def append(self, kline):\n"
        "    self.appended += 1\n"
        "    super().append(kline)\n"
        "class Strategy(IStrategy):\n"
        "  bar = -1\n"
        "  def run(self, context, kline, params):\n"
        "    self.bar += 1\n"
        "    if self.bar == 10: self.kline_cache = KlineCache(3)\n"
        "    if self.bar == 20: self.kline_cache = Counting(3)\n"
        "    if self.bar in (10, 20): assert len(self.kline_cache) == 0 and self.kline_cache.get_closes() == "
        "[]\n"
        "    if self.bar == 12: assert len(self.kline_cache) == 2\n"
        "    if self.bar in (15, 25): assert self.kline_cache.get_klines()[-1] is kline\n"
        "    if self.bar == 30:\n"
        "      print(self.kline_cache.appended, len(self.kline_cache), self.kline_cache.get_closes()[-1] == "
        "kline.close)\n"
        "      self.kline_cache = []\n"
        "    if self.bar == 33: print(len(self.kline_cache), self.kline_cache[-1] is kline)\n",
        "10 3 True\n3 True\n");
}

static void a_strategy_without_super_init_gets_its_cache(void **state) {
    (void)state;
    assert_strategy_prints("class Strategy(IStrategy):\n"
                           "  def __init__(self): print(self.name, self.kline_cache)\n"
                           "  def run(self, context, kline, params):\n"
                           "    if kline.open_time.startswith('2024-01-17T15'): print(len(self.kline_cache), "
                           "self.kline_cache.kline_wnd_size)\n",
                           "Strategy None\n50 50\n");
}

static void klines_are_values(void **state) {
    (void)state;
    assert_in_bar_60(
        "    a = Kline('t', 1, 2.5, Decimal('0.5'), 1, 3, 'u')\n"
        "    b = Kline(open_time='t', open=1.0, high=2.5, low=0.5, close=1.0, volume=3.0, close_time='u')\n"
        "    assert a == b and hash(a) == hash(b) and a != kline and a != 1 and len({a, b}) == 1\n"
        "    assert repr(a) == \"Kline(open_time='t', open=1.0, high=2.5, low=0.5, close=1.0, volume=3.0, "
        "close_time='u')\"\n"
        "    assert type(a.open) is float\n"
        "    def raises(*args):\n"
        "      try: Kline(*args)\n"
        "      except TypeError as e: return str(e)\n"
        "    assert raises(1, 1, 1, 1, 1, 1, 'u') == 'open_time must be a str, not int'\n"
        "    assert raises('t', 1, '2', 1, 1, 1, 'u') == 'high must be a number, not str'\n"
        "    assert raises('t', True, 2, 1, 1, 1, 'u') == 'open must be a number, not bool'\n"
        "    assert raises('t', 1, 2, 1, 1, 1) and raises()\n"
        "    class Mine(Kline):\n"
        "      pass\n"
        "    m = Mine('t', 1, 2.5, 0.5, 1, 3, 'u')\n"
        "    assert m == a and a == m\n"
        "    cache = KlineCache(2)\n"
        "    cache.append(m)\n"
        "    assert cache.get_klines()[0] is m\n"
        "    for bad in (0, -1):\n"
        "      try: KlineCache(bad)\n"
        "      except ValueError as e: assert str(e) == f'kline_wnd_size must be at least 1, not {bad}'\n"
        "      else: assert False\n"
        "    for bad in (1.5, True, None, '5'):\n"
        "      try: KlineCache(bad)\n"
        "      except TypeError as e: assert str(e).startswith('kline_wnd_size must be an int, not ')\n"
        "      else: assert False\n"
        "    try: cache.append(1)\n"
        "    except TypeError as e: assert str(e) == 'kline must be a Kline, not int'\n"
        "    else: assert False\n");
}

static void a_kept_kline_and_its_prices_do_not_change(void **state) {
    (void)state;
    assert_strategy_prints(
        "class Strategy(IStrategy):\n"
        "  prices, klines = [], []\n"
        "  def run(self, context, kline, params):\n"
        "    self.prices.append((kline.close, float(repr(kline.close)), kline.high, "
        "float(repr(kline.high))))\n"
        "    if len(self.prices) % 4 == 0: self.klines.append((kline, repr(kline), kline.open_time))\n"
        "    if len(self.prices) == 400:\n"
        "      assert all(a == b and c == d for a, b, c, d in self.prices)\n"
        "      assert all(repr(k) == r and k.open_time == t for k, r, t in self.klines)\n"
        "      print(len(self.klines))\n",
        "100\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_engines_cache_is_the_window),
        cmocka_unit_test(warm_up_fills_the_cache_only),
        cmocka_unit_test(a_cache_of_the_strategys_own_holds_what_it_is_given),
        cmocka_unit_test(a_synthetic_kline_in_the_engines_cache_works),
        cmocka_unit_test(the_cache_may_be_replaced_or_derived),
        cmocka_unit_test(a_strategy_without_super_init_gets_its_cache),
        cmocka_unit_test(klines_are_values),
        cmocka_unit_test(a_kept_kline_and_its_prices_do_not_change),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
