"""The engine against strategies/kmill.py: every example strategy over generated and real klines, random parameters.

Compared for each (series, parameters): every trade, the equity of every bar and all result fields of the document, to
the last bit. Windows too small for a period, one bar, fewer bars than a window, gaps, ranges with warm-up, slippage,
other fees, an account of cents and refused prices are among them.
"""

import copy
import gzip
import math
import os
import sys
import tempfile
import time
import unittest
from datetime import datetime, timezone

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import engine_driver as driver  # noqa: E402
import series_maker  # noqa: E402
from series_maker import Series  # noqa: E402

PARAMS = {
    'sma_cross': ('  fast_period: {integer: [1, 40]}\n  slow_period: {integer: [2, 80]}\n'
                  '  fraction: {uniform: [0.01, 1.1]}\n  klineWndSize: {integer: [1, 100]}\n'),
    'rsi_macd': ('  rsi_period: {integer: [1, 30]}\n  fast: {integer: [1, 12]}\n  slow: {integer: [13, 40]}\n'
                 '  signal: {integer: [1, 12]}\n  oversold: {uniform: [20.0, 60.0]}\n'
                 '  overbought: {uniform: [40.0, 80.0]}\n  patience: {integer: [1, 20]}\n'
                 '  klineWndSize: {integer: [20, 100]}\n'),
    'breakout': ('  lookback: {integer: [1, 60]}\n  stop_loss: {log_uniform: [0.001, 0.2]}\n'
                 '  take_profit: {uniform: [0.001, 0.3]}\n  klineWndSize: {integer: [2, 100]}\n'),
    'bollinger_reversion': ('  period: {integer: [2, 60]}\n  k: {uniform: [0.1, 3.0]}\n'
                            '  stop_loss: {log_uniform: [0.001, 0.2]}\n  klineWndSize: {choice: [1, 50]}\n'),
    'dca': ('  every_days: {integer: [1, 5]}\n  spend: {choice: [10, 33.33, 100.0, 2500]}\n'
            '  take_profit: {choice: [0.0, 0.01, 0.1]}\n  klineWndSize: {integer: [1, 50]}\n'),
    'trailing_stop': ('  trail: {log_uniform: [0.001, 0.3]}\n  trend_period: {integer: [1, 60]}\n'
                      '  cooldown: {integer: [0, 10]}\n  klineWndSize: {integer: [1, 80]}\n'),
    'buy_and_hold': '  fraction: {uniform: [0.001, 1.2]}\n',
}
ACCOUNTS = [
    driver.ACCOUNT,
    {'initial_balance': '1000.50', 'fee_rate': '0.00075', 'slippage': '2.5', 'price_check': 'count'},
    {'initial_balance': '0.37', 'fee_rate': '0', 'slippage': '0', 'price_check': 'refuse'},
    {'initial_balance': '123456789.12345678', 'fee_rate': '0.0123456789', 'slippage': '0.1', 'price_check': 'off'},
]
# (interval, series table, runs of each series and strategy)
GENERATED = [('1h', series_maker.HOURLY, 21), *((name, table, 10) for name, table in series_maker.OTHER.items())]
# symbol, interval, file, range, warm-up bars, runs of each strategy
REAL = [
    ('BTCUSDT', '1d', 'csv', None, None, 0, 6),
    ('ETHUSDT', '1d', 'csv', '2020-01-01', '2021-06-15', 100, 6),
    ('BTCUSDT', '1w', 'csv', None, None, 0, 6),
    ('BTCUSDT', '4h', 'csv', '2018-01-20', '2018-07-20', 30, 6),  # three outages
    ('BTCUSDT', '1h', 'csv.gz', '2023-03-01', '2023-04-15', 50, 6),  # one more
    ('BTCUSDT', '1m', 'csv.gz', '2024-03-04T20:00', '2024-03-06T04:00', 60, 3),
]
PAIRS_WANTED = 2000


