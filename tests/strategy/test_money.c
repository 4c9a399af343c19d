/* Money against the class that strategies/kmill.py defines, which is written out here once more in Python and
 * runs beside it: every operation with every kind of operand gives the same value, the same text and the same
 * error. */
#include "executor_fixture.h"

/* Without its first line: the strategy that has not imported decimal, for which there are shortcuts. */
#define COMPARE_WITH_REFERENCE                                                                               \
    "def exact(x): return Decimal(repr(float(x))) if isinstance(x, float) else x\n"                          \
    "def wrap(r):\n"                                                                                         \
    "  if isinstance(r, Decimal): return Plain(r)\n"                                                         \
    "  return tuple(map(Plain, r)) if isinstance(r, tuple) else r\n"                                         \
    "class Plain(Decimal):\n"                                                                                \
    "  def __hash__(self): return Decimal.__hash__(self)\n"                                                  \
    "  def __add__(a, b): return wrap(Decimal.__add__(a, exact(b)))\n"                                       \
    "  def __sub__(a, b): return wrap(Decimal.__sub__(a, exact(b)))\n"                                       \
    "  def __mul__(a, b): return wrap(Decimal.__mul__(a, exact(b)))\n"                                       \
    "  def __truediv__(a, b): return wrap(Decimal.__truediv__(a, exact(b)))\n"                               \
    "  def __floordiv__(a, b): return wrap(Decimal.__floordiv__(a, exact(b)))\n"                             \
    "  def __mod__(a, b): return wrap(Decimal.__mod__(a, exact(b)))\n"                                       \
    "  def __divmod__(a, b): return wrap(Decimal.__divmod__(a, exact(b)))\n"                                 \
    "  def __pow__(a, *b): return wrap(Decimal.__pow__(a, *map(exact, b)))\n"                                \
    "  def __radd__(a, b): return wrap(Decimal.__radd__(a, exact(b)))\n"                                     \
    "  def __rsub__(a, b): return wrap(Decimal.__rsub__(a, exact(b)))\n"                                     \
    "  def __rmul__(a, b): return wrap(Decimal.__rmul__(a, exact(b)))\n"                                     \
    "  def __rtruediv__(a, b): return wrap(Decimal.__rtruediv__(a, exact(b)))\n"                             \
    "  def __rfloordiv__(a, b): return wrap(Decimal.__rfloordiv__(a, exact(b)))\n"                           \
    "  def __rmod__(a, b): return wrap(Decimal.__rmod__(a, exact(b)))\n"                                     \
    "  def __rdivmod__(a, b): return wrap(Decimal.__rdivmod__(a, exact(b)))\n"                               \
    "  def __rpow__(a, b): return wrap(Decimal.__rpow__(a, exact(b)))\n"                                     \
    "  def __neg__(a): return wrap(Decimal.__neg__(a))\n"                                                    \
    "  def __pos__(a): return wrap(Decimal.__pos__(a))\n"                                                    \
    "  def __abs__(a): return wrap(Decimal.__abs__(a))\n"                                                    \
    "  def __round__(a, *n): return wrap(Decimal.__round__(a, *n))\n"                                        \
    "  def __eq__(a, b): return Decimal.__eq__(a, exact(b))\n"                                               \
    "  def __ne__(a, b): return Decimal.__ne__(a, exact(b))\n"                                               \
    "  def __lt__(a, b): return Decimal.__lt__(a, exact(b))\n"                                               \
    "  def __le__(a, b): return Decimal.__le__(a, exact(b))\n"                                               \
    "  def __gt__(a, b): return Decimal.__gt__(a, exact(b))\n"                                               \
    "  def __ge__(a, b): return Decimal.__ge__(a, exact(b))\n"                                               \
    "  def quantize(a, *x, **k): return wrap(Decimal.quantize(a, *x, **k))\n"                                \
    "  def sqrt(a, *x): return wrap(Decimal.sqrt(a, *x))\n"                                                  \
    "def shown(x):\n"                                                                                        \
    "  if isinstance(x, tuple): return tuple(map(shown, x))\n"                                               \
    "  mixes = type(x).__name__ in ('Money', 'Plain') if isinstance(x, Decimal) else type(x).__name__\n"     \
    "  return repr(x), mixes\n"                                                                              \
    "def outcome(f, *args):\n"                                                                               \
    "  try: return shown(f(*args))\n"                                                                        \
    "  except (ArithmeticError, ValueError, TypeError) as e: return type(e).__name__\n"                      \
    "BINARY = [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b, lambda a, "   \
    "b: "                                                                                                    \
    "a // b,\n"                                                                                              \
    "          lambda a, b: a % b, divmod, lambda a, b: a ** b, lambda a, b: a == b, lambda a, b: a != b, "  \
    "lambda a, b: a < b,\n"                                                                                  \
    "          lambda a, b: a <= b, lambda a, b: a > b, lambda a, b: a >= b]\n"                              \
    "UNARY = [lambda a: -a, lambda a: +a, abs, round, lambda a: round(a, 2), lambda a: round(a, -1), "       \
    "float, "                                                                                                \
    "int, bool, str, repr,\n"                                                                                \
    "         hash, lambda a: f'{a:.3f}', lambda a: f'{a:,}', lambda a: '%.2f' % a, lambda a: "              \
    "a.quantize(Decimal('0.01')),\n"                                                                         \
    "         lambda a: a.quantize(exp=Decimal('1'), rounding='ROUND_UP'), lambda a: a.quantize(0.1), "      \
    "lambda "                                                                                                \
    "a: a.sqrt(),\n"                                                                                         \
    "         lambda a: a.normalize(), lambda a: a.as_tuple(), lambda a: a.is_signed(), lambda a: sum([a, "  \
    "a]),\n"                                                                                                 \
    "         lambda a: sum([a, 0.5]), lambda a: max(a, 1.5), lambda a: min(1.5, a), lambda a: sorted([a, "  \
    "0.25, -1]),\n"                                                                                          \
    "         lambda a: {a: 1}, lambda a: a in [1.0, 10000], lambda a: round(a, 1.0), lambda a: pow(a, 2, "  \
    "7), lambda a: a or 'no']\n"                                                                             \
    "OTHERS = [0, 1, -1, 3, 10000, 10**30, -10**400, True, 0.0, -0.0, 0.1, 0.001, 1e-300, 1e300, 3.5, "      \
    "float('nan'), float('inf'),\n"                                                                          \
    "          -float('inf'), Decimal(0), Decimal('1.50'), Decimal('NaN'), Decimal('Infinity'), 'x', None, " \
    "[1]]\n"                                                                                                 \
    "def check(money):\n"                                                                                    \
    "  plain = Plain(money)\n"                                                                               \
    "  count = 0\n"                                                                                          \
    "  for f in UNARY:\n"                                                                                    \
    "    a, b = outcome(f, money), outcome(f, plain)\n"                                                      \
    "    assert a == b, f'{money!r}: {a} is not {b}'\n"                                                      \
    "  for other in OTHERS + ['money']:\n"                                                                   \
    "    for i, f in enumerate(BINARY):\n"                                                                   \
    "      a = outcome(f, money, money if other == 'money' else other)\n"                                    \
    "      b = outcome(f, plain, plain if other == 'money' else other)\n"                                    \
    "      assert a == b, f'{money!r} {i} {other!r}: {a} is not {b}'\n"                                      \
    "      if other == 'money': continue\n"                                                                  \
    "      a, b = outcome(f, other, money), outcome(f, other, plain)\n"                                      \
    "      assert a == b, f'{other!r} {i} {money!r}: {a} is not {b}'\n"                                      \
    "      count += 2\n"                                                                                     \
    "  return count\n"                                                                                       \
    "class Strategy(IStrategy):\n"                                                                           \
    "  bar = 0\n"                                                                                            \
    "  def run(self, context, kline, params):\n"                                                             \
    "    self.bar += 1\n"                                                                                    \
    "    if self.bar % 3 == 0: context.buy(kline.close, 0.1 * self.bar % 7, kline.open_time)\n"              \
    "    if self.bar % 7 == 0: context.sell(kline.close, context.position / 3, kline.open_time)\n"           \
    "    if self.bar % 20 == 0: context.sell_all(kline.close, kline.open_time)\n"                            \
    "    if self.bar % 10: return\n"                                                                         \
    "    if self.bar == 300: change_context()\n"                                                             \
    "    values = [context.balance, context.position, context.initial_balance, context.fee_rate, "           \
    "context.max_drawdown,\n"                                                                                \
    "              context.get_equity(kline.close), context.get_position_value(kline.high), "                \
    "context.get_drawdown(kline.low)]\n"                                                                     \
    "    values += [context.balance / kline.close, context.balance * 1.5, -context.balance, "                \
    "context.position "                                                                                      \
    "- context.position,\n"                                                                                  \
    "               context.balance / 3 * 3, 1 / context.balance, context.balance * context.fee_rate]\n"     \
    "    assert all(isinstance(v, Decimal) for v in values)\n"                                               \
    "    assert sum(map(check, values)) > 1000\n"                                                            \
    "    if self.bar == 400: print('done', len(context.trades) > 100)\n"

