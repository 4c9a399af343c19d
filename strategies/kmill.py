#!/usr/bin/env python3
"""kmill.py: what a kmill strategy sees, in plain Python. This file is the specification in code.

The kmill engine runs a strategy over very many parameters in C; this file makes one run of it with the standard library
alone, slowly and readably (the exact account is kmill_account.py beside it: copy both). The two give the same trades,
balances and results to the last bit under Python >= 3.12, whose `sum` of floats is compensated. Three purposes:

* debugging:   python3 kmill.py my_strategy.py --csv klines.csv --param fast_period=10
  runs the file under its real name, so a breakpoint set in an editor, or a breakpoint() in the code, works;
* editors:     `from kmill import IStrategy, calculate_sma` in a strategy resolves to this file;
* the truth:   the engine's tests compare every figure with what this file computes.

It does not refuse what the engine refuses (files, network, clocks, other imports): `kmill check` tells you that.

One run, bar by bar:
 1. the kline is appended to strategy.kline_cache;
 2. strategy.run(context, kline, params); a trade in it calls strategy.on_trade(trade) before buy/sell returns;
 3. equity point: float(balance) + float(position) * close, in doubles, stamped with the bar's open_time;
 4. if the bar is the last of its UTC day, or the last of all: strategy.on_day_end('YYYY-MM-DD', context).
Warm-up klines come first: they are appended to the cache and nothing is called.
"""

import argparse
import contextlib
import decimal
import enum
import json
import sys
from collections import deque
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from kmill_account import Ledger, Money, exact, finite_operand, is_number, operand

__all__ = [
    'IStrategy', 'Kline', 'KlineCache', 'Order', 'OrderType', 'OrderSide', 'PositionSide', 'BacktestContext',
    'calculate_sma', 'calculate_ema', 'calculate_rsi', 'calculate_macd', 'calculate_bollinger', 'calculate_atr',
    'deque', 'Decimal', 'datetime',
]

# ---- klines ----------------------------------------------------------------------------------------------------


class Kline:
    """One candle; immutable, may be kept, equal to another by value.

    open_time and close_time are ISO-8601 UTC strings as datetime.isoformat() writes them, the rest floats.
    """

    __slots__ = ('open_time', 'open', 'high', 'low', 'close', 'volume', 'close_time')

    def __init__(self, open_time: str, open: float, high: float, low: float, close: float, volume: float,
                 close_time: str):
        for name, value in (('open_time', open_time), ('close_time', close_time)):
            if not isinstance(value, str):
                raise TypeError(f'{name} must be a str, not {type(value).__name__}')
            object.__setattr__(self, name, value)
        for name, value in (('open', open), ('high', high), ('low', low), ('close', close), ('volume', volume)):
            if not is_number(value):
                raise TypeError(f'{name} must be a number, not {type(value).__name__}')
            object.__setattr__(self, name, float(value))

    def __setattr__(self, name, value):
        raise AttributeError('a Kline cannot be changed')

    def __delattr__(self, name):
        raise AttributeError('a Kline cannot be changed')

    def _fields(self):
        return tuple(getattr(self, name) for name in Kline.__slots__)

    def __eq__(self, other):
        return self._fields() == other._fields() if isinstance(other, Kline) else NotImplemented

    def __hash__(self):
        return hash(self._fields())

    def __repr__(self):
        return 'Kline(' + ', '.join(f'{name}={getattr(self, name)!r}' for name in Kline.__slots__) + ')'


class KlineCache:
    """The last kline_wnd_size klines. Every get_...() returns the window as it is now, oldest first, as a new list."""

    def __init__(self, kline_wnd_size: int = 50):
        _check_period('kline_wnd_size', kline_wnd_size)
        self._klines = deque(maxlen=kline_wnd_size)

    @property
    def kline_wnd_size(self) -> int:
        return self._klines.maxlen

    def append(self, kline: Kline) -> None:
        if not isinstance(kline, Kline):
            raise TypeError(f'kline must be a Kline, not {type(kline).__name__}')
        self._klines.append(kline)

    def get_klines(self) -> list:
        return list(self._klines)

    def get_opens(self) -> list:
        return [kline.open for kline in self._klines]

    def get_highs(self) -> list:
        return [kline.high for kline in self._klines]

    def get_lows(self) -> list:
        return [kline.low for kline in self._klines]

    def get_closes(self) -> list:
        return [kline.close for kline in self._klines]

    def get_volumes(self) -> list:
        return [kline.volume for kline in self._klines]

    def is_full(self) -> bool:
        return len(self._klines) == self._klines.maxlen

    def __len__(self) -> int:
        return len(self._klines)


