"""What a user who mistypes sees: one clear line with what, where and what to do, exit code 2, and no file left behind.

Every case runs the real binary in a folder that is listed before and after.
"""
import os
import subprocess
import tempfile
import unittest

KMILL = os.environ["KMILL"]

STRATEGY = '''class Strategy(IStrategy):
    def run(self, context, kline, params):
        average = calculate_sma(self.kline_cache.get_closes(), params.get("period", 5))
        if average is None:
            return
        if context.position == 0 and kline.close > average:
            context.buy(kline.close, 0.1, kline.open_time)
        elif context.position > 0 and kline.close < average:
            context.sell_all(kline.close, kline.open_time)
'''

SWEEP = '''name: small
strategy: strategy.py
store: klines
symbols: AAAUSDT
intervals: 1h
params:
  period: {range: [3, 8], step: 1}
keep: {equity: all, trades: all}
'''


def write(name, text):
    with open(name, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())


def contents(name):
    with open(name, "rb") as f:
        return f.read()


def kmill(*arguments, **options):
    return subprocess.run([KMILL, *arguments], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, **options)


def listing():
    return sorted(os.path.join(folder, name) for folder, folders, files in os.walk(".") for name in files + folders)


def setUpModule():
    global folder
    folder = tempfile.TemporaryDirectory(prefix="kmill-cli-")
    os.chdir(folder.name)
    made = kmill("synth", "--symbol", "AAAUSDT", "--bars", "400", "--store", "klines")
    assert made.returncode == 0, made.stderr
    write("strategy.py", STRATEGY)
    write("sweep.yaml", SWEEP)
    done = kmill("run", "sweep.yaml", "--output", "r.h5")
    assert done.returncode == 0, done.stderr
    write("cut.h5", contents("r.h5")[:2000])
    os.mkdir("folder")


def tearDownModule():
    os.chdir("/")
    folder.cleanup()


class Case(unittest.TestCase):
    def refused(self, arguments, *words, lines=1, code=2):
        """Exit code 2, `lines` lines on stderr with the words, nothing on stdout, no file more or less."""
        before = listing()
        done = kmill(*arguments)
        self.assertEqual(done.returncode, code, (arguments, done.stdout, done.stderr))
        self.assertEqual(done.stdout, "", arguments)
        self.assertEqual(len(done.stderr.splitlines()), lines, (arguments, done.stderr))
        for word in words:
            self.assertIn(word, done.stderr, arguments)
        self.assertEqual(listing(), before, arguments)
        return done.stderr


