"""A Redis server of the tests' own: in a temporary folder, on a free port and a unix socket, nothing kept on disk."""
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time


def program():
    """(executable, argv[0]) or None. Debian's redis-tools has the server's program under the name of a checker; which of the two it is,
    it decides by the name it is called by. So the tests need no package that starts a service."""
    for name in ("redis-server", "redis-check-rdb"):
        found = shutil.which(name)
        if found:
            return found, "redis-server"
    return None


def need_redis():
    if program() is None:
        print("skipped: neither redis-server nor redis-tools is installed")
        sys.exit(77)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class RedisServer:
    def __init__(self, password=None, port=None):
        self.password = password
        self.folder = tempfile.mkdtemp(prefix="kmill-redis-", dir="/tmp")
        self.path = os.path.join(self.folder, "s")
        self.port = port or free_port()
        self.start()

    def start(self):
        executable, name = program()
        options = {"port": self.port, "bind": "127.0.0.1", "unixsocket": self.path, "dir": self.folder, "save": "", "appendonly": "no"}
        if self.password:
            options["requirepass"] = self.password
        arguments = [text for key, value in options.items() for text in ("--" + key, str(value))]
        self.process = subprocess.Popen([name, *arguments], executable=executable, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError):
                if self.command("PING") == b"+PONG":
                    return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("redis-server does not start")
            time.sleep(0.02)

    def command(self, *words):
        """The first line of the answer."""
        lists = [("AUTH", self.password)] if self.password else []
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as s, s.makefile("rb") as answers:
            for words_of_one in [*lists, words]:
                s.sendall(b"*%d\r\n" % len(words_of_one) + b"".join(b"$%d\r\n%s\r\n" % (len(w.encode()), w.encode()) for w in words_of_one))
                line = answers.readline().rstrip()
            return line

    def keys(self):
        return int(self.command("DBSIZE")[1:])

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder)


@contextlib.contextmanager
def running(password=None, port=None):
    redis = RedisServer(password, port)
    try:
        yield redis
    finally:
        redis.close()
