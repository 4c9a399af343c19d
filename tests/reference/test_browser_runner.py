"""The playground's runner for the browser (run_strategy.py around kmill.py) answers as `kmill backtest --json` does: figures, trades,
equity, log, warnings and errors, so that a page says the same whichever engine ran. (No trade here hangs on an indicator's value:
kmill.py gives those of the engine from Python 3.12 on.)
"""

import json
import math
import os
import subprocess
import sys
import tempfile

from engine_driver import SOURCE, STRATEGIES, engine_binary

RUNNER = os.path.join(SOURCE, 'frontend', 'src', 'pages', 'playground', 'engine')
HOUR, BARS = 3_600_000, 700
HEAD = 'class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        closes = self.kline_cache.get_closes()\n        '


def body(*lines):
    return HEAD + '\n        '.join(lines) + '\n'


BUY_ONCE = 'if context.position == 0: context.buy(kline.close, 0.5, kline.open_time)'
CASES = {
    'guarded by hand': (body("if len(closes) < params['slow']: return", BUY_ONCE), {'klineWndSize': 20, 'slow': 60, 'other': 61}),
    'all six indicators': (
        body("calculate_sma(closes, params['slow'])", 'calculate_rsi(closes, 30)', 'calculate_macd(closes)',
             'calculate_macd(closes, slow=40, signal=5)',
             'calculate_bollinger(closes, 25)', 'calculate_atr(closes, closes, closes, period=33)', 'calculate_ema(closes, 25)', BUY_ONCE),
        {'klineWndSize': 20, 'slow': 60}),
    'longer than the series': (body("calculate_sma(closes, params['slow'])"), {'klineWndSize': 5000, 'slow': 900}),
    'enough later': ("from kmill import calculate_ema as ema\n" + body("ema(closes, params['n'])"), {'klineWndSize': 50, 'n': 40, 'long': 99}),
    'an order is no shortage': (body("context.buy(kline.close, 10**9, kline.open_time)"), {'klineWndSize': 20, 'slow': 60}),
    'a log that is cut within a character': (body("print('\u00e9' * 333)"), {}),
    'a surrogate in the log': (body("print('\\ud800', end='')"), {}),
    'an error in two lines': (body("if len(closes) == 7: raise ValueError('first\\nsecond')"), {}),
    'an error without a text': (body("if len(closes) == 7: raise ValueError"), {}),
    'a recursion': ('class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        self.run(context, kline, params)\n', {}),
}


def price(i):
    return 100 + 20 * math.sin(i / 37) + 5 * math.sin(i / 3.3)


def csv_rows():
    for i in range(BARS):
        first, last, opened = round(price(i), 2), round(price(i + 1), 2), 1_577_836_800_000 + i * HOUR
        yield f'{opened},{first},{max(first, last) + 1:.2f},{min(first, last) - 1:.2f},{last},{10 + i % 7},{opened + HOUR - 1},1000,9,5,500,0\n'


class Column(list):
    """As the page's typed arrays come."""

    def tolist(self):
        return list(self)


def columns(klines):
    names = ('open', 'high', 'low', 'close', 'volume')
    texts = ['\n'.join(getattr(kline, name) for kline in klines) for name in ('open_time', 'close_time')]
    return [texts[0], *(Column(getattr(kline, name) for kline in klines) for name in names), texts[1]]


def in_browser(runner, source, params, klines, points=None):
    printed = []
    job = {'params': params, 'initialBalance': 10000, 'feeRate': 0.001, 'slippage': 0, 'priceCheck': 'count', 'points': points}
    text = runner.run(source, json.dumps(job), columns(klines), 0, lambda kind, *rest: kind == 'print' and printed.append(rest[0]))
    return {**json.loads(text), 'log': ''.join(printed)}


def in_engine(folder, store, source, params):
    path = os.path.join(folder, 'strategy.py')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(source)
    words = [engine_binary(), 'backtest', 'strategy.py', '--store', store, '--symbol', 'TESTUSDT', '--interval', '1h', '--json']
    for name, value in params.items():
        words += ['--param', f'{name}={value}']
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def compare(name, browser, engine):
    for field, value in browser.items():
        if field in ('trades', 'equityCurve') and engine['status'] != 'done':
            continue
        wanted = engine.get(field, '' if field == 'log' else None)
        if field == 'error':  # how deep a recursion goes differs
            keys = ('type', 'line', 'time') if name == 'a recursion' else wanted.keys() | value.keys()
            value, wanted = ({key: error.get(key) for key in keys} for error in (value, wanted))
        assert value == wanted, f'{name}: {field}: browser {str(value)[-300:]!r}, engine {str(wanted)[-300:]!r}'


def main():
    sys.dont_write_bytecode = True
    sys.path[:0] = [STRATEGIES, RUNNER]
    import kmill
    import run_strategy
    with tempfile.TemporaryDirectory() as folder:
        csv, store = os.path.join(folder, 'TESTUSDT-1h.csv'), os.path.join(folder, 'klines')
        with open(csv, 'w', encoding='utf-8') as file:
            file.writelines(csv_rows())
        subprocess.run([engine_binary(), 'import', 'csv', csv, '--store', store], check=True, stdout=subprocess.DEVNULL)
        klines = kmill.read_klines(csv)
        for name, (source, params) in CASES.items():
            browser, engine = in_browser(run_strategy, source, params, klines), in_engine(folder, store, source, params)
            compare(name, browser, engine)
            print(f'{name}: {browser["status"]}, {len(browser["warnings"])} warnings, {len(browser["log"])} characters of log')
        guarded = in_browser(run_strategy, CASES['guarded by hand'][0], CASES['guarded by hand'][1], klines)
        assert guarded['warnings'] == ['slow 60 never fits klineWndSize 20', 'other 61 never fits klineWndSize 20'], guarded['warnings']
        assert guarded['buyHoldReturn'] == klines[-1].close / klines[0].open - 1
        thin = in_browser(run_strategy, CASES['enough later'][0], CASES['enough later'][1], klines, points=3)
        assert [point['timestamp'] for point in thin['equityCurve']] == [klines[i].open_time for i in (0, (BARS - 1) // 2, BARS - 1)]


main()
