"""Server and contract hold each other: every route of one is in the other, every success that the contract promises happens, its examples
are valid, and what is served as openapi.yaml is the file."""
import json
import struct
import subprocess
import time
import unittest

import contract
import jsonschema
import server

SLOW = '''class Strategy(IStrategy):
    def run(self, context, kline, params):
        total = 0
        for i in range(20000):
            total += i
'''
LONG_SWEEP = '''name: long
strategy: strategy.py
symbols: DEMOUSDT
intervals: 1h
params:
  period: {range: [2, 100000], step: 1}
  fraction: [0.5]
  label: [plain]
keep: {equity: none, trades: none}
'''


def singles(value):
    """Sparklines are single precision, and JSON has the shortest text of each: compare everything as such."""
    if isinstance(value, dict):
        return {k: singles(v) for k, v in value.items()}
    if isinstance(value, list):
        return [singles(v) for v in value]
    return struct.unpack("f", struct.pack("f", value))[0] if isinstance(value, float) else value


class TheFile(unittest.TestCase):
    def setUp(self):
        self.contract = contract.Contract()

    def test_schemas_are_json_schemas(self):
        for name, schema in self.contract.document["components"]["schemas"].items():
            with self.subTest(name):
                jsonschema.Draft202012Validator.check_schema(schema)

    def test_examples_fit_their_schemas(self):
        seen = 0
        nodes = [self.contract.document]
        while nodes:
            node = nodes.pop()
            if isinstance(node, dict):
                if "example" in node and "schema" in node:
                    seen += 1
                    self.assertEqual(self.contract.problems_of(node["schema"], node["example"]), [], node["example"])
                nodes += [v for k, v in node.items() if k not in ("example", "enum")]
            elif isinstance(node, list):
                nodes += node
        self.assertGreater(seen, 15)

    def test_every_reference_leads_somewhere_and_nothing_is_unused(self):
        used = set(contract.re.findall(r"\$ref: '(#/[^']+)'", self.contract.text))
        for reference in used:
            self.contract.follow({"$ref": reference})
        there = {f"#/components/{kind}/{name}" for kind, items in self.contract.document["components"].items()
                 if kind != "securitySchemes" for name in items}
        self.assertEqual(there - used, set())

    def test_every_object_is_closed(self):
        """Otherwise a field that nobody described would pass unseen. Open ones are only parts of closed ones."""
        schemas = self.contract.document["components"]["schemas"]
        parts = {"Metrics", "SeriesCommon", "SweepCommon", "TradeCommon"}
        nodes = [(name, schema) for name, schema in schemas.items() if name not in parts]
        while nodes:
            where, node = nodes.pop()
            if isinstance(node, list):
                nodes += [(f"{where}/{i}", v) for i, v in enumerate(node)]
            elif isinstance(node, dict):
                is_part = "allOf/" in where or where.endswith("Error/1")
                if "properties" in node and node.get("type") == "object" and not is_part:
                    self.assertIn("additionalProperties", node, where)
                if "allOf" in node and not where.endswith("Error"):
                    self.assertIs(node.get("unevaluatedProperties"), False, where)
                nodes += [(f"{where}/{k}", v) for k, v in node.items() if k != "properties"]
                nodes += [(f"{where}/{k}", v) for k, v in (node.get("properties") or {}).items()]

    def test_metrics_are_those_of_the_header(self):
        text = (contract.SOURCE / "include/kmill/metrics.h").read_text(encoding="utf-8")
        names = contract.re.findall(r'X\([A-Z0-9_]+,\s*"(\w+)"', text)
        self.assertGreater(len(names), 40)
        schemas = self.contract.document["components"]["schemas"]
        self.assertEqual(schemas["MetricName"]["enum"], names)
        self.assertEqual(schemas["Metrics"]["required"], names)
        self.assertEqual(list(schemas["Metrics"]["properties"]), names)

    def test_operations_have_names_of_their_own(self):
        names = [o.name for o in self.contract.operations]
        self.assertEqual(len(names), len(set(names)))


