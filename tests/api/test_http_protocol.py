"""What the server does with connections rather than with routes: slow clients, streams, keep-alive, TLS, addresses, signals."""
import contextlib
import gzip
import http.client
import io
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

import server

GET = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
STREAM = b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"

IS_SANITIZED = any(name in pathlib.Path(server.KMILL or "/dev/null").read_bytes() for name in (b"__asan_init", b"__tsan_init"))


def read_answer(stream, method="GET"):
    return server.parse_answer(stream, method)


def closed_after(s, limit):
    """Seconds until the server closes the connection, or None after `limit`."""
    began = time.monotonic()
    s.settimeout(limit)
    with contextlib.suppress(ConnectionError):
        try:
            while s.recv(65536):
                pass
        except TimeoutError:
            return None
    return time.monotonic() - began


def drip(s, data, every, until):
    """Sends data byte by byte until the server hangs up; False if it never does."""
    s.settimeout(0.01)
    for byte in data:
        if time.monotonic() > until:
            return False
        try:
            s.sendall(bytes([byte]))
            if s.recv(1) == b"":
                return True
        except TimeoutError:
            pass
        except ConnectionError:
            return True
        time.sleep(every)
    return False


class Connections(server.Case):
    settings = {"sweeps": False}

    def test_a_connection_is_kept_for_many_requests(self):
        before = self.server.counters()["kmill_connections_accepted_total"]
        with self.server.socket() as s:
            stream = s.makefile("rb")
            for _ in range(50):
                s.sendall(GET)
                self.assertEqual(read_answer(stream).status, 200)
            for bad in (b"GET /api/v1/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n", b"DELETE /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
                        b"POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"):
                s.sendall(bad)  # a refused request whose body was read keeps the connection too
                self.assertIn(read_answer(stream).status, (404, 405))
            s.sendall(GET)
            self.assertEqual(read_answer(stream).status, 200)
        self.assertEqual(self.server.counters()["kmill_connections_accepted_total"] - before, 1)

    def test_head_of_a_stream_sends_nothing_after_its_headers(self):
        for _ in range(3):
            with self.server.socket(10) as s:
                s.sendall(STREAM.replace(b"GET", b"HEAD") + GET)
                stream = s.makefile("rb")
                head = read_answer(stream, "HEAD")
                self.assertEqual((head.status, head.raw, head.headers["content-type"]), (200, b"", "text/event-stream"))
                self.assertNotIn("content-length", head.headers)
                # The last chunk of a body that HEAD has not would be read as an answer. The other request's answer, or the end.
                rest = stream.read(12)
                self.assertIn(rest, (b"", b"HTTP/1.1 200"))
                self.assertEqual(rest == b"", head.headers.get("connection") == "close")
        self.assertEqual(self.server.counters()["kmill_streams"], 0)

    def test_connection_close_is_heeded(self):
        with self.server.socket() as s:
            s.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            self.assertEqual(read_answer(s.makefile("rb")).status, 200)
            self.assertIsNotNone(closed_after(s, 5))

    def test_http_1_0_is_answered_and_closed(self):
        got = self.server.raw(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n", timeout=10)
        self.assertTrue(got.startswith(b"HTTP/1."), got)
        self.assertIn(b'"status":"ok"', got)

    def test_expect_100_continue(self):
        head = b"POST /api/v1/strategies/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
        body = b'{"strategy": "x = 1"}'
        with self.server.socket(10) as s:
            s.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body))
            self.assertTrue(s.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n\r\n"))
            s.sendall(body)
            self.assertEqual(read_answer(s.makefile("rb")).status, 200)
        with self.server.socket(10) as s:  # too much: the body is never asked for
            s.sendall(head + b"Content-Length: 99999999\r\n\r\n")
            self.assertEqual(read_answer(s.makefile("rb")).status, 413)

    def test_every_refusal_has_the_one_format(self):
        post = b"POST /api/v1/strategies/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        for data, status, code in (
            (b"GET /health HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "invalid"),
            (post + b"Content-Length: 2000000\r\n\r\n", 413, "too_large"),
            (b"GET /?" + b"x" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, "too_long"),
            (b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 17000 + b"\r\n\r\n", 431, "too_long"),
            (b"GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "invalid"),
            (b"GET /api/v1/kline/%FF/1h HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "invalid"),
            (b"GET /api/v1/kline/symbols?a=%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "invalid"),
            (b"GET /health HTTP/1.1\r\nHost: localhost\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n", 400, "invalid"),
        ):
            with self.subTest(data[:60]):
                answer = server.parse_answer(io.BytesIO(self.server.raw(data, timeout=10)))
                self.assertEqual((answer.status, answer.code), (status, code), answer.body)
                self.assertEqual(answer.headers["content-type"], "application/json")

    def test_large_requests_that_are_allowed_have_room(self):
        long, many = b"X: " + b"x" * 16000 + b"\r\n", b"".join(b"X-%03d: %s\r\n" % (i, b"y" * 92) for i in range(155))
        for address, headers in ((b"/health", long), (b"/health", many), (b"/health?" + b"a" * 8000, long[:-1000] + b"\r\n")):
            got = self.server.raw(b"GET " + address + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers + b"\r\n", timeout=10)
            self.assertTrue(got.startswith(b"HTTP/1.1 200"), (len(headers), got[:300]))

    def test_absolute_form_is_its_path(self):
        got = self.server.raw(b"GET http://localhost/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", timeout=10)
        self.assertIn(b'"status":"ok"', got)

    def test_a_parameter_given_twice_is_refused(self):
        for query, field in (("limit=2&limit=5", "limit"), ("limit=5&limit=5", "limit"), ("limit=2&end_time=5&lim%69t=3", "limit")):
            self.fails(self.server.get("/api/v1/kline/DEMOUSDT/1h?" + query), 400, "invalid", field)

    def test_pluses_of_offsets(self):
        answer = self.server.get("/api/v1/kline/DEMOUSDT/1h?limit=2&start_time=2024-01-01T00:00:00+00:00")
        self.assertEqual((answer.status, answer.value["count"]), (200, 2))
        self.assertEqual(answer.value["data"][0]["open_time"], "2024-01-01T01:00:00+00:00")

    def test_two_hundred_clients_at_once(self):
        failed = []

        def client(_):
            try:
                c = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
                for i in range(20):
                    c.request("GET", f"/api/v1/kline/DEMOUSDT/1h?limit={1 + i}", headers={"Accept-Encoding": "gzip"})
                    reply = c.getresponse()
                    raw = reply.read()
                    raw = gzip.decompress(raw) if reply.getheader("Content-Encoding") else raw
                    if reply.status != 200 or raw.count(b"open_time") != 1 + i:
                        failed.append((reply.status, raw[:200]))
                c.close()
            except OSError as e:
                failed.append(e)
        server.at_once(200, client)
        self.assertEqual(failed, [])

    def test_a_kept_page_has_both_forms(self):
        target, packed = "/api/v1/kline/DEMOUSDT/1h?limit=901", {"Accept-Encoding": "gzip"}
        plain = [self.server.request("GET", target) for _ in range(4)]  # the second one is kept
        self.assertEqual({(a.raw, a.headers["etag"], a.headers.get("content-encoding")) for a in plain}, {(plain[0].body, plain[0].headers["etag"], None)})
        got = []

        def ask(_):
            client = self.server.new_client()
            got.extend(client.request("GET", target, headers=packed) for _ in range(5))
            client.close()
        server.at_once(8, ask)
        self.assertEqual((len(got), {a.body for a in got}), (40, {plain[0].body}))
        for a in got:  # plain while the other form is being made
            mark = {"gzip": "-gz", None: ""}[a.headers.get("content-encoding")]
            self.assertEqual(a.headers["etag"], plain[0].headers["etag"][:-1] + mark + '"')
        after = self.server.request("GET", target, headers=packed)
        self.assertEqual((after.headers["content-encoding"], after.headers["content-type"], after.body), ("gzip", "application/json", plain[0].body))
        self.assertLess(len(after.raw), len(plain[0].body) / 3)
        self.assertEqual(self.server.request("GET", target, headers={"If-None-Match": after.headers["etag"]}).status, 304)
        self.assertEqual(self.server.request("GET", target).raw, plain[0].body)

    @unittest.skipIf(IS_SANITIZED, "sanitizers keep what is freed")
    def test_memory_of_a_crowd_is_given_back(self):
        for _ in range(20):  # what any first requests take
            self.server.get("/api/v1/kline/DEMOUSDT/1h?limit=100")
        before = self.server.memory()
        with contextlib.ExitStack() as stack:
            for _ in range(400):
                s = stack.enter_context(self.server.socket())
                s.sendall(STREAM)
                self.assertIn(b"200 OK", s.recv(1000))
            self.assertLess(self.server.memory() - before, 16 << 20)  # 40 KiB each
        deadline = time.monotonic() + 10
        while self.server.memory() - before > 8 << 20:
            self.assertLess(time.monotonic(), deadline, f"{(self.server.memory() - before) / 2**20:.1f} MiB are kept")
            time.sleep(0.1)

    def test_garbage_harms_nobody(self):
        import random
        pieces = [b"GET / HTTP/1.1\r\n", b"POST ", b"Host: x\r\n", b"\r\n", b"\r\n\r\n", b"\0", b"\xff", b"Content-Length: 5\r\n",
                  b"Transfer-Encoding: chunked\r\n", b"ffffffffffffffff\r\n", b"%", b"/api/v1/kline/", b" HTTP/1.1", b"Expect: 100-continue\r\n",
                  b":", b"If-None-Match: \"\r\n", b"Accept-Encoding: gzip;q=\r\n", b"Range: bytes=0-\r\n", b"-1\r\n", b"0\r\n\r\n", b"?a=%&&=&"]
        dice = random.Random(7)
        for _ in range(300):
            data = b"".join(dice.choice(pieces) for _ in range(dice.randrange(1, 25)))
            with self.server.socket(0.02) as s:
                server.exchange(s, data)
        self.assertEqual(self.server.get("/health").status, 200)


class SlowClients(server.Case):
    options = ("--request-seconds", "1.5", "--streams-max", "3", "--connections-per-address", "40")
    settings = {"sweeps": False}

    def is_cut_off(self, data, every=0.1):
        began = time.monotonic()
        with self.server.socket() as s:
            self.assertTrue(drip(s, data, every, began + 8), "still connected")
        return time.monotonic() - began

    def test_a_dripping_header_is_cut_off(self):
        took = self.is_cut_off(b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 100)
        self.assertTrue(1.2 < took < 4, took)

    def test_a_dripping_body_is_cut_off(self):
        took = self.is_cut_off(b"x" * 1000)
        self.assertTrue(1.2 < took < 4, took)
        began = time.monotonic()
        with self.server.socket() as s:
            s.sendall(b"POST /api/v1/backtests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
            self.assertTrue(drip(s, b"x" * 1000, 0.1, began + 8))
        self.assertTrue(1.2 < time.monotonic() - began < 5)

    def test_silent_and_idle_connections_end(self):
        with self.server.socket() as silent, self.server.socket() as idle:
            idle.sendall(GET)
            self.assertEqual(read_answer(idle.makefile("rb")).status, 200)
            for s in (silent, idle):
                took = closed_after(s, 8)
                self.assertIsNotNone(took, "still connected")
                self.assertLess(took, 4)

    def test_a_stream_lives_on(self):
        with self.server.socket() as s:
            s.sendall(STREAM)
            self.assertIn(b"200 OK", s.recv(1000))
            s.settimeout(4)
            with self.assertRaises(TimeoutError):
                while s.recv(65536):
                    pass

    def test_streams_are_bounded_and_given_back(self):
        self.wait_for_streams(0)
        with contextlib.ExitStack() as stack:
            for _ in range(3):
                s = stack.enter_context(self.server.socket())
                s.sendall(STREAM)
                self.assertIn(b"200 OK", s.recv(1000))
            refused = server.parse_answer(io.BytesIO(self.server.raw(STREAM.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), timeout=5)))
            self.assertEqual((refused.status, refused.code), (503, "busy"))
            self.assertGreaterEqual(int(refused.headers["retry-after"]), 1)
        self.wait_for_streams(0)  # long before the next heartbeat: the hang-up is seen
        with self.server.socket() as s:
            s.sendall(STREAM)
            self.assertIn(b"200 OK", s.recv(1000))

    def wait_for_streams(self, count):
        deadline = time.monotonic() + 5
        while self.server.counters()["kmill_streams"] != count:
            self.assertLess(time.monotonic(), deadline, "the streams stay")
            time.sleep(0.05)

    def test_connections_of_one_address_are_bounded(self):
        with contextlib.ExitStack() as stack:
            answered = 0
            for _ in range(60):
                s = stack.enter_context(self.server.socket(2))
                with contextlib.suppress(ConnectionError, TimeoutError):
                    s.sendall(GET)
                    answered += s.recv(1000).startswith(b"HTTP/1.1 200")
            self.assertTrue(30 <= answered <= 40, answered)
        deadline = time.monotonic() + 5
        while True:  # they are given back
            with self.server.socket(2) as s, contextlib.suppress(ConnectionError):
                s.sendall(GET)
                if s.recv(1000).startswith(b"HTTP/1.1 200"):
                    break
            self.assertLess(time.monotonic(), deadline)

    def test_normal_requests_answer_beside_slow_ones(self):
        with contextlib.ExitStack() as stack:
            for _ in range(20):
                s = stack.enter_context(self.server.socket())
                s.sendall(b"GET /health HTTP/1.1\r\nX: ")
            times = []
            for _ in range(20):
                began = time.monotonic()
                with contextlib.closing(self.server.new_client()) as client:
                    self.assertEqual(client.request("GET", "/health").status, 200)
                times.append(time.monotonic() - began)
            self.assertLess(sorted(times)[10], 0.5)


class Life(unittest.TestCase):
    """Starting, reloading, stopping."""

    def started(self, *options, **more):
        return server.running(*options, sweeps=False, **more)

    def fails_to_start(self, *options):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([server.KMILL, "serve", "--store", folder, "--results", folder, *map(str, options)], stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=30, cwd=folder)
        self.assertEqual(done.returncode, 2, done.stderr)
        said = [line for line in done.stderr.splitlines() if not line.startswith("{")]  # warnings of the log aside
        self.assertEqual(len(said), 1, done.stderr)
        return said[0]

    def test_a_mistake_is_one_line(self):
        with self.started() as s:
            self.assertRegex(self.fails_to_start("--port", s.port), f"port {s.port} of 127.0.0.1 is in use.*--port")
        self.assertIn("192.0.2.1", self.fails_to_start("--port", 0, "--address", "192.0.2.1"))
        self.assertIn("no.such.host.invalid", self.fails_to_start("--port", 0, "--address", "no.such.host.invalid"))
        self.assertIn("/no/such/folder", self.fails_to_start("--port", 0, "--web", "/no/such/folder"))
        self.assertIn("/no/such.pem", self.fails_to_start("--port", 0, "--tls-certificate", "/no/such.pem", "--tls-key", "/no/such.pem"))
        with tempfile.NamedTemporaryFile() as f:
            f.write(b"no certificate")
            f.flush()
            self.assertIn("PEM", self.fails_to_start("--port", 0, "--tls-certificate", f.name, "--tls-key", f.name))
            f.write(b"\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
            f.flush()
            self.assertIn("start", self.fails_to_start("--port", 0, "--tls-certificate", f.name, "--tls-key", f.name))

    def test_stopping_ends_streams_and_finishes_answers(self):
        with self.started() as s:
            with s.socket(10) as stream, s.socket(10) as idle, s.socket(10) as half:
                stream.sendall(STREAM)
                self.assertIn(b"200 OK", stream.recv(1000))
                idle.sendall(GET)
                idle.recv(1000)
                half.sendall(b"GET /health HTTP/1.1\r\nHo")
                self.assertLess(s.stop(), 5)
                self.assertIsNotNone(closed_after(stream, 1))
                self.assertIsNotNone(closed_after(idle, 1))
            self.assertIn('"message":"stopping"', s.log_text())

    def test_sigint_stops_too(self):
        with self.started() as s:
            s.process.send_signal(signal.SIGINT)
            self.assertEqual(s.process.wait(timeout=6), 0)

    def test_many_starts_and_stops_lose_nothing(self):
        for _ in range(5):
            with self.started("--io-threads", "1") as s:
                self.assertEqual(s.get("/health").status, 200)

    def test_reload_keeps_serving(self):
        with self.started() as s:
            for _ in range(5):
                s.reload()
                self.assertEqual(s.get("/health").status, 200)
            deadline = time.monotonic() + 5
            while s.log_text().count("settings read anew") < 1:
                self.assertLess(time.monotonic(), deadline, s.log_text())
                time.sleep(0.05)

    def test_ipv6(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            self.skipTest("this machine has no IPv6")
        with tempfile.TemporaryDirectory() as folder:
            process = subprocess.Popen([server.KMILL, "serve", "--address", "::1", "--port", "0", "--store", folder, "--results", folder],
                                       stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=folder)
            with process:
                try:
                    port = int(re.search(r"http://\[::1\]:(\d+)", process.stderr.readline())[1])
                    with socket.create_connection(("::1", port), timeout=10) as s:
                        s.sendall(b"GET /health HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n")
                        self.assertEqual(read_answer(s.makefile("rb")).status, 200)
                finally:
                    process.terminate()
                log = process.stderr.read()
            self.assertIn('"remote":"::1"', log)

    def test_the_access_log_is_json(self):
        import json
        with self.started() as s:
            s.get("/api/v1/kline/symbols")
            s.raw(b"GET /a\"\\b\x01 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", timeout=5)
            s.stop()
            lines = [json.loads(line) for line in s.log_text().splitlines() if line.startswith("{")]
        asked = [line for line in lines if line.get("path") == "/api/v1/kline/symbols"]
        self.assertEqual(len(asked), 1)
        self.assertEqual((asked[0]["status"], asked[0]["method"], asked[0]["remote"], asked[0]["level"]), (200, "GET", "127.0.0.1", "info"))
        self.assertGreater(asked[0]["ms"], 0)
        self.assertGreater(asked[0]["bytes"], 0)

    def test_log_level_warn_has_no_access_lines(self):
        with self.started("--log-level", "warn") as s:
            s.get("/health")
            s.stop()
            self.assertNotIn("/health", s.log_text())


class Tls(unittest.TestCase):
    def test_tls(self):
        if not shutil.which("openssl"):
            self.skipTest("no openssl to make a certificate")
        with tempfile.TemporaryDirectory() as folder:
            cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                            "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert], check=True, capture_output=True)
            with server.running("--tls-certificate", cert, "--tls-key", key, sweeps=False) as s:
                self.assertTrue(s.url.startswith("https://"))
                context = ssl.create_default_context(cafile=cert)
                with s.socket() as plain, context.wrap_socket(plain, server_hostname="localhost") as secure:
                    stream = secure.makefile("rb")
                    for target, size in ((b"/health", 20), (b"/api/v1/kline/DEMOUSDT/1h?limit=1000", 100000), (b"/health", 20)):
                        secure.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        answer = read_answer(stream)
                        self.assertEqual(answer.status, 200)
                        self.assertGreater(len(answer.body), size)
                with s.socket(5) as plain:
                    self.assertNotIn(b"200 OK", server.exchange(plain, GET))


class Pages(unittest.TestCase):
    def test_forms_of_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            web = pathlib.Path(folder)
            (web / "assets").mkdir()
            (web / "index.html").write_text("<title>page</title>")
            (web / "assets" / "a-1.js").write_text("plain")
            (web / "assets" / "a-1.js.gz").write_bytes(gzip.compress(b"packed"))
            (web / "assets" / "a-1.js.br").write_bytes(b"brotli bytes")
            for name in ("x.mjs", "x.wasm", "x.css", "x.svg", "x.bin"):
                (web / name).write_text("content of a file")
            with server.running("--web", folder, sweeps=False) as s:
                self.formed(s)
                self.addressed(s)

    def addressed(self, s):
        """Addresses of pages, whose ids may have dots; what a browser loads for a page is never a page."""
        def get(target, accept):
            answer = s.client.request("GET", target, headers={"Accept": accept} if accept else {}, check=False)
            return answer.status, answer.body == b"<title>page</title>"
        browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        for target in ("/sweeps/2024.05.small", "/sweeps/a.js", "/klines/X/1h", "/"):
            self.assertEqual(get(target, browser), (200, True), target)
        for target in ("/sweeps/2024.05.small", "/assets/gone-1.js"):
            for accept in ("*/*", None, "text/html;q=0", "application/json"):
                self.assertEqual(get(target, accept), (404, False), (target, accept))
        self.assertEqual(get("/x.css", browser), (200, False))
        self.assertEqual(get("/api/v1/sweeps/a.b", browser)[0], 404)
        self.assertEqual(get("/../x.css.html", browser)[1], False)

    def formed(self, s):
        def get(target, **headers):
            return s.client.request("GET", target, headers={k.replace("_", "-"): v for k, v in headers.items()}, check=False)
        plain, packed, best = get("/assets/a-1.js"), get("/assets/a-1.js", Accept_Encoding="gzip"), None
        best = s.raw(b"GET /assets/a-1.js HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip, br\r\nConnection: close\r\n\r\n")
        self.assertEqual((plain.body, packed.body), (b"plain", b"packed"))
        self.assertIn(b"Content-Encoding: br\r\n", best)
        self.assertTrue(best.endswith(b"brotli bytes"))
        self.assertEqual(len({plain.headers["etag"], packed.headers["etag"]}), 2)
        self.assertEqual(plain.headers["cache-control"], "public, max-age=31536000, immutable")
        self.assertEqual(get("/assets/a-1.js", If_None_Match=plain.headers["etag"]).status, 304)
        for name, kind in (("x.mjs", "text/javascript"), ("x.wasm", "application/wasm"), ("x.css", "text/css"), ("x.svg", "image/svg+xml"),
                           ("x.bin", "application/octet-stream")):
            answer = get("/" + name)
            self.assertEqual((answer.status, answer.headers["content-type"], answer.body), (200, kind, b"content of a file"), name)
        for page in ("/", "/sweeps", "/sweeps/a/runs/3?sort=x"):
            answer = get(page)
            self.assertEqual((answer.status, answer.headers["cache-control"]), (200, "no-cache"), page)
            policy = answer.headers["content-security-policy"]
            for part in ("frame-ancestors 'none'", "script-src 'self' 'wasm-unsafe-eval'", "worker-src 'self' blob:"):
                self.assertIn(part, policy)
            self.assertEqual(answer.headers["x-content-type-options"], "nosniff")
        self.assertEqual(get("/missing.js").status, 404)
        head = s.client.request("HEAD", "/assets/a-1.js", check=False)
        self.assertEqual((head.status, head.headers["content-length"], head.raw), (200, "5", b""))


if __name__ == "__main__":
    server.main()
