"""`kmill top`, `show` and `export` on a real sweep, against each other, `kmill backtest` and the klines.

The account along an equity curve is checked without knowing how it is made: at every point, balance + position x close must be the equity, to the bit.
"""
import csv
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

KMILL = os.environ["KMILL"]

STRATEGY = '''
class Strategy(IStrategy):
    def run(self, context, kline, params):
        closes = self.kline_cache.get_closes()
        period = params["period"]
        if period == 13:
            raise ValueError("unlucky, number")
        if period == 14 and len(closes) > 4:
            print("value", period)
            while params["slow"]:
                pass
        if len(closes) < period:
            return
        average = calculate_sma(closes, period)
        if context.position == 0 and kline.close > average:
            context.buy(kline.close, 0.1, kline.open_time if period % 2 else "when, \\"I\\" say")
        elif context.position > 0 and kline.close < average:
            context.sell_all(kline.close, kline.close_time)

    def on_day_end(self, date, context):
        if date.endswith("5") and context.position > 0:
            context.sell_all(self.kline_cache.get_closes()[-1], date)
'''

SWEEP = '''
name: commands
strategy: strategy.py
store: klines
symbols: [AAAUSDT, BBBUSDT]
intervals: [1h]
params:
  period: {{range: [5, {last}], step: 1}}
  label: [plain, "with, comma"]
  slow: false
rank_by: {{metric: sharpe, direction: max}}
filters: {{min_trades: 4}}
keep:
  equity: all
  trades: all
'''


