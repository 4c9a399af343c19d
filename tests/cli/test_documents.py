"""What README.md and strategies/README.md show is true: their code is run by the real binary, their tables are compared with the code.

Every fenced block must be known here (a new one fails until it is tried, too). strategies/README.zh.md has the same structure and the
same code as strategies/README.md.
"""
import importlib.util
import inspect
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

KMILL = os.environ["KMILL"]
SOURCE = os.environ["KMILL_SOURCE"]
ORACLE = os.environ.get("KMILL_PYTHON") or sys.executable

RUN = "    def run(self, context, kline, params):\n        {}\n"


def text_of(name):
    with open(os.path.join(SOURCE, name), encoding="utf-8") as f:
        return f.read()


def blocks(text):
    """(language, code) of every fenced block."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.S | re.M)


def section(text, title):
    """What stands under a heading, to the next one of its level or above."""
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,6}} |\Z)", text, re.S | re.M)
    assert found, title
    return found.group(2)


def first_cells(text):
    """The names in `` of the first column of a section's tables."""
    rows = re.findall(r"^\| (`[^|]*)\|", text, re.M)
    return [name for cell in rows for name in re.findall(r"`([^`]+)`", cell)]


def kmill(*arguments, code=0):
    done = subprocess.run([KMILL, *arguments], capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL)
    assert done.returncode == code, (arguments, done.returncode, done.stdout[-2000:], done.stderr[-2000:])
    return done


def write(name, text):
    with open(name, "w", encoding="utf-8") as f:
        f.write(text)
    return name


