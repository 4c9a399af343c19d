/* BacktestContext: orders, their stamps, callbacks, live lists, what it refuses. */
#include "executor_fixture.h"

static void orders_that_cannot_be_are_refused_or_raise(void **state) {
    (void)state;
    assert_in_bar_60(
        "    def raises(kind, f, *args):\n"
        "      try: f(*args)\n"
        "      except kind as e: return str(e)\n"
        "      assert False, (f, args)\n"
        "    t, p, nan, inf = kline.open_time, kline.close, float('nan'), float('inf')\n"
        "    for price, amount in ((nan, 1), (p, nan), (inf, 1), (p, -inf), (0, 1), (-1.0, 1), (p, 0), (p, "
        "-1.0), (p, 1e9),\n"
        "                          (Decimal('NaN'), 1), (p, Decimal('Infinity'))):\n"
        "      assert context.buy(price, amount, t) is False\n"
        "      assert context.sell(price, amount, t) is False\n"
        "    assert context.sell_all(p, t) is False\n"
        "    assert context.sell_all(nan, t) is False\n"
        "    assert raises(TypeError, context.buy, '1', 1, t) == 'price must be a float, an int or a "
        "Decimal, not str'\n"
        "    assert raises(TypeError, context.buy, p, None, t) == 'amount must be a float, an int or a "
        "Decimal, not NoneType'\n"
        "    assert raises(TypeError, context.sell, p, True, t) == 'amount must be a float, an int or a "
        "Decimal, not bool'\n"
        "    assert raises(TypeError, context.buy, p, 1, 5) == 'timestamp must be a str, not int'\n"
        "    assert raises(TypeError, context.sell_all, p, None) == 'timestamp must be a str, not NoneType'\n"
        "    assert 'digits' in raises(ValueError, context.buy, p, 10**38, t)\n"
        "    assert 'digits' in raises(ValueError, context.buy, Decimal('1.' + '1' * 38), 1, t)\n"
        "    assert 'digits' in raises(ValueError, context.buy, p, 10**5000, t)\n"
        "    assert 'beyond' in raises(ValueError, context.buy, Decimal('1E-100001'), 1, t)\n"
        "    assert raises(ValueError, context.get_equity, nan) == 'price must be finite, not NaN'\n"
        "    assert raises(ValueError, context.get_drawdown, -inf) == 'current_price must be finite, not "
        "-Infinity'\n"
        "    raises(TypeError, context.get_equity, 'x')\n"
        "    raises(TypeError, context.buy, p, 1)\n"
        "    raises(TypeError, context.buy, p, 1, t, 1)\n"
        "    raises(AttributeError, lambda: context.nothing)\n"
        "    assert context.trades == [] and context.position == 0\n"
        "    assert context.buy(amount=10**37 * 0 + 1, timestamp=t, price=p) is True\n");
}

static void attributes_are_read_only(void **state) {
    (void)state;
    assert_in_bar_60(
        "    def put(name):\n"
        "      try:\n"
        "        match name:\n"
        "          case 'balance': context.balance = 1\n"
        "          case 'position': context.position = 1\n"
        "          case 'trades': context.trades = []\n"
        "          case 'new': context.new = 1\n"
        "          case 'close': kline.close = 1.0\n"
        "          case 'kline': kline.new = 1\n"
        "        return False\n"
        "      except AttributeError: return True\n"
        "    assert all(map(put, ('balance', 'position', 'trades', 'new', 'close', 'kline')))\n");
}

static void a_timestamp_of_the_bar_is_known_by_value_too(void **state) {
    (void)state;
    struct run_result result = run_source(
        "class Strategy(IStrategy):\n"
        "  def run(self, context, kline, params):\n"
        "    for t in (kline.open_time, kline.close_time, ''.join(list(kline.open_time)), 'mine', ''):\n"
        "      assert context.buy(kline.close, 0.001, t)\n"
        "    assert [t['timestamp'] for t in context.trades[-5:]] == [\n"
        "      kline.open_time, kline.close_time, kline.open_time, 'mine', '']\n",
        &(struct run_wish){.end = 2});
    assert_int_equal(result.status, OK);
    assert_int_equal(result.ledger.trade_count, 10);
    const int stamps[] = {STAMP_OPEN_TIME, STAMP_CLOSE_TIME, STAMP_OPEN_TIME, STAMP_TEXT, STAMP_TEXT};
    for (int i = 0; i < 10; i++)
        assert_int_equal(result.ledger.trades[i].stamp, stamps[i % 5]);
    assert_string_equal(result.ledger.texts[result.ledger.trades[3].text], "mine");
    run_result_clear(&result);
}