class Commands(Case):
    def test_every_command_has_help_in_every_spelling(self):
        commands = ["run", "top", "show", "verify", "export", "backtest", "check", "import csv", "import postgres", "fetch", "synth",
                    "resample", "klines"]
        overview = kmill("--help")
        self.assertEqual(overview.returncode, 0)
        for command in commands:
            self.assertIn(f"  {command} ", overview.stdout)
            texts = {kmill(*command.split(), flag).stdout for flag in ("--help", "-h")} | {kmill("help", *command.split()).stdout}
            self.assertEqual(len(texts), 1, command)
            self.assertTrue(texts.pop().startswith(f"usage: kmill {command}"), command)

    def test_a_mistyped_command_names_the_nearest(self):
        self.refused(["rnu"], "did you mean 'run'")
        self.refused(["backtets", "x.py"], "did you mean 'backtest'")
        self.refused(["import"], "csv or postgres")
        self.refused(["import", "cvs", "x.csv"], "did you mean 'import csv'")
        self.refused(["help", "zzzzzz"], "kmill --help lists them")
        self.assertEqual(kmill("import", "--help").returncode, 0)

    def test_a_mistyped_option_names_the_nearest(self):
        for command, wrong, right in (
                ("run", "--outptu", "--output"), ("top", "--colums", "--columns"), ("show", "--jsno", "--json"),
                ("verify", "--smaple", "--sample"), ("export", "--formt", "--format"), ("backtest", "--fee_rate", "--fee-rate"),
                ("check", "--hlep", "--help"), ("import csv", "--sybmol", "--symbol"), ("import postgres", "--dns", "--dsn"),
                ("fetch", "--cahce", "--cache"), ("synth", "--bras", "--bars"), ("resample", "--form", "--from"),
                ("klines", "--reprot", "--report")):
            self.refused([*command.split(), wrong, "x"], f"kmill {command} has no option '{wrong}'; did you mean '{right}'?")
        self.refused(["run", "--qqqqqqqq"], "kmill run --help lists them")
        self.refused(["run", "sweep.yaml", "--threads"], "--threads wants a value")
        self.refused(["run", "sweep.yaml", "--json=yes"], "--json takes no value")
        self.refused(["show", "r.h5", "-1"], "-1")

    def test_a_value_of_the_wrong_kind_is_refused_alike_everywhere(self):
        for arguments, words in (
                (["klines", "AAAUSDT", "1h", "--limit", "-1"], "--limit wants a whole number from 0 on, not '-1'"),
                (["top", "r.h5", "--limit", "ten"], "--limit wants a whole number from 0 on, not 'ten'"),
                (["verify", "r.h5", "--sample", "0"], "--sample wants a whole number from 1 on, not '0'"),
                (["synth", "--bars", "18446744073709551616"], "--bars wants a whole number"),
                (["run", "sweep.yaml", "--threads", "1025"], "--threads wants a number from 1 to 1024, not '1025'"),
                (["import", "postgres", "--connections", "0"], "--connections wants a number from 1 to 64, not '0'"),
                (["synth", "--price", "0"], "--price wants a number above 0, not '0'"),
                (["synth", "--start", "yesterday"], '--start: "yesterday" is no time'),
                (["klines", "--to", "2024-13"], '--to: "2024-13" is no time'),
                (["resample", "--from", "7m"], '--from: interval "7m": use one of 1m 3m'),
                (["resample", "--to", "5m,7m"], '--to: interval "7m": use one of 1m 3m'),
                (["fetch", "AAAUSDT", "7m", "--from", "2024-01", "--to", "now"], 'interval "7m": use one of 1m 3m'),
                (["synth", "--symbol", "A" * 32], "--symbol: the symbol has more than 31 letters"),
                (["top", "r.h5", "--asc", "--desc"], "--asc and --desc do not go together"),
                (["export", "r.h5", "--format", "table"], "--format wants csv or json, not 'table'")):
            self.refused(arguments, words)

    def test_what_is_missing_is_said(self):
        for arguments in (["run"], ["run", "a", "b"], ["top"], ["show", "r.h5"], ["verify"], ["export"], ["backtest"], ["check"],
                          ["backtest", "strategy.py"], ["synth"], ["resample"], ["fetch"], ["klines", "AAAUSDT"]):
            self.refused(arguments)


class Files(Case):
    def test_a_missing_file_a_folder_and_rubbish_are_told_apart(self):
        for command in (["run"], ["check"]):
            self.refused([*command, "none.file"], "none.file: cannot be opened: No such file")
            self.refused([*command, "folder"], "folder: is a folder")
        for command in (["top"], ["show"], ["export"], ["verify"]):
            run = ["0"] if command == ["show"] else []
            self.refused([*command, "none.h5", *run], "none.h5: cannot be opened: No such file")
            self.refused([*command, "folder", *run], "folder: is a folder")
            self.refused([*command, "cut.h5", *run], "cut.h5: is no result file")
            self.refused([*command, "strategy.py", *run], "strategy.py: is no result file")

    @unittest.skipIf(os.geteuid() == 0, "root reads everything")
    def test_an_unreadable_result_is_no_rubbish(self):
        write("secret.h5", b"x")
        os.chmod("secret.h5", 0)
        self.refused(["top", "secret.h5"], "Permission denied", code=3)

    def test_an_empty_name_is_no_output(self):
        self.refused(["run", "sweep.yaml", "--output", ""], "--output wants")
        self.refused(["run", "sweep.yaml", "--store", ""], "--store wants")

    def test_an_existing_result_is_kept(self):
        before = contents("r.h5")
        self.refused(["run", "sweep.yaml", "--output", "r.h5"], "r.h5 exists", "--overwrite")
        self.refused(["run", "sweep.yaml", "--output", "r.h5", "--retry-failed"], "--resume")
        self.refused(["export", "r.h5", "-o", "sweep.yaml"], "--force")
        self.refused(["export", "r.h5", "-o", "r.h5", "--force"], "is the result file itself")
        self.refused(["export", "r.h5", "-o", "./folder/../r.h5", "--force"], "is the result file itself")
        self.refused(["export", "r.h5", "-o", "folder", "--force"], "is a folder")
        self.refused(["export", "r.h5", "-o", "none/x.csv"], "none")
        self.assertEqual(contents("r.h5"), before)