# ---- indicators ------------------------------------------------------------------------------------------------
# The order of operations below is the contract: it reaches the last bit of a result. Arguments are checked first,
# periods before data; too few values give None; only the values used are looked at, and converted by float().


def _check_period(name: str, period) -> None:
    if isinstance(period, bool) or not isinstance(period, int):
        raise TypeError(f'{name} must be an int, not {type(period).__name__}')
    if period < 1:
        raise ValueError(f'{name} must be at least 1, not {period}')


def _length(name: str, data) -> int:
    try:
        return len(data)
    except TypeError:
        raise TypeError(f'{name} must be a sequence of numbers, not {type(data).__name__}') from None


def _last(name: str, data, count: int) -> list:
    """The last count values as floats; there are that many."""
    values = list(data)[len(data) - count:]
    for value in values:
        if not is_number(value):
            raise TypeError(f'{name} must hold numbers only, not {type(value).__name__}')
    return [float(value) for value in values]


def calculate_sma(data, period):
    """Simple moving average: sum of the last period values / period."""
    _check_period('period', period)
    if _length('data', data) < period:
        return None
    return sum(_last('data', data, period)) / period


def calculate_ema(data, period):
    """Exponential moving average over all of data, seeded with the average of its first period values."""
    _check_period('period', period)
    if _length('data', data) < period:
        return None
    values = _last('data', data, len(data))
    multiplier = 2 / (period + 1)
    ema = sum(values[:period]) / period
    for x in values[period:]:
        ema = (x - ema) * multiplier + ema
    return ema


def calculate_rsi(data, period=14):
    """Relative strength index from plain averages over the last period changes; 100.0 where nothing was lost."""
    _check_period('period', period)
    if _length('data', data) < period + 1:
        return None
    values = _last('data', data, period + 1)
    changes = [values[i] - values[i - 1] for i in range(1, len(values))]
    average_gain = sum([c if c > 0 else 0.0 for c in changes]) / period
    average_loss = sum([-c if c < 0 else 0.0 for c in changes]) / period
    if average_loss == 0:
        return 100.0
    return 100 - 100 / (1 + average_gain / average_loss)


def calculate_macd(data, fast=12, slow=26, signal=9):
    """(MACD line, signal line, histogram); (None, None, None) below slow + signal values.

    Both averages are seeded with the mean of their own first values and both are advanced from index slow on, so
    the first line value is that of index slow. The signal is the EMA of the line, seeded the same way.
    """
    _check_period('fast', fast)
    _check_period('slow', slow)
    _check_period('signal', signal)
    if fast >= slow:
        raise ValueError(f'fast must be less than slow, not {fast} and {slow}')
    if _length('data', data) < slow + signal:
        return None, None, None
    values = _last('data', data, len(data))
    fast_multiplier, slow_multiplier, signal_multiplier = 2 / (fast + 1), 2 / (slow + 1), 2 / (signal + 1)
    fast_ema = sum(values[:fast]) / fast
    slow_ema = sum(values[:slow]) / slow
    line = []
    for x in values[slow:]:
        fast_ema = (x - fast_ema) * fast_multiplier + fast_ema
        slow_ema = (x - slow_ema) * slow_multiplier + slow_ema
        line.append(fast_ema - slow_ema)
    signal_ema = sum(line[:signal]) / signal
    for x in line[signal:]:
        signal_ema = (x - signal_ema) * signal_multiplier + signal_ema
    return line[-1], signal_ema, line[-1] - signal_ema


def calculate_bollinger(data, period=20, k=2.0):
    """(upper, middle, lower): mean of the last period values, k population deviations around it; else three None."""
    _check_period('period', period)
    if not is_number(k):
        raise TypeError(f'k must be a number, not {type(k).__name__}')
    if _length('data', data) < period:
        return None, None, None
    values = _last('data', data, period)
    k = float(k)
    middle = sum(values) / period
    variance = sum([(x - middle) ** 2 for x in values]) / period
    deviation = variance ** 0.5
    return middle + k * deviation, middle, middle - k * deviation


def calculate_atr(highs, lows, closes, period=14):
    """Average true range: mean of the last period true ranges; needs period + 1 bars of each."""
    _check_period('period', period)
    lengths = {_length('highs', highs), _length('lows', lows), _length('closes', closes)}
    if min(lengths) < period + 1:
        return None
    high, low = _last('highs', highs, period), _last('lows', lows, period)
    close = _last('closes', closes, period + 1)
    ranges = [max(high[i] - low[i], abs(high[i] - close[i]), abs(low[i] - close[i])) for i in range(period)]
    return sum(ranges) / period

