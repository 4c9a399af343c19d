"""A sweep as a user lives it: started, looked at while it runs, interrupted, resumed, ranked, verified, read by other programs.

What the commands print is checked against each other, against the sweep file and against what the shell sees (exit codes, files).
"""
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import unittest

KMILL = os.environ["KMILL"]
DOCUMENT = {"initialBalance": float, "finalBalance": float, "profit": float, "profitRate": float, "maxDrawdown": float, "totalTrades": int,
            "winRate": float, "baseAsset": float, "quoteAsset": float, "baseFee": float, "quoteFee": float, "trades": list,
            "equityCurve": list}

STRATEGY = '''class Strategy(IStrategy):
    def run(self, context, kline, params):
        period = params["period"]
        if period == 13:
            raise ValueError("unlucky")
        average = calculate_sma(self.kline_cache.get_closes(), period)
        if average is None:
            return
        if context.position == 0 and kline.close > average:
            context.buy(kline.close, 0.1, kline.open_time)
        elif context.position > 0 and kline.close < average:
            context.sell_all(kline.close, kline.open_time)
'''

SWEEP = '''name: {name}
strategy: strategy.py
store: klines
symbols: AAAUSDT
intervals: 1h
params:
  period: {period}
{more}
'''


def kmill(*arguments, code=0, **options):
    done = subprocess.run([KMILL, *arguments], capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL, **options)
    assert done.returncode == code, (arguments, done.returncode, done.stdout[-2000:], done.stderr[-2000:])
    return done


def sweep(name, period="{range: [3, 8], step: 1}", more=""):
    with open(name + ".yaml", "w", encoding="utf-8") as f:
        f.write(SWEEP.format(name=name, period=period, more=more))
    return name + ".yaml"


def synth(*more, store="klines", symbol="AAAUSDT"):
    kmill("synth", "--symbol", symbol, "--store", store, "--replace", *more)