class EngineEqualsReference(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.python = driver.oracle_python()
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.engine = driver.Engine(cls.folder.name)
        cls.series = {interval: series_maker.write_series(cls.folder.name, interval, table)
                      for interval, table, _ in GENERATED}
        for series in cls.series.values():
            cls.engine.add_series(series)

    def judge(self, jobs):
        """Compares; says what was compared; fails on any difference."""
        begun = time.monotonic()
        counts, differences = driver.judge(self.python, self.folder.name, jobs)
        print(f'{self._testMethodName}: {counts["pairs"]} pairs, {counts["trades"]} trades, {counts["points"]} equity '
              f'points compared in {time.monotonic() - begun:.0f} s, {counts["differ"]} differ')
        self.assertEqual(differences, [], '\n' + '\n'.join(differences))
        self.assertEqual(counts['differ'], 0)
        return counts

    def jobs_of(self, name, strategy, series, trials, account, start=None, end=None, warmup=0):
        path = os.path.join(driver.STRATEGIES, f'{strategy}.py')
        extra = ''.join(f'{key}: {value}\n' for key, value in (('from', start), ('to', end)) if value)
        extra += f'warmup: {warmup}\n' if warmup else ''
        runs = self.engine.sweep(name, path, [s.symbol for s in series], series[0].interval, PARAMS[strategy],
                                 f'method: random\ntrials: {trials}\nseed: {len(name)}\n', account, extra)
        self.assertEqual(len(runs), trials * len(series), f'runs of {name}')
        files = {s.symbol: s.path for s in series}
        return [driver.job(f'{name} run {run["run"]} {run["symbol"]}', path, files[run['symbol']], run, account, start,
                           end, warmup) for run in runs]

    def test_examples_over_generated_series(self):
        for number, strategy in enumerate(PARAMS):
            with self.subTest(strategy=strategy):
                jobs = []
                for i, (interval, _, trials) in enumerate(GENERATED):
                    account = ACCOUNTS[(number + i) % len(ACCOUNTS)]
                    jobs += self.jobs_of(f'{strategy}-{interval}', strategy, self.series[interval], trials, account)
                jobs += self.jobs_of(f'{strategy}-range', strategy, self.series['1h'][:1], 10, ACCOUNTS[1],
                                     '2024-01-10T05:00', '2024-02-01', 60)
                self.total = getattr(self, 'total', 0) + len(jobs)
                counts = self.judge(jobs)
                self.assertGreater(counts['traded'], len(jobs) // 4, 'too few runs traded to say anything')
                self.assertEqual(counts['failures'], 0)
        self.assertGreaterEqual(self.total, PAIRS_WANTED)

    def test_the_result_object_of_single_runs(self):
        jobs = []
        for number, strategy in enumerate(PARAMS):
            path = os.path.join(driver.STRATEGIES, f'{strategy}.py')
            for one in (self.series['1h'][number], self.series['1h'][-1 - number % 3], self.series['15m'][number % 2]):
                account = ACCOUNTS[number % len(ACCOUNTS)]
                params = {'klineWndSize': 35 + number, 'fraction': 0.5, 'note': 'text', 'flag': True}
                jobs.append(driver.job(f'backtest {strategy} {one.symbol}', path, one.path,
                                       self.engine.backtest(path, one, params, account), account))
        self.judge(jobs)
        self.judge_must_see_one_wrong_bit(jobs)

    def test_timestamps_of_any_text_are_kept(self):
        path = os.path.join(self.folder.name, 'timestamps.py')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('TEXTS = ("", "a,b", "\\"quoted\\"", "two\\nlines", "\\u00fc\\u20ac\\U0001f600", "x" * 5000,'
                       ' "\\u20ac" * 700)\n'
                       'class Strategy(IStrategy):\n'
                       '    def run(self, context, kline, params):\n'
                       '        for text in TEXTS:\n'
                       '            context.buy(kline.close, 0.001, text)\n'
                       '        for text in ("a\\0b", "\\ud800"):\n'
                       '            try:\n'
                       '                context.buy(kline.close, 0.001, text)\n'
                       '            except ValueError as problem:\n'
                       '                context.buy(kline.close, 0.001, str(problem))\n')
        series = next(s for s in self.series['1h'] if s.symbol == 'FIVEUSDT')
        run = self.engine.backtest(path, series, {}, driver.ACCOUNT)
        swept = self.engine.sweep('timestamps', path, [series.symbol], '1h', '  klineWndSize: 5\n')[0]
        self.judge([driver.job('backtest', path, series.path, run), driver.job('sweep', path, series.path, swept)])

    def judge_must_see_one_wrong_bit(self, jobs):
        wrong = [copy.deepcopy(job) for job in jobs if job['result']['trades']][:3]
        places = (wrong[0]['result'], 'maxDrawdown'), (wrong[1]['result']['trades'][-1], 'balance'), (
            wrong[2]['result']['equityCurve'][-1], 'equity')
        for place, name in places:
            place[name] = math.nextafter(place[name], math.inf)
        counts, differences = driver.judge(self.python, self.folder.name, wrong)
        self.assertEqual((counts['differ'], len(differences)), (3, 3))

    def real_series(self, symbol, interval, kind, start, end, warmup):
        """Imports a whole file of real klines; as Series with the part of it that the reference needs to read."""
        source = os.path.join(driver.DATA, f'{symbol}-{interval}.{kind}')
        self.engine.add_series([Series(symbol, interval, source, 0)])
        opener = gzip.open if kind.endswith('gz') else open
        first, last = 0, math.inf
        if start:
            first = milliseconds(start) - 3 * warmup * series_maker.STEP_MS[interval]  # gaps count too
            last = milliseconds(end)
        path = os.path.join(self.folder.name, f'part-{symbol}-{interval}.csv')
        with opener(source, 'rt', encoding='utf-8') as lines, open(path, 'w', encoding='utf-8') as part:
            part.writelines(line for line in lines if first <= int(line.partition(',')[0]) < last)
        return Series(symbol, interval, path, 0)

    def test_examples_over_real_series(self):
        if not os.path.isdir(driver.DATA):
            self.skipTest('no folder of real klines (KMILL_DATA)')
        jobs = []
        for number, (*name, start, end, warmup, trials) in enumerate(REAL):
            series = self.real_series(*name, start, end, warmup)
            for strategy in PARAMS:
                jobs += self.jobs_of(f'real-{strategy}-{series.symbol}-{series.interval}', strategy, [series], trials,
                                     ACCOUNTS[number % 2], start, end, warmup)
        self.judge(jobs)


def milliseconds(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp() * 1000)


if __name__ == '__main__':
    driver.engine_binary()
    driver.oracle_python()
    unittest.main()