# ---- orders, context, strategy ------------------------------------------------------------------------------------


class OrderType(enum.Enum):
    BUY = 'buy'
    SELL = 'sell'


class OrderSide(enum.Enum):
    """For the API's sake: kmill trades spot, so every order is LONG."""

    LONG = 'long'
    SHORT = 'short'


class PositionSide(enum.Enum):
    """For the API's sake, as OrderSide."""

    LONG = 'long'
    SHORT = 'short'
    BOTH = 'both'


class Order:
    """An accepted order as context.orders lists it; a strategy may make its own."""

    def __init__(self, timestamp: str, order_type: OrderType, price: float, amount: float, fee: float = 0,
                 order_side: OrderSide = None):
        self.timestamp = timestamp
        self.type = order_type
        self.price = price
        self.amount = amount
        self.fee = fee
        self.order_side = order_side

    def __repr__(self):
        return (f'Order(timestamp={self.timestamp!r}, type={self.type}, price={self.price!r}, '
                f'amount={self.amount!r}, fee={self.fee!r}, order_side={self.order_side})')


class BacktestContext:
    """The account as the strategy sees it. Attributes are read-only; amounts of money are Money.

    price and amount may be float, int or Decimal; a timestamp is a str, recorded as given. A refused order (too
    little balance or position, an amount or price that is not positive, NaN or infinite) returns False.
    """

    __slots__ = ('_ledger', '_strategy', '_kline', '_trades', '_orders', '_equity_curve')

    def __init__(self, ledger: Ledger, strategy):
        self._ledger, self._strategy, self._kline = ledger, strategy, None
        self._trades = self._orders = self._equity_curve = None

    balance = property(lambda self: Money(self._ledger.balance))
    position = property(lambda self: Money(self._ledger.position))
    initial_balance = property(lambda self: Money(self._ledger.initial_balance))
    fee_rate = property(lambda self: Money(self._ledger.fee_rate))
    max_drawdown = property(lambda self: Money(exact(self._ledger.max_drawdown)))

    def buy(self, price, amount, timestamp: str) -> bool:
        return self._trade(self._ledger.buy, operand('price', price), operand('amount', amount), timestamp)

    def sell(self, price, amount, timestamp: str) -> bool:
        return self._trade(self._ledger.sell, operand('price', price), operand('amount', amount), timestamp)

    def sell_all(self, price, timestamp: str) -> bool:
        """Sells exactly the position."""
        return self._trade(self._ledger.sell, operand('price', price), self._ledger.position, timestamp)

    def _trade(self, execute, price: Decimal, amount: Decimal, timestamp: str) -> bool:
        if not isinstance(timestamp, str):
            raise TypeError(f'timestamp must be a str, not {type(timestamp).__name__}')
        if '\0' in timestamp:
            raise ValueError('timestamp must not contain a null character')
        timestamp.encode()  # a lone surrogate cannot be written: UnicodeEncodeError
        trade = execute(price, amount, timestamp, self._kline)
        if trade is None:
            return False
        if self._trades is not None:
            self._trades.append(dict(trade))
        if self._orders is not None:
            self._orders.append(_order_of(trade))
        self._strategy.on_trade(dict(trade))
        return True

    def get_position_value(self, price) -> Money:
        """position x price; a price here must be finite (ValueError)."""
        return Money(self._ledger.position_value(finite_operand('price', price)))

    def get_equity(self, price) -> Money:
        """balance + position x price."""
        return Money(self._ledger.equity(finite_operand('price', price)))

    def get_avg_position_price(self) -> float:
        """Average buy price, fees excluded, of the position held now; 0.0 when flat."""
        return self._ledger.average_price()

    def get_drawdown(self, current_price) -> Money:
        """(peak - equity) / peak, where the peak is the highest equity point so far or the equity now."""
        return Money(self._ledger.drawdown(finite_operand('current_price', current_price)))

    @property
    def trades(self) -> list:
        """Trade records so far: one list, kept up to date, the strategy's own copy."""
        if self._trades is None:
            self._trades = [dict(trade) for trade in self._ledger.trades]
        return self._trades

    @property
    def orders(self) -> list:
        """The accepted orders so far, as trades."""
        if self._orders is None:
            self._orders = [_order_of(trade) for trade in self._ledger.trades]
        return self._orders

    @property
    def equity_curve(self) -> list:
        """The equity points of the bars before this one (in on_day_end: up to this one), as trades."""
        if self._equity_curve is None:
            self._equity_curve = [dict(point) for point in self._ledger.equity_curve]
        return self._equity_curve

    def _mark(self) -> None:
        point = self._ledger.mark(self._kline)
        if self._equity_curve is not None:
            self._equity_curve.append(dict(point))