class Klines(Case):
    def test_a_series_that_is_not_there_says_what_is(self):
        run = ["backtest", "strategy.py", "--store", "klines"]
        self.refused([*run, "--symbol", "AAAUSDT", "--interval", "2h"], "no series AAAUSDT 2h", "which has 1h of it")
        self.refused([*run, "--symbol", "aaausdt", "--interval", "1h"], "did you mean AAAUSDT?")
        self.refused([*run, "--symbol", "AAAUSD", "--interval", "1h"], "did you mean AAAUSDT?")
        self.refused([*run, "--symbol", "ZZZ", "--interval", "1h"], "kmill klines --store klines")
        self.refused(["klines", "AAAUSDT", "1d", "--store", "klines"], "which has 1h of it")
        self.refused(["klines", "AAAUSDT", "1hour", "--store", "klines"], "use one of 1m 3m")

    def test_a_store_that_is_not_there_says_how_to_make_one(self):
        self.refused(["klines", "--store", "none"], "there is no kline store none", "kmill import csv")
        self.refused(["run", "sweep.yaml", "--store", "none"], "there is no kline store none", "AAAUSDT 1h")
        self.refused(["klines", "--store", "strategy.py"], "not a kline store")

    def test_a_range_that_ends_before_it_begins_is_refused(self):
        self.refused(["klines", "AAAUSDT", "1h", "--store", "klines", "--from", "2024", "--to", "2023"], "--to must be later")
        self.refused(["klines", "AAAUSDT", "1h", "--store", "klines", "--from", "2024-02-30"], "2024-02-30")
        self.refused(["klines", "AAAUSDT", "1h", "--store", "klines", "--limit", "-3"], "--limit")


class Sweeps(Case):
    def sweep(self, *changes):
        text = SWEEP
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new)
        write("bad.yaml", text)
        return ["run", "bad.yaml"]

    def test_every_mistake_has_its_line_and_column(self):
        write("bad.yaml", '''nam: small
strategy: strategy.py
symbols: AAAUSDT
interval: 1h
from: 2024-13-01
params:
  period: {rnge: [3, 8], step: 1}
  other: []
where: [periodd < other]
rank_by: {metric: sharp, direction: up}
filters: {min_trade: 3}
keep: {equity: {topp: 3}}
account: {fee_rate: abc, slippage: 3}
method: gird
''')
        text = self.refused(["run", "bad.yaml"], "did you mean 'name'?", "did you mean 'intervals'?", "2024-13-01", "did you mean 'range'?",
                            "other is an empty list", "did you mean 'period'?", "did you mean 'sharpe'?", "min or max",
                            "did you mean 'min_trades'?", "did you mean 'top'?", "must be a number, not 'abc'", "slippage_bp",
                            "did you mean 'grid'?", lines=14)
        places = [line.split(":")[1:3] for line in text.splitlines()]
        self.assertEqual([int(line) for line, _ in places], [1, 4, 5, 7, 7, 8, 9, 10, 10, 11, 12, 13, 13, 14])
        self.assertNotIn("without quotes", text)

    def test_where_that_allows_nothing_is_a_mistake(self):
        self.refused(self.sweep(("keep:", "where: period > 100\nkeep:")), "bad.yaml:8:8: where refuses every combination")
        self.refused(self.sweep(("{range: [3, 8], step: 1}", "{integer: [3, 8]}"),
                                ("keep:", "where: period > 100\nmethod: random\ntrials: 1000000\nkeep:")), "where refused every one of")

    def test_a_range_without_klines_says_what_there_is(self):
        self.refused(self.sweep(("keep:", "from: 2031\nkeep:")), "no kline in the range", "2020-01-01T00:00:00+00:00")

    def test_a_strategy_that_is_not_there_is_named(self):
        self.refused(self.sweep(("strategy.py", "stratgy.py")), "stratgy.py: cannot be opened")

    def test_a_forbidden_strategy_stops_the_sweep_before_it_begins(self):
        write("forbidden.py", "import os\n" + STRATEGY)
        self.refused(self.sweep(("strategy.py", "forbidden.py")), "forbidden.py:1:8: module os may not be imported")


