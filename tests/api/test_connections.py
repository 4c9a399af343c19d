"""How connections are accepted: dealt out evenly to the event loops, waiting where as many are open as may be."""
import contextlib
import pathlib
import time

import server

GET = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


def loops_of(process, at_least):
    """Descriptors that each epoll of the process watches, of those that watch more than a few."""
    counts = []
    for path in pathlib.Path(f"/proc/{process.pid}/fdinfo").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            counts.append(path.read_text(encoding="ascii").count("tfd:"))
    return [n for n in counts if n >= at_least]


class Loops(server.Case):
    options = ("--io-threads", "3")
    settings = {"sweeps": False}

    def opened(self, stack, count):
        sockets = [stack.enter_context(self.server.socket()) for _ in range(count)]
        for s in sockets:
            s.sendall(GET)
            self.assertTrue(s.recv(1000).startswith(b"HTTP/1.1 200"))
        return sockets

    def test_loops_have_as_many_connections_each(self):
        with contextlib.ExitStack() as stack:
            sockets = self.opened(stack, 60)
            self.assertEqual(len(loops_of(self.server.process, 20)), 3)
            for s in sockets[::3]:  # all those of one loop, whose numbers are free from now on
                s.close()
            deadline = time.monotonic() + 10
            while min(loops_of(self.server.process, 1)) > 5:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
            before = sorted(loops_of(self.server.process, 1))
            self.opened(stack, 60)
            grown = [after - n for after, n in zip(sorted(loops_of(self.server.process, 1)), before)]
            self.assertEqual(len(grown), 3, (before, grown))
            self.assertTrue(all(18 <= n <= 22 for n in grown), (before, grown))


class Full(server.Case):
    options = ("--connections-max", "12", "--connections-per-address", "100", "--io-threads", "2")
    settings = {"sweeps": False}

    def test_who_comes_when_all_places_are_taken_waits(self):
        self.server.client.close()
        with contextlib.ExitStack() as stack:
            inside = [stack.enter_context(self.server.socket()) for _ in range(12)]
            for s in inside:
                s.sendall(GET)
                self.assertTrue(s.recv(1000).startswith(b"HTTP/1.1 200"))
            late = stack.enter_context(self.server.socket(0.5))
            late.sendall(GET)
            with self.assertRaises(TimeoutError):
                late.recv(1000)
            for s in inside[:3]:
                s.close()
            late.settimeout(10)
            self.assertTrue(late.recv(1000).startswith(b"HTTP/1.1 200"))


if __name__ == "__main__":
    server.main()
