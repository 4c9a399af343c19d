"""Random bytes and damaged requests against the real server for some seconds: it never dies, and whatever it says is a well-formed answer
that the contract knows, or the connection is closed.

The seed is fixed and printed with a failure together with the bytes, which replay it: KMILL_FUZZ_SEED and KMILL_FUZZ_SECONDS choose others."""
import contextlib
import http.client
import io
import os
import pathlib
import random
import select
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))
import server  # noqa: E402  (beside the tests of the API)

SEED = int(os.environ.get("KMILL_FUZZ_SEED", "20240101"))
BATCH, SILENCE = 64, 0.15
SECONDS = float(os.environ.get("KMILL_FUZZ_SECONDS", "12"))
STRATEGY = b'{"strategy": "class Strategy(IStrategy):\\n    def run(self, context, kline, params):\\n        pass\\n"}'
TARGETS = [b"/api/v1/kline/symbols", b"/api/v1/kline/DEMOUSDT/1h?start_time=2024-01-01T00:00:00%2B00:00&limit=5", b"/api/v1/series/DEMOUSDT/1h/overview?points=20",
           b"/api/v1/kline/DEMOUSDT/1h/next?current_time=1704067200000", b"/api/v1/kline/DEMOUSDT/1h/batch?start_time=2024-01-01&end_time=2024-01-02",
           b"/api/v1/sweeps/small/runs?sort=-profitRate,run&where=totalTrades%20%3E%2030&min.period=4&columns=run,profitRate&limit=3",
           b"/api/v1/sweeps/small/heatmap?x=period&y=fraction&agg=mean&fixed.symbol=DEMOUSDT", b"/api/v1/sweeps/small/distribution?bins=5",
           b"/api/v1/sweeps/small/runs/3/equity?points=50&method=minmax", b"/api/v1/sweeps/small/runs/3/trades?limit=2",
           b"/api/v1/sweeps/small/export?what=trades&format=json&run=3", b"/api/v1/events?since=0", b"/health", b"/"]
# Bytes that parsers stumble over, put in anywhere.
SPECIAL = [b"\r\n", b"\n", b"\r", b"\0", b"\xff", b"%", b"%00", b"%2e%2e%2f", b"../", b"&", b"=", b"?", b"#", b" ", b"\t", b"'", b'"', b"{", b"[", b"-", b"+",
           b"9" * 30, b"1e400", b"nan", b"inf", b"\xc0\xae", b"\xf0\x9f\x98\x80", b"(" * 300, b"A" * 5000, b"Content-Length: 7\r\n", b"Transfer-Encoding: chunked\r\n",
           b"Host: x\r\n", b"Expect: 100-continue\r\n", b"Connection: upgrade\r\nUpgrade: websocket\r\n", b"Range: bytes=0-\r\n", b"Accept-Encoding: gzip;q=x\r\n"]


