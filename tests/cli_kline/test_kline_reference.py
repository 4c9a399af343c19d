"""synth and resample against second implementations in Python: the synthetic market bit by bit from its description, larger candles
from exact decimals and the calendar of datetime."""
import datetime
import math
import random
import sys
from decimal import Decimal, localcontext

import kline_cli as cli

cli.need_binary()
DAY = 86_400_000
LENGTH = {"1m": 60_000, "3m": 180_000, "5m": 300_000, "15m": 900_000, "30m": 1_800_000, "1h": 3_600_000, "2h": 7_200_000,
          "4h": 14_400_000, "6h": 21_600_000, "8h": 28_800_000, "12h": 43_200_000, "1d": DAY, "3d": 3 * DAY, "1w": 7 * DAY,
          "1mo": 30 * DAY}
MASK = 2**64 - 1
REGIMES = [(0.0, 0.6, 40), (0.45, 0.9, 25), (-0.4, 1.0, 20), (-0.1, 2.0, 15)]  # drift, volatility, odds


class Market:
    """src/kline/synth.c again, in Python's floats (IEEE doubles, one rounding an operation)."""

    def __init__(self, interval, seed, price, volatility):
        self.state, self.price, self.anchor, self.volatility = seed, price, price, volatility
        self.tick = 100.0 if price >= 1 else 1e8
        self.step_days = float(LENGTH[interval]) / float(DAY) / 24
        self.step_root = math.sqrt(self.step_days)
        self.regime_end = None

    def random(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
        return z ^ z >> 31

    def uniform(self):
        return (self.random() >> 11) * 2.0**-53

    def bell(self):
        total = 0
        for _ in range(3):
            bits = self.random()
            total += sum(bits >> s & 0xFFFF for s in (0, 16, 32, 48))
        return (total + 6.0) * 2.0**-16 - 6.0

    def change_regime(self, now):
        pick = self.random() % 100
        for regime in REGIMES:
            if pick < regime[2]:
                break
            pick -= regime[2]
        self.regime = regime
        self.regime_end = now + DAY // 2 + int(self.uniform() * 3.0 * DAY)

    def to_tick(self, price):
        return max(math.floor(price * self.tick + 0.5), 1.0) / self.tick

    def step(self):
        pull = max((1.0 - self.price / self.anchor) * 0.01, -0.3)
        drift, volatility, _ = self.regime
        day = self.volatility
        move = (drift * day + pull) * self.step_days + day * volatility * self.bell() * self.step_root
        self.price = max(self.price * (1.0 + max(move, -0.5)), self.anchor * 0.01)
        return self.to_tick(self.price)

    def candle(self, now, end):
        if self.regime_end is None or now >= self.regime_end:
            self.change_regime(now)
        first = self.to_tick(self.price)
        path = [self.step() for _ in range(24)]
        self.price = close = path[-1]
        high, low = max(path + [first]), min(path + [first])
        spread = (high - low) / first / (self.volatility * self.step_root * math.sqrt(24.0))
        turnover = 5e7 * (self.step_days * 24) * (0.3 + 0.5 * self.uniform()) * (0.4 + spread)
        share = 0.35 + 0.3 * self.uniform()
        average = (first + high + low + close) / 4.0

        def five(x):
            return math.floor(x * 1e5 + 0.5) / 1e5

        volume = five(turnover / average)
        quote = five(volume * average)
        trades = 1 + int(turnover / (800.0 + 400.0 * self.uniform()))
        return (now, first, high, low, close, volume, end - 1, quote, trades, five(volume * share), five(quote * share))


def test_the_synthetic_market_is_the_described_one_to_the_bit(store):
    for interval, seed, price, volatility in [("1h", 1, 30000.0, 0.03), ("1m", 42, 0.0005, 0.08), ("1d", 2**63 - 1, 7.5, 0.5),
                                              ("1w", 0, 1e6, 0.01)]:
        cli.kmill("synth", "--store", store, "--symbol", f"M{seed % 100}", "--interval", interval, "--bars", 2000, "--seed", seed,
                  "--price", repr(price), "--volatility", repr(volatility), "--start", "2021-01-04")
        market = Market(interval, seed, price, volatility)
        start = 1609718400000  # Monday 2021-01-04
        step = LENGTH[interval]
        expected = [market.candle(start + i * step, start + (i + 1) * step) for i in range(2000)]
        assert cli.candles(store, f"M{seed % 100}", interval) == expected, (interval, seed)


def span_of(interval, ms):
    """(open, next open) of the candle that holds ms, by datetime."""
    day = datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).date()
    epoch = datetime.date(1970, 1, 1)
    if interval == "1mo":
        first = day.replace(day=1)
        after = (first + datetime.timedelta(days=32)).replace(day=1)
    elif interval == "1w":
        first = day - datetime.timedelta(days=day.weekday())
        after = first + datetime.timedelta(days=7)
    else:
        step = LENGTH[interval]
        return ms // step * step, ms // step * step + step
    return (first - epoch).days * DAY, (after - epoch).days * DAY


