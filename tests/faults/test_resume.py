"""A sweep interrupted by SIGINT and by SIGKILL (coordinator and worker) at random moments and resumed holds exactly what an
uninterrupted one holds, with one thread and with two."""
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

KMILL = os.environ["KMILL"]
RUNS = 600

STRATEGY = '''
class Strategy(IStrategy):
    def run(self, context, kline, params):
        closes = self.kline_cache.get_closes()
        fast = calculate_sma(closes, params["fast"])
        slow = calculate_sma(closes, params["slow"])
        if fast is None or slow is None:
            return
        if fast > slow and context.position == 0:
            context.buy(kline.close, float(context.balance / kline.close) * 0.9, kline.open_time)
        elif fast < slow and context.position > 0:
            context.sell_all(kline.close, kline.open_time)
'''

SWEEP = '''
name: resume
strategy: strategy.py
symbols: [SYNTHUSDT]
intervals: [1h]
params:
  fast: {range: [2, 21]}
  slow: {range: [22, 51]}
  klineWndSize: 60
rank_by: sharpe
keep: {equity: {top: 20}, trades: all}
'''


def worker_of(pid):
    """The worker process of a coordinator, or None."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            children = f.read().split()
        return int(children[0]) if children else None
    except (FileNotFoundError, ProcessLookupError):
        return None


class Resume(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.store = os.path.join(cls.folder.name, "klines")
        subprocess.run([KMILL, "synth", "--store", cls.store, "--symbol", "SYNTHUSDT", "--interval", "1h", "--bars", "3000",
                        "--seed", "5"], check=True, capture_output=True)
        for name, text in (("strategy.py", STRATEGY), ("sweep.yaml", SWEEP)):
            with open(os.path.join(cls.folder.name, name), "w") as f:
                f.write(text)
        cls.reference = cls.contents(cls.run_whole("reference", 2))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def command(cls, output, threads, *more):
        return [KMILL, "run", os.path.join(cls.folder.name, "sweep.yaml"), "--store", cls.store, "--output", output,
                "--threads", str(threads), "--progress", "none", *more]

    @classmethod
    def run_whole(cls, name, threads):
        output = os.path.join(cls.folder.name, name + ".h5")
        subprocess.run(cls.command(output, threads), check=True, capture_output=True)
        return output

    @classmethod
    def contents(cls, result):
        """Everything the result file holds that must not depend on how it came about."""
        out = []
        for what in ("runs", "trades", "equity"):
            text = subprocess.run([KMILL, "export", result, "--what", what, "--format", "csv"], check=True,
                                  capture_output=True, text=True).stdout
            lines = [line.split(",") for line in text.splitlines()]
            drop = [i for i, name in enumerate(lines[0]) if name == "elapsed"]
            out.append([[v for i, v in enumerate(line) if i not in drop] for line in lines])
        return out

    def compare(self, result):
        got = self.contents(result)
        self.assertEqual(len(got[0]), RUNS + 1)
        for part, expected in zip(got, self.reference):
            self.assertEqual(len(part), len(expected))
            self.assertEqual(part, expected)

    def test_one_thread_gives_the_same_bits_as_two(self):
        self.compare(self.run_whole("one_thread", 1))

    def interrupt(self, kind, threads, seed):
        rng = random.Random(seed)
        output = os.path.join(self.folder.name, f"{kind}_{threads}.h5")
        hits, pace = 0, 1.0
        for _ in range(60):
            more = ["--resume"] if hits else []
            process = subprocess.Popen(self.command(output, threads, *more), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       text=True)
            time.sleep(rng.uniform(0.15, 0.7) * pace)
            target = worker_of(process.pid) if kind == "worker" else process.pid
            if target and process.poll() is None:
                os.kill(target, signal.SIGINT if kind == "sigint" else signal.SIGKILL)
                hits += 1
                if kind == "worker" and hits < 6:  # the sweep goes on by itself: hit it again
                    time.sleep(rng.uniform(0.2, 0.5))
                    again = worker_of(process.pid)
                    if again and process.poll() is None:
                        os.kill(again, signal.SIGKILL)
            _, err = process.communicate(timeout=300)
            if process.returncode == 0 and hits:
                break
            if process.returncode == 0:  # a fast machine was done before it was hit: again, sooner
                os.remove(output)
                pace *= 0.7
                continue
            pace += 0.25  # a busy machine starts slowly: give it more each time
            expected = {"sigint": 130, "coordinator": -signal.SIGKILL}.get(kind)
            self.assertEqual(process.returncode, expected, err)
        self.assertEqual(process.returncode, 0)
        self.assertGreater(hits, 0)
        self.compare(output)
        self.assertFalse(os.path.exists(output + ".journal"))

    def test_sigint(self):
        for threads in (1, 2):
            self.interrupt("sigint", threads, threads)

    def test_sigkill_of_the_coordinator(self):
        for threads in (1, 2):
            self.interrupt("coordinator", threads, 10 + threads)

    def test_sigkill_of_the_worker(self):
        for threads in (1, 2):
            self.interrupt("worker", threads, 20 + threads)

    def test_a_changed_strategy_is_not_resumed(self):
        output = os.path.join(self.folder.name, "changed.h5")
        process = subprocess.Popen(self.command(output, 1), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while not os.path.exists(output + ".journal") and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        strategy = os.path.join(self.folder.name, "strategy.py")
        try:
            with open(strategy, "a") as f:
                f.write("# a word more\n")
            done = subprocess.run(self.command(output, 1, "--resume"), capture_output=True, text=True)
        finally:
            with open(strategy, "w") as f:
                f.write(STRATEGY)
        self.assertEqual(done.returncode, 2)
        self.assertIn("the strategy changed", done.stderr)
        self.assertTrue(os.path.exists(output + ".journal"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
