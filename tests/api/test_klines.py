"""The kline routes of the real server: every route good and bad, every value against the CSV that was imported, the document's client
paging a whole series, and a series that is replaced while it is read."""
import csv
import datetime
import gzip
import math
import os
import pathlib
import random
import threading
import time
import unittest

import msgpack

import market
import server
from market import DAY, GAP, GAP_AFTER, HOUR, START, as_kline, iso, kmill

KLINE, SERIES = "/api/v1/kline", "/api/v1/series"
INTERVALS = "1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h, 1d, 3d, 1w, 1mo"


def data_folder():
    return pathlib.Path(os.environ.get("KMILL_DATA") or pathlib.Path(os.environ.get("KMILL_SOURCE", ".")) / "../shared/data")


def read_public_csv(path):
    """The public format: eleven columns, times in ms or (since 2025) in µs."""
    rows = []
    with gzip.open(path, "rt") as file:
        for texts in csv.reader(file):
            row = [int(v) if i in (0, 6, 8) else float(v) for i, v in enumerate(texts[:11])]
            for i in (0, 6):
                row[i] //= 1000 if row[i] >= 10**14 else 1
            rows.append(row)
    return rows


class Klines(server.Case):
    settings = {"sweeps": False}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hourly = [as_kline(row, HOUR) for row in cls.market.hourly]
        cls.times = [row[0] for row in cls.market.hourly]

    def page(self, path="DEMOUSDT/1h", **query):
        answer = self.server.get(f"{KLINE}/{path}", **query)
        self.assertEqual(answer.status, 200, answer.body[:300])
        return answer.value

    def expect(self, value, klines, symbol="DEMOUSDT", interval="1h"):
        self.assertEqual((value["symbol"], value["interval"], value["count"]), (symbol, interval, len(klines)))
        self.assertEqual(value["data"], klines)

    def between(self, after, until, limit):
        """By the rule: start exclusive, end inclusive, ascending."""
        return [k for k, t in zip(self.hourly, self.times) if (after is None or t > after) and (until is None or t <= until)][:limit]

    # ---- names ----

    def test_symbols_and_intervals_are_those_of_the_store(self):
        self.assertEqual(self.server.get(f"{KLINE}/symbols").value, {"symbols": ["ALONEUSDT", "DEMOUSDT", "SYNTHUSDT"]})
        self.assertEqual(self.server.get(f"{KLINE}/intervals").value, {"intervals": ["1h", "1d"]})
        self.assertEqual(self.server.get(f"{KLINE}/symbols", interval="1h").value, {"symbols": ["DEMOUSDT", "SYNTHUSDT"]})
        self.assertEqual(self.server.get(f"{KLINE}/symbols", interval="3d").value, {"symbols": []})
        self.assertEqual(self.server.get(f"{KLINE}/intervals", symbol="DEMOUSDT").value, {"intervals": ["1h", "1d"]})
        self.assertEqual(self.server.get(f"{KLINE}/intervals", symbol="aloneusdt").value, {"intervals": ["1d"]})

    def test_unknown_names_get_the_valid_ones(self):
        for path, query in (("symbols", {"interval": "2m"}), ("DEMOUSDT/2m", {}), ("DEMOUSDT/2m/next", {"current_time": START})):
            answer = self.server.get(f"{KLINE}/{path}", **query)
            self.fails(answer, 400, "invalid", "interval")
            self.assertEqual(answer.value["detail"], f"unknown interval '2m'; valid: {INTERVALS}")
        for path, query in (("intervals", {"symbol": "NONE"}), ("NONE/1h", {}), ("NONE/1h/batch", {"start_time": START, "end_time": START})):
            answer = self.server.get(f"{KLINE}/{path}", **query)
            self.fails(answer, 400, "invalid", "symbol")
            self.assertEqual(answer.value["detail"], "unknown symbol 'NONE'; valid: ALONEUSDT, DEMOUSDT, SYNTHUSDT")

    def test_hostile_names_are_unknown_symbols(self):
        for name in ("..%2F..%2Fetc", "%22%3E", "DEMOUSDT%00", "%2e%2e", "A" * 200, "%C3%A4", "%FF"):
            with self.subTest(name):
                self.assertIn(self.server.get(f"{KLINE}/{name}/1h").status, (400, 404))

    def test_a_known_symbol_without_that_interval_has_no_klines(self):
        self.expect(self.page("ALONEUSDT/1h"), [], "ALONEUSDT", "1h")
        self.expect(self.page("ALONEUSDT/3d/next", current_time=START), [], "ALONEUSDT", "3d")

    # ---- pages ----

    def test_a_page_has_every_value_of_the_csv(self):
        self.expect(self.page(limit=1000), self.hourly[:1000])
        self.expect(self.page(limit=1000, start_time=self.times[999]), self.hourly[1000:])
        daily = [as_kline(row, DAY) for row in self.market.daily]
        self.expect(self.page("DEMOUSDT/1d"), daily, interval="1d")
        self.assertIsNone(daily[0]["quote_asset_volume"])

    def test_a_hundred_from_the_first_one_unless_told_otherwise(self):
        self.expect(self.page(), self.hourly[:100])
        self.expect(self.page("demousdt/1h", limit=1), self.hourly[:1])

    def test_start_is_exclusive_and_end_inclusive_wherever_they_lie(self):
        draw = random.Random(5)
        for _ in range(60):
            edges = [draw.choice([None, draw.choice(self.times) + draw.choice((-1, 0, 1, HOUR // 2))]) for _ in range(2)]
            limit = draw.choice((1, 2, 7, 100, 1000))
            with self.subTest((edges, limit)):
                self.expect(self.page(start_time=edges[0], end_time=edges[1], limit=limit), self.between(*edges, limit))

    def test_times_are_iso_with_or_without_offset_or_epoch_milliseconds(self):
        at = self.times[10]
        naive = iso(at)[:19]
        plus_two = datetime.datetime.fromtimestamp(at / 1000, datetime.timezone(datetime.timedelta(hours=2))).isoformat()
        for text in (naive, naive + "Z", naive + "+00:00", naive + ".000Z", naive.replace("T", " "), plus_two, str(at)):
            with self.subTest(text):
                self.expect(self.page(start_time=text, limit=3), self.hourly[11:14])
        # a '+' that nobody encoded arrives as a space
        answer = self.server.request("GET", f"{KLINE}/DEMOUSDT/1h?limit=3&start_time={plus_two}")
        self.expect(answer.value, self.hourly[11:14])

    def test_ranges_outside_the_series_are_empty(self):
        self.expect(self.page(start_time=self.times[-1]), [])
        self.expect(self.page(end_time=self.times[0] - 1), [])
        self.expect(self.page(start_time=self.times[5], end_time=self.times[4]), [])
        self.expect(self.page(start_time="9999-12-31"), [])
        self.expect(self.page(start_time="0001-01-01", limit=1), self.hourly[:1])
        for far in ("999999999999999999", "-999999999999999999"):
            self.assertEqual(self.page(start_time=far, limit=1)["count"], 1 if far[0] == "-" else 0)

    def test_bad_parameters_are_named(self):
        for query, field in (({"limit": 0}, "limit"), ({"limit": 1001}, "limit"), ({"limit": "ten"}, "limit"), ({"limit": "1.5"}, "limit"),
                             ({"limit": ""}, "limit"), ({"start_time": "yesterday"}, "start_time"), ({"end_time": "2024-13-01"}, "end_time"),
                             ({"start_time": "12345"}, "start_time"), ({"end_time": ""}, "end_time"), ({"strat_time": "2024"}, "strat_time")):
            with self.subTest(query):
                self.fails(self.server.get(f"{KLINE}/DEMOUSDT/1h", **query), 400, "invalid", field)
        for path, query, field in (("next", {}, "current_time"), ("previous", {}, "current_time"), ("next", {"current_time": "x"}, "current_time"),
                                   ("next", {"current_time": START, "limit": 2}, "limit"), ("batch", {"start_time": START}, "end_time"),
                                   ("batch", {"end_time": START}, "start_time"), ("batch", {"start_time": START, "end_time": "x"}, "end_time")):
            with self.subTest((path, query)):
                self.fails(self.server.get(f"{KLINE}/DEMOUSDT/1h/{path}", **query), 400, "invalid", field)

    # ---- neighbours and batches ----

    def test_next_and_previous_are_the_neighbours_of_any_time(self):
        for at in (self.times[0] - 1, self.times[0], self.times[0] + 1, self.times[GAP_AFTER] + 2 * HOUR, self.times[700], self.times[-1],
                   self.times[-1] + 1):
            with self.subTest(at):
                after = [k for k, t in zip(self.hourly, self.times) if t > at][:1]
                before = [k for k, t in zip(self.hourly, self.times) if t < at][-1:]
                self.expect(self.page("DEMOUSDT/1h/next", current_time=at), after)
                self.expect(self.page("DEMOUSDT/1h/previous", current_time=iso(at)), before)

    def test_a_batch_is_the_whole_range(self):
        self.expect(self.page("DEMOUSDT/1h/batch", start_time=self.times[0], end_time=self.times[-1]), self.hourly[1:])
        self.expect(self.page("DEMOUSDT/1h/batch", start_time=self.times[3], end_time=self.times[5]), self.hourly[4:6])
        self.expect(self.page("DEMOUSDT/1h/batch", start_time=self.times[5], end_time=self.times[3]), [])

    def test_a_batch_has_at_most_ten_thousand(self):
        kmill("synth", "--symbol", "MANYUSDT", "--interval", "1m", "--bars", 10002, "--start", "2024-01-01", "--store", self.market.store,
              "--replace")
        minute = 60_000
        answer = self.server.get(f"{KLINE}/MANYUSDT/1m/batch", start_time=START, end_time=START + 10001 * minute)
        self.fails(answer, 400, "invalid", "end_time")
        self.assertIn("10000", answer.value["detail"])
        value = self.page("MANYUSDT/1m/batch", start_time=START, end_time=START + 10000 * minute)
        self.assertEqual([k["open_time"] for k in value["data"]], [iso(START + i * minute) for i in range(1, 10001)])
        (self.market.store / "MANYUSDT/1m.h5").unlink()

    # ---- forms ----

    def test_msgpack_has_the_same_values(self):
        for path, query in (("DEMOUSDT/1h", {"limit": 1000}), ("DEMOUSDT/1d", {}), ("DEMOUSDT/1h/next", {"current_time": START}),
                            ("ALONEUSDT/1h", {}), ("symbols", {}), ("intervals", {})):
            with self.subTest(path):
                packed = self.server.get(f"{KLINE}/{path}", headers={"Accept": "application/msgpack"}, **query)
                self.assertEqual(packed.headers["content-type"], "application/msgpack")
                self.assertEqual(msgpack.unpackb(packed.body), self.server.get(f"{KLINE}/{path}", **query).value)
        for path in ("", "/DEMOUSDT/1h", "/DEMOUSDT/1h/overview"):
            packed = self.server.get(SERIES + path, headers={"Accept": "application/msgpack"})
            self.assertEqual(msgpack.unpackb(packed.body), self.server.get(SERIES + path).value)

    def test_gzip_and_head_say_the_same(self):
        for _ in range(3):  # made, made and kept, kept
            plain = self.server.get(f"{KLINE}/DEMOUSDT/1h", limit=900)
            packed = self.server.get(f"{KLINE}/DEMOUSDT/1h", limit=900, headers={"Accept-Encoding": "gzip"})
            head = self.server.head(f"{KLINE}/DEMOUSDT/1h", limit=900)
            self.assertEqual(packed.headers.get("content-encoding"), "gzip")
            self.assertEqual(gzip.decompress(packed.raw), plain.raw)
            self.assertEqual((head.status, head.raw, head.headers["content-length"]), (200, b"", str(len(plain.raw))))
            time.sleep(0.1)

    def test_an_unchanged_answer_is_not_sent_again(self):
        for target in (f"{KLINE}/DEMOUSDT/1h?limit=50", f"{KLINE}/symbols", f"{KLINE}/intervals", SERIES, f"{SERIES}/DEMOUSDT/1h",
                       f"{SERIES}/DEMOUSDT/1h/overview", f"{KLINE}/DEMOUSDT/1h/next?current_time={START}"):
            with self.subTest(target):
                first = self.server.request("GET", target)
                again = self.server.request("GET", target, headers={"If-None-Match": first.headers["etag"]})
                self.assertEqual((first.status, again.status, again.raw), (200, 304, b""))
                other = self.server.request("GET", target, headers={"If-None-Match": '"something-else"'})
                self.assertEqual((other.status, other.body), (200, first.body))
        one, other = (self.server.get(f"{KLINE}/DEMOUSDT/1h", limit=n).headers["etag"] for n in (50, 51))
        self.assertNotEqual(one, other)

    # ---- series ----

    def test_series_say_what_is_known_of_them(self):
        found = {(s["symbol"], s["interval"]): s for s in self.server.get(SERIES).value["series"]}
        self.assertEqual(sorted(found), [("ALONEUSDT", "1d"), ("DEMOUSDT", "1d"), ("DEMOUSDT", "1h"), ("SYNTHUSDT", "1h")])
        demo = found["DEMOUSDT", "1h"]
        self.assertEqual((demo["count"], demo["first_open_time"], demo["last_open_time"], demo["gap_count"], demo["missing_candles"],
                          demo["partial_count"], demo["source"], demo["origin"]),
                         (len(self.times), iso(self.times[0]), iso(self.times[-1]), 1, GAP, 0, "csv: DEMOUSDT-1h.csv", "store"))
        one = self.server.get(f"{SERIES}/demousdt/1h").value
        self.assertEqual({k: one[k] for k in demo}, demo)
        self.assertEqual(one["gaps"], [{"after": iso(START + GAP_AFTER * HOUR), "before": iso(START + (GAP_AFTER + GAP + 1) * HOUR),
                                        "missing": GAP}])
        self.assertIn(f"{GAP} candles missing", one["report"])

    def test_unknown_series_are_not_found(self):
        answer = self.server.get(f"{SERIES}/DEMOUSDT/4h")
        self.fails(answer, 404, "not_found", "interval")
        self.assertIn("1h, 1d", answer.value["detail"])
        self.fails(self.server.get(f"{SERIES}/NONE/1h"), 404, "not_found", "symbol")
        self.fails(self.server.get(f"{SERIES}/DEMOUSDT/2m"), 404, "not_found", "interval")
        self.fails(self.server.get(SERIES, symbol="DEMOUSDT"), 400, "invalid", "symbol")

    def buckets(self, rows, points):
        bars = max(1, math.ceil(len(rows) / points))
        for i in range(0, len(rows), bars):
            part = rows[i:i + bars]
            total = 0.0
            for row in part:
                total += row[5]  # one by one: sum() of Python 3.12 compensates
            yield [part[0][0], part[0][1], max(r[2] for r in part), min(r[3] for r in part), part[-1][4], total]

    def test_an_overview_has_the_exact_candles_of_its_buckets(self):
        rows = self.market.hourly
        for query, part in (({}, rows), ({"points": 10}, rows), ({"points": 77}, rows), ({"points": 5000}, rows),
                            ({"points": 10, "from": self.times[3], "to": self.times[100]}, rows[3:100]),
                            ({"from": iso(self.times[3] + 1)}, rows[4:]), ({"to": self.times[0]}, [])):
            with self.subTest(query):
                value = self.server.get(f"{SERIES}/DEMOUSDT/1h/overview", **query).value
                expected = list(self.buckets(part, query.get("points", 1000)))
                self.assertEqual(value["data"], expected)
                self.assertEqual((value["points"], value["bars_per_point"]), (len(expected), max(1, math.ceil(len(part) / query.get("points", 1000)))))
        value = self.server.get(f"{SERIES}/DEMOUSDT/1h/overview").value
        self.assertEqual((value["from"], value["to"]), (iso(self.times[0]), iso(self.times[-1] + HOUR)))

    def test_bad_overviews_are_refused(self):
        for query, field in (({"points": 9}, "points"), ({"points": 5001}, "points"), ({"from": "x"}, "from"), ({"start": 1}, "start")):
            with self.subTest(query):
                self.fails(self.server.get(f"{SERIES}/DEMOUSDT/1h/overview", **query), 400, "invalid", field)
        self.fails(self.server.get(f"{SERIES}/NONE/1h/overview"), 400, "invalid", "symbol")

    def test_nothing_here_can_be_changed(self):
        for path in (f"{KLINE}/symbols", f"{KLINE}/DEMOUSDT/1h", SERIES):
            self.assertEqual(self.server.request("POST", path, body=b"{}").status, 405)
            self.assertEqual(self.server.delete(path).status, 405)


class Changes(server.Case):
    settings = {"sweeps": False}

    def test_a_series_appears_without_a_restart_and_is_gone_when_removed(self):
        kmill("synth", "--symbol", "NEWUSDT", "--bars", 5, "--start", "2024-01-01", "--store", self.market.store)
        self.assertEqual(self.server.get(f"{KLINE}/NEWUSDT/1h").value["count"], 5)  # at once
        server.eventually(lambda: "NEWUSDT" in self.server.get(f"{KLINE}/symbols").value["symbols"], 10)
        server.eventually(lambda: {"symbol": "NEWUSDT", "interval": "1h", "count": 5} in self.series_events(), 10)
        (self.market.store / "NEWUSDT/1h.h5").unlink()
        server.eventually(lambda: {"symbol": "NEWUSDT", "interval": "1h", "count": 0} in self.series_events(), 10)
        server.eventually(lambda: "NEWUSDT" not in self.server.get(f"{KLINE}/symbols").value["symbols"], 10)
        self.fails(self.server.get(f"{KLINE}/NEWUSDT/1h"), 400, "invalid", "symbol")

    def series_events(self):
        return [e["data"] for e in self.server.get("/api/v1/events", since=0).value["events"] if e["event"] == "series"]

    def test_readers_see_the_old_or_the_new_series_never_a_mixture(self):
        versions = [[[START + i * HOUR, base + i, base + i + 1, base + i - 1, base + i, 1.0] for i in range(900)] for base in (1000.0, 5000.0)]
        files = [self.market.folder / f"swap{n}.csv" for n in range(2)]
        for file, rows in zip(files, versions):
            market.write_csv(file, rows)
        expected = [[row[1] for row in rows] for rows in versions]
        replace = lambda n: kmill("import", "csv", files[n], "--symbol", "SWAPUSDT", "--interval", "1h", "--store", self.market.store, "--replace")
        replace(0)
        seen, wrong, stop = set(), [], threading.Event()

        def read():
            client = self.server.new_client()
            while not stop.is_set():
                answer = client.request("GET", f"{KLINE}/SWAPUSDT/1h?limit=1000", check=False)
                opens = [k["open"] for k in answer.value["data"]] if answer.status == 200 else answer.body
                if opens in expected:
                    seen.add(expected.index(opens))
                else:
                    wrong.append(opens)
            client.close()

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for n in range(1, 13):
            replace(n % 2)
            # the file stands: from now on only the new one may be seen
            self.assertEqual(self.server.get(f"{KLINE}/SWAPUSDT/1h", limit=1).value["data"][0]["open"], expected[n % 2][0])
        stop.set()
        for reader in readers:
            reader.join()
        self.assertEqual((wrong[:1], seen), ([], {0, 1}))


class WholeSeries(server.Case):
    """The document's client: KlineCache asks for 1000 klines, then for those after the last one's open_time, until fewer come."""
    settings = {"sweeps": False}

    def test_paging_by_start_time_fetches_every_kline_once(self):
        real = data_folder() / "BTCUSDT-1h.csv.gz"
        if real.exists():
            rows = read_public_csv(real)
            kmill("import", "csv", real, "--symbol", "WHOLEUSDT", "--interval", "1h", "--store", self.market.store)
        else:
            rows = self.market.hourly
            kmill("import", "csv", self.market.folder / "DEMOUSDT-1h.csv", "--symbol", "WHOLEUSDT", "--interval", "1h", "--store",
                  self.market.store)
        fetched, start, pages = [], None, 0
        while True:
            page = self.server.get(f"{KLINE}/WHOLEUSDT/1h", limit=1000, start_time=start).value["data"]
            fetched += page
            pages += 1
            if len(page) < 1000:
                break
            start = page[-1]["open_time"]
        self.assertEqual(pages, len(rows) // 1000 + 1)
        self.assertEqual(len(fetched), len(rows))
        for kline, row in zip(fetched, rows):
            self.assertEqual(kline, as_kline(row, HOUR))


class EmptyStore(unittest.TestCase):
    def test_an_empty_store_is_served_too(self):
        with server.running("--store", "nowhere", sweeps=False) as s:
            self.assertEqual(s.get(f"{KLINE}/symbols").value, {"symbols": []})
            self.assertEqual(s.get(f"{KLINE}/intervals").value, {"intervals": []})
            self.assertEqual(s.get(SERIES).value, {"series": []})
            answer = s.get(f"{KLINE}/BTCUSDT/1h")
            self.assertEqual((answer.status, answer.field), (400, "symbol"))
            self.assertEqual(answer.value["detail"], "unknown symbol 'BTCUSDT'; valid: none, the store is empty")


if __name__ == "__main__":
    server.main()