def total(values):
    if any(v is None for v in values):
        return None
    with localcontext() as context:
        context.prec = 60
        return float(sum(Decimal(repr(v)) for v in values))


def larger(rows, source, target):
    """(candles, which are partial)."""
    spans = {}
    for row in rows:
        spans.setdefault(span_of(target, row[0]), []).append(row)
    made, partial = [], []
    for (start, after), part in spans.items():
        trades = [r[8] for r in part]
        made.append((start, part[0][1], max(r[2] for r in part), min(r[3] for r in part), part[-1][4],
                     total([r[5] for r in part]), part[-1][6], total([r[7] for r in part]),
                     None if None in trades else sum(trades), total([r[9] for r in part]), total([r[10] for r in part])))
        partial.append(len(part) < (after - start) // LENGTH[source])
    return made, partial


def damaged_csv(store, symbol, source, bars, draw):
    """A market with holes and unknown values as a CSV, imported; its candles."""
    cli.kmill("synth", "--store", store, "--symbol", "RAW", "--interval", source, "--bars", bars, "--seed", draw.randrange(10**6),
              "--price", draw.choice(["0.00037", "3.5", "61000"]), "--start", "2023-11-27T05:00", "--replace")
    lines = cli.kmill("klines", "--store", store, "RAW", source)[0].splitlines()
    kept = lines[:1]
    for line in lines[1:]:
        if draw.random() < 0.02:
            continue
        fields = line.split(",")
        if draw.random() < 0.001:
            fields[draw.choice([7, 8, 9, 10])] = ""
        kept.append(",".join(fields))
    hole = draw.randrange(1, len(kept) - 300)
    del kept[hole:hole + 250]
    path = store / f"{symbol}-{source}.csv"
    path.write_text("\n".join(kept) + "\n")
    cli.kmill("import", "csv", path, "--store", store)
    return cli.candles(store, symbol, source)


def test_larger_candles_are_those_of_exact_decimals_and_the_calendar(store):
    draw = random.Random(5)
    targets = {"1m": "3m,5m,15m,30m,1h,2h,4h,6h,8h,12h,1d,3d,1w,1M", "15m": "30m,1h,2h,4h,6h,8h,12h,1d,3d,1w,1mo",
               "4h": "8h,12h,1d,3d,1w,1mo", "1d": "3d,1w,1mo"}
    for source, names in targets.items():
        symbol = f"HOLES{source.upper()}"
        rows = damaged_csv(store, symbol, source, 9000 if source == "1m" else 3000, draw)
        cli.kmill("resample", "--store", store, "--symbol", symbol, "--from", source, "--to", names)
        for target in names.replace("1M", "1mo").split(","):
            expected, partial = larger(rows, source, target)
            assert cli.candles(store, symbol, target) == expected, (source, target)
            assert cli.listing(store)[symbol, target]["partialCount"] == sum(partial), (source, target)


cli.run_all(sys.modules[__name__])
