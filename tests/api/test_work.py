"""What runs something, as it lives and dies: backtests compared with the command line and with the pure-Python reference, cancelled by DELETE
and by hanging up; posted sweeps compared bit for bit with `kmill run`, cancelled, resumed, and gone on with after the server was killed; and
what a strategy's process can reach of the server (nothing)."""
import contextlib
import http.client
import json
import os
import pathlib
import signal
import subprocess
import time

import market
import server

SECRET = "not-for-the-eyes-of-a-strategy"
SOURCE = pathlib.Path(os.environ.get("KMILL_SOURCE", pathlib.Path(__file__).parents[2]))
BACKTESTS, SWEEPS = "/api/v1/backtests", "/api/v1/sweeps"
ENDLESS = "class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        while True:\n            pass\n"
# 60 combinations, each slow enough that a sweep of them can be caught in the middle.
SLOW = '''class Strategy(IStrategy):
    def run(self, context, kline, params):
        total = 0
        for i in range(params.get("loops", 60)):
            total += i * params["factor"]
        if context.position == 0 and total % 7 < 3:
            context.buy(kline.close, 0.01, kline.open_time)
        elif context.position > 0 and total % 5 < 2:
            context.sell_all(kline.close, kline.open_time)
'''
SLOW_SWEEP = '''name: {name}
strategy: strategy.py
symbols: [LONGUSDT]
intervals: [1m]
params:
  factor: {{range: [1, 60], step: 1}}
keep: {{equity: {{top: 2}}, trades: all}}
'''


def wait_for(what, condition, seconds=60):
    return server.eventually(condition, seconds, what)


