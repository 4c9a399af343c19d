"""Downloads whose length is not known, compressed: the same bytes, the right headers, bounded memory, and nothing kept of who hangs up."""
import contextlib
import gzip
import http.client
import json
import socket
import time
import zlib

import market
import server

SWEEPS = "/api/v1/sweeps"
GZIP = {"Accept-Encoding": "gzip"}
IDLE = "class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        pass\n"
WIDE = '''name: wide
strategy: strategy.py
symbols: [DEMOUSDT]
intervals: 1h
params: {number: {range: [1, 400], step: 1}}
keep: {equity: all, trades: none}
'''
RUNS, ALL_BARS = 400, 400 * market.BARS


class ExportGzip(server.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.market.folder / "wide"
        folder.mkdir()
        (folder / "strategy.py").write_text(IDLE, encoding="utf-8")
        (folder / "sweep.yaml").write_text(WIDE, encoding="utf-8")
        market.kmill("run", folder / "sweep.yaml", "--store", cls.market.store, "--output", cls.market.result("wide"), "--progress", "none")
        cls.ids = [s["id"] for s in cls.server.get(SWEEPS).value["sweeps"] if s["state"] == "complete"]

    def test_the_bytes_are_those_of_the_plain_one(self):
        self.assertGreater(len(self.ids), 1)
        for sweep in self.ids:
            for what in ("runs", "trades") + (("equity",) if sweep != "wide" else ()):
                for form in ("csv", "json"):
                    target = f"{SWEEPS}/{sweep}/export?what={what}&format={form}"
                    plain, packed = self.server.request("GET", target), self.server.request("GET", target, headers=GZIP)
                    self.assertEqual((plain.status, packed.status), (200, 200))
                    self.assertNotIn("content-encoding", plain.headers)
                    self.assertEqual(packed.headers["content-encoding"], "gzip")
                    self.assertEqual(gzip.decompress(packed.raw), plain.raw, target)
                    for name in ("content-type", "content-disposition", "vary"):
                        self.assertEqual(packed.headers[name], plain.headers[name])
                    self.assertIn("Accept-Encoding", packed.headers["vary"])

    def test_each_form_has_its_tag(self):
        target = f"{SWEEPS}/wide/export?what=runs"
        plain, packed = self.server.request("GET", target), self.server.request("GET", target, headers=GZIP)
        self.assertEqual(packed.headers["etag"], plain.headers["etag"][:-1] + '-gz"')
        for answer in (plain, packed):
            again = self.server.request("GET", target, headers=GZIP | {"If-None-Match": answer.headers["etag"]})
            self.assertEqual((again.status, again.raw, again.headers["etag"]), (304, b"", answer.headers["etag"]))
            self.assertNotIn("content-encoding", again.headers)

    def test_head_says_what_get_would(self):
        target = f"{SWEEPS}/wide/export?what=runs"
        for headers in ({}, GZIP):
            got, head = (self.server.request(method, target, headers=headers) for method in ("GET", "HEAD"))
            for name in ("content-encoding", "etag", "vary", "content-type", "content-disposition"):
                self.assertEqual(head.headers.get(name), got.headers.get(name), name)
            self.assertEqual((head.status, head.raw), (200, b""))

    def test_who_does_not_want_gzip_gets_none(self):
        for accepted in ("identity", "gzip;q=0", "br", "deflate, *;q=0"):
            answer = self.server.request("GET", f"{SWEEPS}/wide/export", headers={"Accept-Encoding": accepted})
            self.assertNotIn("content-encoding", answer.headers, accepted)
            self.assertEqual(answer.raw.count(b"\n"), RUNS + 1)

    def test_errors_and_events_are_not_packed(self):
        self.fails(self.server.request("GET", f"{SWEEPS}/wide/export?columns=nope", headers=GZIP), 400, "invalid", "columns")
        with self.server.stream("/api/v1/events", headers=GZIP) as events:
            self.assertEqual((events.status, events.headers.get("content-encoding")), (200, None))

    def test_a_backtest_s_answer_is_packed_too(self):
        body = json.dumps({"strategy": IDLE, "symbol": "DEMOUSDT", "interval": "1h"}).encode()
        plain, packed = (self.server.request("POST", "/api/v1/backtests", body=body, headers={"Content-Type": "application/json"} | more) for more in ({}, GZIP))
        self.assertEqual((plain.status, packed.status, packed.headers["content-encoding"]), (200, 200, "gzip"))
        self.assertEqual(packed.value.keys(), plain.value.keys())
        self.assertEqual(packed.value["finalBalance"], plain.value["finalBalance"])
        self.assertLess(len(packed.raw), len(plain.raw) / 2)

    # ---- clients that read slowly, or not to the end ----

    def ask(self, stack, read=0):
        """An export of tens of megabytes, of which `read` bytes are taken."""
        s = stack.enter_context(socket.socket())
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.settimeout(60)
        s.connect((self.server.address, self.server.port))
        s.sendall(f"GET {SWEEPS}/wide/export?what=equity HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n".encode())
        reply = http.client.HTTPResponse(s, method="GET")
        reply.begin()
        self.assertEqual((reply.status, reply.headers["content-encoding"]), (200, "gzip"))
        return reply, reply.read(read) if read else b""

    def test_memory_is_bounded_and_a_slow_reader_gets_all(self):
        with contextlib.ExitStack() as stack:
            self.ask(stack)
            before = self.server.memory()
            replies = [self.ask(stack)[0] for _ in range(20)]
            unpack, lines, most = zlib.decompressobj(31), 0, 0
            while piece := replies[0].read1(1 << 16):
                lines += unpack.decompress(piece).count(b"\n")
                most = max(most, self.server.memory())
            self.assertTrue(unpack.eof)
            self.assertEqual(lines, 1 + ALL_BARS)
            # Each has its own open result, 256 KiB of deflate and two pieces of 256 KiB; a whole one is above 30 MB.
            self.assertLess(most - before, 20 * (3 << 20))

    def test_nothing_is_kept_of_who_hangs_up(self):
        def round_of(count):
            for i in range(count):
                with contextlib.ExitStack() as stack:
                    self.ask(stack, read=(0, 1, 5000, 200000)[i % 4])
        round_of(8)
        self.settled()
        descriptors, before = self.server.descriptors(), self.server.memory()
        round_of(60)
        self.settled()
        self.assertLessEqual(self.server.descriptors(), descriptors)
        self.assertLess(self.server.memory() - before, 8 << 20)

    def settled(self):
        deadline = time.monotonic() + 20
        while self.server.counters()["kmill_connections"] > 1:
            self.assertLess(time.monotonic(), deadline, "connections stay")
            time.sleep(0.1)
        time.sleep(0.5)  # the pool closes their results


if __name__ == "__main__":
    server.main()
