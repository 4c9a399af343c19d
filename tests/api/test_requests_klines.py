"""Klines, series and their mistakes, compared with the CSV that was imported."""
import market
import request_table
from market import DAY, HOUR, START, iso
from request_table import DEMO, quote

T0 = iso(START)


class Klines(request_table.Table):
    def test_pages(self):
        h, page, count = self.hourly, self.page, len(self.hourly)
        at = [k["open_time"] for k in h]
        ms = [r[0] for r in self.market.hourly]
        self.assertEqual((ms[700] + 4 * HOUR, count), (ms[701], 1500))  # the gap is where the market says
        for query, rows in {
            "": h[:100],
            "?limit=1": h[:1],
            "?limit=1000": h[:1000],
            f"?start_time={quote(at[0])}": h[1:101],                                       # exclusive
            f"?start_time={quote(at[0])}&limit=2": h[1:3],
            f"?start_time={at[4]}&limit=2": h[5:7],                                        # '+' unquoted
            f"?start_time={at[4][:19]}&limit=2": h[5:7],                                   # no offset: UTC
            f"?start_time={at[4][:19]}Z&limit=2": h[5:7],
            f"?start_time={at[4][:16]}&limit=2": h[5:7],
            "?start_time=2024-01-01T12:00:00%2B08:00&limit=2": h[5:7],                     # 04:00 UTC
            "?start_time=2023-12-31T23:00:00-05:00&limit=2": h[5:7],
            "?start_time=2024-01-02&limit=2": h[25:27],
            f"?start_time={ms[4]}&limit=2": h[5:7],                                        # epoch ms
            f"?start_time={ms[4] - 1}&limit=2": h[4:6],
            f"?start_time={ms[4] + 1}&limit=2": h[5:7],
            f"?end_time={quote(at[4])}": h[:5],                                            # inclusive
            f"?end_time={ms[4] - 1}": h[:4],
            f"?start_time={ms[10]}&end_time={ms[20]}": h[11:21],
            f"?start_time={ms[10]}&end_time={ms[20]}&limit=3": h[11:14],
            f"?start_time={ms[699]}&limit=3": h[700:703],                                  # over the gap
            f"?start_time={ms[700] + HOUR}&limit=1": h[701:702],                           # from within it
            f"?start_time={ms[-2]}": h[-1:],
            f"?start_time={ms[-1]}": [],
            "?start_time=2030-01-01": [],
            "?end_time=2000-01-01": [],
            "?start_time=1970-01-01T00:00:00Z&limit=1": h[:1],
            f"?limit=5&end_time={ms[2]}&start_time={ms[0]}": h[1:3],
        }.items():
            self.ask(DEMO + query, page(rows))
        self.ask("/api/v1/kline/DEMOUSDT/1d?limit=40", page(self.daily, interval="1d"))
        self.ask("/api/v1/kline/ALONEUSDT/1h", page([], "ALONEUSDT", "1h"))               # known, but nothing there
        self.ask("/api/v1/kline/SYNTHUSDT/1d", page([], "SYNTHUSDT", "1d"))

    def test_single_ones_and_ranges(self):
        h, page = self.hourly, self.page
        ms = [r[0] for r in self.market.hourly]
        for query, rows in {
            f"/previous?current_time={ms[5]}": h[4:5],
            f"/previous?current_time={ms[5] + 1}": h[5:6],
            f"/previous?current_time={quote(h[5]['open_time'])}": h[4:5],
            f"/previous?current_time={ms[0]}": [],
            "/previous?current_time=2035-01-01": h[-1:],
            f"/previous?current_time={ms[701]}": h[700:701],
            f"/next?current_time={ms[5]}": h[6:7],
            f"/next?current_time={ms[5] - 1}": h[5:6],
            f"/next?current_time={ms[700]}": h[701:702],
            f"/next?current_time={ms[-1]}": [],
            "/next?current_time=2000-01-01": h[:1],
            f"/batch?start_time={ms[0]}&end_time={ms[10]}": h[1:11],
            f"/batch?start_time={ms[0] - 1}&end_time={ms[-1]}": h,
            f"/batch?start_time={ms[-1]}&end_time={ms[-1] + DAY}": [],
        }.items():
            self.ask(DEMO + query, page(rows))

    def test_mistakes(self):
        for target, wanted in {
            "?limit=0": (400, "invalid", "limit"), "?limit=1001": (400, "invalid", "limit"), "?limit=-1": (400, "invalid", "limit"),
            "?limit=abc": (400, "invalid", "limit"), "?limit=1.5": (400, "invalid", "limit"), "?limit=": (400, "invalid", "limit"),
            "?limit=99999999999999999999": (400, "invalid", "limit"), "?limit=0x10": (400, "invalid", "limit"),
            "?limit=5%00": (400, "invalid", None),
            "?start_time=yesterday": (400, "invalid", "start_time"), "?start_time=": (400, "invalid", "start_time"),
            "?start_time=2024-13-01": (400, "invalid", "start_time"), "?start_time=2024-02-30": (400, "invalid", "start_time"),
            "?start_time=2024-01-01T25:00": (400, "invalid", "start_time"), "?end_time=2024-01-01T00:00:00%2B99:00": (400, "invalid", "end_time"),
            "?end_time=1e12": (400, "invalid", "end_time"), "?end_time=0x5": (400, "invalid", "end_time"),
            "?strat_time=2024": (400, "invalid", "strat_time"), "?limit=5&limit=6": (400, "invalid", "limit"),
            "?start_time=%ff": (400, "invalid", None), "?start_time=%zz": (400, "invalid", None),
            "/previous": (400, "invalid", "current_time"), "/next": (400, "invalid", "current_time"),
            "/next?current_time=now": (400, "invalid", "current_time"), "/next?current_tim=2024": (400, "invalid", "current_tim"),
            "/batch": (400, "invalid", "start_time"), "/batch?start_time=2024": (400, "invalid", "end_time"),
            "/batch?end_time=2024": (400, "invalid", "start_time"), "/batch?start_time=2024-01-01&end_time=x": (400, "invalid", "end_time"),
        }.items():
            self.ask(DEMO + target, wanted)
        self.ask("/api/v1/kline/NOSUCH/1h", (400, "invalid", "symbol"))
        self.ask("/api/v1/kline/DEMOUSDT/7h", (400, "invalid", "interval"))
        self.ask("/api/v1/kline/DEMOUSDT/", (404, "not_found", None))
        self.ask("/api/v1/kline/..%2f..%2fetc/1h", (400, "invalid", "symbol"))
        self.ask("/api/v1/kline/%00/1h", (400, "invalid", None))
        self.ask("/api/v1/kline/" + "A" * 3000 + "/1h", (400, "invalid", "symbol"))
        self.ask("/api/v1/kline/DEMOUSDT/1h/nothing", (404, "not_found", None))
        self.assertIn("DEMOUSDT", self.server.get("/api/v1/kline/NOSUCH/1h").value["detail"])
        self.assertIn("1h", self.server.get("/api/v1/kline/DEMOUSDT/7h").value["detail"])
        self.assertIn("start_time", self.server.get(DEMO, strat_time="2024").value["detail"])

    def test_a_range_of_more_than_10_000_klines_is_refused(self):
        market.kmill("synth", "--symbol", "LONGUSDT", "--interval", "1m", "--bars", 10001, "--start", "2024-01-01", "--store", self.market.store)
        path, first = "/api/v1/kline/LONGUSDT/1m/batch", START
        self.ask(f"{path}?start_time={first}&end_time={first + 10000 * 60000}", lambda a: self.assertEqual(a.value["count"], 10000))
        self.ask(f"{path}?start_time={first - 1}&end_time={first + 10000 * 60000}", (400, "invalid", "end_time"))
        self.ask("/api/v1/kline/symbols?interval=1m", {"symbols": ["LONGUSDT"]})

    def test_lists(self):
        self.ask("/api/v1/kline/symbols?interval=1d", {"symbols": ["ALONEUSDT", "DEMOUSDT"]})
        self.ask("/api/v1/kline/intervals?symbol=DEMOUSDT", {"intervals": ["1h", "1d"]})
        self.ask("/api/v1/kline/intervals?symbol=ALONEUSDT", {"intervals": ["1d"]})
        self.ask("/api/v1/kline/symbols", lambda a: self.assertLessEqual({"ALONEUSDT", "DEMOUSDT", "SYNTHUSDT"}, set(a.value["symbols"])))
        self.ask("/api/v1/kline/symbols?symbol=X", (400, "invalid", "symbol"))
        self.ask("/api/v1/kline/intervals?symbol=NOSUCH", (400, "invalid", "symbol"))
        self.ask("/api/v1/kline/symbols?interval=9z", (400, "invalid", "interval"))

    def test_series(self):
        h, ms = self.hourly, [r[0] for r in self.market.hourly]

        def described(answer):
            found = {k: answer.value[k] for k in ("symbol", "interval", "count", "first_open_time", "last_open_time", "gap_count",
                                                  "missing_candles", "odd_count", "origin")}
            self.assertEqual(found, {"symbol": "DEMOUSDT", "interval": "1h", "count": 1500, "first_open_time": T0,
                                     "last_open_time": h[-1]["open_time"], "gap_count": 1, "missing_candles": 3, "odd_count": 0,
                                     "origin": "store"})

        def in_list(answer):
            listed = {(s["symbol"], s["interval"]): s["count"] for s in answer.value["series"]}
            self.assertEqual({k: listed[k] for k in (("DEMOUSDT", "1h"), ("DEMOUSDT", "1d"), ("ALONEUSDT", "1d"), ("SYNTHUSDT", "1h"))},
                             {("DEMOUSDT", "1h"): 1500, ("DEMOUSDT", "1d"): 40, ("ALONEUSDT", "1d"): 40, ("SYNTHUSDT", "1h"): 400})
        self.ask("/api/v1/series", in_list)
        self.ask("/api/v1/series/DEMOUSDT/1h", described)
        self.ask("/api/v1/series/DEMOUSDT/1h", lambda a: self.assertEqual(
            a.value["gaps"], [{"after": iso(ms[700]), "before": iso(ms[701]), "missing": 3}]))
        self.ask("/api/v1/series/NOSUCH/1h", (404, "not_found", "symbol"))
        self.ask("/api/v1/series/DEMOUSDT/9z", (404, "not_found", "interval"))
        self.ask("/api/v1/series/ALONEUSDT/1h", (404, "not_found", "interval"))

    def buckets(self, rows, bars):
        """Second implementation: open of the first, highest, lowest, close of the last, sum of the volumes."""
        parts = [rows[i:i + bars] for i in range(0, len(rows), bars)]
        return [[p[0][0], p[0][1], max(r[2] for r in p), min(r[3] for r in p), p[-1][4], sum(r[5] for r in p)] for p in parts]

    def test_overviews(self):
        path = "/api/v1/series/DEMOUSDT/1h/overview"

        def fits(rows, points):
            def check(answer):
                value = answer.value
                wanted = self.buckets(rows, value["bars_per_point"])
                self.assertLessEqual(len(value["data"]), points)
                self.assertEqual(value["points"], len(value["data"]))
                self.assertEqual([d[:5] for d in value["data"]], [w[:5] for w in wanted])
                for got, want in zip(value["data"], wanted):
                    self.assertAlmostEqual(got[5], want[5], delta=1e-9 * want[5])
                # No coarser than needed: one kline less a point would be too many points.
                if value["bars_per_point"] > 1:
                    self.assertGreater(-(-len(rows) // (value["bars_per_point"] - 1)), points)
            return check
        rows = self.market.hourly
        self.ask(path, fits(rows, 1000))
        self.ask(path + "?points=10", fits(rows, 10))
        self.ask(path + "?points=5000", fits(rows, 5000))
        self.ask(path + "?points=77&from=2024-01-03&to=2024-02-01", fits([r for r in rows if START + 2 * DAY <= r[0] < START + 31 * DAY], 77))
        self.ask(path + f"?from={rows[3][0]}&to={rows[7][0]}", fits(rows[3:7], 1000))
        self.ask(path + "?from=2030-01-01", lambda a: self.assertEqual(a.value["data"], []))
        for query, field in {"points=9": "points", "points=5001": "points", "points=x": "points", "from=x": "from", "to=x": "to",
                             "start=2024": "start"}.items():
            self.ask(f"{path}?{query}", (400, "invalid", field))
        self.ask("/api/v1/series/ALONEUSDT/1h/overview", lambda a: self.assertEqual((a.value["data"], a.value["from"]), ([], None)))
        self.ask("/api/v1/series/NOSUCH/1h/overview", (400, "invalid", "symbol"))
        self.ask("/api/v1/series/DEMOUSDT/9z/overview", (400, "invalid", "interval"))


if __name__ == "__main__":
    request_table.main(at_least=80)
