"""Curves made of trades and candles are those that the engine kept, to the last bit, for every example strategy and
one that trades at the end of the day; and kept points are points of the same curve.

The same sweep is run three times: all curves kept, trades only, and 60 points without trades. test_result_curve prints
what result_curve makes of each file; `kmill export --what equity` of the first file is the third witness.
"""
import csv
import datetime
import io
import math
import os
import subprocess
import sys
import tempfile
import unittest

KMILL = os.environ["KMILL"]
SOURCE = os.environ["KMILL_SOURCE"]
PRINTER = os.path.join(os.path.dirname(os.path.dirname(KMILL)), "tests", "test_result_curve")

DAY_END = '''
from kmill import IStrategy


class Strategy(IStrategy):
    """Buys in run, sells half after the day's last candle is counted, the rest some bars later, on two stamps."""

    def run(self, context, kline, params):
        closes = self.kline_cache.get_closes()
        if context.position == 0 and len(closes) % params["every"] == 0:
            context.buy(kline.close, 0.3 * float(context.balance / kline.close), kline.close_time)
        elif context.position > 0 and kline.close > 1.01 * float(context.get_avg_position_price()):
            context.sell_all(kline.close, kline.open_time)

    def on_day_end(self, date, context):
        if context.position > 0:
            price = self.kline_cache.get_closes()[-1]
            context.sell(price, float(context.position) / 2, date)
'''

PARAMS = {
    "sma_cross": {"fast_period": [5, 9], "slow_period": [20, 45], "klineWndSize": [60]},
    "rsi_macd": {"rsi_period": [9, 14], "oversold": [30.0, 45.0], "overbought": [60.0], "patience": [5],
                 "klineWndSize": [120]},
    "bollinger_reversion": {"period": [15, 30], "k": [1.5], "stop_loss": [0.02, 0.1]},
    "breakout": {"lookback": [10, 30], "stop_loss": [0.02, 0.05], "take_profit": [0.04], "klineWndSize": [101]},
    "buy_and_hold": {"fraction": [0.25, 1.0]},
    "dca": {"every_days": [1, 3], "spend": [55.5], "take_profit": [0.0, 0.1], "klineWndSize": [1]},
    "trailing_stop": {"trail": [0.02, 0.07], "trend_period": [20], "cooldown": [0, 12], "klineWndSize": [120]},
    "day_end": {"every": [3, 7], "klineWndSize": [50]},
}

KEEP = {"full": "{equity: all, trades: all}", "trades": "{equity: none, trades: all}",
        "points": "{equity: all, points: 60, trades: none}"}


def call(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, (command, done.returncode, done.stdout[-500:], done.stderr[-2000:])
    return done.stdout


def sweep(folder, name, keep):
    """Runs the sweep and returns its result file. The range begins within the stored series, after a warm-up."""
    path = os.path.join(folder, f"{name}_{keep}")
    strategy = os.path.join(folder, "day_end.py") if name == "day_end" else os.path.join(SOURCE, "strategies", name + ".py")
    params = "".join(f"  {key}: {values}\n" for key, values in PARAMS[name].items())
    with open(path + ".yaml", "w", encoding="utf-8") as file:
        file.write(f"name: {name}\nstrategy: {strategy}\nstore: {folder}/klines\nsymbols: [SYNTHUSDT]\nintervals: [1h]\n"
                   f"from: 2020-01-08T05:00\nto: 2020-03-20\nwarmup: 30\naccount: {{slippage_bp: 3}}\nparams:\n{params}"
                   f"keep: {KEEP[keep]}\noutput: {path}.h5\n")
    call(KMILL, "run", path + ".yaml", "--progress", "none")
    return path + ".h5"


def printed(path):
    """{run: (source, [(bar, time, equity, balance, position, drawdown, close, buy & hold), ...])}"""
    curves = {}
    for line in call(PRINTER, path).splitlines():
        run, source, bar, time, *numbers = line.split()
        curves.setdefault(int(run), (source, []))[1].append((int(bar), int(time), *map(float, numbers)))
    return curves


def exported(path):
    """{run: [(time, equity, balance, position), ...]} of the command line."""
    curves = {}
    for row in csv.DictReader(io.StringIO(call(KMILL, "export", path, "--what", "equity"))):
        moment = datetime.datetime.fromisoformat(row["timestamp"])
        curves.setdefault(int(row["run"]), []).append(
            (round(moment.timestamp() * 1000), float(row["equity"]), float(row["balance"]), float(row["position"])))
    return curves


class Curves(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        call(KMILL, "synth", "--bars", "2000", "--seed", "11", "--volatility", "0.05", "--store",
             os.path.join(cls.folder.name, "klines"))
        with open(os.path.join(cls.folder.name, "day_end.py"), "w", encoding="utf-8") as file:
            file.write(DAY_END)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def check_drawdown(self, curve):
        """Against the highest point so far, the initial balance (10000 by default) being the first."""
        peak = 10000.0
        for _, _, equity, _, _, drawdown, *_ in curve:
            peak = max(peak, equity)
            self.assertEqual(drawdown, (peak - equity) / peak)

    def check_points(self, points, curve):
        """Evenly spaced, ends included; no account, because no trades were kept."""
        bars = [k * (len(curve) - 1) // 59 for k in range(60)]
        self.assertEqual([(point[:3], point[6:]) for point in points], [(curve[bar][:3], curve[bar][6:]) for bar in bars])
        self.assertTrue(all(math.isnan(point[3]) and math.isnan(point[4]) for point in points))

    def check_sweep(self, name):
        full_file = sweep(self.folder.name, name, "full")
        full, kept = printed(full_file), exported(full_file)
        made, points = (printed(sweep(self.folder.name, name, keep)) for keep in ("trades", "points"))
        self.assertTrue(len(full) >= 2 and full.keys() == made.keys() == points.keys() == kept.keys())
        rows = csv.DictReader(io.StringIO(call(KMILL, "export", full_file, "--what", "runs", "--format", "csv")))
        held = {int(row["run"]): float(row["buyHoldReturn"]) for row in rows}
        moved = 0
        for run, (source, curve) in full.items():
            has_traded = any(balance != 10000.0 for _, _, _, balance, *_ in curve)
            moved += has_traded
            # without a trade there is none to keep: the curve is made of the candles
            self.assertEqual([source, made[run][0], points[run][0]],
                             ["full", "trades", "points" if has_traded else "trades"])
            self.assertEqual(len(curve), 24 * 72 - 5)
            self.assertEqual(curve, made[run][1])
            self.assertEqual([(point[1], *point[2:5]) for point in curve], kept[run])
            self.check_drawdown(curve)
            self.assertAlmostEqual(curve[-1][7], 10000 * (1 + held[run]), places=8)
            for bar, _, equity, balance, position, _, close, _ in curve:
                self.assertEqual(equity, balance + position * close, (name, run, bar))
            if has_traded:
                self.check_points(points[run][1], curve)
            else:
                self.assertEqual(points[run][1], curve)
        self.assertGreater(moved, 0, "no run of this sweep has traded")


for example in PARAMS:
    setattr(Curves, "test_" + example, lambda self, name=example: self.check_sweep(name))

if __name__ == "__main__":
    if not os.path.exists(PRINTER):
        sys.exit(77)
    sys.exit(unittest.main())