def rows(result, *more):
    return json.loads(kmill("export", result, "--format", "json", *more).stdout)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kmill-cli-")
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, "/")
        os.chdir(folder.name)
        synth("--bars", "500")
        with open("strategy.py", "w", encoding="utf-8") as f:
            f.write(STRATEGY)

    def long_sweep(self, name):
        """A sweep that takes minutes, once its first runs are in the journal."""
        yaml = sweep(name, "{range: [3, 4000000], step: 1}", "keep: {equity: none, trades: none}")
        process = subprocess.Popen([KMILL, "run", yaml], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        for _ in range(600):
            done = subprocess.run([KMILL, "export", name + ".h5"], capture_output=True, text=True, timeout=60)
            if done.returncode == 0 and done.stdout.count("\n") > 3:
                return process, yaml
            time.sleep(0.1)
        self.fail("the sweep has no runs after a minute")


class Results(Case):
    def test_a_backtest_is_the_documents_object_and_nothing_else(self):
        done = kmill("backtest", "strategy.py", "--store", "klines", "--symbol", "AAAUSDT", "--interval", "1h", "--param", "period=5", "--json")
        self.assertEqual(done.stderr, "")
        result = json.loads(done.stdout)
        for field, kind in DOCUMENT.items():
            self.assertIs(type(result[field]), kind, field)
        self.assertEqual(result["totalTrades"], len(result["trades"]))
        self.assertGreater(result["totalTrades"], 4)
        self.assertEqual(len(result["equityCurve"]), 500)
        self.assertLessEqual({"timestamp", "type", "price", "amount", "balance", "fee"}, set(result["trades"][0]))
        self.assertEqual(set(result["equityCurve"][0]), {"timestamp", "equity", "balance", "position"})
        self.assertEqual(result["equityCurve"][0]["timestamp"], result["start"])
        self.assertIs(type(result["bars"]), int)
        words = kmill("backtest", "strategy.py", "--store", "klines", "--symbol", "AAAUSDT", "--interval", "1h", "--param", "period=5").stdout
        self.assertTrue(words.startswith("strategy.py on AAAUSDT 1h: done"), words[:80])
        self.assertRegex(words, rf"totalTrades +{result['totalTrades']}\n")

    def test_a_failed_backtest_says_where_and_exits_with_1(self):
        run = ["backtest", "strategy.py", "--store", "klines", "--symbol", "AAAUSDT", "--interval", "1h", "--param", "period=13"]
        text = kmill(*run, code=1).stdout
        self.assertIn("failed in line 5 at the bar of 2020-01-01 00:00", text)
        error = json.loads(kmill(*run, "--json", code=1).stdout)["error"]
        self.assertEqual((error["type"], error["message"], error["line"], error["time"]), ("ValueError", "unlucky", 5, "2020-01-01T00:00:00+00:00"))

    def test_what_was_not_kept_is_null_and_not_empty(self):
        policies = {"none": (None, None, "keep: {equity: none, trades: none}"), "curves": (None, list, "keep: {equity: all, trades: none}"),
                    "trades": (list, None, "keep: {equity: none, trades: all}"), "points": (list, list, "keep: {equity: all, points: 20}")}
        for name, (trades, curve, keep) in policies.items():
            kmill("run", sweep(name, "[5]", keep))
            shown = json.loads(kmill("show", name + ".h5", "0", "--json").stdout)
            self.assertGreater(shown["totalTrades"], 4)
            self.assertEqual(type(shown["trades"]), trades or type(None), name)
            self.assertEqual(type(shown["equityCurve"]), curve or type(None), name)
            if curve:
                accounts = {point["balance"] for point in shown["equityCurve"]}
                self.assertEqual(accounts == {None}, trades is None, "without trades the account is not known")
                self.assertEqual(len(shown["equityCurve"]), 20 if "points" in keep else 500)
        self.assertIn("not kept", kmill("show", "none.h5", "0").stdout)

    def test_keeping_the_best_keeps_the_best(self):
        kmill("run", sweep("best", more="keep: {equity: {top: 2}, trades: {top: 3}}\nrank_by: {metric: sharpe, direction: max}"))
        ranked = [row["run"] for row in json.loads(kmill("top", "best.h5", "--format", "json").stdout)]
        self.assertEqual({row["run"] for row in rows("best.h5", "--what", "equity")}, set(ranked[:2]))
        self.assertEqual({row["run"] for row in rows("best.h5", "--what", "trades")}, set(ranked[:3]))

    def test_all_commands_agree_on_numbers(self):
        kmill("run", sweep("agree", more="keep: {equity: all}"))
        for row in rows("agree.h5"):
            shown = json.loads(kmill("show", "agree.h5", str(row["run"]), "--json").stdout)
            for name in DOCUMENT.keys() - {"trades", "equityCurve"} | {"sharpe", "start", "end", "bars", "duration"}:
                self.assertEqual((shown[name], type(shown[name])), (row[name], type(row[name])), name)
        top = json.loads(kmill("top", "agree.h5", "--format", "json", "--by", "totalTrades", "--columns", "run,totalTrades,start").stdout)
        self.assertEqual([row["totalTrades"] for row in top], sorted((row["totalTrades"] for row in rows("agree.h5")), reverse=True))
        self.assertEqual(top[0]["start"], "2020-01-01T00:00:00+00:00")

    def test_price_checks_and_slippage_are_seen(self):
        account = "account: {{price_check: {}, slippage_bp: 500}}\nkeep: {{equity: none}}"
        found = {}
        for mode in ("off", "count", "refuse"):
            kmill("run", sweep(mode, "[5]", account.format(mode)))
            found[mode] = rows(mode + ".h5")[0]
        self.assertEqual(found["off"]["priceOutside"], 0)
        self.assertGreater(found["count"]["priceOutside"], 0)
        self.assertEqual(found["count"]["finalBalance"], found["off"]["finalBalance"])
        self.assertGreater(found["refuse"]["refusedOrders"], found["off"]["refusedOrders"])
        self.assertLess(found["refuse"]["totalTrades"], found["off"]["totalTrades"])


class Runs(Case):
    def test_exit_codes_and_the_first_words_of_a_failure(self):
        done = kmill("run", sweep("mixed", "[5, 13]"), code=1)
        self.assertIn("unlucky", done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertNotIn("\x1b", done.stderr)
        self.assertNotIn("\r", done.stderr)
        self.assertIn("next: kmill top mixed.h5", done.stderr)
        kmill("run", sweep("fine", "[5]"))
        kmill("run", sweep("worse", "[]"), code=2)
        self.assertIn("1 run failed: kmill top mixed.h5 --failed", kmill("top", "mixed.h5").stdout)
        self.assertIn("ValueError: unlucky", kmill("top", "mixed.h5", "--failed").stdout)
        self.assertIn("Traceback", kmill("show", "mixed.h5", "1", code=1).stdout)
        self.assertEqual(sorted(os.listdir()), ["fine.h5", "fine.yaml", "klines", "mixed.h5", "mixed.yaml", "strategy.py", "worse.yaml"])

    def test_events_are_json_lines_that_count(self):
        done = kmill("run", sweep("events", "[5, 6, 7, 13]"), "--json", code=1)
        self.assertEqual(done.stderr, "")
        events = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual((events[0]["event"], events[0]["total"], events[0]["exact"]), ("start", 4, True))
        self.assertEqual((events[-1]["event"], events[-1]["done"], events[-1]["failed"]), ("done", 4, 1))
        failed = [event for event in events if event["event"] == "failed"]
        self.assertEqual([(event["run"], event["reason"]) for event in failed], [(3, "failed")])
        best = max(rows("events.h5", "--where", "run < 3"), key=lambda row: row["profitRate"])
        self.assertEqual((events[-1]["best"]["run"], events[-1]["best"]["value"]), (best["run"], best["profitRate"]))

    def test_silence_is_silence(self):
        done = kmill("run", sweep("quiet"), "--progress", "none")
        self.assertEqual((done.stdout, done.stderr), ("", ""))

    def test_a_terminal_line_is_redrawn_and_ends(self):
        done = kmill("run", sweep("drawn"), "--progress", "terminal")
        self.assertTrue(done.stderr.endswith("next: kmill top drawn.h5\n"), done.stderr[-200:])

    def test_overwrite_replaces_and_resume_of_nothing_runs(self):
        kmill("run", sweep("again", "[5]"))
        sweep("again", "[5, 6]")
        kmill("run", "again.yaml", "--overwrite")
        self.assertEqual(len(rows("again.h5")), 2)
        kmill("run", "again.yaml", "--resume", code=2)
        os.remove("again.h5")
        kmill("run", "again.yaml", "--resume")
        self.assertEqual(len(rows("again.h5")), 2)

    def test_symbols_and_intervals_multiply(self):
        synth("--bars", "400", symbol="BBBUSDT")
        kmill("resample", "--symbol", "AAAUSDT", "--from", "1h", "--to", "4h", "--store", "klines")
        kmill("resample", "--symbol", "BBBUSDT", "--from", "1h", "--to", "4h", "--store", "klines")
        yaml = sweep("many", "[5, 6]", "from: 2020-01-03\nto: 2020-01-13\nwarmup: 10")
        with open(yaml, encoding="utf-8") as f:
            text = f.read().replace("symbols: AAAUSDT", "symbols: [AAAUSDT, BBBUSDT]").replace("intervals: 1h", "intervals: [1h, 4h]")
        with open(yaml, "w", encoding="utf-8") as f:
            f.write(text)
        kmill("run", yaml)
        found = rows("many.h5")
        self.assertEqual(sorted((row["symbol"], row["interval"], row["period"], row["bars"]) for row in found),
                         [(s, i, p, {"1h": 240, "4h": 60}[i]) for s in ("AAAUSDT", "BBBUSDT") for i in ("1h", "4h") for p in (5, 6)])
        self.assertEqual({row["start"] for row in found}, {"2020-01-03T00:00:00+00:00"})
        self.assertEqual({row["end"] for row in found}, {"2020-01-12T23:59:59.999000+00:00"})
        self.assertIn("4 pass", kmill("top", "many.h5", "--where", "symbol == 'BBBUSDT'").stdout)

    def test_random_draws_stay_in_their_domains_and_depend_on_the_seed(self):
        def draws(name, seed, trials):
            kmill("run", sweep(name, "{integer: [3, 60]}", f"  u: {{uniform: [0, 1]}}\n  l: {{log_uniform: [0.001, 1]}}\n  c: {{choice: [a, b]}}\n"
                               f"where: period < 40 and u > 0.2\nmethod: random\ntrials: {trials}\nseed: {seed}\nkeep: {{equity: none}}"))
            return [(row["period"], row["u"], row["l"], row["c"]) for row in rows(name + ".h5")]
        with open("strategy.py", "w", encoding="utf-8") as f:
            f.write(STRATEGY.replace("== 13", "== 1313"))
        first = draws("one", 7, 60)
        self.assertEqual(len(first), 60)
        self.assertTrue(all(3 <= p < 40 and 0.2 < u < 1 and 0.001 <= l <= 1 and c in "ab" for p, u, l, c in first))
        self.assertEqual(draws("two", 7, 90)[:60], first)
        self.assertNotEqual(draws("three", 8, 60), first)
        self.assertGreater(len(set(first)), 50)


class Interrupted(Case):
    def test_a_running_sweep_can_be_read_and_not_written_twice(self):
        process, yaml = self.long_sweep("long")
        top = kmill("top", "long.h5", "--limit", "2")
        self.assertRegex(top.stderr, r"long.h5 is not complete: [\d,]+ of [\d,]+ runs so far")
        self.assertIn("2 of ", top.stdout)
        self.assertIn("Run 3 of long", kmill("show", "long.h5", "3").stdout)
        for more in ([], ["--resume"], ["--overwrite"]):
            kmill("run", yaml, *more, code=2)
        self.assertIsNone(process.poll(), "the first sweep was disturbed")
        self.assertIn("2 of 2 runs give the same bits", kmill("verify", "long.h5", "0", "5").stdout)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=60), 130)
        said = process.stderr.read()
        self.assertIn("interrupted after", said)
        hint = re.search(r"go on with: kmill (run --resume .*)", said).group(1)
        self.assertEqual(hint, "run --resume long.yaml")
        self.assertEqual(sorted(os.listdir()), ["klines", "long.h5.journal", "long.yaml", "strategy.py"])
        before = len(rows("long.h5"))
        again = subprocess.Popen([KMILL, *hint.split()], stderr=subprocess.DEVNULL)
        time.sleep(2)
        again.send_signal(signal.SIGTERM)
        self.assertEqual(again.wait(timeout=60), 130)
        found = [row["run"] for row in rows("long.h5")]
        self.assertGreaterEqual(len(found), before)
        self.assertEqual(len(set(found)), len(found))

    def test_a_changed_sweep_is_not_resumed(self):
        process, yaml = self.long_sweep("long")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=60), 130)
        with open(yaml, "a", encoding="utf-8") as f:
            f.write("# another\n")
        self.assertIn("the sweep file changed", kmill("run", yaml, "--resume", code=2).stderr)
        sweep("long", "{range: [3, 4000000], step: 1}", "keep: {equity: none, trades: none}")
        with open("strategy.py", "a", encoding="utf-8") as f:
            f.write("# another\n")
        self.assertIn("the strategy changed", kmill("run", yaml, "--resume", code=2).stderr)
        with open("strategy.py", "w", encoding="utf-8") as f:
            f.write(STRATEGY)
        synth("--bars", "500", "--seed", "2")
        self.assertIn("AAAUSDT changed", kmill("run", yaml, "--resume", code=2).stderr)