static void money_is_the_reference_class_in_every_operation(void **state) {
    (void)state;
    assert_strategy_prints("def change_context(): pass\n" COMPARE_WITH_REFERENCE, "done True\n");
}

static void money_obeys_the_strategys_decimal_context(void **state) {
    (void)state;
    assert_strategy_prints("import decimal\n"
                           "def change_context(): decimal.getcontext().prec = 5\n" COMPARE_WITH_REFERENCE,
                           "done True\n");
}

static void amounts_have_the_ledgers_digits(void **state) {
    (void)state;
    /* By hand: 10000 - 0.1 x 100 - 0.001 x 10 = 9989.99; the price is a Decimal so that its digits are chosen
     * here. */
    assert_in_bar_60(
        "    assert str(context.balance) == '10000' and str(context.fee_rate) == '0.001'\n"
        "    assert str(context.position) == '0' and str(context.max_drawdown) == '0.0'\n"
        "    assert context.buy(Decimal('100'), Decimal('0.1'), 'x')\n"
        "    assert str(context.balance) == '9989.9900', context.balance\n"
        "    assert str(context.position) == '0.1'\n"
        "    assert str(context.get_equity(Decimal('100'))) == '9999.9900'\n"
        "    assert context.get_avg_position_price() == 100.0\n"
        "    assert context.sell_all(100, 'x')\n"
        "    assert str(context.position) == '0.0' and context.position == 0 and not context.position > 0\n"
        "    assert str(context.balance) == '9999.9800', context.balance\n"
        "    assert context.get_avg_position_price() == 0.0\n");
}

static void money_is_fast_and_slow_alike(void **state) {
    (void)state;
    /* The same amounts with another decimal context, and after pickling is out of reach by text: no shortcut
     * may show. */
    assert_in_bar_60("    from decimal import getcontext, Inexact, Rounded\n"
                     "    context.buy(kline.close, 0.123456789, 'x')\n"
                     "    c = getcontext()\n"
                     "    c.clear_flags()\n"
                     "    third = context.balance / 3\n"
                     "    assert c.flags[Inexact] and c.flags[Rounded]\n"
                     "    c.prec = 4\n"
                     "    assert str(context.balance / 3) == str(Decimal(str(context.balance)) / 3)\n"
                     "    assert len(str(context.balance / 3).replace('.', '')) == 4\n"
                     "    assert len(str(third)) > 20\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(money_is_the_reference_class_in_every_operation),
        cmocka_unit_test(money_obeys_the_strategys_decimal_context),
        cmocka_unit_test(amounts_have_the_ledgers_digits),
        cmocka_unit_test(money_is_fast_and_slow_alike),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
