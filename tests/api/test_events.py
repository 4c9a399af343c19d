"""Server-sent events of the real server: a sweep from the command line seen from its first run to its result, resuming without a gap,
the poll that says the same, 300 streams at once, clients that read nothing."""
import contextlib
import os
import shutil
import socket
import threading
import time

import server
import slow_sweep
from server import eventually

EVENTS = "/api/v1/events"


class Events(slow_sweep.Case):
    def poll(self, since=0, path=EVENTS):
        return self.server.get(path, since=since).value

    def poke(self, name):
        """One sweep appears and goes: two events."""
        last = self.poll()["last_id"]
        path = self.market.result(name)
        shutil.copy(self.market.result("bare"), path.with_suffix(".tmp"))
        os.rename(path.with_suffix(".tmp"), path)
        eventually(lambda: any(e["data"]["id"] == name for e in self.poll(last)["events"]))
        os.unlink(path)
        eventually(lambda: any(e["event"] == "sweep_removed" and e["data"] == {"id": name} for e in self.poll(last)["events"]))

    def test_a_live_sweep_from_its_first_run_to_its_result(self):
        with self.server.stream(EVENTS) as stream:
            began = time.monotonic()
            run = self.start("watched", 3000)
            mine = []
            while not mine or mine[-1][2]["state"] != "complete":
                event = stream.until(lambda name, data: name == "sweep" and data["id"] == "watched")
                mine.append((*event, time.monotonic() - began))
            self.assertEqual(run.wait(), 0)
        self.assertEqual(stream.retry, 2000)
        self.assertEqual(stream.headers["content-type"].split(";")[0], "text/event-stream")
        states = [data["state"] for _, _, data, _ in mine]
        self.assertEqual(sorted(set(states), key=states.index), ["running", "complete"])
        done = [data["done"] for _, _, data, _ in mine]
        self.assertEqual(done, sorted(done))
        self.assertEqual(done[-1], 3000)
        self.assertGreater(len(set(done)), 3)
        ids = [number for number, _, _, _ in mine]
        self.assertEqual(ids, sorted(set(ids)))
        seconds = mine[-1][3] - mine[0][3]
        self.assertLessEqual(len(mine), 4 * seconds + 4, "at most four a second")
        self.assertEqual(self.server.get("/api/v1/sweeps/watched").value["best"], mine[-1][2]["best"])

    def test_a_stream_resumes_where_it_was(self):
        with self.server.stream(EVENTS) as stream:
            self.poke("first")
            first = stream.until(lambda name, data: name == "sweep_removed")
        self.poke("second")
        self.poke("third")
        wanted = [(e["id"], e["event"], e["data"]) for e in self.poll(first[0])["events"]]
        self.assertGreaterEqual(len(wanted), 4)
        for target, headers in ((EVENTS, {"Last-Event-ID": str(first[0])}), (f"{EVENTS}?last_event_id={first[0]}", {})):
            with self.server.stream(target, headers) as stream:
                self.assertEqual([stream.next() for _ in wanted], wanted)

    def test_what_was_missed_is_said(self):
        last = self.poll()["last_id"]
        for seen in ("1", "0", str(last + 1), str(last - 10**9), "x", "-5", "99999999999999999999999"):
            with self.server.stream(EVENTS, {"Last-Event-ID": seen}) as stream:
                number, name, data = stream.next()
                self.assertEqual((name, data), ("reset", {}), seen)
                self.assertGreaterEqual(number, last)
        for since in (1, last - 10**9, last + 10**9):
            answer = self.poll(since)
            self.assertEqual((answer["reset"], answer["events"]), (True, []))
        self.assertEqual(self.poll(last)["reset"], False)

    def test_the_poll_says_what_the_stream_says(self):
        start = self.poll()["last_id"]
        with self.server.stream(EVENTS) as stream:
            run = self.start("polled", 800)
            streamed = []
            while not streamed or streamed[-1][2].get("state") != "complete":
                streamed.append(stream.next())
            run.wait()
        polled = [(e["id"], e["event"], e["data"]) for e in self.poll(start)["events"]]
        self.assertEqual(polled[:len(streamed)], streamed)
        mine = [e for e in polled if e[2]["id"] == "polled"]
        path = "/api/v1/sweeps/polled/events"
        self.assertEqual([(e["id"], e["event"], e["data"]) for e in self.poll(start, path)["events"]][:len(mine)], mine)
        with self.server.stream(path, {"Last-Event-ID": str(start)}) as stream:
            self.assertEqual([stream.next() for _ in mine], mine)

    def test_one_sweep_has_a_stream_of_its_own(self):
        with self.server.stream("/api/v1/sweeps/small/events") as stream:
            self.poke("other")
            stat = os.stat(self.market.result("small"))
            os.utime(self.market.result("small"), ns=(stat.st_atime_ns, stat.st_mtime_ns + 10**9))  # the same content: no news
            copy = self.market.result("small").with_suffix(".keep")
            os.rename(self.market.result("small"), copy)
            try:
                number, name, data = stream.next()
                self.assertEqual((name, data), ("sweep_removed", {"id": "small"}))
            finally:
                os.rename(copy, self.market.result("small"))
            self.assertEqual(stream.next()[1], "sweep")

    def test_mistakes(self):
        self.fails(self.server.get("/api/v1/sweeps/nothing/events"), 404, "not_found", "id")
        self.fails(self.server.get(EVENTS, since="x"), 400, "invalid", "since")
        self.fails(self.server.get(EVENTS, since=-1), 400, "invalid", "since")
        self.fails(self.server.get(EVENTS, sinc=1), 400, "invalid", "sinc")
        self.fails(self.server.get(EVENTS, last_event_id="x"), 400, "invalid", "last_event_id")
        self.assertEqual(self.server.head(EVENTS).body, b"")

    def test_three_hundred_streams_get_everything(self):
        memory = self.server.memory()
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(self.server.stream(EVENTS)) for _ in range(300)]
            run = self.start("crowded", 1500)
            began = time.monotonic()
            page = self.server.get("/api/v1/sweeps/small/runs")
            self.assertEqual(page.status, 200)
            ends = [s.until(lambda name, data: name == "sweep" and data["id"] == "crowded" and data["state"] == "complete") for s in streams]
            run.wait()
            self.assertEqual(len({e[0] for e in ends}), 1)
            self.assertLess(self.server.memory() - memory, 100 << 20)
            self.assertLess(time.monotonic() - began, 60)
            for s in streams:
                s.reply.close()
        eventually(lambda: self.server.counters().get("kmill_streams", 0) == 0)

    def test_clients_that_read_nothing_hold_nobody_up(self):
        with contextlib.ExitStack() as stack:
            for _ in range(50):
                s = stack.enter_context(self.server.socket())
                s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
                s.sendall(f"GET {EVENTS} HTTP/1.1\r\nHost: {self.server.address}:{self.server.port}\r\n\r\n".encode())
            stream = stack.enter_context(self.server.stream(EVENTS))
            began = time.monotonic()
            for i in range(5):
                self.poke(f"poke{i}")
                stream.until(lambda name, data, i=i: name == "sweep_removed" and data["id"] == f"poke{i}")
            self.assertLess(time.monotonic() - began, 30)


class Rest(server.Case):
    def test_a_quiet_stream_shows_that_it_lives_and_ends_with_the_server(self):
        ended = []

        def read(stream):
            while stream.next():
                pass
            ended.append(stream.comments)
        with self.server.stream(EVENTS, timeout=60) as stream:
            reader = threading.Thread(target=read, args=(stream,))
            reader.start()
            time.sleep(17)
            self.server.stop()
            reader.join(10)
        self.assertEqual(len(ended), 1, "the stream does not end")
        self.assertGreaterEqual(ended[0], 1, "no heartbeat in 17 s")

    @classmethod
    def tearDownClass(cls):
        with contextlib.suppress(ValueError):
            super().tearDownClass()


if __name__ == "__main__":
    server.main()