def _order_of(trade: dict) -> Order:
    return Order(trade['timestamp'], OrderType(trade['type']), trade['price'], trade['amount'], trade['fee'],
                 OrderSide.LONG)


class IStrategy:
    """Base class of strategies: define class Strategy(IStrategy) with run()."""

    def __new__(cls, *arguments, **options):
        self = super().__new__(cls)
        self.name = cls.__name__
        self.kline_cache = None  # initialize() makes it, whether or not __init__ calls super().__init__()
        return self

    def initialize(self, kline_wnd_size: int = 50) -> None:
        """Called once before the first bar with the parameter klineWndSize (default 50)."""
        self.kline_cache = KlineCache(kline_wnd_size)

    def run(self, context: BacktestContext, kline: Kline, params: dict) -> None:
        raise NotImplementedError('Strategy must define run(self, context, kline, params)')

    def on_trade(self, trade: dict) -> None:
        """Called after each trade, before buy or sell returns; may trade."""

    def on_day_end(self, date: str, context: BacktestContext) -> None:
        """Called after the last bar of each UTC day; its trades count in the result, not in that bar's equity."""


# ---- one run ---------------------------------------------------------------------------------------------------


def compile_strategy(path: str):
    """The strategy file as code under its real name, so that debuggers and tracebacks find its lines."""
    with open(path, encoding='utf-8') as file:
        return compile(file.read(), path, 'exec')


def load_strategy(code) -> type:
    """Executes a strategy file's code in a fresh namespace that has the contract's names; returns its class."""
    sys.modules.setdefault('kmill', sys.modules[__name__])
    namespace = {name: globals()[name] for name in __all__}
    namespace['__name__'] = 'strategy'
    exec(code, namespace)
    strategy_class = namespace.get('Strategy')
    if not (isinstance(strategy_class, type) and issubclass(strategy_class, IStrategy)):
        raise TypeError(f'{code.co_filename}: no class Strategy(IStrategy) in this file')
    return strategy_class


class Backtest:
    """One run over a list of klines; run() returns the result object.

    strategy is a strategy file's code (compile_strategy) or a class; the first `warmup` klines only fill the cache.
    Afterwards ledger.refused_orders counts refused orders and ledger.price_outside those priced outside their
    bar's [low, high] (price_check 'count', or 'refuse', which also refuses them).
    """

    def __init__(self, strategy, klines: list, params: dict = None, *, initial_balance=10000, fee_rate=0.001,
                 slippage=0, price_check: str = 'count', warmup: int = 0):
        self.strategy, self.klines, self.params, self.warmup = strategy, klines, dict(params or {}), warmup
        self.kline = None  # the bar that is run: after an exception, where it happened
        self.ledger = Ledger(initial_balance, fee_rate, slippage, price_check)

    def run(self) -> dict:
        # The strategy gets a decimal context of its own; the ledger never looks at it.
        with decimal.localcontext(decimal.Context()):
            strategy_class = self.strategy if isinstance(self.strategy, type) else load_strategy(self.strategy)
            strategy = strategy_class()
            strategy.initialize(self.params.get('klineWndSize', 50))
            self._loop(strategy, BacktestContext(self.ledger, strategy))
        return self.ledger.result(exact(self.klines[-1].close) if self.klines else Decimal(0))

    def _loop(self, strategy, context) -> None:
        for kline in self.klines[:self.warmup]:
            strategy.kline_cache.append(kline)
        bars = self.klines[self.warmup:]
        for i, kline in enumerate(bars):
            context._kline = self.kline = kline
            strategy.kline_cache.append(kline)
            strategy.run(context, kline, self.params)
            context._mark()
            date = kline.open_time[:10]
            if i + 1 == len(bars) or bars[i + 1].open_time[:10] != date:
                strategy.on_day_end(date, context)


# ---- the command line ------------------------------------------------------------------------------------------


def iso_time(milliseconds: int) -> str:
    """1704067200000 -> '2024-01-01T00:00:00+00:00'."""
    return (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=milliseconds)).isoformat()


def _open_text(path: str):
    if not path.endswith('.gz'):
        return open(path, encoding='utf-8')
    import gzip  # only here: not every Python has zlib
    return gzip.open(path, 'rt', encoding='utf-8')


