"""Klines that only PostgreSQL has, through a real PostgreSQL: equal to an import of the same tables value by value; the store alone when the
database is down; nobody waits for one that hangs."""
import contextlib
import importlib.util
import os
import pathlib
import random
import signal
import tempfile
import time
import unittest

import server
from market import DAY, HOUR, START, as_kline, kmill

SOURCE = pathlib.Path(__file__).resolve().parents[2]
KLINE, SERIES = "/api/v1/kline", "/api/v1/series"
COLUMNS = ("open_time", "open_price", "high_price", "low_price", "close_price", "base_volume", "close_time", "quote_volume", "trades_count",
           "taker_buy_base_volume", "taker_buy_quote_volume")
TYPES = {"open_time": "BIGINT", "close_time": "BIGINT", "trades_count": "INTEGER"}


def load_postgres():
    """tests/postgres/server.py, whose name is taken here."""
    spec = importlib.util.spec_from_file_location("postgres_server", SOURCE / "tests/postgres/server.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


postgres = load_postgres()


def decimal_rows(count, step, seed):
    """Decimal texts in the order of COLUMNS; a gap after the tenth, volumes beyond 2^53 / 10^8."""
    draw, rows = random.Random(seed), []
    for i in range(count):
        t = START + (i + (5 if i > 10 else 0)) * step
        low, high = sorted(draw.uniform(1, 90000) for _ in range(2))
        volume = draw.choice((0.0, draw.lognormvariate(3, 4), draw.uniform(1e8, 9e8)))
        rows.append([str(t), f"{low + (high - low) / 3:.8f}", f"{high:.8f}", f"{low:.8f}", f"{(low + high) / 2:.8f}", f"{volume:.8f}",
                     str(t + step - 1), f"{volume * 123.456:.8f}", str(draw.randrange(10**6)), f"{volume / 3:.8f}", f"{volume * 41.5:.8f}"])
    return rows


def klines_of(rows, step):
    """What the API has to say of such rows: Python's float of each decimal."""
    return [as_kline([int(r[0]), *map(float, r[1:6]), int(r[6]), float(r[7]), int(r[8]), float(r[9]), float(r[10])], step) for r in rows]


def table(database, name, rows, key=True, types=TYPES, names=COLUMNS, scale=1):
    columns = ", ".join(f"{c} {types.get(c, 'NUMERIC(20, 8)')}" for c in names)
    DATABASE.sql(database, f"CREATE TABLE {name} ({columns}{', PRIMARY KEY (open_time)' if key else ''});")
    lines = []
    for row in rows:
        row = [str(int(v) * scale) if c in ("open_time", "close_time") else v for c, v in zip(COLUMNS, row)]
        lines.append(",".join(row[COLUMNS.index(c)] for c in names))
    DATABASE.sql(database, f"COPY {name} ({', '.join(names)}) FROM STDIN (FORMAT csv)", "".join(line + "\n" for line in lines))


HOURLY, DAILY = decimal_rows(2500, HOUR, 1), decimal_rows(50, DAY, 2)


def setUpModule():
    DATABASE.sql("postgres", "CREATE DATABASE klines")
    table("klines", "t_kline_pgusdt_1h", HOURLY)
    table("klines", "t_kline_pgusdt_1d", [row for row in DAILY for _ in range(2)], key=False)  # each candle twice
    table("klines", "t_kline_microusdt_1h", HOURLY[:300], scale=1000)
    table("klines", "t_kline_mixedusdt_1h", HOURLY[:300], scale=1000)
    DATABASE.sql("klines", f"UPDATE t_kline_mixedusdt_1h SET open_time = open_time / 1000, close_time = close_time / 1000 "
                           f"WHERE open_time < {START + 100 * HOUR}000")
    table("klines", "t_kline_demousdt_1h", HOURLY[:5])  # the store has that one too
    table("klines", "t_kline_demousdt_4h", decimal_rows(20, 4 * HOUR, 3))
    table("klines", "t_kline_emptyusdt_1h", [])
    DATABASE.sql("klines", "CREATE TABLE t_kline_twousdt_1d AS SELECT * FROM t_kline_pgusdt_1d LIMIT 4; "
                           "UPDATE t_kline_twousdt_1d SET close_price = close_price + 1 WHERE ctid = '(0,1)'")
    DATABASE.sql("klines", "CREATE TABLE t_kline_badusdt_1h (open_time BIGINT, open_price TEXT)")
    DATABASE.sql("klines", "CREATE VIEW t_kline_slowusdt_1h AS "
                           "SELECT o.* FROM t_kline_pgusdt_1h o, LATERAL (SELECT pg_sleep(0.02), o.open_time) s")


class ReadThrough(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rows, cls.daily = HOURLY, DAILY
        cls.block = server.running(sweeps=False, environment={"DATABASE_URL": "postgresql+asyncpg://" + DATABASE.dsn("klines").split("://")[1]})
        cls.server = cls.block.__enter__()
        cls.market = cls.server.market

    @classmethod
    def tearDownClass(cls):
        cls.block.__exit__(None, None, None)

    def page(self, path, **query):
        answer = self.server.get(f"{KLINE}/{path}", **query)
        self.assertEqual(answer.status, 200, answer.body[:300])
        return answer.value["data"]

    def test_names_are_those_of_store_and_database_together(self):
        symbols = self.server.get(f"{KLINE}/symbols").value["symbols"]
        self.assertEqual(symbols, sorted({"ALONEUSDT", "DEMOUSDT", "SYNTHUSDT", "PGUSDT", "MICROUSDT", "MIXEDUSDT", "EMPTYUSDT", "BADUSDT",
                                          "SLOWUSDT", "TWOUSDT"}))
        self.assertEqual(self.server.get(f"{KLINE}/intervals").value["intervals"], ["1h", "4h", "1d"])
        self.assertEqual(self.server.get(f"{KLINE}/intervals", symbol="DEMOUSDT").value["intervals"], ["1h", "4h", "1d"])
        self.assertIn("PGUSDT", self.server.get(f"{KLINE}/NONE/1h").value["detail"])

    def test_every_value_is_the_double_of_the_decimal(self):
        expected = klines_of(self.rows, HOUR)
        self.assertEqual(self.page("PGUSDT/1h", limit=1000), expected[:1000])
        self.assertEqual(self.page("pgusdt/1h", limit=1000, start_time=expected[999]["open_time"]), expected[1000:2000])
        self.assertEqual(self.page("PGUSDT/1h/batch", start_time=START - 1, end_time="2030-01-01"), expected)
        self.assertEqual(self.page("PGUSDT/1h", start_time=expected[5]["open_time"], end_time=expected[9]["open_time"]), expected[6:10])
        self.assertEqual(self.page("PGUSDT/1h/next", current_time=START + 10 * HOUR), expected[11:12])
        self.assertEqual(self.page("PGUSDT/1h/previous", current_time=START + 12 * HOUR), expected[10:11])
        self.assertEqual(self.page("PGUSDT/1h/previous", current_time=START), [])

    def test_it_is_what_an_import_of_the_table_gives(self):
        with tempfile.TemporaryDirectory() as folder:
            kmill("import", "postgres", "--dsn", DATABASE.dsn("klines"), "--symbol", "PGUSDT", "--store", folder)
            with server.running("--store", folder, sweeps=False) as imported:
                for path in (f"{KLINE}/PGUSDT/1h?limit=1000", f"{KLINE}/PGUSDT/1d", f"{SERIES}/PGUSDT/1h/overview?points=50"):
                    self.assertEqual(imported.request("GET", path).body, self.server.request("GET", path).body, path)

    def test_a_table_without_a_key_gives_each_kline_once(self):
        expected = klines_of(self.daily, DAY)
        self.assertEqual(self.page("PGUSDT/1d", limit=1000), expected)
        for limit in (1, 2, 3, 7, 10):
            self.assertEqual(self.page("PGUSDT/1d", limit=limit), expected[:limit])

    def test_klines_that_contradict_each_other_are_an_upstream_error(self):
        answer = self.server.get(f"{KLINE}/TWOUSDT/1d")
        self.assertEqual((answer.status, answer.code), (502, "upstream"))
        self.assertIn("differ, close", answer.value["detail"])

    def test_microseconds_and_tables_of_both_units_are_milliseconds(self):
        expected = klines_of(self.rows[:300], HOUR)
        for symbol in ("MICROUSDT", "MIXEDUSDT"):
            with self.subTest(symbol):
                self.assertEqual(self.page(f"{symbol}/1h", limit=1000), expected)
                self.assertEqual(self.page(f"{symbol}/1h", limit=20, start_time=expected[90]["open_time"], end_time=expected[105]["open_time"]),
                                 expected[91:106])
                self.assertEqual(self.page(f"{symbol}/1h/previous", current_time="2030-01-01"), expected[-1:])

    def test_the_store_comes_first(self):
        self.assertEqual(self.page("DEMOUSDT/1h", limit=1)[0], as_kline(self.market.hourly[0], HOUR))
        self.assertEqual(len(self.page("DEMOUSDT/4h")), 20)

    def test_an_empty_table_has_no_klines(self):
        self.assertEqual(self.page("EMPTYUSDT/1h"), [])
        self.assertEqual(self.page("EMPTYUSDT/1h/previous", current_time=START), [])
        value = self.server.get(f"{SERIES}/EMPTYUSDT/1h").value
        self.assertEqual((value["count"], value["first_open_time"], value["origin"]), (0, None, "postgres"))

    def test_series_of_the_database_say_where_they_begin_and_end(self):
        found = {(s["symbol"], s["interval"]): s for s in self.server.get(SERIES).value["series"]}
        self.assertEqual((found["DEMOUSDT", "1h"]["origin"], found["DEMOUSDT", "4h"]["origin"]), ("store", "postgres"))
        expected = klines_of(self.rows, HOUR)
        one = self.server.get(f"{SERIES}/PGUSDT/1h").value
        self.assertEqual((one["first_open_time"], one["last_open_time"], one["count"], one["source"]),
                         (expected[0]["open_time"], expected[-1]["open_time"], None, "postgres: t_kline_pgusdt_1h"))

    def test_a_table_that_is_no_kline_table_is_an_upstream_error_that_says_so(self):
        answer = self.server.get(f"{KLINE}/BADUSDT/1h")
        self.assertEqual((answer.status, answer.code), (502, "upstream"))
        self.assertIn("t_kline_badusdt_1h", answer.value["detail"])

    def test_a_statement_is_given_up_after_five_seconds(self):
        began = time.monotonic()
        answer = self.server.get(f"{KLINE}/SLOWUSDT/1h", limit=1000)
        self.assertEqual((answer.status, answer.code), (502, "upstream"))
        self.assertIn("statement timeout", answer.value["detail"])
        self.assertLess(time.monotonic() - began, 12)


class DatabaseDown(unittest.TestCase):
    def assert_upstream(self, answer):
        self.assertEqual((answer.status, answer.code), (502, "upstream"))
        self.assertEqual(answer.value["detail"], "the database behind the kline store does not answer")

    def assert_store_answers(self, s):
        self.assertEqual(s.get(f"{KLINE}/DEMOUSDT/1h", limit=2).value["count"], 2)
        self.assertIn("DEMOUSDT", s.get(f"{KLINE}/symbols").value["symbols"])
        self.assertIn("1h", s.get(f"{KLINE}/intervals").value["intervals"])
        self.assertIn(("DEMOUSDT", "1h"), [(x["symbol"], x["interval"]) for x in s.get(SERIES).value["series"]])

    def test_the_store_answers_without_it_and_no_answer_or_log_has_the_password(self):
        address = "postgresql://user:very-secret@127.0.0.1:1/klines"
        with server.running(sweeps=False, environment={"DATABASE_URL": address}) as s:
            self.assert_store_answers(s)
            self.assert_upstream(s.get(f"{KLINE}/PGUSDT/1h"))
            self.assert_upstream(s.get(f"{KLINE}/DEMOUSDT/4h"))
            self.assert_upstream(s.get(f"{SERIES}/PGUSDT/1h"))
            self.assertNotIn("very-secret", s.log_text())

    def test_it_comes_back(self):
        with server.running(sweeps=False, environment={"DATABASE_URL": DATABASE.dsn("klines")}) as s:
            self.assertEqual(s.get(f"{KLINE}/PGUSDT/1h", limit=3).value["count"], 3)
            DATABASE.kill()
            self.assert_upstream(s.get(f"{KLINE}/PGUSDT/1h", limit=3))
            self.assert_store_answers(s)
            DATABASE.start()
            server.eventually(lambda: s.get(f"{KLINE}/PGUSDT/1h", limit=3).status == 200, 15)

    def test_nobody_waits_for_one_that_hangs(self):
        with server.running("--pool-threads", 2, sweeps=False, environment={"DATABASE_URL": DATABASE.dsn("klines")}) as s:
            self.assertEqual(s.get(f"{KLINE}/PGUSDT/1h", limit=3).value["count"], 3)
            with self.stopped_database():
                began = time.monotonic()
                answer = s.get(f"{KLINE}/PGUSDT/1h", limit=4)
                self.assertEqual((answer.status, answer.code), (502, "upstream"))
                self.assertLess(time.monotonic() - began, 20)
                self.assert_store_answers(s)
            server.eventually(lambda: s.get(f"{KLINE}/PGUSDT/1h", limit=4).status == 200, 15)

    @staticmethod
    @contextlib.contextmanager
    def stopped_database():
        pid = DATABASE.postmaster.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        pids = [pid, *map(int, children)]
        for one in pids:
            os.kill(one, signal.SIGSTOP)
        try:
            yield
        finally:
            for one in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(one, signal.SIGCONT)


if __name__ == "__main__":
    server.need_binary()
    programs = postgres.find_programs()
    if not programs:
        print("skipped: there is no PostgreSQL server")
        raise SystemExit(77)
    DATABASE = postgres.Server(programs)
    try:
        unittest.main()
    finally:
        DATABASE.stop()
