"""strategies/kmill.py, the specification in code, against values worked by hand and a ledger in exact fractions.

Nothing here needs the engine: this is what makes kmill.py fit to be the judge of it. Sums of floats are chosen so that
compensated and plain summation agree, for the tests run under Python 3.11 too.
"""

import contextlib
import decimal
import gzip
import io
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal
from fractions import Fraction

SOURCE = os.environ.get('KMILL_SOURCE') or os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
STRATEGIES = os.path.join(SOURCE, 'strategies')
sys.path.insert(0, STRATEGIES)

import kmill  # noqa: E402
from kmill_account import Ledger, Money  # noqa: E402

HOUR = 3_600_000


def make_klines(closes, start=1_704_067_200_000, step=HOUR, spread=1.0):
    """Bars around the closes, hourly from 2024-01-01."""
    return [kmill.Kline(kmill.iso_time(start + i * step), c, c + spread, max(c - spread, c / 2), c, 10.0 + i,
                        kmill.iso_time(start + (i + 1) * step - 1)) for i, c in enumerate(closes)]


def run_bars(closes, run=None, on_trade=None, on_day_end=None, params=None, klines=None, **options):
    """One backtest of a strategy made of the given functions; returns (result, backtest)."""
    members = {name: f for name, f in (('run', run), ('on_trade', on_trade), ('on_day_end', on_day_end)) if f}
    members.setdefault('run', lambda self, context, kline, params: None)
    strategy = type('Strategy', (kmill.IStrategy,), members)
    backtest = kmill.Backtest(strategy, make_klines(closes) if klines is None else klines, params, **options)
    return backtest.run(), backtest


def call_in_a_run(function, closes=(100.0,), **options):
    """What function(context, kline) returns on the last bar."""
    seen = []
    run_bars(closes, lambda self, context, kline, params: seen.append(function(context, kline)), **options)
    return seen[-1]