def processes_below(pid):
    """Children, grandchildren, ... of a process: {pid: command line}."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                stat = pathlib.Path("/proc", entry, "stat").read_text()
                if stat.rpartition(")")[2].split()[0] != "Z":
                    parents[int(entry)] = int(stat.rpartition(")")[2].split()[1])
    found, grown = {}, {pid}
    while grown:
        grown = {child for child, parent in parents.items() if parent in grown}
        for child in grown:
            with contextlib.suppress(OSError):
                found[child] = pathlib.Path("/proc", str(child), "cmdline").read_bytes().split(b"\0")
    return found


def exports(path, folder):
    """Everything of a result file that has to be the same, as text in which doubles round-trip."""
    runs = market.kmill("export", path, "--what", "runs", "--format", "csv")
    header, *rows = runs.splitlines()
    skipped = [i for i, name in enumerate(header.split(",")) if name == "elapsed"]
    runs = [[cell for i, cell in enumerate(row.split(",")) if i not in skipped] for row in [header, *rows]]
    return [runs, *(market.kmill("export", path, "--what", what, "--format", "csv") for what in ("trades", "equity"))]


class Work(server.Case):
    options = ("--backtests-max", "2", "--backtest-seconds", "60")
    settings = {"sweeps": False, "environment": {"REDIS_URL": f"redis://:{SECRET}@127.0.0.1:1/0", "MY_SECRET": SECRET}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        market.kmill("synth", "--symbol", "LONGUSDT", "--interval", "1m", "--bars", 20000, "--store", cls.market.store)
        cls.slow = cls.market.folder / "slow.py"
        cls.slow.write_text(SLOW, encoding="utf-8")

    def request(self, **changes):
        return {"strategy": self.market.strategy, "symbol": "DEMOUSDT", "interval": "1h",
                "strategyParams": {"period": 5, "fraction": 0.5}} | changes

    def children(self):
        return processes_below(self.server.process.pid)

    def no_children(self, seconds=20):
        wait_for("the server's children end", lambda: not self.children(), seconds)

    @contextlib.contextmanager
    def posted(self, request, accept="application/json"):
        """A connection with the request sent and no answer read."""
        connection = http.client.HTTPConnection(self.server.address, self.server.port, timeout=60)
        connection.request("POST", BACKTESTS, json.dumps(request).encode(), {"Content-Type": "application/json", "Accept": accept})
        try:
            yield connection
        finally:
            connection.close()

    def events(self, connection):
        return server.EventReader(connection.getresponse(), {})

    # ---- backtests ----

    def test_a_backtest_is_the_one_of_the_reference(self):
        oracle = os.environ.get("KMILL_PYTHON", "")
        version = subprocess.run([oracle, "-c", "import sys; print(sys.version_info >= (3, 12))"], capture_output=True, text=True).stdout if oracle else ""
        if "True" not in version:
            self.skipTest("needs KMILL_PYTHON, a Python >= 3.12")
        found = self.server.post(BACKTESTS, self.request()).value
        done = subprocess.run([oracle, "-B", SOURCE / "strategies" / "kmill.py", self.market.folder / "strategy.py", "--csv",
                               self.market.folder / "DEMOUSDT-1h.csv", "--param", "period=5", "--param", "fraction=0.5", "--json"],
                              capture_output=True, text=True, check=True)
        wanted = json.loads(done.stdout)
        for trade in wanted["trades"]:
            if trade["type"] == "buy":
                del trade["profit"]
        self.assertGreater(len(wanted["trades"]), 20)
        for name, value in wanted.items():
            self.assertEqual(repr(found[name]) if isinstance(found[name], float) else found[name],
                             repr(float(value)) if isinstance(found[name], float) else value, name)

    def test_progress_grows_to_the_end(self):
        with self.posted(self.request(strategy=SLOW, symbol="LONGUSDT", interval="1m", strategyParams={"factor": 3, "loops": 600}), "text/event-stream") as c:
            events = self.events(c)
            self.assertEqual(events.next()[1], "started")
            steps = []
            while (event := events.next())[1] == "progress":
                steps.append(event[2]["bars"])
                self.assertEqual(event[2]["total"], 20000)
            self.assertEqual(event[1], "result")
            self.assertEqual(event[2]["bars"], 20000)
            self.assertIsNone(events.next())
        self.assertEqual(steps, sorted(steps))
        self.assertLessEqual(steps[-1] if steps else 0, 20000)
        self.assertGreaterEqual(len(set(steps)), 2)

    def test_an_error_of_the_strategy_has_its_line(self):
        source = "class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        x = 1\n        y = 'é𝄞'; x.missing(2)\n"
        v = self.server.post(BACKTESTS, self.request(strategy=source)).value
        self.assertEqual((v["status"], v["error"]["type"], v["error"]["line"], v["error"]["column"]), ("failed", "AttributeError", 4, 19))
        self.assertIn("x.missing(2)", v["error"]["traceback"])

    def test_an_endless_loop_is_out_of_time(self):
        began = time.monotonic()
        v = self.server.post(BACKTESTS, self.request(strategy=ENDLESS, seconds=0.5)).value
        self.assertEqual((v["status"], v["error"]["type"]), ("time limit", "TimeLimit"))
        self.assertLess(time.monotonic() - began, 20)

    def test_delete_ends_a_backtest(self):
        for accept in ("application/json", "text/event-stream"):
            with self.posted(self.request(strategy=ENDLESS), accept) as c:
                listed = wait_for("it is listed with its bars", lambda: [b for b in self.server.get(BACKTESTS).value["backtests"] if b["total"]])
                self.assertEqual([(b["symbol"], b["interval"], b["total"]) for b in listed], [("DEMOUSDT", "1h", 1500)])
                self.assertEqual(self.server.delete(f"{BACKTESTS}/{listed[0]['id']}").status, 204)
                if accept == "application/json":
                    answer = c.getresponse()
                    self.assertEqual((answer.status, json.loads(answer.read())["error"]["code"]), (409, "cancelled"))
                else:
                    event = self.events(c).until(lambda name, data: name not in ("started", "progress"))
                    self.assertEqual((event[1], event[2]["error"]["code"]), ("error", "cancelled"))
            self.no_children()
            self.assertEqual(self.server.get(BACKTESTS).value["backtests"], [])
            self.fails(self.server.delete(f"{BACKTESTS}/{listed[0]['id']}"), 404, "not_found", "id")

    def test_hanging_up_ends_a_backtest(self):
        for accept in ("application/json", "text/event-stream"):
            with self.posted(self.request(strategy=ENDLESS), accept):
                wait_for("its worker", lambda: len(self.children()) == 2)
            self.no_children(seconds=5)

    def test_more_than_may_wait_are_refused(self):
        with contextlib.ExitStack() as held:
            for _ in range(4):
                held.enter_context(self.posted(self.request(strategy=ENDLESS)))
            wait_for("four are there", lambda: len(self.server.get(BACKTESTS).value["backtests"]) == 4)
            wait_for("two run", lambda: len(self.children()) == 4)
            listed = self.server.get(BACKTESTS).value["backtests"]
            self.assertEqual([b["started_at"] is None for b in listed], [False, False, True, True])
            answer = self.server.post(BACKTESTS, self.request())
            self.fails(answer, 503, "busy")
            self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
            self.assertEqual(len(self.children()), 4)
        self.no_children()
        self.assertEqual(self.server.post(BACKTESTS, self.request()).value["status"], "done")

    def test_a_long_curve_streams_through(self):
        curve = self.server.client.request("POST", BACKTESTS, json.dumps(self.request(symbol="LONGUSDT", interval="1m")).encode(),
                                           {"Content-Type": "application/json"}, check=False).value["equityCurve"]  # too long to be judged
        self.assertEqual(len(curve), 20000)
        few = self.server.post(BACKTESTS, self.request(symbol="LONGUSDT", interval="1m", points=10)).value["equityCurve"]
        self.assertEqual(len(few), 10)

    def test_texts_stay_texts(self):
        """Nothing in a name or a text leaves the YAML that is made of the request."""
        strategy = "class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        raise ValueError(repr(params))\n"
        params = {"a": "x: [1, 2]\nlimits: {seconds: 1e9}", "b": "' \" # {} % & *\t\\", "c": "true", "d": True, "e": -7, "f": 0.1, "g": "é\u2028𝄞"}
        message = self.server.post(BACKTESTS, self.request(strategy=strategy, strategyParams=params)).value["error"]["message"]
        self.assertEqual(message, repr(params).replace("\n", " "))
        for symbol in ("DEMOUSDT\"]\nstore: /", "../DEMOUSDT", "DEMOUSDT]"):
            self.fails(self.server.post(BACKTESTS, self.request(symbol=symbol)), 400, "invalid", "symbol")

    # ---- what a strategy's process has of the server ----

    def test_no_secret_and_no_file_reaches_the_children(self):
        with self.posted(self.request(strategy=ENDLESS)):
            found = wait_for("the worker", lambda: len(self.children()) == 2 and self.children())
            wait_for("the run", lambda: [b for b in self.server.get(BACKTESTS).value["backtests"] if b["total"]])
            for pid in found:
                environment = pathlib.Path("/proc", str(pid), "environ").read_bytes()
                self.assertNotIn(SECRET.encode(), environment)
                self.assertNotIn(b"REDIS_URL", environment)
                self.assertNotIn(b"HOME=", environment)
                for link in pathlib.Path("/proc", str(pid), "fd").iterdir():
                    self.assertRegex(os.readlink(link), r"^(pipe:|/dev/null|/memfd:kmill-)", found[pid])
        self.no_children()

    def test_strategies_that_reach_out_are_refused_or_fail(self):
        before = sorted(self.market.folder.rglob("*"))
        for body, wanted in (
                (f"open({str(self.market.folder / 'serve.log')!r}).read()", 422), ("__import__('os').environ", 422), ("import socket", 422),
                ("getattr(kline, 'x')", 422), ("().__class__.__base__.__subclasses__()", 422),
                ("raise SystemExit", None), ("'x' * 10**12", None)):
            answer = self.server.post(BACKTESTS, self.request(
                strategy=f"class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        {body}\n", seconds=5))
            self.assertIn((answer.status, answer.value.get("status")), [(422, None)] if wanted else [(422, None), (200, "failed"), (200, "memory limit")], body)
        self.assertEqual(sorted(self.market.folder.rglob("*")), before)

    # ---- sweeps ----

    def post_sweep(self, own_name, strategy=SLOW, **more):
        body = json.dumps({"sweep": SLOW_SWEEP.format(name=own_name), "strategy": strategy, **more}).encode()
        answer = self.server.client.request("POST", SWEEPS, body, {"Content-Type": "application/json"}, check=False)
        self.assertEqual((answer.status, answer.headers["location"]), (202, f"{SWEEPS}/{more.get('name', own_name)}"))
        return answer.value

    def delete(self, name):
        return self.server.client.request("DELETE", f"{SWEEPS}/{name}", check=False).status

    def summary(self, name):
        return next((s for s in self.server.client.request("GET", SWEEPS, check=False).value["sweeps"] if s["id"] == name), None)

    def in_state(self, name, *states, seconds=120):
        return wait_for(f"{name} is {states}", lambda: (s := self.summary(name)) and s["state"] in states and s, seconds)

    def half_done(self, name):
        return wait_for(f"{name} has runs", lambda: (s := self.summary(name)) and s["state"] == "running" and 0 < s["done"] < 50 and s)

    def by_command_line(self):
        if not hasattr(Work, "expected"):
            path = self.market.folder / "cli" / "cli.yaml"
            path.parent.mkdir()
            path.write_text(SLOW_SWEEP.format(name="cli"), encoding="utf-8")
            (path.parent / "strategy.py").write_text(SLOW, encoding="utf-8")
            output = path.parent / "cli.h5"
            market.kmill("run", path, "--store", self.market.store, "--output", output, "--progress", "none")
            Work.expected = exports(output, path.parent)
        return Work.expected

    def queue(self):
        folder = self.market.results / ".kmill-queue"
        return sorted(p.name for p in folder.iterdir()) if folder.exists() else []

    def completes_as_by_command_line(self, name):
        self.in_state(name, "complete")
        wait_for("the queue forgets it", lambda: name not in self.queue())
        self.assertEqual(exports(self.market.result(name), self.market.folder), self.by_command_line())

    def test_a_posted_sweep_is_the_one_of_the_command_line(self):
        summary = self.post_sweep("first", name="renamed")
        self.assertTrue(summary["own"])
        self.fails(self.server.post(SWEEPS, {"sweep": SLOW_SWEEP.format(name="renamed"), "strategy": SLOW}), 409, "conflict", "name")
        self.completes_as_by_command_line("renamed")
        self.fails(self.server.post(SWEEPS, {"sweep": SLOW_SWEEP.format(name="renamed"), "strategy": SLOW}), 409, "conflict", "name")
        self.fails(self.server.delete(f"{SWEEPS}/renamed"), 409, "conflict", "id")
        found = self.server.post(f"{SWEEPS}/renamed/runs/17/verify").value
        self.assertEqual(found, {"run": 17, "equal": True, "differences": []})

    def test_a_cancelled_sweep_is_kept_and_goes_on(self):
        self.post_sweep("stopped")
        self.half_done("stopped")
        self.assertEqual(self.delete("stopped"), 202)
        stopped = self.in_state("stopped", "interrupted")
        self.no_children()
        self.assertTrue(0 < stopped["done"] < 60, stopped)
        self.assertTrue((self.market.results / "stopped.h5.journal").is_dir())
        self.assertEqual(self.server.post(f"{SWEEPS}/stopped/resume").status, 202)
        self.completes_as_by_command_line("stopped")

    def test_sweeps_take_turns(self):
        names = ["turn1", "turn2", "turn3"]
        for name in names:
            self.post_sweep(name)
        self.half_done("turn1")
        self.assertEqual([self.summary(n)["state"] for n in names], ["running", "queued", "queued"])
        empty = {"total": 0, "offset": 7, "count": 0, "columns": [], "rows": []}
        self.assertEqual(self.server.get(f"{SWEEPS}/turn3/runs?sort=-profitRate&ranked=true&offset=7").value, empty)
        self.assertEqual(self.delete("turn2"), 202)
        self.in_state("turn2", "interrupted")
        self.assertEqual(self.delete("turn2"), 202)  # out of the queue for good: it never ran
        wait_for("it is gone", lambda: self.summary("turn2") is None)
        self.completes_as_by_command_line("turn3")
        self.completes_as_by_command_line("turn1")

    def test_a_refused_sweep_says_where(self):
        self.post_sweep("refused", strategy="import os\n" + SLOW)
        failed = self.in_state("refused", "failed")
        self.assertEqual(self.server.get(f"{SWEEPS}/refused/runs").value["rows"], [])
        self.assertEqual((failed["error"]["line"], failed["error"]["column"]), (1, 8))
        self.assertIn("os", failed["error"]["message"])
        self.post_sweep("lost")
        self.assertEqual(self.delete("refused"), 202)
        wait_for("it is gone", lambda: self.summary("refused") is None)
        self.in_state("lost", "complete")

    def start_again(self):
        """A new process over the same folders, in the place of the one that ended."""
        again = server.Server(self.market.folder, *self.options, environment=self.settings["environment"])
        self.server.__dict__.update(again.__dict__ | {"market": self.market})
        self.server.client.server = self.server

    def test_nothing_posted_is_lost_when_the_server_is_killed(self):
        for name in ("killed", "waiting", "halted"):
            self.post_sweep(name)
        self.assertEqual(self.delete("halted"), 202)
        before = self.half_done("killed")
        below = self.children()
        self.server.process.send_signal(signal.SIGKILL)
        self.server.process.wait()
        wait_for("its children die with it", lambda: not any(os.path.exists(f"/proc/{pid}") and b"kmill" in pathlib.Path("/proc", str(pid), "cmdline").read_bytes()
                                                             for pid in below), 10)
        self.server.client.close()
        self.server.log.close()
        self.start_again()
        self.assertEqual(self.in_state("halted", "interrupted")["own"], True)
        self.in_state("killed", "running", "complete")
        self.assertGreaterEqual(wait_for("its runs", lambda: self.summary("killed")["done"]), before["done"])
        self.completes_as_by_command_line("killed")
        self.completes_as_by_command_line("waiting")
        self.assertEqual(self.summary("halted")["state"], "interrupted")
        self.assertEqual(self.delete("halted"), 202)

    def test_a_stop_in_the_middle_is_gone_on_with(self):
        self.post_sweep("paused")
        self.half_done("paused")
        self.server.stop()
        self.assertTrue((self.market.results / "paused.h5.journal").is_dir())
        self.start_again()
        self.completes_as_by_command_line("paused")


if __name__ == "__main__":
    server.main()
