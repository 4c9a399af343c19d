"""Backtests and posted sweeps, compared with the command line; what is wrong with them has a place."""
import json

import market
import request_table
import server
from market import DAY, START


class Work(request_table.Table):
    def body(self, **changes):
        request = {"strategy": self.market.strategy, "symbol": "DEMOUSDT", "interval": "1h", "strategyParams": {"period": 5, "fraction": 0.5}}
        request.update(changes)
        return json.dumps({k: v for k, v in request.items() if v is not ...}).encode()

    def post(self, path, body, wanted, content_type="application/json", **headers):
        self.ask(path, wanted, method="POST", headers={"Content-Type": content_type, **headers}, body=body)

    def test_a_backtest_is_the_one_of_the_command_line(self):
        wanted = json.loads(market.kmill("backtest", self.market.folder / "strategy.py", "--store", self.market.store, "--symbol", "DEMOUSDT",
                                         "--interval", "1h", "--from", "2024-01-05", "--to", "2024-02-05", "--param", "period=5", "--param",
                                         "fraction=0.5", "--initial-balance", "5000", "--fee-rate", "0.002", "--json"))

        def same(answer):
            found = answer.value
            self.assertTrue(found.pop("id"))
            self.assertEqual(found, wanted)
        for start, end in (("2024-01-05", "2024-02-05"), ("2024-01-05T00:00:00Z", "2024-02-05T00:00:00+00:00"), (START + 4 * DAY, START + 35 * DAY)):
            self.post("/api/v1/backtests", self.body(start_time=start, end_time=end, initialBalance=5000, feeRate=0.002), same)

    def test_the_events_of_a_backtest(self):
        answer = self.server.request("POST", "/api/v1/backtests", body=self.body(),
                                     headers={"Content-Type": "application/json", "Accept": "text/event-stream"})
        events = [dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
                  for block in answer.body.decode().split("\n\n") if "data: " in block]
        self.assertEqual((events[0]["event"], events[-1]["event"]), ("started", "result"))
        result = json.loads(events[-1]["data"])
        self.assertEqual(self.server.contract.fits("BacktestResult", result), [])
        self.assertEqual(json.loads(events[0]["data"])["id"], result["id"])
        for event in events[1:-1]:
            self.assertEqual(event["event"], "progress")
            self.assertLessEqual(json.loads(event["data"])["bars"], 1500)

    def test_a_run_that_fails_is_a_result(self):
        def failed(answer):
            v = answer.value
            self.assertEqual((v["status"], v["error"]["type"], v["error"]["line"], v["profit"]), ("failed", "ValueError", 5, None))
        self.post("/api/v1/backtests", self.body(strategyParams={"period": 7, "fraction": 1.0}), failed)
        slow = "class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        while True:\n            pass\n"
        self.post("/api/v1/backtests", self.body(strategy=slow, seconds=0.2), lambda a: self.assertEqual(a.value["status"], "time limit"))

    def test_mistakes_of_backtests(self):
        for change, wanted in (
            ({"strategy": ...}, (400, "invalid", "strategy")), ({"symbol": ...}, (400, "invalid", "symbol")),
            ({"interval": ...}, (400, "invalid", "interval")), ({"strategy": 5}, (400, "invalid", "strategy")),
            ({"symbol": "NOSUCH"}, (400, "invalid", "symbol")), ({"interval": "7h"}, (400, "invalid", "interval")),
            ({"start_time": "soon"}, (400, "invalid", "start_time")), ({"end_time": []}, (400, "invalid", "end_time")),
            ({"initialBalance": 0}, (400, "invalid", "initialBalance")), ({"initialBalance": "much"}, (400, "invalid", "initialBalance")),
            ({"feeRate": -1}, (400, "invalid", "feeRate")), ({"slippage_bp": -1}, (400, "invalid", "slippage_bp")),
            ({"price_check": "maybe"}, (400, "invalid", "price_check")), ({"warmup": -1}, (400, "invalid", "warmup")),
            ({"warmup": 1.5}, (400, "invalid", "warmup")), ({"seconds": 0}, (400, "invalid", "seconds")),
            ({"seconds": 100000}, (400, "invalid", "seconds")), ({"memory_mb": 0}, (400, "invalid", "memory_mb")),
            ({"points": 1}, (400, "invalid", "points")), ({"strategyParams": []}, (400, "invalid", "strategyParams")),
            ({"strategyParams": {"klineWndSize": 0}}, (400, "invalid", "strategyParams.klineWndSize")),
            ({"strategyParams": {"x": {}}}, (400, "invalid", "strategyParams.x")), ({"stratgy": "x"}, (400, "invalid", "stratgy")),
        ):
            with self.subTest(change=change):
                self.post("/api/v1/backtests", self.body(**change), wanted)
        for body in (b"", b"{", b"[]", b"null", b"5", b'"x"', b"{}{}", b'{"strategy": "a",}', b"\xff\xfe", b'{"a": 1, "a": 2}',
                     b"[" * 100000, b'{"strategy":' * 5000, b"\x00", b'{"strategy": NaN}'):
            request_table.Table.counted += 1
            answer = self.server.request("POST", "/api/v1/backtests", body=body, headers={"Content-Type": "application/json"})
            self.assertEqual((answer.status, answer.code), (400, "invalid"), body[:50])
        self.post("/api/v1/backtests", self.body(), (415, "unsupported_media_type", None), content_type="text/plain")
        self.post("/api/v1/backtests", b"x" * (1 << 20) + b"x", (413, "too_large", None))
        self.ask("/api/v1/backtests/nothing", (404, "not_found", "id"), method="DELETE")

    def test_guard_problems_have_a_place(self):
        def answered(answer):
            self.assertEqual((answer.status, answer.code), (422, "strategy"))
            self.assertEqual((answer.value["error"]["line"], answer.value["problems"][0]["line"]), (2, 2))
            self.assertIn("os", answer.value["detail"])
        source = "\nimport os\nclass Strategy(IStrategy):\n    pass\n"
        answered(self.server.request("POST", "/api/v1/backtests", body=self.body(strategy=source), headers={"Content-Type": "application/json"}))
        checked = self.server.post("/api/v1/strategies/check", {"strategy": source}).value["problems"]
        self.assertEqual(checked[0]["line"], 2)
        self.post("/api/v1/strategies/check", b"{}", (400, "invalid", "strategy"))
        self.post("/api/v1/strategies/check", b'{"strategy": "x = 1", "more": 1}', (400, "invalid", "more"))

    def test_examples(self):
        folder = server.contract_module.SOURCE / "strategies"
        found = self.server.get("/api/v1/strategies").value["strategies"]
        self.assertIn("sma_cross.py", [s["file"] for s in found])
        for s in found:
            self.assertEqual(s["source"], (folder / s["file"]).read_text(encoding="utf-8"))
            self.assertIn("class ", s["source"])
            self.assertIn("IStrategy", s["source"])
            self.assertNotIn(s["file"], ("kmill.py", "kmill_account.py"))

    def test_mistakes_of_sweeps(self):
        good = market.SWEEP.format(name="posted", period="[3]", keep="{equity: none}", symbols="DEMOUSDT")

        def request(text=good, **more):
            return json.dumps({"sweep": text, "strategy": self.market.strategy, **more}).encode()

        def placed(line, word):
            def check(body):
                request_table.Table.counted += 1
                answer = self.server.request("POST", "/api/v1/sweeps", body=body, headers={"Content-Type": "application/json"})
                self.assertEqual((answer.status, answer.code, answer.value["error"]["line"]), (422, "invalid", line), answer.body)
                self.assertIn(word, answer.value["detail"])
                self.assertEqual(answer.value["problems"][0]["line"], line)
            return check
        placed(4, "interval")(request(good.replace("intervals:", "intervalls:")))
        placed(6, "range")(request(good.replace("[3]", "{range: [9, 3], step: 1}")))
        placed(10, "store")(request(good + "store: klines\n"))
        placed(10, "output")(request(good + "output: ../../x.h5\n"))
        self.post("/api/v1/sweeps", b"{}", (400, "invalid", "sweep"))
        self.post("/api/v1/sweeps", request(name="../up"), (400, "invalid", "name"))
        self.post("/api/v1/sweeps", request(name=".hidden"), (400, "invalid", "name"))
        self.post("/api/v1/sweeps", request(more=1), (400, "invalid", "more"))
        self.post("/api/v1/sweeps", request(name="small"), (409, "conflict", "name"))
        self.post("/api/v1/sweeps", b"x", (415, "unsupported_media_type", None), content_type="text/plain")
        self.ask("/api/v1/sweeps/small", (409, "conflict", "id"), method="DELETE")
        self.ask("/api/v1/sweeps/nothing", (404, "not_found", "id"), method="DELETE")
        self.ask("/api/v1/sweeps/small/resume", (409, "conflict", "id"), method="POST")
        self.ask("/api/v1/sweeps/nothing/resume", (404, "not_found", "id"), method="POST")
        self.ask("/api/v1/sweeps/small/runs/48/verify", (404, "not_found", "n"), method="POST")

    def test_a_strategy_outside_the_examples_is_refused(self):
        for name in ("../strategy.py", "/etc/passwd", "nothing.py", "sub/sma_cross.py"):
            text = market.SWEEP.format(name="posted2", period="[3]", keep="{equity: none}", symbols="DEMOUSDT").replace("strategy.py", name)
            request_table.Table.counted += 1
            answer = self.server.post("/api/v1/sweeps", {"sweep": text})
            self.assertEqual((answer.status, answer.code), (422, "invalid"), answer.body)
            self.assertEqual(answer.value["error"]["line"], 2)

    def test_a_posted_sweep_gives_what_the_command_line_gives(self):
        text = market.SWEEP.format(name="posted3", period="[3, 4]", keep="{equity: none, trades: none}", symbols="DEMOUSDT")
        with self.server.stream("/api/v1/sweeps/thin/events") as other, self.server.stream("/api/v1/events") as events:
            self.assertEqual(self.server.post("/api/v1/sweeps", {"sweep": text, "strategy": self.market.strategy}).status, 202)
            event = events.until(lambda name, data: name == "sweep" and data["id"] == "posted3" and data["state"] == "complete")
            self.assertEqual(self.server.contract.fits("SweepSummary", event[2]), [])
            self.assertEqual((event[2]["done"], event[2]["own"]), (6, True))
            del other
        columns = ("--columns", "run,profitRate,maxDrawdown,sharpe", "--by", "run", "--asc")
        self.assertEqual(self.market.rows("posted3", *columns), self.market.rows("bare", *columns))


if __name__ == "__main__":
    request_table.main(at_least=50)
