"""A kline file that is cut short, damaged or written over in place while it is served: every answer has the right candles or says 503."""
import os
import threading
import time

import server

PATH = "/api/v1/kline/DEMOUSDT/1h"
ROUTES = (PATH + "?limit=1000", PATH + "/previous?current_time=2024-02-01", PATH + "/next?current_time=2024-02-01",
          PATH + "/batch?start_time=2024-01-01&end_time=2024-03-01", "/api/v1/series/DEMOUSDT/1h", "/api/v1/series/DEMOUSDT/1h/overview?points=100")


class CutKlines(server.Case):
    settings = {"sweeps": False}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.path = cls.market.store / "DEMOUSDT" / "1h.h5"
        cls.whole = cls.path.read_bytes()

    def tearDown(self):
        self.replace()

    def replace(self):
        new = self.path.with_suffix(".new")
        new.write_bytes(self.whole)
        os.replace(new, self.path)

    def is_busy(self, answer):
        self.fails(answer, 503, "busy")
        self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
        self.assertIn("DEMOUSDT 1h cannot be read now", answer.value["detail"])

    def test_a_file_that_is_cut_short_is_busy_until_it_is_whole_again(self):
        before = {route: self.server.get(route).body for route in ROUTES}
        for size in (len(self.whole) - 1, len(self.whole) // 2, 4096, 100, 0):
            os.truncate(self.path, size)
            for route in ROUTES:
                self.is_busy(self.server.get(route))
                self.is_busy(self.server.get(route))  # nothing of the file is kept
            self.assertEqual(self.server.get("/api/v1/kline/DEMOUSDT/1d?limit=3").status, 200)
            self.replace()
            for route in ROUTES:
                answer = self.server.get(route)
                self.assertEqual((answer.status, answer.body == before[route]), (200, True), route)

    def test_a_file_that_is_cut_while_it_is_read_never_gives_wrong_candles(self):
        """The file is cut and restored in place, again and again, as `cp` over it does."""
        before = {route: self.server.get(route).body for route in ROUTES}
        stop, seen, wrong = threading.Event(), {200: 0, 503: 0}, []

        def ask(number):
            client = self.server.new_client()
            while not stop.is_set():
                route = ROUTES[number % len(ROUTES)]
                number += 1
                answer = client.request("GET", route)
                if answer.status == 200 and answer.body != before[route] or answer.status not in seen:
                    wrong.append((route, answer.status, answer.body[:300]))
                else:
                    seen[answer.status] += 1
            client.close()
        threads = [threading.Thread(target=ask, args=(i,)) for i in range(4)]
        for t in threads:
            t.start()
        try:
            deadline = time.monotonic() + 120
            while (seen[200] < 100 or seen[503] < 30) and not wrong and time.monotonic() < deadline:
                with open(self.path, "r+b") as f:
                    f.truncate(0)
                    time.sleep(0.001)
                    f.write(self.whole)
                time.sleep(0.01)
        finally:
            stop.set()
            for t in threads:
                t.join()
        self.assertEqual(wrong, [])
        self.assertTrue(seen[200] >= 100 and seen[503] >= 30, seen)
        self.assertIsNone(self.server.process.poll())


if __name__ == "__main__":
    server.main()
