#!/usr/bin/env python3
"""The engine's benchmark: CPU per bar, runs per second, scaling, peak memory, import rates.

usage: bench/sweep.py KMILL [--quick] [--only NAME[,NAME]] [--json FILE]

Everything is measured from outside, on whole processes (user + system CPU of kmill and its worker, by the kernel's own accounting of
finished children; peak memory of the largest process likewise), so every cost of a sweep is in it: start, sandbox, journal, winners run
again, result file. Where two things are compared they run in turn, and the ratio is what to look at: these machines are shared. The
yardstick that any machine has is the pure-Python reference (strategies/kmill.py) on the same strategy and klines.
"""
import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)

# The document's example, word for word but for `<=` (with exactly slow_period closes it compares None with a float).
STRATEGY = '''
class Strategy(IStrategy):
    def run(self, context: BacktestContext, kline: Kline, params: dict):
        closes = self.kline_cache.get_closes()
        fast_period = params.get('fast_period', 10)
        slow_period = params.get('slow_period', 30)
        if len(closes) <= slow_period:
            return
        fast_ma = calculate_sma(closes, fast_period)
        slow_ma = calculate_sma(closes, slow_period)
        prev_fast = calculate_sma(closes[:-1], fast_period)
        prev_slow = calculate_sma(closes[:-1], slow_period)
        # Golden cross - buy signal
        if fast_ma > slow_ma and prev_fast <= prev_slow:
            if context.position == 0:
                buy_amount = float(context.balance / kline.close) * 0.95
                context.buy(kline.close, buy_amount, kline.open_time)
        # Death cross - sell signal
        elif fast_ma < slow_ma and prev_fast >= prev_slow:
            if context.position > 0:
                context.sell_all(kline.close, kline.open_time)
'''

SWEEP = """
name: bench
strategy: {strategy}
symbols: [{symbol}]
intervals: [{interval}]
params:
  fast_period: {{range: [{fast0}, {fast1}]}}
  slow_period: {{range: [{slow0}, {slow1}]}}
  klineWndSize: {window}
{extra}
threads: {threads}
"""

EMPTY = "class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        pass\n"