class TheServer(server.Case):
    """Methods run in the order of their names; the last one looks at what all others have seen."""

    def test_routes_are_those_of_the_contract(self):
        listed = subprocess.run([server.KMILL, "serve", "--list-routes"], capture_output=True, text=True, check=True).stdout
        there = sorted(line.split() for line in listed.splitlines())
        self.assertEqual(there, sorted([o.method, o.template] for o in self.server.contract.operations))

    def test_the_served_contract_is_the_file(self):
        answer = self.server.get("/api/v1/openapi.yaml")
        self.assertEqual(answer.body, contract.FILE.read_bytes())
        self.assertEqual(self.server.get("/api/v1/openapi.yaml", {"If-None-Match": answer.headers["etag"]}).status, 304)

    def same(self, packed, plain):
        """Equal, but for what moves on by itself."""
        if "uptime_seconds" in packed:
            packed, plain = packed | {"uptime_seconds": 0}, plain | {"uptime_seconds": 0}
        self.assertEqual(singles(packed), singles(plain))

    def each_format(self, path, **query):
        """JSON, msgpack (the same values), 304 and HEAD of a GET route, where it has them."""
        s = self.server
        operation = s.contract.operation("GET", path)
        answer = s.get(path, **query)
        self.assertEqual(answer.status, 200, answer.body[:300])
        packed = s.get(path, {"Accept": "application/msgpack"}, **query)
        if "application/msgpack" in operation.responses["200"]["content"]:
            self.assertEqual(packed.headers["content-type"], "application/msgpack")
            self.same(packed.value, answer.value)
        if "304" in operation.responses:
            self.assertIn("etag", answer.headers, path)
            self.assertEqual(s.get(path, {"If-None-Match": answer.headers["etag"]}, **query).status, 304, path)
        head = s.head(path, **query)
        self.assertEqual((head.status, head.raw), (200, b""))

    def test_a_klines(self):
        base = "/api/v1/kline/DEMOUSDT/1h"
        self.each_format("/api/v1/kline/symbols")
        self.each_format("/api/v1/kline/intervals")
        self.each_format(base, limit=1000)
        self.each_format(base + "/previous", current_time="2024-01-02")
        self.each_format(base + "/next", current_time="2024-01-02")
        self.each_format(base + "/batch", start_time="2024-01-01", end_time="2024-01-03")
        self.each_format("/api/v1/series")
        self.each_format("/api/v1/series/DEMOUSDT/1h")
        self.each_format("/api/v1/series/DEMOUSDT/1h/overview", points=100)

    def test_b_sweeps(self):
        base = "/api/v1/sweeps/small"
        self.each_format("/api/v1/sweeps")
        self.each_format(base)
        self.each_format(base + "/runs", sparkline="true")
        self.each_format(base + "/runs/3")
        self.each_format(base + "/runs/3/equity")
        self.each_format(base + "/runs/3/trades")
        self.each_format(base + "/heatmap", x="period", y="fraction")
        self.each_format(base + "/distribution", metric="sharpe")
        self.each_format(base + "/importance")
        for what in ("runs", "trades", "equity"):
            for form in ("csv", "json"):
                self.each_format(base + "/export", what=what, format=form)

    def test_c_events(self):
        for path in ("/api/v1/events", "/api/v1/sweeps/small/events"):
            self.each_format(path, since=0)
            with self.server.stream(path) as events:
                self.assertEqual(events.headers["content-type"].partition(";")[0], "text/event-stream")

    def test_d_service(self):
        self.each_format("/health")
        self.assertEqual(self.server.get("/health").value["results"], {"sweeps": 3})
        self.assertIn("# TYPE", self.server.get("/metrics").body.decode())

    def test_e_backtests(self):
        s, request = self.server, {"strategy": self.market.strategy, "symbol": "DEMOUSDT", "interval": "1h", "start_time": "2024-01-01",
                                   "end_time": "2024-01-05", "strategyParams": {"period": 5, "fraction": 0.5}}
        self.assertEqual(s.post("/api/v1/backtests", request).value["status"], "done")
        answer = s.post("/api/v1/backtests", request, {"Accept": "text/event-stream"})
        self.assertIn("event: started", answer.body.decode())
        self.assertIn("event: result", answer.body.decode())
        self.each_format("/api/v1/backtests")
        self.assertEqual(s.get("/api/v1/backtests").value, {"backtests": []})
        self.each_format("/api/v1/strategies")
        for accept in ("application/json", "application/msgpack"):
            self.assertEqual(s.post("/api/v1/backtests", request, {"Accept": accept}).status, 200)
            checked = s.post("/api/v1/strategies/check", {"strategy": self.market.strategy}, {"Accept": accept})
            self.assertEqual(checked.value, {"problems": []})
            verified = s.post("/api/v1/sweeps/small/runs/3/verify", headers={"Accept": accept})
            self.assertTrue(verified.value["equal"])

    def test_f_a_running_backtest_is_listed_and_cancelled(self):
        slow = self.server.new_client()
        body = json.dumps({"strategy": SLOW, "symbol": "DEMOUSDT", "interval": "1h", "seconds": 50}).encode()
        connection = slow.connection
        connection.request("POST", "/api/v1/backtests", body, {"Content-Type": "application/json"})
        deadline = time.monotonic() + 20
        while not (running := self.server.get("/api/v1/backtests").value["backtests"]) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(len(running), 1)
        self.assertEqual(running[0]["symbol"], "DEMOUSDT")
        self.assertEqual(self.server.delete(f"/api/v1/backtests/{running[0]['id']}").status, 204)
        reply = connection.getresponse()
        text = reply.read()
        self.server.contract.check("POST", "/api/v1/backtests", reply.status, {k.lower(): v for k, v in reply.getheaders()}, text)
        self.assertEqual((reply.status, json.loads(text)["error"]["code"]), (409, "cancelled"))
        slow.close()

    def wait_for_state(self, sweep, state, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            summary = self.server.get(f"/api/v1/sweeps/{sweep}").value
            if summary["state"] == state:
                return summary
            time.sleep(0.1)
        raise AssertionError(f"{sweep} is {summary['state']}, not {state}: {summary['error']}")

    def test_g_a_sweep_is_queued_cancelled_and_resumed(self):
        s = self.server
        answer = s.post("/api/v1/sweeps", {"sweep": LONG_SWEEP, "strategy": self.market.strategy})
        self.assertEqual(answer.status, 202)
        self.assertEqual(answer.headers["location"], "/api/v1/sweeps/long")
        self.wait_for_state("long", "running")
        yaml = LONG_SWEEP.replace("name: long", "name: behind").replace("strategy: strategy.py", "strategy: sma_cross.py")
        second = s.request("POST", "/api/v1/sweeps", body=yaml.encode(), headers={"Content-Type": "application/yaml"})
        self.assertEqual((second.status, second.value["state"]), (202, "queued"), second.body)
        self.assertEqual(s.delete("/api/v1/sweeps/behind").status, 202)
        for accept in ({}, {"Accept": "application/msgpack"}):
            self.assertEqual(s.delete("/api/v1/sweeps/long", accept).status, 202)
            self.wait_for_state("long", "interrupted")
            self.assertEqual(s.post("/api/v1/sweeps/long/resume", headers=accept).status, 202)
            self.wait_for_state("long", "running")
        self.assertEqual(s.delete("/api/v1/sweeps/long").status, 202)
        self.wait_for_state("long", "interrupted")
        packed = s.post("/api/v1/sweeps", {"sweep": LONG_SWEEP, "strategy": self.market.strategy, "name": "third"}, {"Accept": "application/msgpack"})
        self.assertEqual((packed.status, packed.value["id"]), (202, "third"))
        self.assertEqual(s.delete("/api/v1/sweeps/third").status, 202)

    def test_z_every_promised_success_was_seen(self):
        contract_ = self.server.contract
        missing = []
        for operation in contract_.operations:
            for status in operation.successes():
                media = list(operation.responses[status].get("content", {})) or [None]
                missing += [(operation.name, status, m) for m in media if (operation.name, status, m) not in contract_.seen]
        self.assertEqual(missing, [])


if __name__ == "__main__":
    server.main()