def kmill(*arguments, codes=(0,)):
    done = subprocess.run([KMILL, *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode in codes, (arguments, done.returncode, done.stdout[-500:], done.stderr[-2000:])
    return done


def exported(*arguments):
    """The same lines from CSV and from JSON, checked to say the same."""
    rows = json.loads(kmill("export", "r.h5", "--format", "json", *arguments).stdout)
    table = list(csv.DictReader(io.StringIO(kmill("export", "r.h5", *arguments).stdout)))
    assert len(rows) == len(table)
    for row, fields in zip(rows, table):
        for name, field in fields.items():
            value = row[name]
            if value is None:
                assert field == "", (name, field)
            elif isinstance(value, bool):
                assert field == str(value)
            elif isinstance(value, (int, float)):
                assert float(field) == value and repr(float(field)) == repr(float(value)), (name, field, value)
            else:
                assert field == value, (name, field, value)
    return rows


def make_market():
    for symbol, seed in (("AAAUSDT", 3), ("BBBUSDT", 4)):
        kmill("synth", "--symbol", symbol, "--bars", "700", "--seed", str(seed), "--store", "klines", "--volatility", "0.08")
    with open("strategy.py", "w", encoding="utf-8") as f:
        f.write(STRATEGY)
    with open("sweep.yaml", "w", encoding="utf-8") as f:
        f.write(SWEEP.format(last=20))
    done = kmill("run", "sweep.yaml", "--output", "r.h5", codes=(1,))
    assert os.path.exists("r.h5") and not os.path.exists("r.h5.journal"), done.stderr


def best_first(rows, metric):
    done = [row for row in rows if row["status"] == "done"]
    known = [row for row in done if row[metric] is not None]
    return sorted(known, key=lambda row: (-row[metric], row["run"])) + [row for row in done if row[metric] is None]


def test_runs_are_exported_and_ranked(runs):
    assert len(runs) == 2 * 16 * 2
    failed = [row for row in runs if row["status"] == "failed"]
    assert {row["period"] for row in failed} == {13} and len(failed) == 4
    assert failed[0]["error"] == "ValueError: unlucky, number" and failed[0]["sharpe"] is None
    ranked = [row["run"] for row in best_first([row for row in runs if row["status"] == "done" and row["totalTrades"] >= 4], "sharpe")]
    top = json.loads(kmill("top", "r.h5", "--format", "json", "--limit", "0").stdout)
    assert [row["run"] for row in top] == ranked and len(ranked) > 20
    page = json.loads(kmill("top", "r.h5", "--format", "json", "--limit", "5", "--offset", "3").stdout)
    assert [row["run"] for row in page] == ranked[3:8]
    assert set(top[0]) >= {"run", "symbol", "period", "label", "sharpe"} and "slow" not in top[0]
    worst = json.loads(kmill("top", "r.h5", "--by", "maxDrawdown", "--where", "symbol == 'BBBUSDT'", "--limit", "1", "--format", "json").stdout)[0]
    candidates = [row for row in runs if row["symbol"] == "BBBUSDT" and row["status"] == "done"]
    assert worst["maxDrawdown"] == min(row["maxDrawdown"] for row in candidates)
    table = kmill("top", "r.h5").stdout
    assert "4 runs failed: kmill top r.h5 --failed" in table and "20 of 64 runs, by sharpe, largest first" in table
    assert "\033" not in table
    lost = kmill("top", "r.h5", "--failed").stdout
    assert lost.count("ValueError: unlucky, number") == 4


def test_mistakes_are_told(_):
    for arguments, words in (
        (("top", "r.h5", "--by", "sharp"), "did you mean 'sharpe'"),
        (("top", "r.h5", "--columns", "run,totalTrade"), "did you mean 'totalTrades'"),
        (("top", "r.h5", "--where", "sharpe >"), ""),
        (("top", "none.h5"), "none.h5"),
        (("top", "sweep.yaml"), "is no result file"),
        (("show", "r.h5", "100000"), "no run 100000"),
        (("show", "r.h5", "x"), "no run number"),
        (("export", "r.h5", "--what", "all"), "runs, trades or equity"),
    ):
        done = kmill(*arguments, codes=(2,))
        assert done.stderr.startswith("kmill: ") and words in done.stderr and not done.stdout, (arguments, done.stderr)


def closes_of(symbol):
    lines = kmill("klines", "--store", "klines", symbol, "1h", "--csv").stdout.splitlines()
    return [float(line.split(",")[4]) for line in lines if line[0].isdigit()]


def without_time(result):
    return {name: value for name, value in result.items() if name not in ("run", "symbol", "interval", "params")}


def test_show_is_the_backtest(runs):
    for row in runs[1::9]:
        shown = json.loads(kmill("show", "r.h5", str(row["run"]), "--json", codes=(0, 1)).stdout)
        alone = json.loads(kmill("backtest", "strategy.py", "--store", "klines", "--symbol", row["symbol"], "--interval", "1h", "--param", f"period={row['period']}",
                                 "--param", f"label={row['label']}", "--param", "slow=false", "--json", codes=(0, 1)).stdout)
        assert shown["run"] == row["run"] and shown["params"]["period"] == row["period"] and shown["params"]["slow"] is False
        assert without_time(shown) == without_time(alone), row["run"]
        if row["status"] != "done":
            assert shown["error"]["message"] == "unlucky, number"
            continue
        closes = closes_of(row["symbol"])
        assert len(shown["equityCurve"]) == len(closes) == 700
        for point, close in zip(shown["equityCurve"], closes):
            assert point["balance"] + point["position"] * close == point["equity"], point


def test_show_for_people(runs):
    failed = next(row for row in runs if row["status"] == "failed")
    text = kmill("show", "r.h5", str(failed["run"]), codes=(1,)).stdout
    assert "ValueError: unlucky, number" in text and "in line 7" in text and "raise ValueError" in text
    done = next(row for row in runs if row["period"] == 14)
    text = kmill("show", "r.h5", str(done["run"]), "--trades", "2").stdout
    assert "value 14" in text and "... " in text and "█" in text and "profitRate" in text
    everything = kmill("show", "r.h5", str(done["run"]), "--trades", "all").stdout
    assert everything.count("  sell  ") + everything.count("  buy   ") == done["totalTrades"]


def test_trades_and_equity_are_exported(runs):
    some = [row["run"] for row in runs if row["status"] == "done"][::13]
    chosen = ",".join(map(str, some))
    trades = exported("--what", "trades", "--run", chosen)
    points = exported("--what", "equity", "--run", chosen)
    for run in some:
        shown = json.loads(kmill("show", "r.h5", str(run), "--json").stdout)
        mine = [trade for trade in trades if trade["run"] == run]
        assert [(t["timestamp"], t["type"], t["price"], t["amount"], t["balance"], t["fee"]) for t in mine] == \
               [(t["timestamp"], t["type"], t["price"], t["amount"], t["balance"], t["fee"]) for t in shown["trades"]]
        assert any(t["timestamp"] == 'when, "I" say' for t in mine) == (next(r for r in runs if r["run"] == run)["period"] % 2 == 0)
        curve = [{name: value for name, value in point.items() if name != "run"} for point in points if point["run"] == run]
        assert curve == shown["equityCurve"]


def test_files_are_not_overwritten(_):
    kmill("export", "r.h5", "-o", "out.csv")
    first = open("out.csv", encoding="utf-8").read()
    assert first == kmill("export", "r.h5").stdout
    with open("out.csv", "w", encoding="utf-8") as f:
        f.write("mine")
    assert "--force" in kmill("export", "r.h5", "-o", "out.csv", codes=(2,)).stderr
    assert open("out.csv", encoding="utf-8").read() == "mine"
    kmill("export", "r.h5", "-o", "out.csv", "--force")
    assert open("out.csv", encoding="utf-8").read() == first
    if os.path.exists("/dev/full"):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([KMILL, "export", "r.h5"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
        assert done.returncode == 3 and "cannot be written" in done.stderr


def test_an_unfinished_sweep_is_read_from_its_journal(_):
    with open("long.yaml", "w", encoding="utf-8") as f:
        f.write(SWEEP.format(last=2500).replace("name: commands", "name: long"))
    process = subprocess.Popen([KMILL, "run", "long.yaml", "--output", "long.h5"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.time() + 60
    while not os.path.exists("long.h5.journal/000000.jnl") and time.time() < deadline:
        time.sleep(0.02)
    time.sleep(0.3)
    live = kmill("top", "long.h5", "--limit", "3") if process.poll() is None else None
    process.send_signal(signal.SIGINT)
    process.wait(timeout=120)
    if live and "is not complete" in live.stderr:
        assert "runs so far" in live.stderr
    if not os.path.exists("long.h5.journal"):
        print("the sweep was over before it could be interrupted")
        return
    partial = kmill("export", "long.h5", "--format", "json")
    assert "long.h5 is not complete: " in partial.stderr
    rows = json.loads(partial.stdout)
    run = next(row["run"] for row in rows if row["status"] == "done" and row["totalTrades"] > 0)
    before = kmill("show", "long.h5", str(run), "--json")
    assert not os.path.exists("long.h5")
    kmill("run", "long.yaml", "--output", "long.h5", "--resume", codes=(1,))
    final = {row["run"]: row for row in json.loads(kmill("export", "long.h5", "--format", "json").stdout)}
    assert 0 < len(rows) < len(final) == 2 * 2496 * 2
    assert all(final[row["run"]] == row for row in rows)
    after = json.loads(kmill("show", "long.h5", str(run), "--json").stdout)
    before = json.loads(before.stdout)
    for name in ("trades", "params", "sharpe", "profitRate"):
        assert before[name] == after[name]


def main():
    with tempfile.TemporaryDirectory(prefix="kmill-results-") as folder:
        os.chdir(folder)
        make_market()
        runs = exported()
        tests = [value for name, value in globals().items() if name.startswith("test_")]
        for test in tests:
            test(runs)
            print("ok", test.__name__, flush=True)
        os.chdir("/")


if __name__ == "__main__":
    sys.exit(main())