class Bench:
    def __init__(self, kmill, quick):
        self.kmill = os.path.abspath(kmill)
        self.quick = quick
        self.folder = tempfile.TemporaryDirectory()
        self.store = os.path.join(self.folder.name, "klines")
        self.figures = {}
        self.strategy = self.path("sma_cross.py")
        with open(self.strategy, "w") as f:
            f.write(STRATEGY)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def call(self, *args):
        """Runs kmill; (wall s, CPU s, peak kB of the largest process). Each call in a child of its own, so that
        RUSAGE_CHILDREN there is this call's alone."""
        code = ("import resource,subprocess,sys,time\n"
                "t=time.perf_counter(); p=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,stderr=subprocess.PIPE,text=True)\n"
                "w=time.perf_counter()-t; r=resource.getrusage(resource.RUSAGE_CHILDREN)\n"
                "sys.stderr.write(p.stderr if p.returncode else '')\n"
                "print(w,r.ru_utime+r.ru_stime,r.ru_maxrss); sys.exit(p.returncode)")
        done = subprocess.run([sys.executable, "-c", code, self.kmill, *args], stdout=subprocess.PIPE, text=True, check=True)
        wall, cpu, peak = done.stdout.split()
        return float(wall), float(cpu), int(peak)

    def synth(self, symbol, interval, bars):
        if not os.path.exists(os.path.join(self.store, symbol)):
            self.call("synth", "--store", self.store, "--symbol", symbol, "--interval", interval, "--bars", str(bars), "--seed", "42")

    def sweep(self, name, symbol, interval, fast, slow, window, threads, extra="", strategy=None):
        """fast, slow: (first, last) period, both inclusive."""
        with open(self.path(name + ".yaml"), "w") as f:
            f.write(SWEEP.format(strategy=strategy or self.strategy, symbol=symbol, interval=interval, fast0=fast[0], fast1=fast[1], slow0=slow[0], slow1=slow[1],
                                 window=window, threads=threads, extra=extra))
        result = self.path(name + ".h5")
        if os.path.exists(result):
            os.remove(result)
        return self.call("run", self.path(name + ".yaml"), "--store", self.store, "--output", result, "--progress", "none")

    def say(self, name, value, unit, note=""):
        self.figures[name] = {"value": value, "unit": unit, "note": note}
        print(f"{name:44} {value:>14,.2f} {unit:10} {note}", flush=True)

    # ---- CPU per bar -----------------------------------------------------------------------------

    def per_bar(self):
        """CPU per evaluated bar of the moving-average cross, default keeping policy (top 100 curves, all trades)."""
        for symbol, interval, bars, fast, slow in (("YEARS2", "1h", 17520, (8, 27), (28, 47)), ("YEAR1M", "1m", 525600, (8, 12), (28, 32))):
            self.synth(symbol, interval, bars)
            runs = (fast[1] - fast[0] + 1) * (slow[1] - slow[0] + 1)
            kept = min(100, runs)
            for window in (50, 100):
                ns = [self.sweep("per_bar", symbol, interval, fast, slow, window, 1)[1] / ((runs + kept) * bars) * 1e9
                      for _ in range(3 if self.quick else 5)]
                self.say(f"cpu_per_bar_{bars}_window_{window}", statistics.median(ns), "ns/bar",
                         f"{runs} runs + {kept} winners again, 1 thread, all costs; min {min(ns):.0f} max {max(ns):.0f}")

    def empty(self):
        """The loop alone: a strategy whose run does nothing, no curves kept."""
        self.synth("YEARS2", "1h", 17520)
        with open(self.path("empty.py"), "w") as f:
            f.write(EMPTY)
        runs = 20 * 50
        ns = [self.sweep("empty", "YEARS2", "1h", (2, 21), (1, 50), 50, 1, "keep: {equity: none}", self.path("empty.py"))[1] / (runs * 17520) * 1e9
              for _ in range(3)]
        self.say("cpu_per_bar_empty_run", statistics.median(ns), "ns/bar", f"{runs} runs, strategy that does nothing")

    def reference(self):
        """The same strategy and klines in pure Python: the yardstick."""
        self.synth("YEARS2", "1h", 17520)
        csv = self.path("years2.csv")
        with open(csv, "w") as f:
            subprocess.run([self.kmill, "klines", "--store", self.store, "YEARS2", "1h", "--csv"], stdout=f, check=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, os.path.join(ROOT, "strategies", "kmill.py"), self.strategy, "--csv", csv, "--param",
                        "fast_period=10", "--param", "slow_period=30"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.say("cpu_per_bar_pure_python", cpu / 17520 * 1e9, "ns/bar", f"strategies/kmill.py, Python {platform.python_version()}, 1 run, start included")

    # ---- throughput ------------------------------------------------------------------------------

    def scaling(self):
        """Wall time of the same sweep on one and on two threads, in turn."""
        self.synth("YEARS2", "1h", 17520)
        ratios, rates = [], []
        for _ in range(3 if self.quick else 5):
            one = self.sweep("scaling", "YEARS2", "1h", (2, 41), (45, 104), 50, 1)[0]
            two = self.sweep("scaling", "YEARS2", "1h", (2, 41), (45, 104), 50, 2)[0]
            ratios.append(one / two)
            rates.append(2400 / two)
        self.say("scaling_1_to_2_threads", statistics.median(ratios), "x", f"2,400 runs of 17,520 bars, whole command; min {min(ratios):.2f} max {max(ratios):.2f}")
        self.say("runs_per_second_17520_bars", statistics.median(rates), "runs/s", "2 threads, whole command")

    def memory(self):
        """Peak memory of the largest process for 1,000 and 100,000 runs; and the rate of short runs."""
        self.synth("SHORT", "1h", 200)
        peaks = {}
        for runs, fast, slow in ((1000, (2, 21), (42, 91)), (100000, (2, 41), (42, 2541))):
            wall, _, peak = self.sweep(f"memory{runs}", "SHORT", "1h", fast, slow, 50, 2)
            peaks[runs] = peak
            self.say(f"peak_memory_{runs}_runs", peak / 1024, "MiB", "largest process")
            if runs == 100000:
                self.say("runs_per_second_200_bars", runs / wall, "runs/s", "2 threads, whole command")
        self.say("peak_memory_growth", (peaks[100000] / peaks[1000] - 1) * 100, "%", "1,000 to 100,000 runs")

    # ---- klines ----------------------------------------------------------------------------------

    def imports(self):
        self.synth("YEAR1M", "1m", 525600)
        csv = self.path("BIG-1m.csv")
        with open(csv, "w") as f:
            subprocess.run([self.kmill, "klines", "--store", self.store, "YEAR1M", "1m", "--csv"], stdout=f, check=True)
        wall, cpu, _ = self.call("import", "csv", csv, "--store", self.path("imported"), "--symbol", "BIG", "--interval", "1m")
        self.say("import_csv", 525600 / cpu / 1e6, "M rows/s", f"per CPU second, whole command ({wall:.2f} s wall)")


def main():
    parser = argparse.ArgumentParser(description="kmill benchmark")
    parser.add_argument("kmill", nargs="?", default=os.environ.get("KMILL"))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="per_bar,empty,reference,scaling,memory,imports")
    parser.add_argument("--json")
    args = parser.parse_args()
    if not args.kmill:
        parser.error("name the kmill binary (or set KMILL)")
    bench = Bench(args.kmill, args.quick)
    print(f"{platform.platform()}, {os.cpu_count()} CPUs, {time.strftime('%Y-%m-%d')}")
    for name in args.only.split(","):
        getattr(bench, name)()
    if args.json:
        with open(args.json, "w") as f:
            json.dump(bench.figures, f, indent=1)


if __name__ == "__main__":
    main()
