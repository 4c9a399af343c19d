"""What the server under test serves: klines from CSV written here (so that answers can be compared with the CSV), and result files of
small sweeps made by `kmill run`."""
import datetime
import json
import os
import pathlib
import random
import subprocess

# KMILL_MAKER: another binary that makes stores and results, e.g. where KMILL itself is built with a sanitizer that slows sweeps down.
KMILL = os.environ.get("KMILL_MAKER") or os.environ.get("KMILL", "")
HOUR, DAY = 3_600_000, 86_400_000
START = 1_704_067_200_000  # 2024-01-01T00:00:00Z
GAP_AFTER, GAP = 700, 3    # candles 701..703 are missing
BARS = 1500

STRATEGY = '''class Strategy(IStrategy):
    def run(self, context, kline, params):
        period = params["period"]
        if period == 7 and params["fraction"] == 1.0:
            raise ValueError("unlucky period")
        closes = self.kline_cache.get_closes()
        average = calculate_sma(closes, period)
        if average is None:
            return
        if context.position == 0 and kline.close > average:
            print("in at", kline.open_time)
            context.buy(kline.close, float(context.balance / kline.close) * params["fraction"] * 0.9, kline.open_time)
        elif context.position > 0 and kline.close < average:
            context.sell_all(kline.close, kline.open_time)
'''
SWEEP = '''name: {name}
strategy: strategy.py
symbols: {symbols}
intervals: 1h
params:
  period: {period}
  fraction: [0.25, 0.5, 1.0]
  label: [plain]
keep: {keep}
'''


def iso(ms):
    """Written from the rule, not from the server: ISO-8601 in UTC, microseconds only where there are any."""
    t = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc).replace(microsecond=ms % 1000 * 1000)
    return t.isoformat()


def kmill(*words, code=0, **options):
    done = subprocess.run([KMILL, *map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300, **options)
    if done.returncode != code:
        raise AssertionError(f"kmill {' '.join(map(str, words))}: exit {done.returncode}, expected {code}\n{done.stdout}{done.stderr}")
    return done.stdout


def hourly_rows():
    """CSV rows of DEMOUSDT 1h: open_time, open, high, low, close, volume, close_time, quote, trades, taker base, taker quote."""
    draw, price, rows = random.Random(7), 4000000, []
    for i in range(BARS + GAP):
        opened, price = price, price + draw.randrange(-30000, 30001)
        high, low = max(opened, price) + draw.randrange(5000), min(opened, price) - draw.randrange(5000)
        volume, taker = draw.randrange(10**5, 10**8), draw.randrange(10**4, 10**5)
        if GAP_AFTER < i <= GAP_AFTER + GAP:
            continue
        t = START + i * HOUR
        rows.append([t, opened / 100, high / 100, low / 100, price / 100, volume / 10**5, t + HOUR - 1, volume * price / 10**9,
                     draw.randrange(1, 90000), taker / 10**5, taker * price / 10**9])
    return rows


def daily_rows():
    """Six columns only: the other ones are not known."""
    return [[START + i * DAY, 10 + i, 11.5 + i, 9.25 + i, 10.5 + i, 1000.125 + i] for i in range(40)]


def as_kline(row, length):
    """A CSV row as the API has it."""
    t, o, h, l, c, v, *more = row
    close, quote, trades, taker_base, taker_quote = more or (t + length - 1, None, None, None, None)
    return {"open_time": iso(t), "open": o, "high": h, "low": l, "close": c, "volume": v, "close_time": iso(close),
            "quote_asset_volume": quote, "number_of_trades": trades, "taker_buy_base_asset_volume": taker_base,
            "taker_buy_quote_asset_volume": taker_quote}


def write_csv(path, rows):
    path.write_text("".join(",".join(repr(v) for v in row) + "\n" for row in rows), encoding="utf-8")


class Market:
    """folder/klines and folder/results. Attributes: hourly, daily (CSV rows), strategy (source)."""

    def __init__(self, folder, sweeps=True):
        self.folder = pathlib.Path(folder)
        self.store, self.results = self.folder / "klines", self.folder / "results"
        self.results.mkdir()
        self.hourly, self.daily, self.strategy = hourly_rows(), daily_rows(), STRATEGY
        write_csv(self.folder / "DEMOUSDT-1h.csv", self.hourly)
        write_csv(self.folder / "DEMOUSDT-1d.csv", self.daily)
        write_csv(self.folder / "ALONEUSDT-1d.csv", self.daily)
        for name in ("DEMOUSDT-1h", "DEMOUSDT-1d", "ALONEUSDT-1d"):
            kmill("import", "csv", self.folder / f"{name}.csv", "--store", self.store)
        kmill("synth", "--symbol", "SYNTHUSDT", "--bars", 400, "--seed", 3, "--start", "2024-01-01", "--store", self.store)
        (self.folder / "strategy.py").write_text(STRATEGY, encoding="utf-8")
        if sweeps:
            self.sweep("small", "{range: [3, 10], step: 1}", "{equity: {top: 4}, trades: all}", symbols="[DEMOUSDT, SYNTHUSDT]", code=1)
            self.sweep("thin", "[3, 4]", "{equity: all, points: 40, trades: none}")
            self.sweep("bare", "[3, 4]", "{equity: none, trades: none}")

    def sweep(self, name, period, keep, symbols="[DEMOUSDT]", code=0):
        text = SWEEP.format(name=name, period=period, keep=keep, symbols=symbols)
        path = self.folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        kmill("run", path, "--store", self.store, "--output", self.result(name), "--progress", "none", code=code)

    def result(self, name):
        return self.results / f"{name}.h5"

    def rows(self, name, *options):
        """Runs as `kmill top` prints them."""
        return json.loads(kmill("top", self.result(name), "--format", "json", "--limit", 0, "--where", "", *options))

    def shown(self, name, run, code=0):
        return json.loads(kmill("show", self.result(name), run, "--json", code=code))