def read_klines(path: str) -> list:
    """The klines of a CSV file (or .gz) in Binance's column order, with or without a header, ms or us, oldest first."""
    klines = []
    with _open_text(path) as file:
        for number, line in enumerate(file, start=1):
            row = line.strip().split(',')
            if not row[0].isdigit():
                continue  # a header
            if len(row) < 7:
                raise ValueError(f'{path}:{number}: {len(row)} columns; open_time,open,high,low,close,volume,'
                                 'close_time are needed')
            times = [int(text) // 1000 if len(text) > 14 else int(text) for text in (row[0], row[6])]
            kline = Kline(iso_time(times[0]), *(float(text) for text in row[1:6]), iso_time(times[1]))
            if klines and _moment(klines[-1].open_time) >= _moment(kline.open_time):
                raise ValueError(f'{path}:{number}: open_time does not increase')
            klines.append(kline)
    return klines


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace('Z', '+00:00'))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def select_klines(klines: list, start: str, end: str, warmup: int):
    """The klines of [start, end) with up to warmup bars before them, and how many those are."""
    first = next((i for i, k in enumerate(klines) if not start or _moment(k.open_time) >= _moment(start)), len(klines))
    last = next((i for i, k in enumerate(klines) if end and _moment(k.open_time) >= _moment(end)), len(klines))
    begin = max(0, first - warmup)
    return klines[begin:last], first - begin


def parse_param(text: str):
    """'k=v' -> (k, v): v becomes an int, a float, True or False if it reads like one, else stays a str."""
    name, equals, value = text.partition('=')
    if not name or not equals:
        raise argparse.ArgumentTypeError(f'{text!r}: name=value is needed')
    if value in ('true', 'false'):
        return name, value == 'true'
    for number in (int, float):
        with contextlib.suppress(ValueError):
            return name, number(value)
    return name, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='kmill.py', description='Runs one strategy file over one CSV of klines.')
    parser.add_argument('file', help='strategy file: class Strategy(IStrategy)')
    parser.add_argument('--csv', required=True, help="klines, as Binance's files or `kmill klines --csv` have them")
    parser.add_argument('--symbol', default='', help='shown in the heading only')
    parser.add_argument('--interval', default='', help='shown in the heading only')
    parser.add_argument('--param', action='append', default=[], type=parse_param, metavar='NAME=VALUE')
    parser.add_argument('--window', type=int, help='klineWndSize (default 50)')
    parser.add_argument('--initial-balance', type=Decimal, default=Decimal(10000))
    parser.add_argument('--fee-rate', type=Decimal, default=Decimal('0.001'))
    parser.add_argument('--slippage', type=Decimal, default=Decimal(0), help='basis points, default 0')
    parser.add_argument('--price-check', choices=('off', 'count', 'refuse'), default='count')
    parser.add_argument('--from', dest='start', help='first open_time, ISO-8601, UTC if no offset is given')
    parser.add_argument('--to', dest='end', help='open_times before this one')
    parser.add_argument('--warmup', type=int, default=0, help='bars before --from that only fill the cache')
    parser.add_argument('--json', action='store_true', help='the result object on stdout; prints go to stderr')
    return parser


def main(arguments=None) -> int:
    options = _parser().parse_args(arguments)
    if sys.version_info < (3, 12):
        print(f'note: Python {sys.version_info[0]}.{sys.version_info[1]} does not compensate sums of floats; the last '
              'bits may differ from the engine (use 3.12 or newer)', file=sys.stderr)
    params = dict(options.param)
    if options.window is not None:
        params['klineWndSize'] = options.window
    klines, warmup = select_klines(read_klines(options.csv), options.start, options.end, options.warmup)
    backtest = Backtest(compile_strategy(options.file), klines, params, initial_balance=options.initial_balance,
                        fee_rate=options.fee_rate, slippage=options.slippage, price_check=options.price_check,
                        warmup=warmup)
    with contextlib.redirect_stdout(sys.stderr) if options.json else contextlib.nullcontext():
        result = backtest.run()
    if options.json:
        print(json.dumps(result))
        return 0
    print(options.file, options.symbol, options.interval, f'{len(klines) - warmup} bars', params)
    for name, value in result.items():
        if not isinstance(value, list):
            print(f'{name:>16}  {value}')
    print(f'{"refused orders":>16}  {backtest.ledger.refused_orders}')
    print(f'{"price outside":>16}  {backtest.ledger.price_outside}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