class Indicators(unittest.TestCase):
    def test_sma_is_the_mean_of_the_last_values(self):
        self.assertEqual(kmill.calculate_sma([100.0, 1.0, 2.0, 6.0], 3), 3.0)
        self.assertIsNone(kmill.calculate_sma([1.0, 2.0], 3))

    @unittest.skipIf(sys.version_info < (3, 12), 'sum of floats is compensated from 3.12 on')
    def test_sma_uses_a_compensated_sum(self):
        # 0.1 ten times: exactly 1.0 with compensation, 0.9999999999999999 without.
        self.assertEqual(kmill.calculate_sma([0.1] * 10, 10), 0.1)

    def test_ema_is_seeded_with_the_mean_of_the_first_values(self):
        # period 3: multiplier 1/2, seed (1+2+3)/3 = 2; 6: 4; 0: 2.
        self.assertEqual(kmill.calculate_ema([1, 2, 3, 6, 0], 3), 2.0)
        self.assertEqual(kmill.calculate_ema([1, 2, 3], 3), 2.0)
        self.assertIsNone(kmill.calculate_ema([1, 2], 3))

    def test_rsi_from_plain_averages(self):
        # changes +3 -1 0 +1: gains 4, losses 1 over 4: 100 - 100/(1 + 4) = 80.
        self.assertEqual(kmill.calculate_rsi([10.0, 13.0, 12.0, 12.0, 13.0], 4), 80.0)
        self.assertEqual(kmill.calculate_rsi([5.0, 1.0, 2.0, 3.0], 2), 100.0)  # only the last two changes
        self.assertEqual(kmill.calculate_rsi([7.0] * 15), 100.0)
        self.assertEqual(kmill.calculate_rsi([3.0, 2.0, 1.0], 2), 0.0)
        self.assertIsNone(kmill.calculate_rsi([1.0] * 14))

    def test_macd_by_hand(self):
        # fast 1: the value itself; slow 3: multiplier 1/2, seed 3. x=7: slow 5, line 2; x=1: slow 3, line -2.
        # signal 2: seed 0; multiplier 2/3.
        self.assertEqual(kmill.calculate_macd([1, 2, 6, 7, 1], 1, 3, 2), (-2.0, 0.0, -2.0))
        # x=9: slow 6, line 3; signal (3 - 0) * 2/3 + 0 = 2.
        self.assertEqual(kmill.calculate_macd([1, 2, 6, 7, 1, 9], 1, 3, 2), (3.0, 2.0, 1.0))
        self.assertEqual(kmill.calculate_macd([1, 2, 6, 7], 1, 3, 2), (None, None, None))
        with self.assertRaisesRegex(ValueError, 'fast'):
            kmill.calculate_macd([1.0] * 50, 12, 12, 9)

    def test_bollinger_uses_the_population_deviation(self):
        # 2 4 4 4 5 5 7 9: mean 5, population deviation 2.
        data = [99.0, 2, 4, 4, 4, 5, 5, 7, 9]
        self.assertEqual(kmill.calculate_bollinger(data, 8, 1.5), (8.0, 5.0, 2.0))
        self.assertEqual(kmill.calculate_bollinger(data, 10), (None, None, None))

    def test_atr_is_the_mean_true_range(self):
        # bar 1: max(11-9, |11-10|, |9-10|) = 2; bar 2 gaps up from 10: max(15-14, 5, 4) = 5; bar 3 down from 14: 7.
        highs, lows, closes = [10.0, 11.0, 15.0, 8.0], [9.0, 9.0, 14.0, 7.0], [10.0, 10.0, 14.0, 7.5]
        self.assertEqual(kmill.calculate_atr(highs, lows, closes, 2), 6.0)
        self.assertEqual(kmill.calculate_atr(highs[:3], lows[:3], closes[:3], 2), 3.5)
        self.assertIsNone(kmill.calculate_atr(highs, lows, closes, 4))

    def test_arguments_are_named_in_errors(self):
        for call, error, word in (
                (lambda: kmill.calculate_sma([1.0], 0), ValueError, 'period'),
                (lambda: kmill.calculate_sma([1.0], 1.0), TypeError, 'period'),
                (lambda: kmill.calculate_sma([1.0], True), TypeError, 'period'),
                (lambda: kmill.calculate_sma(['1'], 1), TypeError, 'data'),
                (lambda: kmill.calculate_sma([None, 1.0, None], 2), TypeError, 'data'),
                (lambda: kmill.calculate_ema((x for x in [1.0]), 1), TypeError, 'data'),
                (lambda: kmill.calculate_atr([1, 2], [1, 2], [1, 'x'], 1), TypeError, 'closes'),
                (lambda: kmill.calculate_bollinger([1.0], 1, 'x'), TypeError, 'k must'),
                (lambda: kmill.calculate_macd([1.0], 1, 2, 0), ValueError, 'signal')):
            with self.subTest(word=word), self.assertRaisesRegex(error, word):
                call()

    def test_only_the_values_used_are_looked_at(self):
        self.assertEqual(kmill.calculate_sma(['x', None, 1.0, 3], 2), 2.0)
        self.assertEqual(kmill.calculate_sma(kmill.deque([Decimal('1.5'), 2.5]), 2), 2.0)