static void on_trade_is_called_before_buy_returns_and_may_trade(void **state) {
    (void)state;
    assert_strategy_prints(
        "class Strategy(IStrategy):\n"
        "  bar, depth = -1, 0\n"
        "  def run(self, context, kline, params):\n"
        "    self.bar += 1\n"
        "    self.context, self.kline = context, kline\n"
        "    if self.bar == 3:\n"
        "      trades, orders = context.trades, context.orders\n"
        "      print('buy', context.buy(kline.close, 1, kline.open_time))\n"
        "      print([t['type'] for t in trades], [str(o.type) for o in orders], context.trades is trades)\n"
        "      trades.clear()\n"
        "      orders.append(None)\n"
        "  def on_trade(self, trade):\n"
        "    self.depth += 1\n"
        "    print('on_trade', trade['type'], trade['amount'], len(self.context.trades), sorted(trade))\n"
        "    trade['amount'] = 99\n"
        "    if self.depth < 3: print(self.context.sell(self.kline.close, 0.25, 'again'))\n",
        "on_trade buy 1.0 1 ['amount', 'balance', 'fee', 'position', 'price', 'profit', 'timestamp', "
        "'totalValue', "
        "'type']\n"
        "on_trade sell 0.25 2 ['amount', 'balance', 'fee', 'position', 'price', 'profit', 'timestamp', "
        "'totalValue', 'type']\n"
        "on_trade sell 0.25 3 ['amount', 'balance', 'fee', 'position', 'price', 'profit', 'timestamp', "
        "'totalValue', 'type']\n"
        "True\nTrue\nbuy True\n"
        "['buy', 'sell', 'sell'] ['OrderType.BUY', 'OrderType.SELL', 'OrderType.SELL'] True\n");
}

static void an_exception_in_on_trade_reaches_the_caller_of_buy(void **state) {
    (void)state;
    assert_strategy_prints("class Strategy(IStrategy):\n"
                           "  done = False\n"
                           "  def on_trade(self, trade): raise KeyError('from on_trade')\n"
                           "  def run(self, context, kline, params):\n"
                           "    if self.done: return\n"
                           "    self.done = True\n"
                           "    try: context.buy(kline.close, 1, kline.open_time)\n"
                           "    except KeyError as e: print(e, context.position)\n",
                           "'from on_trade' 1\n");
}

static void callbacks_set_on_the_instance_count(void **state) {
    (void)state;
    assert_strategy_prints(
        "class Strategy(IStrategy):\n"
        "  def run(self, context, kline, params):\n"
        "    print('first')\n"
        "    self.run = self.second\n"
        "  def second(self, context, kline, params):\n"
        "    print('second')\n"
        "    self.on_trade = lambda trade: print('trade', trade['type'])\n"
        "    context.buy(kline.close, 1, kline.open_time)\n"
        "    self.run = lambda context, kline, params: None\n"
        "    self.on_day_end = lambda date, context: print(date) if date == '2024-01-02' else None\n",
        "first\nsecond\ntrade buy\n2024-01-02\n");
}

static void run_may_be_any_callable(void **state) {
    (void)state;
    assert_strategy_prints(
        "class Base(IStrategy):\n"
        "  def run(self, context, kline, params): print('inherited') if self.first(kline) else None\n"
        "  def first(self, kline): return kline.open_time == '2024-01-01T00:00:00+00:00'\n"
        "class Strategy(Base): pass\n",
        "inherited\n");
    assert_strategy_prints("class Strategy(IStrategy):\n"
                           "  @staticmethod\n"
                           "  def run(context, kline, params): context.position or print('static') or "
                           "context.buy(kline.close, 1, '')\n",
                           "static\n");
    assert_strategy_prints(
        "class Strategy(IStrategy):\n"
        "  @property\n"
        "  def run(self): return lambda context, kline, params: context.position or print('property') or "
        "context.buy(kline.close, 1, '')\n",
        "property\n");
}

static void the_equity_curve_is_the_same_whenever_it_is_asked_for(void **state) {
    (void)state;
    assert_strategy_prints(
        "class Strategy(IStrategy):\n"
        "  bar, mine = -1, []\n"
        "  def run(self, context, kline, params):\n"
        "    self.bar += 1\n"
        "    if self.bar == 150: self.curve = context.equity_curve\n"
        "    if self.bar > 150: assert context.equity_curve is self.curve and self.curve == self.mine\n"
        "    if self.bar % 5 == 2: context.buy(kline.close, 0.37, kline.open_time)\n"
        "    if self.bar % 11 == 2: context.sell(kline.close, 0.5, kline.open_time)\n"
        "    self.kline = kline\n"
        "    self.note(context, kline)\n"
        "  def note(self, context, kline):\n"
        "    b, p = float(context.balance), float(context.position)\n"
        "    self.mine.append({'timestamp': kline.open_time, 'equity': b + p * kline.close, 'balance': b, "
        "'position': p})\n"
        "  def on_day_end(self, date, context):\n"
        "    context.buy(self.kline.close, 0.11, 'evening')\n"
        "    if date == '2024-01-10': assert context.equity_curve == self.mine\n"
        "    if self.bar == 399:\n"
        "      assert len(self.curve) == 400 and self.curve == self.mine and self.curve is "
        "context.equity_curve\n"
        "      print('done', len(context.trades) > 50)\n",
        "done True\n");
    assert_strategy_prints("class Strategy(IStrategy):\n"
                           "  bar = -1\n"
                           "  def run(self, context, kline, params):\n"
                           "    self.bar += 1\n"
                           "    if self.bar == 0: assert context.equity_curve == []\n",
                           "");
}

