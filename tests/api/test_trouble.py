"""What goes wrong around the server: files cut short while they are read, a second server on the same folder, a stop while clients do not
read, posted sweeps that want more than there is."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.parse

import market
import server
from server import eventually

SWEEPS, BACKTESTS = "/api/v1/sweeps", "/api/v1/backtests"
QUIET = '''name: {name}
strategy: strategy.py
symbols: [DEMOUSDT]
intervals: 1h
params: {{number: {{range: [1, {runs}], step: 1}}}}
keep: {{equity: all, trades: none}}
'''
IDLE = "class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        pass\n"
ENDLESS = "class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        while True:\n            pass\n"


class Trouble(server.Case):
    settings = {"sweeps": False}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make("many", 400)

    @classmethod
    def make(cls, name, runs):
        folder = cls.market.folder / name
        folder.mkdir()
        (folder / "strategy.py").write_text(IDLE, encoding="utf-8")
        (folder / "sweep.yaml").write_text(QUIET.format(name=name, runs=runs), encoding="utf-8")
        market.kmill("run", folder / "sweep.yaml", "--store", cls.market.store, "--output", cls.market.result(name), "--progress", "none")

    def slow_export(self, target):
        """An answer whose head is read; a small window keeps the server from sending all of it at once."""
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.settimeout(30)
        s.connect((self.server.address, self.server.port))
        s.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        reply = http.client.HTTPResponse(s, method="GET")
        reply.begin()
        self.assertEqual(reply.status, 200)
        return s, reply

    # ---- exports ----

    def test_an_export_that_cannot_go_on_is_broken_off(self):
        path = self.market.result("many")
        whole = path.read_bytes()
        s, reply = self.slow_export(f"{SWEEPS}/many/export?what=equity")
        try:
            os.truncate(path, len(whole) // 3)  # what a full disk or a clumsy cp leaves
            with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
                reply.read()
        finally:
            s.close()
            path.with_suffix(".new").write_bytes(whole)
            os.replace(path.with_suffix(".new"), path)
        eventually(lambda: self.server.get(f"{SWEEPS}/many/runs", limit=1).status == 200)
        found = self.server.client.request("GET", f"{SWEEPS}/many/export?what=equity", check=False)
        self.assertEqual(found.body.count(b"\n"), 1 + 400 * market.BARS)

    def test_columns_of_a_result_that_is_cut_short_do_not_end_the_server(self):
        """Metrics are read from the mapped file: a file that ends before its mapping does is SIGBUS."""
        self.make("cut", 3000)
        path = self.market.result("cut")
        metrics = [m["name"] for m in self.server.get(f"{SWEEPS}/cut").value["metrics"]]
        for size in (8192, 0):
            os.truncate(path, size)
            for metric in metrics:
                answer = self.server.get(f"{SWEEPS}/cut/runs", sort=metric, limit=1)
                self.assertGreaterEqual(answer.status, 409, answer.body)
            self.assertIsNone(self.server.process.poll())
        os.unlink(path)

    # ---- names ----

    def test_no_message_tells_where_files_lie(self):
        (self.market.results / "torn.h5").write_bytes(b"nothing")
        eventually(lambda: any(s["id"] == "torn" for s in self.server.get(SWEEPS).value["sweeps"]))
        answers = [self.server.get(SWEEPS), self.server.get(f"{SWEEPS}/torn"), self.server.get(f"{SWEEPS}/torn/runs"),
                   self.server.get(f"{SWEEPS}/many/runs/9999"), self.server.get(f"{SWEEPS}/many/export", run="9999"),
                   self.server.get(f"{SWEEPS}/many/export", columns="nope"),
                   self.server.post(BACKTESTS, {"strategy": IDLE, "symbol": "NOPEUSDT", "interval": "1h"}),
                   self.server.post(f"{SWEEPS}/many/runs/9999/verify")]
        self.server.post(SWEEPS, {"sweep": QUIET.format(name="nowhere", runs=2).replace("DEMOUSDT", "NOPEUSDT"), "strategy": IDLE})
        eventually(lambda: self.server.get(f"{SWEEPS}/nowhere").value["state"] == "failed")
        answers.append(self.server.get(f"{SWEEPS}/nowhere"))
        self.assertIn("torn.h5", answers[1].value["error"]["message"])
        for answer in answers:
            self.assertNotIn(str(self.market.folder).encode(), answer.body)
        (self.market.results / "torn.h5").unlink()
        self.server.delete(f"{SWEEPS}/nowhere")

    def test_a_name_that_no_address_can_hold_is_left_out(self):
        odd = "weird \"'\n<b>é😀"
        names = [os.fsencode(odd), b"bad\xff\xfe"]
        for name in names:
            shutil.copy(self.market.result("many"), os.path.join(os.fsencode(self.market.results), name + b".h5"))
        eventually(lambda: self.server.get(f"{SWEEPS}/{urllib.parse.quote(odd)}/runs", limit=1).status == 200)
        self.assertEqual([s["id"] for s in self.server.get(SWEEPS).value["sweeps"] if "many" != s["id"]], [odd])
        for name in names:
            os.unlink(os.path.join(os.fsencode(self.market.results), name + b".h5"))

    # ---- posted sweeps ----

    def test_posted_sweeps_are_bounded_as_backtests_are(self):
        cores = len(os.sched_getaffinity(self.server.process.pid))
        for extra, line, wanted in ((f"threads: {cores + 1}\n", 7, f"threads: this server has {cores}"),
                                    ("limits: {memory_mb: 5000}\n", 7, "limits.memory_mb: this server allows 16 to 4096"),
                                    ("limits:\n  memory_mb: 15\n", 8, "limits.memory_mb: this server allows 16 to 4096")):
            answer = self.server.post(SWEEPS, {"sweep": QUIET.format(name="greedy", runs=2) + extra, "strategy": IDLE})
            self.assertEqual((answer.status, len(answer.value["problems"])), (422, 1), answer.body)
            problem = answer.value["problems"][0]
            self.assertEqual(problem["line"], line)
            self.assertIn(wanted, problem["message"])

    def test_a_queued_sweep_of_an_example_shows_its_source(self):
        source = next(s["source"] for s in self.server.get("/api/v1/strategies").value["strategies"] if s["file"] == "sma_cross.py")
        self.server.post(SWEEPS, {"sweep": QUIET.format(name="first", runs=100000), "strategy": IDLE})
        posted = QUIET.format(name="second", runs=2).replace("strategy.py", "sma_cross.py")
        self.assertEqual(self.server.post(SWEEPS, body=posted.encode(), headers={"Content-Type": "application/yaml"}).status, 202)
        found = self.server.get(f"{SWEEPS}/second").value
        self.assertEqual((found["state"], found["spec"], found["strategy_source"]), ("queued", posted, source))
        for name in ("second", "first"):
            self.server.delete(f"{SWEEPS}/{name}")
        for name in ("second", "first"):
            eventually(lambda n=name: self.server.get(f"{SWEEPS}/{n}").value["state"] == "interrupted")
            self.assertEqual(self.server.delete(f"{SWEEPS}/{name}").status, 202)

    def test_out_of_the_queue_is_for_good(self):
        body = {"sweep": QUIET.format(name="gone", runs=100000), "strategy": IDLE}
        self.server.post(SWEEPS, body)
        eventually(lambda: self.server.get(f"{SWEEPS}/gone").value["done"] > 0)
        self.server.delete(f"{SWEEPS}/gone")
        found = eventually(lambda: (v := self.server.get(f"{SWEEPS}/gone").value)["state"] == "interrupted" and v)
        self.assertTrue(found["own"])
        self.assertEqual(self.server.delete(f"{SWEEPS}/gone").status, 202)
        found = eventually(lambda: not (v := self.server.get(f"{SWEEPS}/gone").value)["own"] and v)
        self.assertEqual(found["state"], "interrupted")
        self.assertGreater(found["done"], 0)
        self.fails(self.server.post(f"{SWEEPS}/gone/resume"), 409, "conflict", "id")
        self.fails(self.server.delete(f"{SWEEPS}/gone"), 409, "conflict", "id")
        self.fails(self.server.post(SWEEPS, body), 409, "conflict", "name")
        shutil.rmtree(f"{self.market.result('gone')}.journal")

    def test_a_second_server_leaves_the_queue_alone(self):
        (self.market.folder / "second").mkdir()
        again = server.Server(self.market.folder / "second", store=self.market.store, results=self.market.results)
        body = {"sweep": QUIET.format(name="twice", runs=3000), "strategy": IDLE}
        refused = again.post(SWEEPS, body)
        self.fails(refused, 503, "busy", "name")
        self.assertEqual(self.server.post(SWEEPS, body).status, 202)
        eventually(lambda: again.get(f"{SWEEPS}/twice").status == 200)
        self.fails(again.delete(f"{SWEEPS}/twice"), 409, "conflict", "id")
        eventually(lambda: again.get(f"{SWEEPS}/twice").value["state"] == "complete")
        self.server.stop()
        eventually(lambda: again.post(SWEEPS, {**body, "name": "after"}).status == 202)  # whoever is left takes it over
        eventually(lambda: again.get(f"{SWEEPS}/after").value["state"] == "complete")
        again.stop()
        self.server.__dict__.update(server.Server(self.market.folder).__dict__ | {"market": self.market})
        self.server.client.server = self.server

    # ---- stopping ----

    def test_a_stop_ends_clients_that_do_not_read(self):
        held = [self.slow_export(f"{SWEEPS}/many/export?what=equity") for _ in range(3)]
        body = json.dumps({"strategy": ENDLESS, "symbol": "DEMOUSDT", "interval": "1h"}).encode()
        waiting = []
        for accept in ("application/json", "text/event-stream"):
            s = self.server.socket()
            s.sendall(f"POST {BACKTESTS} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            waiting.append(s)
        eventually(lambda: len(self.server.get(BACKTESTS).value["backtests"]) == 2)
        self.assertLess(self.server.stop(), 5)
        for s, reply in held:
            with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
                reply.read()
            s.close()
        answer = http.client.HTTPResponse(waiting[0], method="POST")
        answer.begin()
        self.assertEqual((answer.status, json.loads(answer.read())["error"]["code"]), (503, "busy"))
        for s in waiting:
            s.close()
        self.server.__dict__.update(server.Server(self.market.folder).__dict__ | {"market": self.market})
        self.server.client.server = self.server

    def test_a_stop_does_not_wait_for_who_reads_the_log(self):
        folder = self.market.folder / "unread"
        folder.mkdir()
        ours, its = os.pipe()
        with subprocess.Popen([server.KMILL, "serve", "--port", "0", "--store", folder, "--results", folder], stderr=its, cwd=folder) as process:
            try:
                os.close(its)
                said = b""
                while not (port := re.search(rb":(\d+) ", said)):
                    said += os.read(ours, 4096)
                for _ in range(60):  # the pipe holds 64 KiB, and nobody takes them out
                    http_client = http.client.HTTPConnection("127.0.0.1", int(port[1]), timeout=10)
                    http_client.request("GET", "/api/nothing/" + 3000 * "x")
                    self.assertEqual(http_client.getresponse().status, 404)
                    http_client.close()
                process.send_signal(signal.SIGTERM)
                self.assertEqual(process.wait(server.STOP_SECONDS), 0)
            finally:
                process.kill()
                os.close(ours)


if __name__ == "__main__":
    server.main()
