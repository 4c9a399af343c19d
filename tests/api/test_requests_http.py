"""The protocol, who gets in, and what every route has in common."""
import gzip
import re

import market
import msgpack
import request_table
import server
from request_table import DEMO, SMALL

PAGES = {"index.html": "<!doctype html><title>pages</title>", "assets/app-1a2b3c4d.js": "export default 1;\n", ".secret": "hidden words"}


class Http(request_table.Table):
    options = ("--cors-origins", "https://pages.example", "--host-names", "kmill.example")

    @classmethod
    def setUpClass(cls):
        cls.pages = server.tempfile.TemporaryDirectory(prefix="kmill-web-")
        cls.addClassCleanup(cls.pages.cleanup)
        folder = server.pathlib.Path(cls.pages.name)
        for name, text in PAGES.items():
            (folder / "web" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "web" / name).write_text(text, encoding="utf-8")
        (folder / "outside.txt").write_text("forbidden words", encoding="utf-8")
        (folder / "web" / "link.txt").symlink_to(folder / "outside.txt")
        cls.settings = {}
        cls.options = Http.options + ("--web", str(folder / "web"))
        super().setUpClass()

    def test_methods(self):
        for target, method, allowed in (
            ("/api/v1/kline/symbols", "POST", "GET"), (DEMO, "DELETE", "GET"), ("/api/v1/sweeps", "DELETE", "GET"), ("/health", "POST", "GET"),
            ("/api/v1/strategies/check", "GET", "POST"), (SMALL + "/runs/3/verify", "GET", "POST"), ("/api/v1/backtests/x", "GET", "DELETE"),
            (DEMO, "PUT", "GET"), (DEMO, "PATCH", "GET"), (DEMO, "BREW", "GET"),
        ):
            request_table.Table.counted += 1
            with self.subTest(f"{method} {target}"):
                answer = self.server.request(method, target)
                self.fails(answer, 405, "method_not_allowed")
                self.assertIn(allowed, answer.headers["allow"])
                self.assertNotIn(method, answer.headers["allow"].split(", "))

    def test_head_and_options(self):
        for target in ("/api/v1/kline/symbols", DEMO, SMALL, SMALL + "/runs", "/health", "/metrics", "/api/v1/openapi.yaml"):
            request_table.Table.counted += 2
            with self.subTest(target):
                get, head = self.server.request("GET", target), self.server.request("HEAD", target)
                self.assertEqual((head.status, head.raw), (200, b""))
                for name in ("content-type", "etag", "cache-control"):
                    self.assertEqual(head.headers.get(name), get.headers.get(name), name)
                if target != "/metrics" and target != "/health":
                    self.assertEqual(head.headers["content-length"], str(len(get.raw)))
                options = self.server.request("OPTIONS", target)
                self.assertIn(options.status, (200, 204))
                self.assertIn("GET", options.headers["allow"])

    def test_unknown_places(self):
        for target in ("/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/sweeps", "/api/v1/nothing", "/api/v1/kline", "/api/v1/sweeps/",
                       "/api/v1/sweeps/small/", "//api/v1/sweeps", "/api/v1//sweeps", "/api/v1/sweeps/a/b/c/d/e/f/g/h/i/j/k"):
            self.ask(target, (404, "not_found", None))

    def test_etags(self):
        for target in ("/api/v1/kline/symbols", DEMO, SMALL, SMALL + "/runs", SMALL + "/heatmap?x=period&y=fraction", "/api/v1/openapi.yaml"):
            request_table.Table.counted += 5
            with self.subTest(target):
                first = self.server.request("GET", target)
                tag = first.headers["etag"]
                self.assertRegex(tag, r'^"[^"]+"$')
                for sent in (tag, f'"other", {tag}', "*", f"W/{tag}"):
                    again = self.server.request("GET", target, headers={"If-None-Match": sent})
                    self.assertEqual((again.status, again.raw), (304, b""), sent)
                    self.assertEqual(again.headers["etag"], tag)
                self.assertEqual(self.server.request("GET", target, headers={"If-None-Match": '"other"'}).status, 200)
                self.assertEqual(self.server.request("HEAD", target, headers={"If-None-Match": tag}).status, 304)
        self.assertNotEqual(self.server.get(DEMO, limit=5).headers["etag"], self.server.get(DEMO, limit=6).headers["etag"])
        self.assertNotIn("etag", self.server.get(DEMO, limit=0).headers)

    def test_formats_and_coding(self):
        plain = self.server.get(DEMO, limit=500)
        self.assertNotIn("content-encoding", plain.headers)
        self.assertEqual(plain.headers["content-type"], "application/json")
        for accept in ("gzip", "deflate, gzip;q=0.5", "*", "GZIP", "gzip, br"):
            packed = self.server.get(DEMO, {"Accept-Encoding": accept}, limit=500)
            self.assertEqual(packed.headers.get("content-encoding"), "gzip", accept)
            self.assertLess(len(packed.raw), len(plain.raw) / 2)
            self.assertEqual(gzip.decompress(packed.raw), plain.raw)
            self.assertIn("Accept-Encoding", packed.headers["vary"])
            self.assertNotEqual(packed.headers["etag"], plain.headers["etag"])
            tag = packed.headers["etag"]
            self.assertEqual(self.server.get(DEMO, {"Accept-Encoding": accept, "If-None-Match": tag}, limit=500).status, 304)
        for accept in ("gzip;q=0", "identity", "br", "", "gzip;q=0, *;q=0"):
            self.assertNotIn("content-encoding", self.server.get(DEMO, {"Accept-Encoding": accept}, limit=500).headers, accept)
        for accept in ("application/msgpack", "application/msgpack, application/json;q=0.5", "application/x-msgpack"):
            packed = self.server.get(DEMO, {"Accept": accept}, limit=500)
            self.assertEqual(packed.headers["content-type"], "application/msgpack", accept)
            self.assertEqual(msgpack.unpackb(packed.raw), plain.value)
            self.assertNotEqual(packed.headers["etag"], plain.headers["etag"])
        both = self.server.get(DEMO, {"Accept": "application/msgpack", "Accept-Encoding": "gzip"}, limit=500)
        self.assertEqual(msgpack.unpackb(gzip.decompress(both.raw)), plain.value)
        for accept in ("*/*", "text/html", "application/json", "", "application/msgpack;q=0", "application/json, application/msgpack;q=0.1"):
            self.assertEqual(self.server.get(DEMO, {"Accept": accept}, limit=500).headers["content-type"], "application/json", accept)
        self.assertEqual(self.server.get(DEMO, {"Accept": "application/msgpack"}, limit=0).headers["content-type"], "application/json")
        request_table.Table.counted += 20

    def test_cache_headers(self):
        for target, wanted in ((DEMO, "no-cache"), (SMALL + "/runs", "no-cache"), ("/health", "no-store"), ("/metrics", "no-store"),
                               (DEMO + "?limit=0", "no-store")):
            request_table.Table.counted += 1
            self.assertIn(wanted, self.server.request("GET", target).headers["cache-control"], target)
        self.assertEqual(self.server.request("GET", DEMO).headers["x-content-type-options"], "nosniff")

    def test_hosts(self):
        port = self.server.port
        for host in (f"127.0.0.1:{port}", f"localhost:{port}", "localhost", "LOCALHOST", "[::1]", "192.168.1.5", "kmill.example",
                     f"Kmill.Example:{port}", "kmill.example."):
            self.ask("/api/v1/kline/symbols", None, headers={"Host": host})
        for host in ("evil.example", "evil.example:8000", "localhost.evil.example", "kmill.example.evil.example", "xn--localhost"):
            self.ask("/api/v1/kline/symbols", (421, "misdirected", "Host"), headers={"Host": host})
        for host in ("", "a b", "a@localhost", "localhost:99999", "[::1", "localhost/x", "local\thost"):
            self.ask("/api/v1/kline/symbols", (400, "invalid", "Host"), headers={"Host": host})

    def test_origins(self):
        port, check = self.server.port, b'{"strategy": "x = 1"}'

        def post(wanted, **headers):
            headers = {k.replace("_", "-"): v for k, v in headers.items()}
            self.ask("/api/v1/strategies/check", wanted, method="POST", headers={"Content-Type": "application/json", **headers}, body=check)
        post(None)
        post(None, Origin=f"http://127.0.0.1:{port}")
        post(None, Origin="https://pages.example")
        post(None, Sec_Fetch_Site="same-origin")
        for origin in ("https://evil.example", "null", f"https://127.0.0.1:{port}", "http://127.0.0.1:1", "http://pages.example",
                       "https://pages.example.evil.example", "https://pages.example:444", "nonsense"):
            post((403, "forbidden", "Origin"), Origin=origin)
        post((403, "forbidden", "Sec-Fetch-Site"), Sec_Fetch_Site="cross-site")
        self.ask("/api/v1/backtests/x", (403, "forbidden", "Origin"), method="DELETE", headers={"Origin": "https://evil.example"})
        self.ask("/api/v1/sweeps", (403, "forbidden", "Origin"), method="POST", headers={"Origin": "https://evil.example"}, body=b"{}")

    def test_cors(self):
        ours, theirs = {"Origin": "https://pages.example"}, {"Origin": "https://evil.example"}
        answer = self.server.request("GET", DEMO, headers=ours)
        self.assertEqual(answer.headers["access-control-allow-origin"], "https://pages.example")
        self.assertIn("Origin", answer.headers["vary"])
        for headers in (theirs, {}, {"Origin": "null"}):
            answer = self.server.request("GET", DEMO, headers=headers)
            self.assertEqual((answer.status, answer.headers.get("access-control-allow-origin")), (200, None))
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type, authorization"}
        preflight = self.server.request("OPTIONS", "/api/v1/backtests", headers=ours | asked)
        self.assertIn(preflight.status, (200, 204))
        self.assertEqual(preflight.headers["access-control-allow-origin"], "https://pages.example")
        self.assertIn("POST", preflight.headers["access-control-allow-methods"])
        allowed = preflight.headers["access-control-allow-headers"].lower()
        self.assertTrue("content-type" in allowed and "authorization" in allowed, allowed)
        refused = self.server.request("OPTIONS", "/api/v1/backtests", headers=theirs | asked)
        self.assertNotIn("access-control-allow-origin", refused.headers)
        request_table.Table.counted += 6

    def test_static_files_stay_in_their_folder(self):
        page = PAGES["index.html"].encode()
        self.assertEqual(self.server.get("/").body, page)
        self.assertIn("text/html", self.server.get("/").headers["content-type"])
        asset = self.server.get("/assets/app-1a2b3c4d.js")
        self.assertIn("javascript", asset.headers["content-type"])
        self.assertEqual(self.server.get("/", {"If-None-Match": self.server.get("/").headers["etag"]}).status, 304)
        for target in ("/../outside.txt", "/..%2foutside.txt", "/%2e%2e/outside.txt", "/assets/../../outside.txt", "/assets/%2e%2e/%2e%2e/outside.txt",
                       "/..%5coutside.txt", "/%252e%252e/outside.txt", "/link.txt", "/.secret", "/./.secret", "//etc/passwd", "/etc/passwd",
                       "/assets", "/assets/", "/index.html%00.js", "/..;/outside.txt", "/%c0%ae%c0%ae/outside.txt"):
            request_table.Table.counted += 1
            with self.subTest(target):
                answer = self.server.raw(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode(), check=("GET", target))
                self.assertNotIn(b"forbidden", answer.body)
                self.assertNotIn(b"hidden words", answer.body)
                self.assertNotIn(b"root:", answer.body)
                self.assertTrue(answer.status in (400, 404) or answer.body == page, answer.status)

    def test_broken_http(self):
        ok = b"GET /api/v1/kline/symbols HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        post = b"POST /api/v1/strategies/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        for data, statuses in (
            (ok + b"\r\n", (200,)),
            (b"GET /api/v1/kline/symbols HTTP/1.1\r\n\r\n", (400,)),
            (b"GET /api/v1/kline/symbols HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", (400,)),
            (post + b"Content-Length: 21\r\nContent-Length: 21\r\n\r\n" + b'{"strategy": "x = 1"}', (400,)),
            (post + b"Content-Length: 21\r\nContent-Length: 5\r\n\r\n" + b'{"strategy": "x = 1"}', (400,)),
            (post + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400,)),
            (post + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400,)),
            (post + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", (400,)),
            (post + b"Content-Length: -1\r\n\r\n", (400,)),
            (post + b"Content-Length: +5\r\n\r\nhello", (400,)),
            (post + b"Content-Length: 5, 5\r\n\r\nhello", (400,)),
            (post + b"Content-Length: 99999999999999999999\r\n\r\n", (400, 413)),
            (post + b"Content-Length: 2000000\r\n\r\n", (413,)),
            (ok + b"X: " + b"a" * 200000 + b"\r\n\r\n", (400, 413, 431)),
            (b"GET /api/v1/kline/symbols?x=" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", (414,)),
            (b"GET /api/v1/kline/symbols HTTP/3.0\r\nHost: localhost\r\n\r\n", (400, 505)),
            (b"nonsense\r\n\r\n", (400,)),
            (b"GET  HTTP/1.1\r\n\r\n", (400,)),
        ):
            request_table.Table.counted += 1
            with self.subTest(data[:120]):
                with self.server.socket(10) as s:
                    got = server.exchange(s, data)
                if got:
                    answer = server.parse_answer(server.io.BytesIO(got))
                    self.assertIn(answer.status, statuses, got[:200])
                else:  # closed without a word: only where the library gave up before a request was there
                    self.assertNotEqual(statuses, (200,))

    def test_a_chunked_body_is_read(self):
        text = b'{"strategy": "x = 1"}'
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in (text[:5], text[5:])) + b"0\r\n\r\n"
        head = b"POST /api/v1/strategies/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
        answer = self.server.raw(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks, check=("POST", "/api/v1/strategies/check"))
        self.assertEqual(answer.status, 200)
        too_much = b"".join(b"10000\r\n" + b"x" * 65536 + b"\r\n" for _ in range(20)) + b"0\r\n\r\n"
        answer = self.server.raw(head + b"Transfer-Encoding: chunked\r\n\r\n" + too_much, check=("POST", "/api/v1/strategies/check"))
        self.assertEqual((answer.status, answer.code), (413, "too_large"))

    def test_pipelined_requests_are_answered_in_order(self):
        targets = [f"{DEMO}?limit={n}" for n in (1, 2, 3)] + ["/health"]
        data = b"".join(f"GET {t} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() for t in targets)
        with self.server.socket(10) as s:
            s.sendall(data)
            stream = s.makefile("rb")
            answers = [server.parse_answer(stream) for _ in targets]
        self.assertEqual([a.value.get("count") for a in answers], [1, 2, 3, None])

    def test_events_resume_and_poll(self):
        market.kmill("synth", "--symbol", "NEWUSDT", "--bars", 10, "--store", self.market.store)
        found = self.wait_for_event("NEWUSDT")
        with self.server.stream("/api/v1/events", {"Last-Event-ID": str(found["id"] - 1)}) as events:
            event = events.next()
            self.assertEqual(event, (found["id"], "series", found["data"]))
            self.assertEqual(events.retry, 2000)
        with self.server.stream(f"/api/v1/events?last_event_id={found['id'] - 1}") as events:
            self.assertEqual(events.next()[0], found["id"])
        with self.server.stream("/api/v1/events?last_event_id=12345") as events:
            self.assertEqual(events.next()[1], "reset")
        page = self.server.get("/api/v1/events", since=found["id"] - 1).value
        self.assertEqual(page["events"][0], found)
        self.assertEqual(self.server.get("/api/v1/events", since=page["last_id"]).value["events"], [])
        self.assertTrue(self.server.get("/api/v1/events", since=12345).value["reset"])

    def wait_for_event(self, symbol):
        deadline = server.time.monotonic() + 20
        while server.time.monotonic() < deadline:
            for event in self.server.get("/api/v1/events", since=0).value["events"]:
                if event["event"] == "series" and event["data"]["symbol"] == symbol:
                    return event
            server.time.sleep(0.1)
        raise AssertionError(f"no event of {symbol}")

    def test_counters(self):
        text = self.server.get("/metrics").body.decode()
        labels = r'(\{(\w+="[^"\\]*",?)*\})?'
        for line in text.splitlines():
            self.assertRegex(line, rf"^(# (HELP|TYPE) [a-zA-Z_:][\w:]* .+|[a-zA-Z_:][\w:]*{labels} ([-+\d.eE]+|NaN|[+-]Inf))$")
        named = set(re.findall(r"^# TYPE (\S+)", text, re.M))
        for line in text.splitlines():
            if not line.startswith("#"):
                name = re.match(r"[\w:]+", line)[0]
                self.assertTrue(name in named or re.sub(r"_(bucket|sum|count)$", "", name) in named, line)


class Tokens(request_table.Table):
    """Where a token is set, everything that changes or runs something wants it."""
    settings = {"environment": {"KMILL_TOKEN": "sesame-sesame-sesame"}, "sweeps": False}

    def test_who_may(self):
        check = server.json.dumps({"strategy": self.market.strategy}).encode()
        json_body = {"Content-Type": "application/json"}
        right = {"Authorization": "Bearer sesame-sesame-sesame"}
        path = "/api/v1/strategies/check"
        self.ask(path, {"problems": []}, method="POST", headers=json_body | right, body=check)
        for wrong in ({}, {"Authorization": "Bearer sesame"}, {"Authorization": "Bearer sesame-sesame-sesamee"}, {"Authorization": "sesame-sesame-sesame"},
                      {"Authorization": "Basic sesame-sesame-sesame"}, {"Authorization": "Bearer "}, {"Authorization": "Bearer Sesame-sesame-sesame"}):
            self.ask(path, (401, "unauthorized", "Authorization"), method="POST", headers=json_body | wrong, body=check)
        for method, target in (("POST", "/api/v1/sweeps"), ("POST", "/api/v1/backtests"), ("DELETE", "/api/v1/backtests/x"),
                               ("DELETE", "/api/v1/sweeps/x"), ("POST", "/api/v1/sweeps/x/resume"), ("POST", "/api/v1/sweeps/x/runs/1/verify")):
            self.ask(target, (401, "unauthorized", "Authorization"), method=method, headers=json_body, body=b"{}" if method == "POST" else None)
        self.ask("/api/v1/backtests/x", (404, "not_found", "id"), method="DELETE", headers=right)
        self.ask(DEMO + "?limit=1", None)
        self.ask("/health", None)
        for operation in self.server.contract.operations:  # the contract says the same
            wants = any("token" in s for s in operation.node.get("security", []))
            self.assertEqual(wants, operation.method in ("POST", "DELETE"), operation.name)


class Limits(request_table.Table):
    """Two requests a second, loopback not exempt; small limits on everything."""
    options = ("--rate-per-second", "2", "--rate-limit-loopback", "--url-max", "300", "--body-max", "2000")
    settings = {"sweeps": False}

    def test_rate_limit(self):
        server.time.sleep(1.5)
        answers = [self.server.get("/api/v1/kline/symbols") for _ in range(8)]
        statuses = [a.status for a in answers]
        self.assertEqual(statuses[:2], [200, 200])
        self.assertGreaterEqual(statuses.count(429), 4)
        refused = next(a for a in answers if a.status == 429)
        self.assertEqual(refused.code, "rate_limited")
        self.assertGreaterEqual(int(refused.headers["retry-after"]), 1)
        server.time.sleep(1.2)
        self.assertEqual(self.server.get("/api/v1/kline/symbols").status, 200)

    def test_sizes(self):
        server.time.sleep(1.5)
        self.ask("/api/v1/kline/symbols?x=" + "a" * 300, (414, "too_long", None))
        self.ask("/api/v1/strategies/check", (413, "too_large", None), method="POST", headers={"Content-Type": "application/json"}, body=b"x" * 2001)


if __name__ == "__main__":
    request_table.main(at_least=130)