def requests(draw):
    """A whole, right request."""
    if draw.random() < 0.15:
        return (b"POST /api/v1/strategies/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                + str(len(STRATEGY)).encode() + b"\r\n\r\n" + STRATEGY)
    lines = [draw.choice([b"GET", b"GET", b"GET", b"HEAD", b"OPTIONS", b"DELETE"]) + b" " + draw.choice(TARGETS) + b" HTTP/1.1", b"Host: localhost"]
    for header in (b"Accept: application/msgpack", b"Accept-Encoding: gzip", b'If-None-Match: "x", *', b"Origin: http://localhost", b"Connection: close"):
        if draw.random() < 0.2:
            lines.append(header)
    return b"\r\n".join(lines) + b"\r\n\r\n"


def damaged(draw):
    data = bytearray(requests(draw))
    for _ in range(draw.choice((0, 1, 1, 1, 2, 5))):
        at = draw.randrange(len(data) + 1)
        kind = draw.random()
        if kind < 0.4:
            data[at:at] = draw.choice(SPECIAL)
        elif kind < 0.6:
            data[at:at + draw.randrange(1, 9)] = b""
        elif kind < 0.8 and at < len(data):
            data[at] = draw.randrange(256)
        elif kind < 0.9:
            data[at:at] = data[draw.randrange(len(data) + 1):][:40]
        else:
            del data[at:]
        data = data or bytearray(b"G")
    return bytes(data)


def first_request(data):
    """(method, target) if the bytes begin with a line that is one, else (GET, ...): for reading the answer only."""
    words = data.split(b"\r\n", 1)[0].split(b" ")
    method = words[0].decode("latin-1")
    target = words[1].decode("latin-1") if len(words) > 1 else ""
    return method, target


class Fuzz(server.Case):
    options = ("--request-seconds", "1", "--log-level", "warn")

    def answers_of(self, data, got):
        """Every answer in the bytes that came back; AssertionError where they are not well formed."""
        stream, count = io.BytesIO(got), 0
        method, target = first_request(data)
        while stream.tell() < len(got):
            begin = stream.tell()
            try:
                answer = server.parse_answer(stream, method if count == 0 else "GET")
            except (http.client.HTTPException, ValueError) as e:
                if count:
                    return count  # cut within a later answer: this side stopped reading
                raise AssertionError(f"not well formed: {e!r}: {got[begin:begin + 300]!r}") from e
            if not 200 <= answer.status < 600 or answer.status == 500:
                raise AssertionError(f"status {answer.status}: {answer.body[:300]!r}")
            if count == 0 and answer.status >= 400 and answer.headers.get("content-type") == "application/json" and answer.body:
                problems = self.server.contract.fits("Error", answer.value)
                self.assertEqual(problems, [], answer.body[:300])
            elif count == 0 and answer.status < 300 and target.startswith("/api/") and "http" not in target:
                self.server.contract.check(method, target.partition("?")[0], answer.status, answer.headers, answer.body)
            if method != "GET":
                return count + 1
            count += 1
        return count

    def send(self, many):
        """Each on a connection of its own, all at once; answers are read until the server is silent. Returns how many were answered."""
        sockets, got = [], [b""] * len(many)
        for data in many:
            sockets.append(self.server.socket(timeout=2))
            with contextlib.suppress(OSError):  # refused while it was sent
                sockets[-1].sendall(data)
        waiting, deadline = dict(zip(sockets, range(len(many)))), time.monotonic() + 5
        while waiting and time.monotonic() < deadline and (ready := select.select(list(waiting), [], [], SILENCE)[0]):
            for s in ready:
                piece = b""
                with contextlib.suppress(OSError):
                    piece = s.recv(65536)
                got[waiting[s]] += piece
                if not piece:
                    del waiting[s]
        for s in sockets:
            s.close()
        answered = 0
        for data, reply in zip(many, got):
            try:
                answered += self.answers_of(data, reply) > 0
            except AssertionError as e:
                raise AssertionError(f"seed {SEED}, sent {data!r}: {e}") from e
        return answered

    def alive(self):
        self.assertIsNone(self.server.process.poll(), f"seed {SEED}: the server is dead\n{self.server.log_text()[-3000:]}")

    def test_damaged_requests(self):
        draw, end, sent, answered = random.Random(SEED), time.monotonic() + SECONDS, 0, 0
        while time.monotonic() < end:
            answered += self.send([damaged(draw) for _ in range(BATCH)])
            sent += BATCH
            self.alive()
        self.alive()
        print(f"{sent} damaged requests, {answered} answered", file=sys.stderr)
        self.assertGreater(answered, sent / 2)

    def test_random_bytes(self):
        draw, end, sent = random.Random(SEED + 1), time.monotonic() + SECONDS / 3, 0
        while time.monotonic() < end:
            self.send([draw.randbytes(draw.choice((1, 10, 100, 3000, 60000))) for _ in range(BATCH)])
            sent += BATCH
        self.alive()
        print(f"{sent} times random bytes", file=sys.stderr)

    def test_random_bodies(self):
        """Whole requests with bodies of nonsense: read as JSON, YAML or refused."""
        draw, end, sent = random.Random(SEED + 2), time.monotonic() + SECONDS / 3, 0
        good = b'{"strategy": "x = 1", "symbol": "DEMOUSDT", "interval": "1h", "strategyParams": {"a": 1}, "start_time": "2024-01-01"}'
        while time.monotonic() < end:
            body = bytearray(good)
            for _ in range(draw.randrange(1, 6)):
                at = draw.randrange(len(body))
                body[at:at + draw.randrange(4)] = draw.choice(SPECIAL) if draw.random() < 0.5 else draw.randbytes(3)
            path = draw.choice(("/api/v1/strategies/check", "/api/v1/sweeps", "/api/v1/backtests"))
            kind = draw.choice(("application/json", "application/json", "application/yaml", "text/plain"))
            answer = self.server.request("POST", path, body=bytes(body), headers={"Content-Type": kind})
            self.assertNotEqual(answer.status, 500, f"seed {SEED}, {path}, {bytes(body)!r}: {answer.body[:300]!r}")
            sent += 1
        self.alive()
        print(f"{sent} random bodies", file=sys.stderr)

    def test_z_it_still_answers_rightly(self):
        self.assertEqual(self.server.get("/api/v1/kline/DEMOUSDT/1h", limit=3).value["count"], 3)


if __name__ == "__main__":
    server.need_binary()
    unittest.main()