class MoneyMixes(unittest.TestCase):
    def test_a_float_counts_as_its_repr(self):
        money = Money('1.00')
        self.assertEqual(str(money + 0.1), '1.10')
        self.assertEqual(str(0.1 + money), '1.10')
        self.assertEqual(str(money - 0.1), '0.90')
        self.assertEqual(str(2.5 - money), '1.50')
        self.assertEqual(str(money * 0.3), '0.300')
        self.assertEqual(str(money / 0.3), '3.333333333333333333333333333')
        self.assertEqual(str(1.0 / Money(3)), '0.3333333333333333333333333333')
        self.assertEqual(str(Money(7) // 2.0), '3')
        self.assertEqual(str(Money(7) % 2.5), '2.0')
        self.assertEqual(str(7.5 % Money(2)), '1.5')
        self.assertEqual(str(7.5 // Money(2)), '3')
        self.assertEqual(str(Money(9) ** 0.5), '3.000000000000000000000000000')
        self.assertEqual(str(2.0 ** Money(3)), '8.000')
        self.assertEqual([str(x) for x in divmod(Money(7), 2.5)], ['2', '2.0'])
        self.assertEqual([str(x) for x in divmod(7.5, Money(2))], ['3', '1.5'])

    def test_results_mix_again(self):
        for value in (Money(2) + 0.5, 0.5 + Money(2), Money(2) * Decimal(3), Decimal(3) * Money(2), -Money(2), +Money(2),
                      abs(Money(-2)), round(Money('2.55'), 1), Money(2).quantize(Decimal('0.01')), Money(2).sqrt(),
                      1 - Money(2), *divmod(Money(7), 2)):
            with self.subTest(value=value):
                self.assertIsInstance(value, Decimal)
                self.assertIsInstance(value * 1.5, Money)
        self.assertIs(type(round(Money('2.5'))), int)
        self.assertEqual(round(Money('2.5')), 2)

    def test_comparison_with_floats_is_by_repr(self):
        money = Money('0.001')
        self.assertTrue(money == 0.001 and 0.001 == money and not money != 0.001)
        self.assertTrue(money <= 0.001 and money >= 0.001 and not money < 0.001 and not 0.001 > money)
        self.assertTrue(0.0009 < money < 0.0011)
        self.assertFalse(Decimal('0.001') == 0.001)  # what a plain Decimal says
        self.assertFalse(money == math.nan)
        self.assertTrue(money < math.inf)
        with self.assertRaises(decimal.InvalidOperation):
            money < math.nan

    def test_it_is_still_a_decimal(self):
        money = Money('12.50')
        self.assertIsInstance(money, Decimal)
        self.assertEqual((repr(money), str(money), f'{money:.1f}', float(money), int(money)),
                         ("Decimal('12.50')", '12.50', '12.5', 12.5, 12))
        self.assertEqual(hash(money), hash(Decimal('12.5')))
        self.assertEqual(min(money, 13.0), money)
        self.assertFalse(money == '12.50')
        with self.assertRaises(TypeError):
            money + '1'
        with self.assertRaises(decimal.DivisionByZero):
            money / 0.0

    def test_the_strategys_own_decimal_context_applies_to_it(self):
        with decimal.localcontext() as context:
            context.prec = 3
            self.assertEqual(str(Money(1) / 3.0), '0.333')


class Account(unittest.TestCase):
    def test_a_buy_and_a_sell_by_hand(self):
        def run(self, context, kline, params):
            if kline.close == 100.0:
                self.bought = context.buy(100.0, 2, 'now')
            else:
                self.sold = context.sell(kline.close, 0.5, kline.open_time)

        result, _ = run_bars([100.0, 120.0], run)
        buy, sell = result['trades']
        # 2 x 100 + 0.1 % = 200.2; then 0.5 x 120 - 0.06 = 59.94 for a quarter of the cost 200 and of the fee 0.2.
        self.assertEqual(buy, {'timestamp': 'now', 'type': 'buy', 'price': 100.0, 'amount': 2.0, 'balance': 9799.8,
                               'fee': 0.2, 'position': 2.0, 'totalValue': 9999.8, 'profit': 0.0})
        self.assertEqual(sell, {'timestamp': '2024-01-01T01:00:00+00:00', 'type': 'sell', 'price': 120.0, 'amount': 0.5,
                                'balance': 9859.74, 'fee': 0.06, 'position': 1.5, 'totalValue': 10039.74,
                                'profit': 9.89})
        expected = {'initialBalance': 10000.0, 'finalBalance': 10039.74, 'profit': 39.74, 'profitRate': 0.003974,
                    'maxDrawdown': (10000.0 - 9999.8) / 10000.0, 'totalTrades': 2, 'winRate': 1.0, 'baseAsset': 1.5,
                    'quoteAsset': 9859.74, 'baseFee': 0.0, 'quoteFee': 0.26}
        self.assertEqual({name: result[name] for name in expected}, expected)
        self.assertEqual(list(result), [*expected, 'trades', 'equityCurve'])
        self.assertEqual(result['equityCurve'][1], {'timestamp': '2024-01-01T01:00:00+00:00', 'equity': 10039.74,
                                                    'balance': 9859.74, 'position': 1.5})

    def test_cost_and_fee_may_take_the_whole_balance_and_not_a_digit_more(self):
        self.assertTrue(call_in_a_run(lambda c, k: c.buy(100, 1, ''), initial_balance=Decimal('100.1')))
        self.assertFalse(call_in_a_run(lambda c, k: c.buy(100, 1, ''), initial_balance=Decimal('100.0999999')))

    def test_refused_orders_change_nothing_and_call_nothing(self):
        calls = []

        def run(self, context, kline, params):
            nan, inf = float('nan'), float('inf')
            orders = [(100, 0), (0, 1), (-1, 1), (100, -1), (nan, 1), (100, nan), (inf, 1), (100, inf),
                      (Decimal('sNaN'), 1), (100, 100)]
            self.answers = [context.buy(price, amount, '') for price, amount in orders]
            self.answers += [context.sell(100, 1, ''), context.sell(nan, 1, ''), context.sell_all(100, '')]
            assert self.answers == [False] * 13 and context.balance == 10000 and context.trades == []

        result, backtest = run_bars([100.0], run, lambda self, trade: calls.append(trade))
        self.assertEqual((backtest.ledger.refused_orders, calls, result['finalBalance']), (13, [], 10000.0))

    def test_wrong_arguments_raise(self):
        for call, error, word in (
                (lambda c, k: c.buy('100', 1, ''), TypeError, 'price'),
                (lambda c, k: c.buy(100, '1', ''), TypeError, 'amount'),
                (lambda c, k: c.buy(True, 1, ''), TypeError, 'price'),
                (lambda c, k: c.buy(100, None, ''), TypeError, 'amount'),
                (lambda c, k: c.buy(100, 1, 5), TypeError, 'timestamp'),
                (lambda c, k: c.sell_all(100, None), TypeError, 'timestamp'),
                (lambda c, k: c.buy(100, 1, 'a\0b'), ValueError, 'timestamp must not contain a null'),
                (lambda c, k: c.buy(100, 1, '\ud800'), UnicodeEncodeError, 'surrogates'),
                (lambda c, k: c.buy(100, Decimal('1.' + '1' * 38), ''), ValueError, 'amount'),
                (lambda c, k: c.buy(10 ** 38, 1, ''), ValueError, 'price'),
                (lambda c, k: c.buy(Decimal('1e100001'), 1, ''), ValueError, 'price'),
                (lambda c, k: c.sell(Decimal('1e-100001'), 1, ''), ValueError, 'price'),
                (lambda c, k: c.get_equity(float('nan')), ValueError, 'price'),
                (lambda c, k: c.get_drawdown(float('inf')), ValueError, 'current_price'),
                (lambda c, k: setattr(c, 'balance', 1), AttributeError, '')):
            with self.subTest(word=word), self.assertRaisesRegex(error, word):
                call_in_a_run(call)
        self.assertFalse(call_in_a_run(lambda c, k: c.buy(10 ** 37, 1, '')))

    def test_sell_all_sells_exactly_the_position(self):
        def run(self, context, kline, params):
            context.buy(3, Decimal('0.1234567890123456789012345678'), '')  # more digits than a float has
            context.sell_all(3, '')
            assert context.position == 0 and context.get_avg_position_price() == 0.0

        result, _ = run_bars([3.0], run)
        self.assertEqual((result['baseAsset'], result['trades'][1]['position']), (0.0, 0.0))

    def test_average_price_leaves_fees_out_and_a_partial_sell_keeps_it(self):
        def trade(context, kline):
            prices = [context.get_avg_position_price()]
            for order in (context.buy, 100, 1), (context.buy, 200, 3), (context.sell, 150, 2), (context.sell, 150, 2):
                order[0](*order[1:], '')
                prices.append(context.get_avg_position_price())
            return prices

        self.assertEqual(call_in_a_run(trade), [0.0, 100.0, 175.0, 175.0, 0.0])

    def test_a_win_counts_the_fees_of_both_sides(self):
        # 100 -> 100.2 gains 0.2 and pays 0.1 + 0.1002: a loss. 100 -> 100.3 gains 0.3 and pays 0.2003: a win.
        for price, wins in ((100.2, 0.0), (100.3, 1.0)):
            result, _ = run_bars([100.0], lambda s, c, k, p: c.buy(100, 1, '') and c.sell(price, 1, ''))
            self.assertEqual(result['winRate'], wins)
        self.assertEqual(run_bars([100.0])[0]['winRate'], 0.0)

    def test_slippage_is_against_the_trader(self):
        def run(self, context, kline, params):
            context.buy(100, 1, '')
            context.sell(100, 1, '')

        result, backtest = run_bars([100.0], run, slippage=25)
        self.assertEqual([t['price'] for t in result['trades']], [100.25, 99.75])
        self.assertEqual(result['trades'][0]['fee'], 0.10025)

    def test_the_price_check_looks_at_the_price_after_slippage(self):
        for mode, accepted, outside in (('off', True, 0), ('count', True, 1), ('refuse', False, 1)):
            answers = []
            _, backtest = run_bars([100.0], lambda s, c, k, p: answers.append(c.buy(k.high, 1, '')), slippage=1,
                                   price_check=mode)
            self.assertEqual((answers, backtest.ledger.price_outside), ([accepted], outside))
        _, backtest = run_bars([100.0], lambda s, c, k, p: c.buy(k.high, 1, '') and c.sell(k.low, 1, ''))
        self.assertEqual(backtest.ledger.price_outside, 0)

    def test_drawdown_starts_at_the_initial_balance(self):
        seen = []

        def run(self, context, kline, params):
            if context.position == 0:
                context.buy(100, 50, '')
            seen.append((context.max_drawdown, context.get_drawdown(kline.close), context.get_drawdown(1000)))

        result, _ = run_bars([100.0, 200.0, 150.0, 50.0], run, fee_rate=0)
        # equity 10000, 15000, 12500, 7500
        self.assertEqual(result['maxDrawdown'], 0.5)
        self.assertEqual(seen, [(0, 0, 0), (0, 0, 0), (0, Decimal(2500) / Decimal(15000), 0),
                                (exact_ratio(2500, 15000), Decimal('0.5'), 0)])
        self.assertEqual(call_in_a_run(lambda c, k: c.get_drawdown(1) + c.max_drawdown), 0)

    def test_the_ledger_does_not_heed_the_strategys_decimal_context(self):
        def run(self, context, kline, params):
            decimal.getcontext().prec = 2
            decimal.getcontext().traps[decimal.Inexact] = True
            context.buy(Decimal('1.23456789'), Decimal('1.23456789'), '')

        result, _ = run_bars([1.2], run)
        self.assertEqual(result['trades'][0]['fee'], 0.0015241578750190521)
        self.assertEqual(decimal.getcontext().prec, 28)

    def test_random_orders_against_exact_fractions(self):
        rng = random.Random(20240101)
        for _ in range(60):
            self.check_random_orders(rng)

    def check_random_orders(self, rng):
        fee_rate = rng.choice([Decimal(0), Decimal('0.001'), Decimal('0.00075'), exact_decimal(rng.random() / 50)])
        ledger = Ledger(Decimal(10000), fee_rate, Decimal(0), 'off')
        bar = make_klines([100.0])[0]
        balance, position, cost, cost_fee, fees = Fraction(10000), Fraction(0), Fraction(0), Fraction(0), Fraction(0)
        rate, r = Fraction(fee_rate), round_28
        for _ in range(40):
            price = exact_decimal(rng.choice([rng.uniform(1, 200), round(rng.uniform(1e-5, 1e-4), 8), rng.expovariate(1)]))
            buy = rng.random() < 0.5
            amount = exact_decimal(rng.uniform(0, float(balance) / float(price)) if buy else rng.uniform(0, float(position) * 1.1))
            if not buy and rng.random() < 0.2:
                amount = ledger.position
            p, a = Fraction(price), Fraction(amount)
            value = r(r(p) * a)
            fee = r(value * rate)
            if buy and a > 0 and balance >= r(value + fee):
                balance, position = r(balance - r(value + fee)), r(position + a)
                cost, cost_fee, fees, profit = r(cost + value), r(cost_fee + fee), r(fees + fee), Fraction(0)
            elif not buy and 0 < a <= position:
                part = cost if a == position else r(r(cost * a) / position)
                fee_part = cost_fee if a == position else r(r(cost_fee * a) / position)
                profit = r(r(r(value - fee) - part) - fee_part)
                balance, position = r(balance + r(value - fee)), r(position - a)
                cost, cost_fee, fees = r(cost - part), r(cost_fee - fee_part), r(fees + fee)
            else:
                profit = None
            trade = (ledger.buy if buy else ledger.sell)(price, amount, '', bar)
            self.assertEqual(trade is None, profit is None)
            self.assertEqual((Fraction(ledger.balance), Fraction(ledger.position), Fraction(ledger.quote_fee),
                              Fraction(ledger.cost), Fraction(ledger.cost_fee)), (balance, position, fees, cost, cost_fee))
            if trade:
                # float(Fraction) is int / int: correctly rounded.
                self.assertEqual((trade['balance'], trade['position'], trade['fee'], trade['profit'], trade['totalValue']),
                                 tuple(map(float, (balance, position, fee, profit, r(balance + r(position * r(p)))))))


def exact_decimal(x: float) -> Decimal:
    return Decimal(repr(x))


def exact_ratio(a: int, b: int) -> Decimal:
    return Decimal(repr(a / b))


def round_28(x: Fraction) -> Fraction:
    """x to 28 significant digits, half to even, without the decimal module."""
    if x == 0:
        return x
    exponent = len(str(abs(x.numerator))) - len(str(x.denominator)) - 28
    scaled = abs(x) / Fraction(10) ** exponent
    while scaled >= 10 ** 28:
        exponent, scaled = exponent + 1, scaled / 10
    while scaled < 10 ** 27:
        exponent, scaled = exponent - 1, scaled * 10
    return (1 if x > 0 else -1) * round(scaled) * Fraction(10) ** exponent  # round(): half to even


class TheLoop(unittest.TestCase):
    def test_the_order_of_the_steps(self):
        log = []

        def run(self, context, kline, params):
            log.append(('run', len(self.kline_cache), len(context.equity_curve)))
            context.buy(100, 1, kline.open_time)
            log.append('bought')

        def on_trade(self, trade):
            log.append(('trade', trade['type']))

        def on_day_end(self, date, context):
            log.append((date, len(context.equity_curve)))

        start = 1_704_067_200_000 + 22 * HOUR  # 22:00 and 23:00 of the first day, 00:00 of the second
        run_bars(None, run, on_trade, on_day_end, klines=make_klines([100.0] * 3, start))
        bar = [('trade', 'buy'), 'bought']
        self.assertEqual(log, [('run', 1, 0), *bar, ('run', 2, 1), *bar, ('2024-01-01', 2),
                               ('run', 3, 2), *bar, ('2024-01-02', 3)])

    def test_trades_at_day_end_count_in_the_result_not_in_that_bars_equity(self):
        result, _ = run_bars([100.0], None, None, lambda self, date, context: context.buy(100, 10, date))
        self.assertEqual(result['equityCurve'][0], {'timestamp': '2024-01-01T00:00:00+00:00', 'equity': 10000.0,
                                                    'balance': 10000.0, 'position': 0.0})
        self.assertEqual((result['finalBalance'], result['quoteAsset']), (9999.0, 8999.0))

    def test_on_trade_may_trade(self):
        def on_trade(self, trade):
            if trade['type'] == 'buy':
                self.context.sell_all(trade['price'], 'at once')

        def run(self, context, kline, params):
            self.context = context
            context.buy(100, 1, '')
            assert context.position == 0 and [t['type'] for t in context.trades] == ['buy', 'sell']

        self.assertEqual(run_bars([100.0], run, on_trade)[0]['totalTrades'], 2)

    def test_an_exception_in_on_trade_comes_out_of_buy(self):
        def on_trade(self, trade):
            raise KeyError('mine')

        with self.assertRaises(KeyError):
            run_bars([100.0], lambda s, c, k, p: c.buy(100, 1, ''), on_trade)

    def test_warm_up_bars_only_fill_the_cache(self):
        seen = []
        result, _ = run_bars([1.0, 2.0, 3.0, 4.0], lambda s, c, k, p: seen.append(s.kline_cache.get_closes()), warmup=2)
        self.assertEqual(seen, [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0, 4.0]])
        self.assertEqual(len(result['equityCurve']), 2)

    def test_the_window_is_the_parameter_klineWndSize(self):
        for params, size in (({}, 50), ({'klineWndSize': 3}, 3)):
            lengths = []
            run_bars([1.0] * 60, lambda s, c, k, p: lengths.append((len(s.kline_cache), s.kline_cache.is_full())),
                     params=params)
            self.assertEqual((lengths[-1], lengths[size - 2]), ((size, True), (size - 1, False)))

    def test_params_are_the_runs_own(self):
        given = {'a': 1}
        run_bars([1.0, 2.0], lambda s, c, k, p: p.update(a=p['a'] + 1), params=given)
        self.assertEqual(given, {'a': 1})

    def test_changing_the_lists_of_the_context_changes_no_result(self):
        def run(self, context, kline, params):
            context.buy(kline.close, 1, '')
            context.trades[0]['price'] = 5
            context.equity_curve.clear()
            assert context.trades is context.trades and len(context.orders) == len(context.trades)
            assert context.orders[-1].type is kmill.OrderType.BUY and context.orders[-1].price == kline.close

        result, _ = run_bars([1.0, 2.0], run)
        self.assertEqual([t['price'] for t in result['trades']], [1.0, 2.0])
        self.assertEqual(len(result['equityCurve']), 2)

    def test_no_bars_at_all(self):
        result, _ = run_bars([])
        self.assertEqual((result['finalBalance'], result['totalTrades'], result['equityCurve']), (10000.0, 0, []))


class Klines(unittest.TestCase):
    def test_values_handed_out_are_kept_as_they_were(self):
        cache = kmill.KlineCache(2)
        bars = make_klines([1.0, 2.0, 3.0])
        cache.append(bars[0])
        cache.append(bars[1])
        kept = cache.get_closes()
        cache.append(bars[2])
        self.assertEqual((kept, cache.get_closes(), cache.get_klines()), ([1.0, 2.0], [2.0, 3.0], bars[1:]))
        kept.append(9.0)
        self.assertEqual(cache.get_closes(), [2.0, 3.0])
        self.assertEqual((cache.get_opens()[0], cache.get_highs()[0], cache.get_lows()[0], cache.get_volumes()[0]),
                         (2.0, 3.0, 1.0, 11.0))

    def test_klines_are_immutable_values(self):
        bar, same = make_klines([1.0])[0], make_klines([1.0])[0]
        self.assertTrue(bar == same and hash(bar) == hash(same) and bar != make_klines([2.0])[0])
        with self.assertRaises(AttributeError):
            bar.close = 2.0
        with self.assertRaises(TypeError):
            kmill.Kline('t', '1', 1, 1, 1, 1, 't')
        with self.assertRaises(TypeError):
            kmill.KlineCache().append(1.0)
        with self.assertRaises(ValueError):
            kmill.KlineCache(0)

    def test_times_are_written_as_isoformat_does(self):
        self.assertEqual(kmill.iso_time(1_704_067_200_000), '2024-01-01T00:00:00+00:00')
        self.assertEqual(kmill.iso_time(1_704_070_799_999), '2024-01-01T00:59:59.999000+00:00')


class CommandLine(unittest.TestCase):
    STRATEGY = ('from kmill import IStrategy\n'
                'class Strategy(IStrategy):\n'
                '    def run(self, context, kline, params):\n'
                '        print("seen", kline.close)\n'
                '        if len(self.kline_cache) >= params["wait"]:\n'
                '            context.buy(kline.close, Decimal("0.5"), kline.close_time)\n')

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.strategy = os.path.join(self.folder.name, 'mine.py')
        self.csv = os.path.join(self.folder.name, 'klines.csv.gz')
        with open(self.strategy, 'w') as file:
            file.write(self.STRATEGY)
        start = 1_735_689_600_000  # 2025-01-01; the second row in microseconds
        with gzip.open(self.csv, 'wt') as file:
            file.write('open_time,open,high,low,close,volume,close_time\n')
            file.write(f'{start},10.0,11.0,9.0,10.0,1,{start + HOUR - 1}\n')
            file.write(f'{start + HOUR}000,10,21,9,20.00000000,1,{start + 2 * HOUR}000,0,0,0,0,0\n')

    def kmill(self, *arguments):
        return subprocess.run([sys.executable, '-B', os.path.join(STRATEGIES, 'kmill.py'), *arguments], text=True,
                              capture_output=True, timeout=60)

    def test_json_is_the_result_object_alone(self):
        done = self.kmill(self.strategy, '--csv', self.csv, '--param', 'wait=2', '--json', '--fee-rate', '0')
        self.assertEqual(done.returncode, 0, done.stderr)
        result = json.loads(done.stdout)
        self.assertEqual(result['trades'], [{'timestamp': '2025-01-01T02:00:00+00:00', 'type': 'buy', 'price': 20.0,
                                             'amount': 0.5, 'balance': 9990.0, 'fee': 0.0, 'position': 0.5,
                                             'totalValue': 10000.0, 'profit': 0.0}])
        self.assertIn('seen 20.0', done.stderr)

    def test_a_range_with_warm_up(self):
        done = self.kmill(self.strategy, '--csv', self.csv, '--param', 'wait=2', '--from', '2025-01-01T01:00',
                          '--warmup', '5', '--window', '2')
        self.assertEqual(done.stdout.count('seen'), 1, done.stderr)
        self.assertRegex(done.stdout, r'totalTrades +1\n')
        done = self.kmill(self.strategy, '--csv', self.csv, '--param', 'wait=1', '--to', '2025-01-01T01:00', '--json')
        self.assertEqual(len(json.loads(done.stdout)['equityCurve']), 1)

    def test_a_failing_strategy_shows_its_own_line(self):
        done = self.kmill(self.strategy, '--csv', self.csv)
        self.assertEqual(done.returncode, 1)
        self.assertIn('mine.py", line 5', done.stderr)
        self.assertIn("KeyError: 'wait'", done.stderr)

    def test_a_file_without_a_strategy_is_refused(self):
        with open(self.strategy, 'w') as file:
            file.write('class Mine:\n    pass\n')
        with self.assertRaisesRegex(TypeError, 'mine.py: no class Strategy'):
            kmill.load_strategy(kmill.compile_strategy(self.strategy))

    def test_klines_out_of_order_are_refused(self):
        path = os.path.join(self.folder.name, 'bad.csv')
        with open(path, 'w') as file:
            file.write('2,1,1,1,1,1,3\n2,1,1,1,1,1,3\n')
        with self.assertRaisesRegex(ValueError, 'bad.csv:2'):
            kmill.read_klines(path)

    def test_every_run_loads_the_file_anew(self):
        with open(self.strategy, 'w') as file:
            file.write('runs = []\nclass Strategy(IStrategy):\n    def run(self, context, kline, params):\n'
                       '        runs.append(1)\n        print(len(runs))\n')
        code = kmill.compile_strategy(self.strategy)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            for _ in range(2):
                kmill.Backtest(code, make_klines([1.0, 2.0])).run()
        self.assertEqual(out.getvalue(), '1\n2\n1\n2\n')


if __name__ == '__main__':
    unittest.main()
