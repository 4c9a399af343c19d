"""One backtest in the browser: kmill.py over klines that came as columns, its result as the server's JSON.

tell(kind, ...) reaches the page: ('print', text), ('progress', bars, total). Nothing here is a second engine: what a
strategy sees and every figure comes from kmill.py, imported anew for each run so that runs share nothing.
"""

import contextlib
import io
import itertools
import json
import linecache
import math
import sys
import time
import traceback

from indicator_watch import IndicatorWatch

FILE = 'strategy.py'
PRINT_MAX = 64 * 1024  # bytes of a run's prints that are kept, as on the server
TELL_SECONDS = 0.1
REPEATS_SHOWN = 3


class Printer(io.TextIOBase):
    """What print writes to: passed on in pieces, bounded."""

    def __init__(self, tell):
        self.tell, self.pending, self.kept, self.told = tell, [], 0, time.perf_counter()
        self.is_cut = False

    def write(self, text):
        if not self.is_cut:
            self._keep(text)
        if time.perf_counter() - self.told > TELL_SECONDS:
            self.flush()
        return len(text)

    def _keep(self, text):
        data = text.encode('utf-8', 'backslashreplace')
        room = PRINT_MAX - self.kept
        self.kept += len(data)
        self.is_cut = len(data) > room
        self.pending.append(data[:room].decode('utf-8', 'ignore'))
        if self.is_cut:
            self.pending.append(f'\n[log cut here: a run keeps {PRINT_MAX} bytes of what it prints]\n')

    def flush(self):
        if self.pending:
            self.tell('print', ''.join(self.pending))
        self.pending, self.told = [], time.perf_counter()


class Watched(list):
    """A list whose slices tell how far a loop over them is: kmill.py's loop stays as it is."""

    tell = None

    def __getitem__(self, key):
        item = super().__getitem__(key)
        if isinstance(key, slice):
            item = Watched(item)
            item.tell = self.tell
        return item

    def __iter__(self):
        told = time.perf_counter()
        for i, kline in enumerate(super().__iter__()):
            if i % 64 == 0 and time.perf_counter() - told > TELL_SECONDS:
                self.tell('progress', i, len(self))
                told = time.perf_counter()
            yield kline


def make_klines(kmill, columns, tell):
    opened, *prices, closed = columns
    prices = [column.tolist() for column in prices]
    klines = Watched(kmill.Kline(*row) for row in zip(opened.split('\n'), *prices, closed.split('\n'))) if opened else Watched()
    klines.tell = tell
    return klines


def traceback_lines(frames):
    """A line of code that is repeated (a recursion) is shown three times and counted, as on the server."""
    for (number, name), group in itertools.groupby(frames, key=lambda frame: (frame.lineno, frame.name)):
        repeated = list(group)
        yield from [f'  File "{FILE}", line {number}, in {name}\n    {frame.line}\n' for frame in repeated[:REPEATS_SHOWN]]
        more = len(repeated) - REPEATS_SHOWN
        if more > 0:
            yield f'  [Previous line repeated {more} more time{"s" if more > 1 else ""}]\n'


def failure(error, backtest):
    """The server's RunError: the frames of the strategy's file, and the place in the innermost of them."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE]
    head = 'Traceback (most recent call last):\n' if frames else ''
    lines = list(traceback_lines(frames))
    message = ' '.join(str(error).splitlines())  # one line, as the server says it
    said = f'{type(error).__name__}: {message}' if message else type(error).__name__
    line, column = (frames[-1].lineno, frames[-1].colno) if frames else (None, None)
    if isinstance(error, SyntaxError) and error.filename == FILE:
        line, column = error.lineno, (error.offset or 1) - 1
    kline = backtest.kline if backtest else None
    return {'type': type(error).__name__, 'message': message, 'traceback': head + ''.join(lines) + said + '\n', 'line': line,
            'column': None if column is None else column + 1, 'time': kline.open_time if kline else None}


def finite(value):
    return None if isinstance(value, float) and not math.isfinite(value) else value


def thinned(points, count):
    """count of the points, evenly spread, the first and the last among them."""
    if count is None or len(points) <= count:
        return points
    return [points[i * (len(points) - 1) // (count - 1)] for i in range(count)]


def answer(backtest, result, job, watch):
    bars = backtest.klines[backtest.warmup:]
    trades = result['trades']
    any_order = len(trades) > 0 or backtest.ledger.refused_orders > 0
    for trade in trades:
        if trade['type'] == 'buy':
            del trade['profit']
    result.update(
        status='done', warnings=watch.warnings(job['params'], len(backtest.klines), any_order), bars=len(bars),
        buyHoldReturn=bars[-1].close / bars[0].open - 1 if bars else None, start=bars[0].open_time if bars else None,
        end=bars[-1].close_time if bars else None, buys=sum(t['type'] == 'buy' for t in trades), sells=backtest.ledger.sells,
        refusedOrders=backtest.ledger.refused_orders, priceOutside=backtest.ledger.price_outside,
        trades=[{name: finite(value) for name, value in trade.items()} for trade in trades],
        equityCurve=[{name: finite(value) for name, value in point.items()} for point in thinned(result['equityCurve'], job['points'])])
    return {name: finite(value) for name, value in result.items()}


def run(source, job_text, columns, warmup, tell):
    """The result as JSON text; a strategy that fails is a result, too."""
    for name in ('kmill', 'kmill_account'):
        sys.modules.pop(name, None)
    import kmill
    job = json.loads(job_text)
    linecache.cache[FILE] = (len(source), None, source.splitlines(True), FILE)
    printer, backtest, watch = Printer(tell), None, IndicatorWatch(kmill)
    with contextlib.redirect_stdout(printer), contextlib.redirect_stderr(printer):
        try:
            backtest = kmill.Backtest(
                compile(source, FILE, 'exec'), make_klines(kmill, columns, tell), job['params'], warmup=warmup,
                initial_balance=job['initialBalance'], fee_rate=job['feeRate'], slippage=job['slippage'],
                price_check=job['priceCheck'])
            result = answer(backtest, backtest.run(), job, watch)
        except Exception as error:  # a strategy's mistakes are its result
            result = {'status': 'failed', 'error': failure(error, backtest), 'warnings': [], 'trades': [], 'equityCurve': []}
        printer.flush()
    return json.dumps({**result, 'log': ''})
