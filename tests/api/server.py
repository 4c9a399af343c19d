"""The real `kmill serve` on a free port, and a client that judges every answer by the contract (contract.py).

    with server.running() as s:
        s.get("/api/v1/kline/symbols").value
        s.post("/api/v1/strategies/check", {"strategy": "x = 1"})
        s.raw(b"GET / HTTP/1.1\\r\\n...")

The server is started in a temporary folder with the klines and results of market.py; leaving the block sends SIGTERM and fails unless it
ends with code 0 within 5 s. One server a test file is enough.
"""
import contextlib
import http.client
import io
import json
import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

import contract as contract_module
import market as market_module

KMILL = os.environ.get("KMILL", "")
STOP_SECONDS = 5
# What the environment of the tests' caller must not decide.
UNSET = ("DATABASE_URL", "REDIS_URL", "RATE_LIMIT_PER_SECOND", "RATE_LIMIT_PER_MINUTE", "CORS_ORIGINS", "DEBUG", "KMILL_TOKEN", "KMILL_STORE",
         "http_proxy", "https_proxy")


def need_binary():
    if not KMILL or not os.access(KMILL, os.X_OK):
        print("skipped: KMILL does not name the binary")
        sys.exit(77)


class Answer:
    def __init__(self, status, headers, raw, media_decode=True):
        self.status, self.headers, self.raw = status, headers, raw
        self.body = contract_module.plain(headers, raw) if media_decode else raw

    @property
    def value(self):
        """The body's values, JSON or msgpack."""
        if self.headers.get("content-type", "").startswith("application/msgpack"):
            import msgpack
            return msgpack.unpackb(self.body)
        return json.loads(self.body)

    @property
    def code(self):
        return self.value["error"]["code"]

    @property
    def field(self):
        return self.value["error"]["field"]


class Client:
    """One keep-alive connection."""

    def __init__(self, server):
        self.server = server
        self.connection = http.client.HTTPConnection(server.address, server.port, timeout=60)

    def _drop_closed(self):
        """An idle connection that the server closed meanwhile is opened anew, as every client does."""
        if self.connection.sock and select.select([self.connection.sock], [], [], 0)[0]:
            self.connection.close()

    def request(self, method, target, body=None, headers=None, check=True):
        self._drop_closed()
        self.connection.putrequest(method, target, skip_accept_encoding=True, skip_host=any(k.lower() == "host" for k in headers or {}))
        for name, value in (headers or {}).items():
            self.connection.putheader(name, value)
        if body is not None:
            self.connection.putheader("Content-Length", str(len(body)))
        elif method in ("POST", "PUT", "PATCH"):
            self.connection.putheader("Content-Length", "0")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # refused while the body was sent: the answer is there all the same
            self.connection.endheaders(body)
        reply = self.connection.getresponse()
        found = {}
        for name, value in reply.getheaders():
            found[name.lower()] = found[name.lower()] + ", " + value if name.lower() in found else value
        answer = Answer(reply.status, found, reply.read())
        if check:
            self.server.contract.check(method, target, answer.status, answer.headers, answer.body)
        self.server.tells_no_folder(method, target, answer)
        return answer

    def close(self):
        self.connection.close()


def target_of(path, query):
    pairs = [(name, v) for name, value in query.items() for v in (value if isinstance(value, list) else [value]) if v is not None]
    return path + ("?" + urllib.parse.urlencode(pairs) if pairs else "")