class Backtests(Case):
    def backtest(self, *more):
        return ["backtest", "strategy.py", "--store", "klines", "--symbol", "AAAUSDT", "--interval", "1h", *more]

    def test_a_wrong_value_is_told_by_its_option(self):
        for more, words in (
                (("--from", "yesterday"), "--from: "), (("--from", "2024", "--to", "2023"), "--to: "), (("--warmup", "-1"), "--warmup: "),
                (("--initial-balance", "0"), "--initial-balance: "), (("--initial-balance", "much"), "must be a number, not 'much'"),
                (("--fee-rate", "2"), "--fee-rate: "), (("--slippage", "-1"), "--slippage: "),
                (("--price-check", "maybe"), "--price-check: "), (("--seconds", "0"), "--seconds: "),
                (("--memory-mb", "x"), "--memory-mb: "), (("--param", "klineWndSize=0"), "--param: klineWndSize"),
                (("--param", "period"), "--param wants NAME=VALUE"), (("--param", "a=1", "--param", "a=2"), "stands twice")):
            text = self.refused(self.backtest(*more), words)
            self.assertNotIn("backtest options:", text)
            self.assertNotIn("without quotes", text)

    def test_all_wrong_values_are_told_at_once(self):
        self.refused(self.backtest("--from", "x", "--fee-rate", "y", "--seconds", "z"), "--from: ", "--fee-rate: ", "--seconds: ", lines=3)

    def test_strategy_files_of_every_kind(self):
        for name, text, words in (
                ("empty", "", "there is no class Strategy"), ("syntax", "class Strategy(IStrategy)\n", ":1:26: this is not Python"),
                ("latin", b"# caf\xe9\n", "is not UTF-8"), ("nul", b"\0", "NUL byte"), ("other", "class Foo(IStrategy): pass\n", "rename Foo"),
                ("base", "class Strategy: pass\n", "IStrategy"), ("norun", "class Strategy(IStrategy): pass\n", "no method run")):
            write(name + ".py", text)
            self.refused(["check", name + ".py"], name + ".py", words)
            self.refused(["backtest", name + ".py", *self.backtest()[2:]], words)
        for name, text in (("bom", b"\xef\xbb\xbf" + STRATEGY.encode()), ("crlf", STRATEGY.replace("\n", "\r\n")),
                           ("tabs", STRATEGY.replace("    ", "\t")), ("two", STRATEGY + STRATEGY)):
            write(name + ".py", text)
            done = kmill("backtest", name + ".py", *self.backtest("--json")[2:])
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)
            self.assertEqual(done.stdout, kmill(*self.backtest("--json")).stdout, name)


@unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
class FullDisks(Case):
    def test_output_that_is_lost_is_an_error(self):
        run = ["strategy.py", "--store", "klines", "--symbol", "AAAUSDT", "--interval", "1h"]
        for arguments in (["top", "r.h5"], ["top", "r.h5", "--format", "json"], ["show", "r.h5", "1"], ["show", "r.h5", "1", "--json"],
                          ["export", "r.h5"], ["export", "r.h5", "--what", "equity", "--format", "json"], ["verify", "r.h5", "0"],
                          ["klines", "--store", "klines"], ["klines", "--store", "klines", "--json"],
                          ["klines", "AAAUSDT", "1h", "--store", "klines"], ["backtest", *run], ["backtest", *run, "--json"],
                          ["check", "strategy.py"], ["--help"]):
            with open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([KMILL, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
            self.assertEqual(done.returncode, 3, arguments)
            self.assertIn(done.stderr, ("kmill: the output cannot be written: No space left on device\n",
                                        "kmill: the output cannot be written: is the disk full?\n"), arguments)


class Queries(Case):
    def test_a_condition_points_at_its_mistake(self):
        for command in (["top"], ["export"]):
            self.refused([*command, "r.h5", "--where", "totalTrades >= 3 and maxDrawdwn < 1"], "--where, column 22", "did you mean 'maxDrawdown'?")
        self.refused(["top", "r.h5", "--by", "sharp"], "did you mean 'sharpe'?")
        self.refused(["top", "r.h5", "--limit", "-1"], "--limit")
        self.refused(["top", "r.h5", "--format", "xml"], "table, csv or json")
        self.refused(["export", "r.h5", "--what", "trade"], "runs, trades or equity")
        self.refused(["show", "r.h5", "99"], "there is no run 99, the nearest is 5")
        self.refused(["verify", "r.h5", "x"], "'x' is no run number")


if __name__ == "__main__":
    unittest.main()
