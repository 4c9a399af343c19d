"""Generated klines for the comparison with kmill.py: CSV files as the exchange writes them, prices in units of 1e-8.

Made of integers, so that every price is exactly the 8-decimal text that both sides read. Each kind is there for a reason:
gaps and day borders (on_day_end, timestamps), fewer bars than a window, flat prices (averages that are equal, no loss in
the RSI, zero deviation), 8-decimal prices such as 0.00002853 (binary fractions at their worst), prices of eleven digits
before the point (the decimals' 28 digits come into play), crashes (drawdown, balances near zero).
"""

import os
import random
from collections import namedtuple

UNIT = 10 ** 8
STEP_MS = {'1m': 60_000, '15m': 900_000, '1h': 3_600_000, '4h': 14_400_000, '1d': 86_400_000}
NEW_YEAR = 1_704_067_200_000  # 2024-01-01T00:00 UTC
LEAP_EVE = 1_709_157_600_000  # 2024-02-28T22:00 UTC

Series = namedtuple('Series', 'symbol interval path bars')

# symbol: (kind, bars, first open_time)
HOURLY = {
    'WALKUSDT': ('walk', 1200, NEW_YEAR),
    'LONGUSDT': ('walk', 3000, NEW_YEAR),
    'EVEUSDT': ('walk', 300, LEAP_EVE),
    'TINYUSDT': ('tiny', 700, NEW_YEAR),
    'DUSTUSDT': ('dust', 400, NEW_YEAR),
    'EIGHTUSDT': ('eight', 600, NEW_YEAR - STEP_MS['1h']),
    'FLATUSDT': ('flat', 200, NEW_YEAR),
    'STEPSUSDT': ('steps', 500, NEW_YEAR),
    'GAPSUSDT': ('gaps', 500, NEW_YEAR),
    'SAWUSDT': ('saw', 300, NEW_YEAR),
    'CRASHUSDT': ('crash', 400, NEW_YEAR),
    'HUGEUSDT': ('huge', 400, NEW_YEAR),
    'ONEUSDT': ('walk', 1, NEW_YEAR + 23 * STEP_MS['1h']),
    'FIVEUSDT': ('tiny', 5, NEW_YEAR + 22 * STEP_MS['1h']),
    'SHORTUSDT': ('eight', 50, NEW_YEAR),
}
OTHER = {
    '15m': {'QUARTERUSDT': ('walk', 700, LEAP_EVE), 'QGAPSUSDT': ('gaps', 600, NEW_YEAR)},
    '1m': {'MINUTEUSDT': ('eight', 1500, NEW_YEAR - 700 * STEP_MS['1m'])},
    '1d': {'DAYUSDT': ('walk', 500, NEW_YEAR), 'DCRASHUSDT': ('crash', 120, NEW_YEAR)},
}

# Units of 1e-8: first price, tick, and how far a close moves from the one before, as a fraction.
KINDS = {
    'walk': (42_000 * UNIT, UNIT // 100, 0.01),
    'tiny': (2_853, 1, 0.02),
    'dust': (7, 1, 0.3),
    'eight': (123_456_789, 1, 0.015),
    'flat': (1_500_000_001, 1, 0.0),
    'steps': (300 * UNIT, UNIT // 2, 0.05),
    'gaps': (2_500 * UNIT, UNIT // 100, 0.02),
    'saw': (100 * UNIT, UNIT // 10, 0.0),
    'crash': (90_000 * UNIT, 1, 0.03),
    'huge': (31_415_926_535 * UNIT + 89_793_238, 1, 0.02),
}


def _closes(kind, bars, rng):
    price, tick, move = KINDS[kind]
    closes = []
    for i in range(bars):
        if kind == 'saw':
            price = 100 * UNIT + (1 if i % 7 < 3 else -1) * (i % 5) * UNIT // 10
        elif kind == 'steps':
            if rng.random() < 0.1:
                price += rng.choice((-1, 1)) * rng.randint(1, 20) * tick
        elif move:
            drift = -0.012 if kind == 'crash' else 0.0
            price += round(price * (rng.gauss(drift, move))) or rng.choice((-1, 0, 1))
        price = max(tick, price // tick * tick)
        closes.append(price)
    return closes


def _text(units):
    return f'{units // UNIT}.{units % UNIT:08d}'


def _rows(kind, bars, start, step, rng):
    tick, before = KINDS[kind][1], None
    moment = start
    for close in _closes(kind, bars, rng):
        opened = close if before is None else before
        wick = 0 if kind == 'flat' else rng.randint(0, 3) * tick + round(abs(close - opened) * rng.random())
        high = max(opened, close) + wick
        low = max(tick, min(opened, close) - (0 if kind == 'flat' else rng.randint(0, 2) * tick))
        low = min(low, opened, close)
        volume = 0 if rng.random() < 0.05 else rng.randrange(1, 10 ** rng.randint(3, 13))
        yield (f'{moment},{_text(opened)},{_text(high)},{_text(low)},{_text(close)},{_text(volume)},'
               f'{moment + step - 1},{_text(volume)},{rng.randint(0, 999)},{_text(volume // 2)},{_text(volume // 3)},0')
        before = close
        moment += step
        if kind == 'gaps' and rng.random() < 0.05:
            moment += step * rng.choice((1, 2, 5, 24, 60))


def write_series(folder, interval, table):
    """Writes SYMBOL-INTERVAL.csv files of a table such as HOURLY; returns them as Series."""
    made = []
    for symbol, (kind, bars, start) in table.items():
        path = os.path.join(folder, f'{symbol}-{interval}.csv')
        with open(path, 'w', encoding='utf-8') as file:
            rows = _rows(kind, bars, start, STEP_MS[interval], random.Random(f'{symbol} {interval}'))
            file.write(''.join(row + '\n' for row in rows))
        made.append(Series(symbol, interval, path, bars))
    return made