class Verified(Case):
    def test_the_same_klines_give_the_same_bits_from_any_folder(self):
        kmill("run", sweep("v", "[5, 13]"), code=1)
        result = os.path.abspath("v.h5")
        self.assertIn("2 of 2 runs give the same bits again", kmill("verify", result, cwd="/").stdout)

    def test_klines_added_since_do_not_matter(self):
        kmill("run", sweep("v", "[5, 6]", "warmup: 20"))
        synth("--bars", "700")
        self.assertIn("2 of 2 runs give the same bits again", kmill("verify", "v.h5").stdout)

    def test_klines_that_changed_are_said_and_no_difference_of_the_run(self):
        kmill("run", sweep("v", "[5, 6]"))
        synth("--bars", "500", "--seed", "2")
        done = kmill("verify", "v.h5", code=2)
        self.assertIn("the klines of AAAUSDT 1h changed since the sweep, the first at 2020-01-01T00:00:00+00:00", done.stderr)
        self.assertNotIn("DIFFERENT", done.stdout)
        synth("--bars", "300")
        self.assertIn("changed since the sweep, the first at 2020-01-13T12:00:00+00:00", kmill("verify", "v.h5", code=2).stderr)
        synth("--bars", "500", store="old")
        self.assertIn("2 of 2 runs", kmill("verify", "v.h5", "--store", "old").stdout)

    def test_a_result_that_was_tampered_with_differs(self):
        kmill("run", sweep("v", "[5]", "keep: {equity: none, trades: none}"))
        with open("v.h5", "rb") as f:
            data = f.read()
        profit = rows("v.h5")[0]["profit"]
        old, new = struct.pack("<d", profit), struct.pack("<d", profit + 1)
        self.assertEqual(data.count(old), 1)
        with open("v.h5", "wb") as f:
            f.write(data.replace(old, new))
        self.assertIn("run 0: DIFFERENT: profit", kmill("verify", "v.h5", code=1).stdout)