class Server:
    def __init__(self, folder, *options, store=None, results=None, environment=None, address="127.0.0.1"):
        self.folder = pathlib.Path(folder)
        self.contract = contract_module.Contract()
        self.address = address
        self.log_path = self.folder / "serve.log"
        environment = {k: v for k, v in os.environ.items() if k not in UNSET} | (environment or {})
        self.folders = [pathlib.Path(store or self.folder / "klines"), pathlib.Path(results or self.folder / "results"),
                        contract_module.SOURCE / "strategies"]
        command = [KMILL, "serve", "--port", "0", "--store", self.folders[0], "--results", self.folders[1],
                   "--strategies", self.folders[2], *options]
        self.log = open(self.log_path, "ab")
        self.begin = self.log.tell()
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=environment,
                                        cwd=self.folder)
        self.url, self.port = self._wait_for_port()
        self.client = Client(self)

    def tells_no_folder(self, method, target, answer):
        """Where klines, results and strategies lie on the machine is in no error message."""
        for folder in self.folders if answer.status >= 400 else ():
            if str(folder.resolve()).encode() in answer.body:
                raise AssertionError(f"{method} {target} tells a client of {folder}: {answer.body[:500]!r}")

    def log_text(self):
        return self.log_path.read_bytes()[self.begin:].decode("utf-8", "replace")

    def _wait_for_port(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            found = re.search(r"(https?)://\[?([^\s\]/]+?)\]?:(\d+)", self.log_text())
            if found and self._listens(int(found[3])):
                return found[0], int(found[3])
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        self.process.kill()
        raise AssertionError(f"kmill serve does not listen (exit {self.process.wait()}):\n{self.log_text()[-3000:]}")

    def _listens(self, port):
        with contextlib.suppress(OSError), socket.create_connection((self.address, port), timeout=5):
            return True
        return False

    # ---- requests, judged by the contract ----

    def get(self, path, headers=None, **query):
        return self.client.request("GET", target_of(path, query), headers=headers)

    def head(self, path, headers=None, **query):
        return self.client.request("HEAD", target_of(path, query), headers=headers)

    def post(self, path, value=None, headers=None, body=None, **query):
        headers = dict(headers or {})
        if value is not None:
            body = json.dumps(value).encode()
            headers.setdefault("Content-Type", "application/json")
        return self.client.request("POST", target_of(path, query), body=body, headers=headers)

    def delete(self, path, headers=None, **query):
        return self.client.request("DELETE", target_of(path, query), headers=headers)

    def request(self, method, target, body=None, headers=None):
        return self.client.request(method, target, body=body, headers=headers)

    def new_client(self):
        return Client(self)

    # ---- below HTTP ----

    def socket(self, timeout=30):
        return socket.create_connection((self.address, self.port), timeout=timeout)

    def raw(self, data, timeout=30, check=None):
        """Sends bytes, then reads until the server closes or `timeout`. With check = (method, target) the answer is judged."""
        with self.socket(timeout) as s:
            got = exchange(s, data)
        if check:
            answer = parse_answer(io.BytesIO(got), check[0])
            self.contract.check(*check, answer.status, answer.headers, answer.body)
            return answer
        return got

    @contextlib.contextmanager
    def stream(self, target, headers=None, timeout=30):
        """An open event stream: yields an EventReader."""
        lines = [f"GET {target} HTTP/1.1", f"Host: {self.address}:{self.port}", "Accept: text/event-stream"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        with self.socket(timeout) as s:
            s.sendall("\r\n".join(lines + ["", ""]).encode())
            reply = http.client.HTTPResponse(s, method="GET")
            reply.begin()
            found = {k.lower(): v for k, v in reply.getheaders()}
            self.contract.check("GET", target, reply.status, found, b"", decode=False)
            yield EventReader(reply, found)

    # ---- life ----

    def counters(self):
        """/metrics as {name{labels}: value}."""
        text = self.get("/metrics").body.decode()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line and not line.startswith("#")}

    def memory(self):
        """Resident bytes."""
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self):
        """SIGTERM; the exit code must be 0 and come within 5 s. Returns the seconds."""
        self.client.close()
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=STOP_SECONDS + 10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server does not stop within {STOP_SECONDS + 10} s:\n{self.log_text()[-3000:]}") from None
        finally:
            self.log.close()
        seconds = time.monotonic() - began
        if code != 0 or "Sanitizer" in self.log_text():
            raise AssertionError(f"kmill serve ended with {code}:\n{self.log_text()[-5000:]}")
        if seconds > STOP_SECONDS:
            raise AssertionError(f"kmill serve took {seconds:.1f} s to stop")
        return seconds


class EventReader:
    def __init__(self, reply, headers):
        self.reply, self.status, self.headers = reply, reply.status, headers
        self.last_id = None
        self.retry = None
        self.comments = 0

    def next(self):
        """(id, name, data) of the next event; None at the end of the stream."""
        fields = {}
        while True:
            line = self.reply.readline().decode()
            if not line:
                return None
            line = line.rstrip("\n")
            if line.startswith(":"):
                self.comments += 1
            elif line:
                name, _, value = line.partition(":")
                value = value[1:] if value.startswith(" ") else value
                fields[name] = fields[name] + "\n" + value if name == "data" and name in fields else value
            elif "data" in fields:
                self.last_id = int(fields["id"]) if "id" in fields else self.last_id
                return self.last_id, fields.get("event", "message"), json.loads(fields["data"])
            else:
                self.retry = int(fields["retry"]) if "retry" in fields else self.retry
                fields = {}

    def until(self, wanted, limit=1000):
        """The first event for which wanted(name, data) holds."""
        for _ in range(limit):
            event = self.next()
            if event is None:
                raise AssertionError("the stream ended")
            if wanted(event[1], event[2]):
                return event
        raise AssertionError(f"not among {limit} events")


def exchange(s, data):
    """Sends data and reads to the end, or to the timeout of the socket. A reset counts as the end."""
    got = b""
    with contextlib.suppress(ConnectionError, TimeoutError):
        s.sendall(data)
    with contextlib.suppress(ConnectionError, TimeoutError):
        while piece := s.recv(65536):
            got += piece
    return got


class _Fake:
    def __init__(self, stream):
        self.stream = stream

    def makefile(self, *_):
        return self.stream


def parse_answer(stream, method="GET"):
    """One answer from a binary stream, read strictly: HTTPException or ValueError when it is not well formed."""
    reply = http.client.HTTPResponse(_Fake(stream), method=method)
    reply._close_conn = lambda: None  # the stream may hold more answers
    reply.begin()
    return Answer(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read())


@contextlib.contextmanager
def running(*options, sweeps=True, **more):
    """A server over a fresh market; the market is its attribute `market`."""
    need_binary()
    with tempfile.TemporaryDirectory(prefix="kmill-api-") as folder:
        market = market_module.Market(folder, sweeps=sweeps)
        server = Server(folder, *options, **more)
        server.market = market
        try:
            yield server
        except BaseException:
            server.process.kill()
            server.process.wait()
            server.client.close()
            server.log.close()
            print("---- end of the server's log ----\n" + server.log_text()[-3000:], file=sys.stderr)
            raise
        server.stop()


def eventually(condition, seconds=30, what="it"):
    """The first true answer of condition()."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.02)
    return found


def at_once(count, work):
    """work(number) on as many threads."""
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Case(unittest.TestCase):
    """One server for all tests of a class. `options` and `settings` of the class go to running()."""
    options = ()
    settings = {}
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        cls.block = running(*cls.options, **cls.settings)
        cls.server = cls.block.__enter__()
        cls.market = cls.server.market

    @classmethod
    def tearDownClass(cls):
        cls.block.__exit__(None, None, None)

    def fails(self, answer, status, code, field=None):
        self.assertEqual((answer.status, answer.code, answer.field), (status, code, field), answer.value["detail"])


def main():
    need_binary()
    unittest.main()