static void on_day_end_closes_each_utc_day(void **state) {
    (void)state;
    struct run_result result = run_source("class Strategy(IStrategy):\n"
                                          "  def run(self, context, kline, params): self.kline = kline\n"
                                          "  def on_day_end(self, date, context):\n"
                                          "    print(date, self.kline.open_time)\n"
                                          "    context.buy(self.kline.close, 1, self.kline.close_time)\n",
                                          &(struct run_wish){.begin = 20, .end = 50});
    assert_int_equal(result.status, OK);
    assert_string_equal(report_log(&result),
                        "2024-01-01 2024-01-01T23:00:00+00:00\n2024-01-02 2024-01-02T23:00:00+00:00\n"
                        "2024-01-03 2024-01-03T01:00:00+00:00\n");
    assert_int_equal(result.ledger.trade_count, 3);
    assert_int_equal(result.ledger.trades[0].bar, 23);
    assert_int_equal(result.ledger.trades[0].after_close, 1);
    assert_int_equal(result.ledger.trades[0].stamp, STAMP_CLOSE_TIME);
    run_result_clear(&result);
}

static void enumerations_and_orders_are_as_in_the_document(void **state) {
    (void)state;
    assert_in_bar_60(
        "    assert OrderType.BUY.name == 'BUY' and OrderType.BUY.value == 'buy' and OrderType('sell') is "
        "OrderType.SELL\n"
        "    assert OrderType['BUY'] is OrderType.BUY and list(OrderType) == [OrderType.BUY, "
        "OrderType.SELL]\n"
        "    assert len(PositionSide) == 3 and repr(OrderSide.LONG) == \"<OrderSide.LONG: 'long'>\"\n"
        "    assert str(OrderSide.SHORT) == 'OrderSide.SHORT' and f'{PositionSide.BOTH}' == "
        "'PositionSide.BOTH'\n"
        "    assert OrderType.BUY != OrderType.SELL and OrderType.BUY != 'buy' and isinstance(OrderType.BUY, "
        "OrderType)\n"
        "    assert {OrderType.BUY: 1}[OrderType.BUY] == 1 and OrderType.BUY in OrderType and "
        "repr(OrderType) == \"<enum 'OrderType'>\"\n"
        "    assert OrderSide.LONG != PositionSide.LONG\n"
        "    for f in (lambda: OrderType('x'), lambda: OrderType['x']):\n"
        "      try: f()\n"
        "      except (ValueError, KeyError) as e: assert 'x' in str(e)\n"
        "      else: assert False\n"
        "    order = Order(kline.open_time, OrderType.BUY, 1.5, 2)\n"
        "    assert (order.type, order.fee, order.order_side, order.amount) == (OrderType.BUY, 0, None, 2)\n"
        "    order.note = 'mine'\n"
        "    assert repr(order) == f'Order(timestamp={kline.open_time!r}, type=OrderType.BUY, price=1.5, "
        "amount=2, fee=0, '\\\n"
        "                          'order_side=None)', order\n"
        "    context.buy(kline.close, 2.5, kline.open_time)\n"
        "    o = context.orders[0]\n"
        "    assert (o.timestamp, o.type, o.price, o.amount, o.order_side) == (\n"
        "      kline.open_time, OrderType.BUY, kline.close, 2.5, OrderSide.LONG)\n"
        "    assert o.fee == context.trades[0]['fee'] > 0\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_that_cannot_be_are_refused_or_raise),
        cmocka_unit_test(attributes_are_read_only),
        cmocka_unit_test(a_timestamp_of_the_bar_is_known_by_value_too),
        cmocka_unit_test(on_trade_is_called_before_buy_returns_and_may_trade),
        cmocka_unit_test(an_exception_in_on_trade_reaches_the_caller_of_buy),
        cmocka_unit_test(callbacks_set_on_the_instance_count),
        cmocka_unit_test(run_may_be_any_callable),
        cmocka_unit_test(the_equity_curve_is_the_same_whenever_it_is_asked_for),
        cmocka_unit_test(on_day_end_closes_each_utc_day),
        cmocka_unit_test(enumerations_and_orders_are_as_in_the_document),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