class Installed(Case):
    def test_an_installed_and_moved_folder_works_from_anywhere_with_an_empty_environment(self):
        build = os.path.dirname(os.path.dirname(KMILL))
        cmake = shutil.which("cmake")
        if not cmake or not os.path.exists(os.path.join(build, "CMakeCache.txt")):
            self.skipTest("not a build folder")
        subprocess.run([cmake, "--install", build, "--prefix", "first"], check=True, stdout=subprocess.DEVNULL, timeout=300)
        os.rename("first", "second")
        synth("--bars", "800", symbol="SYNTHUSDT")
        os.mkdir("elsewhere")
        os.chdir("elsewhere")

        def installed(*arguments):
            return subprocess.run(["../second/bin/kmill", *arguments], capture_output=True, text=True, timeout=120, env={})

        done = installed("run", "configs/dca.yaml", "--store", "../klines")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("configs/dca.yaml is not here; using the example", done.stderr)
        self.assertEqual(len(rows("dca.h5")), 120)
        done = installed("backtest", "strategies/buy_and_hold.py", "--store", "../klines", "--symbol", "SYNTHUSDT", "--interval", "1h", "--json")
        self.assertEqual(json.loads(done.stdout)["status"], "done")
        self.assertIn("2 of 2 runs", installed("verify", "dca.h5", "--sample", "2").stdout)
        self.assertEqual(installed("check", "../strategy.py").returncode, 0)

    def test_the_environment_names_the_store(self):
        self.assertIn("AAAUSDT", kmill("klines", env={"KMILL_STORE": "klines"}).stdout)


if __name__ == "__main__":
    unittest.main()