def reference():
    """strategies/kmill.py as a module."""
    sys.path.insert(0, os.path.join(SOURCE, "strategies"))
    spec = importlib.util.spec_from_file_location("kmill_documented", os.path.join(SOURCE, "strategies/kmill.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def setUpModule():
    global folder, README, API, CHINESE
    README, API, CHINESE = (text_of(name) for name in ("README.md", "strategies/README.md", "strategies/README.zh.md"))
    folder = tempfile.TemporaryDirectory(prefix="kmill-documents-")
    os.chdir(folder.name)
    for name in ("strategies", "configs"):
        shutil.copytree(os.path.join(SOURCE, name), name, ignore=shutil.ignore_patterns("__pycache__"))
    kmill(*"synth --store demo/klines --symbol SYNTHUSDT --interval 1h --bars 8760 --seed 42".split())  # as script/demo


def tearDownModule():
    os.chdir("/")
    folder.cleanup()


class Strategies(unittest.TestCase):
    def both_engines(self, code, *parameters):
        """The result of a strategy, which kmill.py must give, too."""
        write("shown.py", code)
        self.assertEqual(kmill("check", "shown.py").stderr, "")
        options = [word for parameter in parameters for word in ("--param", parameter)]
        result = json.loads(kmill("backtest", "shown.py", "--symbol", "SYNTHUSDT", "--interval", "1h", "--store", "demo/klines",
                                  "--json", *options).stdout)
        write("SYNTHUSDT-1h.csv", kmill("klines", "--store", "demo/klines", "SYNTHUSDT", "1h").stdout)
        done = subprocess.run([ORACLE, "-B", "strategies/kmill.py", "shown.py", "--csv", "SYNTHUSDT-1h.csv", "--json", *options],
                              capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        if "note:" not in done.stderr:  # a Python before 3.12 may differ in last bits
            self.assertEqual(result["finalBalance"], json.loads(done.stdout)["finalBalance"])
            trades = json.loads(done.stdout)["trades"]
            for trade in trades:  # as the page says: left out of JSON where it is a buy
                if trade["type"] == "buy":
                    self.assertEqual(trade.pop("profit"), 0.0)
            self.assertEqual(result["trades"], trades)
        return result

    def test_whole_strategies_trade_and_give_the_same_in_both_engines(self):
        shown = [code for text in (README, API) for language, code in blocks(text) if language == "python" and "def run" in code]
        self.assertEqual(len(shown), 2)
        for code in shown:
            result = self.both_engines(code, "fast_period=5", "slow_period=20")
            self.assertGreater(result["totalTrades"], 50)
            self.assertGreater(self.both_engines(code)["totalTrades"], 50)  # with its defaults

    def test_parts_of_strategies_work_in_one(self):
        parts = [code for language, code in blocks(API) if language == "python" and "def run" not in code]
        self.assertEqual(len(parts), 2)
        state, parameter = parts
        self.assertIn("def __init__", state)
        self.both_engines(state + RUN.format("self.best_close = max(self.best_close, kline.close)"))
        self.both_engines("class Strategy(IStrategy):\n" + RUN.format(parameter.strip().replace("\n", "\n        ")) +
                          "        assert stop_loss == 0.03\n")

    def test_the_strategy_of_the_readme_is_the_example(self):
        shown = next(code for language, code in blocks(README) if language == "python" and "def run" in code)
        example = text_of("strategies/sma_cross.py")
        self.assertEqual(shown, example[example.index("from kmill"):])

    def test_what_is_refused_reads_as_shown(self):
        (message,) = [code for language, code in blocks(API) if language == ""]
        write("my_strategy.py", "import numpy\n\nclass Strategy(IStrategy):\n" + RUN.format("pass"))
        self.assertEqual(kmill("check", "my_strategy.py", code=2).stderr, message)

    def test_a_period_that_never_fits_is_said_as_shown(self):
        (said,) = re.findall(r"says\s+`([^`]*)`", API)
        code = next(code for language, code in blocks(API) if language == "python")
        write("shown.py", code)
        done = kmill("backtest", "shown.py", "--symbol", "SYNTHUSDT", "--interval", "1h", "--store", "demo/klines",
                     "--param", "slow_period=60")
        self.assertIn(said, done.stdout + done.stderr)


def demo_sweep():
    """Result file of the README's sweep, run once."""
    if not os.path.exists("sma_cross.h5"):
        kmill("run", "configs/sma_cross.yaml", "--output", "sma_cross.h5", "--progress", "none")
    return "sma_cross.h5"


class Sweeps(unittest.TestCase):
    def test_the_sweep_of_the_readme_is_the_file(self):
        (shown,) = [code for language, code in blocks(README) if language == "yaml"]
        self.assertEqual(shown, text_of("configs/sma_cross.yaml"))

    def test_the_demo_and_the_commands_end_as_shown(self):
        demo_sweep()
        (ending,) = [code for language, code in blocks(README) if language == "" and code.startswith("done after")]
        progress, ranking = ending.split("\n\n", 1)
        self.assertEqual([line.rstrip() for line in kmill("top", "sma_cross.h5").stdout.splitlines()][:9], ranking.splitlines()[:9])
        best = json.loads(kmill("show", "sma_cross.h5", "1092", "--json").stdout)
        self.assertIn(f"best profitRate {best['profitRate']:.6g} (run 1092: ", progress)
        script = next(code for language, code in blocks(README) if language == "sh" and "kmill top" in code)
        for line in script.splitlines():
            command = shlex.split(line, comments=True)
            if command[:2] != ["kmill", "run"]:
                command = [word.replace("BTCUSDT", "SYNTHUSDT") for word in command]
                with_store = ["--store", "demo/klines"] if command[1] == "backtest" and "--store" not in command else []
                kmill(*command[1:], *with_store)
        with open("runs.csv", encoding="utf-8") as rows:
            self.assertEqual(len(rows.readlines()), 1 + 1323)

    @unittest.skipUnless(all(importlib.util.find_spec(name) for name in ("h5py", "pandas")), "h5py and pandas are not here")
    def test_a_result_is_read_without_kmill_as_shown(self):
        demo_sweep()
        best = json.loads(kmill("show", "sma_cross.h5", "1092", "--json").stdout)
        printed = self.run_block(README)
        self.assertEqual(printed.split()[:7], ["run", "fast_period", "slow_period", "profitRate", "maxDrawdown", "1011", "1092"])
        sharpest = json.loads(kmill("top", "sma_cross.h5", "--where", "", "--by", "sharpe", "--limit", "1", "--format", "json").stdout)
        shown = self.run_block(text_of("src/results/README.md"), "print(best, len(trades), len(equity))")
        self.assertEqual(shown.split(), [str(sharpest[0]["run"]), str(best["totalTrades"]), "8760"])

    def run_block(self, text, more=""):
        """Runs the block that reads a result file; returns what it prints."""
        (code,) = [code for language, code in blocks(text) if language == "python" and "h5py" in code]
        done = subprocess.run([sys.executable, "-c", code + more], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_the_parameters_of_a_sweep_file(self):
        (shown,) = [code for language, code in blocks(API) if language == "yaml"]
        write("shown.yaml", "name: shown\nstrategy: strategies/breakout.py\nstore: demo/klines\nsymbols: SYNTHUSDT\nintervals: 1h\n"
              "from: 2020-01-01\nto: 2020-01-11\n" + shown)
        kmill("run", "shown.yaml", "--progress", "none")
        rows = json.loads(kmill("top", "shown.h5", "--limit", "0", "--where", "", "--format", "json",
                                "--columns", "fast_period,stop_loss,klineWndSize").stdout)
        # 5, 10, .. 45 (`where` leaves 50, 55 and 60 out), each with three stop losses.
        self.assertEqual(sorted((row["fast_period"], row["stop_loss"]) for row in rows),
                         [(fast, stop) for fast in range(5, 50, 5) for stop in (0.01, 0.03, 0.1)])
        self.assertEqual({row["klineWndSize"] for row in rows}, {151})

    def test_typos_are_answered_as_shown(self):
        (shown,) = [code for language, code in blocks(README) if code.startswith("typo.yaml")]
        lines = ["name: typo", "strategy: strategies/sma_cross.py", "store: demo/klines", "symbols: SYNTHUSDT", "intervals: 1h", "",
                 "intervalls: [1h]", "", "account:", "  initial_balance: 10000", "  fee_rate: 0.001", "", "params:",
                 "  fast_period: {range: [60, 5], step: 1}", "  slow_period: {range: [20, 150], step: 5}", "where:",
                 "  - fast_period < slow_period", "", "method: grid", "filters: {min_trades: 10}", "rank_by: profitrate"]
        write("typo.yaml", "\n".join(lines) + "\n")
        self.assertEqual(kmill("run", "typo.yaml", code=2).stderr, shown)


class Commands(unittest.TestCase):
    def test_every_command_that_is_shown_has_its_options(self):
        words = {("import", "csv"), ("import", "postgres")}
        shown = 0
        for text in (README, API, CHINESE):
            for language, code in blocks(text):
                if language != "sh":
                    continue
                for line in re.findall(r"^(?:[A-Z_]+=\S+ )*(kmill .*)$", code, re.M):
                    command = shlex.split(line, comments=True)
                    name = command[1:3] if tuple(command[1:3]) in words else command[1:2]
                    help_text = kmill(*name, "--help").stdout
                    for option in command:
                        if option.startswith("-"):
                            self.assertRegex(help_text, rf"(?<![\w-]){re.escape(option)}\b", line)
                    shown += 1
        self.assertGreater(shown, 10)

    def test_every_block_is_tried_somewhere(self):
        languages = [language for text in (README, API) for language, _ in blocks(text)]
        self.assertEqual({language: languages.count(language) for language in languages}, {"": 3, "python": 5, "yaml": 2, "sh": 8})

    def test_files_that_are_named_exist(self):
        for name in ("README.md", "strategies/README.md", "strategies/README.zh.md", "SECURITY.md", "src/README.md", "server/README.md"):
            for target in re.findall(r"\]\(([^)#:]+)\)", text_of(name)):
                self.assertTrue(os.path.exists(os.path.join(SOURCE, os.path.dirname(name), target)), (name, target))
            for target in re.findall(r"`((?:src|server|configs|strategies|script|include)/[\w./-]+)`", text_of(name)):
                if not target.endswith("/X.h"):  # any of them
                    self.assertTrue(os.path.exists(os.path.join(SOURCE, target)), (name, target))


class Tables(unittest.TestCase):
    """Names, arguments and defaults of the reference as the tables of strategies/README.md have them."""

    def signatures(self, title):
        """name -> its parameters as the table writes them."""
        return dict(re.match(r"(\w+)\((.*?)\)", cell).groups() for cell in first_cells(section(API, title)) if "(" in cell)

    def agree(self, shown, functions):
        for name, parameters in shown.items():
            real = [p for p in inspect.signature(functions[name]).parameters.values() if p.name != "self"]
            written = [p.strip() for p in re.sub(r"^self(, |$)", "", parameters).split(",") if p.strip()]
            self.assertEqual([re.split(r"[:=]", p)[0].strip() for p in written], [p.name for p in real], name)
            for text, parameter in zip(written, real):
                self.assertEqual(text.split("=")[1].strip() if "=" in text else inspect.Parameter.empty,
                                 repr(parameter.default) if parameter.default is not inspect.Parameter.empty else inspect.Parameter.empty,
                                 (name, text))

    def test_methods_and_functions(self):
        kmill_py = reference()
        for title, owner in (("IStrategy", kmill_py.IStrategy), ("KlineCache", kmill_py.KlineCache),
                             ("What it does", kmill_py.BacktestContext), ("Indicators", kmill_py)):
            shown = {name: rest for name, rest in self.signatures(title).items() if name != "len"}
            self.assertGreater(len(shown), 3, title)
            self.agree(shown, vars(owner))
            if isinstance(owner, type):
                public = {name for name, value in vars(owner).items() if inspect.isfunction(value) and not name.startswith("_")}
                self.assertEqual(set(shown), public, title)
        self.assertEqual(set(self.signatures("Indicators")), {name for name in kmill_py.__all__ if name.startswith("calculate_")})

    def test_properties(self):
        kmill_py = reference()
        knows = {name for name, value in vars(kmill_py.BacktestContext).items() if isinstance(value, property)}
        self.assertEqual(set(first_cells(section(API, "What it knows"))), knows)
        self.assertEqual(set(first_cells(section(API, "Kline"))), set(kmill_py.Kline.__slots__))
        for name, values in re.findall(r"^\| `(\w+)` \| (.*?) \|$", section(API, "Orders and enumerations"), re.M):
            self.assertEqual(re.findall(r"`(\w+)`", values), list(getattr(kmill_py, name).__members__))

    def test_builtins(self):
        shown = re.search(r"Built-ins: `([^`]*)`", API).group(1).split()
        source = re.search(r"builtins\[\] = \{(.*?)\}", text_of("src/strategy/allowed_names.c"), re.S).group(1)
        allowed = re.findall(r'"(\w+)"', source)
        self.assertEqual(set(shown), {name for name in allowed if name[0].islower()})
        self.assertEqual(len(shown), len(set(shown)))

    def test_fields_of_results_and_trades(self):
        write("shown.py", text_of("strategies/sma_cross.py"))
        result = json.loads(kmill("backtest", "shown.py", "--symbol", "SYNTHUSDT", "--interval", "1h", "--store", "demo/klines",
                                  "--json").stdout)
        shown = first_cells(section(API, "Results"))
        self.assertEqual([name for name in shown if name not in result], [])
        self.assertEqual(first_cells(section(API, "Trade records")),
                         ["timestamp", "type", "price", "amount", "fee", "balance", "position", "totalValue", "profit"])
        sold = next(trade for trade in result["trades"] if trade["type"] == "sell")
        self.assertEqual(set(first_cells(section(API, "Trade records"))), set(sold))
        self.assertEqual(set(result["equityCurve"][0]), {"timestamp", "equity", "balance", "position"})

    def test_examples(self):
        examples = {name for name in os.listdir(os.path.join(SOURCE, "strategies")) if name.endswith(".py") and not name.startswith("kmill")}
        self.assertEqual(set(first_cells(section(API, "Examples"))), examples)


class Chinese(unittest.TestCase):
    """strategies/README.zh.md cannot drift from strategies/README.md."""

    def shape(self, text):
        """Headings, code blocks, and per table row the code of its first cell, in their order."""
        prose = re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M)
        return {"headings": [len(mark) for mark in re.findall(r"^(#+) ", prose, re.M)],
                "blocks": blocks(text),
                "rows": [re.findall(r"`([^`]+)`", cell) + [line.count(" | ")]
                         for line, cell in re.findall(r"^(\| ([^|]*)\|.*)$", prose, re.M)]}

    def code(self, text):
        """Every `name` of the running text, each once: what is renamed in one language has to be in the other."""
        names = re.findall(r"`([^`]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M))
        return sorted({" ".join(name.split()) for name in names})

    def test_it_has_the_same_sections_code_and_tables(self):
        english, chinese = self.shape(API), self.shape(CHINESE)
        for part in english:
            self.assertEqual(chinese[part], english[part], part)

    def test_it_has_the_same_names(self):
        self.assertEqual(self.code(CHINESE), self.code(API))

    def test_every_link_leads_to_a_heading(self):
        for text in (API, CHINESE):
            headings = [re.sub(r"[^\w\s-]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.*)$", text, re.M)]
            links = re.findall(r"\]\(#([^)]*)\)", text)
            self.assertGreater(len(links), 2)
            self.assertEqual([link for link in links if link not in headings], [])


if __name__ == "__main__":
    unittest.main()
