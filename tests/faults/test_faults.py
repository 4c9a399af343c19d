"""Strategies that raise, hang, swallow exceptions, eat memory or crash the worker: each fails its own run only."""
import csv
import os
import subprocess
import sys
import tempfile
import unittest

KMILL = os.environ["KMILL"]

# kind 0 is well behaved; every other one does its harm on bar 30 of its own run.
STRATEGY = '''
class Strategy(IStrategy):
    def __init__(self):
        super().__init__()
        self.bars = 0

    def run(self, context, kline, params):
        self.bars += 1
        kind = params["kind"]
        if self.bars == 5:
            context.buy(kline.close, 1 + params["n"] / 100, kline.open_time)
        if self.bars != 30:
            return
        if kind == "raise":
            raise ValueError("no such luck on bar 30")
        if kind == "loop":
            while True:
                pass
        if kind == "swallow":
            while True:
                try:
                    while True:
                        pass
                except:
                    pass
        if kind == "c_loop":
            sum(range(10 ** 13))
        if kind == "memory":
            hoard = []
            while True:
                hoard.append("x" * 1000000 + str(len(hoard)))
        if kind == "crash":
            deep = ()
            for _ in range(500000):
                deep = (deep,)
            hash(deep)
'''

SWEEP = '''
name: faults
strategy: strategy.py
symbols: [SYNTHUSDT]
intervals: [1h]
params:
  kind: [{kinds}]
  n: {{range: [1, 20]}}
limits: {{seconds: {seconds}, memory_mb: 64}}
keep: {{equity: none}}
threads: {threads}
'''

EXPECTED = {"raise": "failed", "loop": "time limit", "swallow": "time limit", "c_loop": "time limit",
            "memory": "memory limit", "crash": "crashed"}


def kmill(*args, check=None):
    done = subprocess.run([KMILL, *args], capture_output=True, text=True, timeout=600)
    if check is not None and done.returncode not in check:
        raise AssertionError(f"kmill {' '.join(args)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = lambda self, name: os.path.join(cls.folder.name, name)
        cls.store = os.path.join(cls.folder.name, "klines")
        kmill("synth", "--store", cls.store, "--symbol", "SYNTHUSDT", "--interval", "1h", "--bars", "500", "--seed", "3",
              check=[0])
        with open(os.path.join(cls.folder.name, "strategy.py"), "w") as f:
            f.write(STRATEGY)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def sweep(self, name, kinds, threads=2, seconds=0.6):
        with open(self.path(name + ".yaml"), "w") as f:
            f.write(SWEEP.format(kinds=", ".join(kinds), threads=threads, seconds=seconds))
        result = self.path(name + ".h5")
        done = kmill("run", self.path(name + ".yaml"), "--store", self.store, "--output", result)
        out = self.path(name + ".csv")
        kmill("export", result, "--what", "runs", "--format", "csv", "-o", out, check=[0])
        with open(out, newline="") as f:
            rows = list(csv.DictReader(f))
        for row in rows:
            row.pop("elapsed", None)
            row.pop("run")
        return done, rows

    def test_only_the_run_at_fault_fails(self):
        _, clean = self.sweep("clean", ["good"])
        expected = {row["n"]: row for row in clean}
        for kind, status in EXPECTED.items():
            with self.subTest(kind):
                # one bad run in the middle of good ones: the others of its kind are good by n
                # only what is to run out of time may: a busy machine makes others slow
                done, rows = self.sweep("with_" + kind, ["good", kind], seconds=0.6 if status == "time limit" else 60)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertEqual(len(rows), 40)
                for row in rows:
                    if row["kind"] == "good":
                        self.assertEqual(row, expected[row["n"]])
                    else:
                        self.assertEqual(row["status"], status, row)

    def test_the_error_says_where_and_when(self):
        done, _ = self.sweep("where", ["raise"])
        self.assertEqual(done.returncode, 1)
        shown = kmill("show", self.path("where.h5"), "0", check=[1]).stdout
        self.assertIn("ValueError", shown)
        self.assertIn("no such luck on bar 30", shown)
        line = 1 + STRATEGY.split("\n").index('            raise ValueError("no such luck on bar 30")')
        self.assertIn(f"line {line}", shown)
        self.assertIn("raise ValueError", shown)

    def test_a_refused_strategy_writes_nothing(self):
        with open(self.path("evil.py"), "w") as f:
            f.write("import os\nclass Strategy(IStrategy):\n    def run(self, context, kline, params):\n        open('x')\n")
        with open(self.path("evil.yaml"), "w") as f:
            f.write(SWEEP.format(kinds="good", threads=1, seconds=0.6).replace("strategy.py", "evil.py"))
        done = kmill("run", self.path("evil.yaml"), "--store", self.store, "--output", self.path("evil.h5"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("evil.py:1:", done.stderr)
        self.assertIn("evil.py:4:", done.stderr)
        self.assertEqual([n for n in os.listdir(self.folder.name) if n.startswith("evil.h5")], [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
