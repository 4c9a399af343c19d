"""kmill import postgres against a real server.

Values are compared with Python's float of the decimals that went into the database, and series with the CSV import of the
same rows. Everything runs on klines made here; the real ones are added where KMILL_DATA (default ../shared/data) is there.
"""
import csv
import gzip
import io
import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
import unittest

import server as postgres

SOURCE = os.environ.get("KMILL_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KMILL = os.environ.get("KMILL") or os.path.join(SOURCE, "build/release/bin/kmill")
DATA = os.environ.get("KMILL_DATA") or os.path.join(SOURCE, "../shared/data")

COLUMNS = ["open_time", "open_price", "high_price", "low_price", "close_price", "base_volume", "close_time", "quote_volume",
           "trades_count", "taker_buy_base_volume", "taker_buy_quote_volume"]
REQUIRED = COLUMNS[:6]
TYPES = {"open_time": "BIGINT", "close_time": "BIGINT", "trades_count": "INTEGER"}
START = 1704067200000
MINUTE, HOUR = 60000, 3600000


def columns_sql(names=COLUMNS, **types):
    return ", ".join(f"{name} {types.get(name, TYPES.get(name, 'NUMERIC(20, 8)'))}" for name in names)


def candles(count, step=HOUR, seed=1, start=START, gaps=True):
    """Rows of decimal strings in the order of COLUMNS: eight decimals, a few gaps, volumes from 0 to beyond 2^53 / 10^8."""
    draw = random.Random(seed)
    rows, when, price = [], start, 30000.0
    for _ in range(count):
        price *= 1 + draw.uniform(-0.01, 0.01)
        low, high = price * (1 - draw.random() / 100), price * (1 + draw.random() / 100)
        open_, close = draw.uniform(low, high), draw.uniform(low, high)
        volume = 0.0 if draw.random() < 0.05 else min(draw.lognormvariate(3, 4), 1e6)
        quote = volume * price
        rows.append([str(when), *(f"{x:.8f}" for x in (open_, high, low, close, volume)), str(when + step - 1), f"{quote:.8f}",
                     str(int(volume)), f"{volume / 3:.8f}", f"{quote / 3:.8f}"])
        when += step * (draw.randrange(2, 9) if gaps and draw.random() < 0.01 else 1)
    return rows


def run(*arguments, **environment):
    return subprocess.run([KMILL, *arguments], capture_output=True, text=True, env={**os.environ, **environment})


class Import(unittest.TestCase):
    databases = itertools.count()

    def setUp(self):
        self.database = f"test{next(self.databases)}"
        SERVER.sql("postgres", f"CREATE DATABASE {self.database}")
        self.folder = tempfile.TemporaryDirectory()
        self.store = os.path.join(self.folder.name, "store")

    def tearDown(self):
        self.folder.cleanup()

    def sql(self, statements, data=None):
        return SERVER.sql(self.database, statements, data)

    def table(self, name, rows, names=COLUMNS, key=True, **types):
        """Makes a table of the named columns and fills it; rows hold all COLUMNS."""
        self.sql(f"CREATE TABLE {name} ({columns_sql(names, **types)}{', PRIMARY KEY (open_time)' if key else ''});")
        self.insert(name, rows, names)

    def insert(self, name, rows, names=COLUMNS):
        text = io.StringIO()
        csv.writer(text).writerows([row[COLUMNS.index(column)] for column in names] for row in rows)
        self.sql(f"COPY {name} ({', '.join(names)}) FROM STDIN (FORMAT csv)", text.getvalue())

    def import_postgres(self, *options, code=0):
        done = run("import", "postgres", "--store", self.store, *options, DATABASE_URL=SERVER.dsn(self.database))
        self.assertEqual(code, done.returncode, done.stderr + done.stdout)
        if code:
            self.assertTrue(done.stderr.startswith("kmill: "), done.stderr)
            self.assertEqual(1, done.stderr.count("\n"), done.stderr)
        return done.stderr if code else done.stdout

    def stored(self, symbol, interval, store=None):
        """The stored series as rows of numbers in the order of COLUMNS; None where the source had nothing."""
        done = run("klines", symbol, interval, "--csv", "--store", store or self.store)
        self.assertEqual(0, done.returncode, done.stderr)
        rows = []
        for fields in csv.reader(io.StringIO(done.stdout)):
            if not fields[0].isdigit():
                continue  # the header
            rows.append([None if text in ("", "nan", "-1") else int(text) if name in TYPES else float(text)
                         for name, text in zip(COLUMNS, fields)])
        return rows

    def expect(self, symbol, interval, rows, missing=()):
        """The store holds exactly rows, every number the one Python makes of the decimal."""
        wanted = [[None if name in missing else int(text) if name in TYPES else float(text) for name, text in zip(COLUMNS, row)]
                  for row in rows]
        got = self.stored(symbol, interval)
        self.assertEqual(len(wanted), len(got))
        for i, (want, have) in enumerate(zip(wanted, got)):
            self.assertEqual(want, have, f"candle {i}")

    def expect_as_csv_import(self, symbol, interval, rows):
        path = os.path.join(self.folder.name, f"{symbol}-{interval}.csv")
        with open(path, "w", newline="", encoding="ascii") as file:
            csv.writer(file, lineterminator="\n").writerows([*row, "0"] for row in rows)
        other = os.path.join(self.folder.name, "from-csv")
        done = run("import", "csv", path, "--store", other)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(self.stored(symbol, interval, other), self.stored(symbol, interval))


class Values(Import):
    def test_a_table_becomes_the_series_that_its_csv_becomes(self):
        rows = candles(3000)
        self.assertTrue(any(float(row[7]) > 2**53 / 1e8 for row in rows))
        self.table("t_kline_btcusdt_1h", rows)
        self.import_postgres()
        self.expect("BTCUSDT", "1h", rows)
        self.expect_as_csv_import("BTCUSDT", "1h", rows)

    def test_real_klines_become_the_series_that_their_csv_becomes(self):
        if not os.path.isdir(DATA):
            self.skipTest("no real klines")
        for name, table, interval in [("BTCUSDT-1h.csv.gz", "t_kline_btcusdt_1h", "1h"), ("BTCUSDT-1d.csv", "t_kline_btcusdt_1d", "1d"),
                                      ("BTCUSDT-1w.csv", "t_kline_btcusdt_1w", "1w"), ("BTCUSDT-1m.csv.gz", "t_kline_btcusdt_1m", "1m")]:
            path = os.path.join(DATA, name)
            with (gzip.open if name.endswith(".gz") else open)(path, "rt") as file:
                rows = [row[:11] for row in csv.reader(file)]
            self.table(table, rows)
            self.import_postgres("--interval", interval)
            self.expect("BTCUSDT", interval, rows)
            other = os.path.join(self.folder.name, "from-csv")
            self.assertEqual(0, run("import", "csv", path, "--store", other).returncode)
            arguments = ("klines", "BTCUSDT", interval, "--csv", "--store")
            self.assertEqual(run(*arguments, other).stdout, run(*arguments, self.store).stdout)

    def test_decimals_of_any_length_become_the_nearest_double(self):
        draw = random.Random(7)
        rows = candles(2000, gaps=False)
        for row in rows:
            digits = draw.randrange(1, 60)
            number = str(draw.randrange(1, 10**digits))
            row[5] = number + "." + str(draw.randrange(10**draw.randrange(1, 40))) if draw.random() < 0.5 else number
            row[7] = number + "0" * draw.randrange(0, 30)
        self.table("t_kline_longusdt_1h", rows, base_volume="NUMERIC", quote_volume="NUMERIC")
        self.import_postgres()
        self.expect("LONGUSDT", "1h", rows)

    def test_numerics_of_negative_scale_are_whole(self):
        if int(self.sql("SHOW server_version_num")) < 150000:
            self.skipTest("PostgreSQL 15 introduced them")
        rows = candles(5)
        self.table("t_kline_roundusdt_1h", rows, base_volume="NUMERIC(10, -3)")
        self.sql("UPDATE t_kline_roundusdt_1h SET base_volume = 123456789")
        self.import_postgres()
        self.assertEqual([123457000.0] * 5, [row[5] for row in self.stored("ROUNDUSDT", "1h")])

    def test_other_number_types_and_domains_are_read(self):
        rows = [[str(START + i * HOUR), "100", "120", "90", "110", "7", str(START + (i + 1) * HOUR - 1), "700", "3", "2", "200"]
                for i in range(4)]
        self.sql("CREATE DOMAIN amount AS NUMERIC(20, 8) CHECK (VALUE >= 0);")
        self.table("t_kline_typeusdt_1h", rows, open_time="NUMERIC", open_price="DOUBLE PRECISION", high_price="REAL", low_price="BIGINT",
                   close_price="INTEGER", base_volume="SMALLINT", close_time="DOUBLE PRECISION", quote_volume="amount",
                   trades_count="NUMERIC")
        self.sql("UPDATE t_kline_typeusdt_1h SET open_price = 0.1, high_price = 0.5")
        self.import_postgres()
        for row in rows:
            row[1], row[2] = "0.1", "0.5"
        self.expect("TYPEUSDT", "1h", rows)


class Columns(Import):
    def test_optional_columns_may_be_missing(self):
        rows = candles(50)
        self.table("t_kline_fewusdt_1h", rows, REQUIRED)
        self.import_postgres()
        self.expect("FEWUSDT", "1h", rows, missing=COLUMNS[7:])

    def test_optional_values_may_be_null_or_nan_and_close_time_is_derived(self):
        rows = candles(50)
        self.table("t_kline_nullusdt_1h", rows)
        self.sql("UPDATE t_kline_nullusdt_1h SET close_time = NULL, quote_volume = NULL, trades_count = NULL,"
                 "taker_buy_base_volume = 'NaN', taker_buy_quote_volume = NULL")
        self.import_postgres()
        self.expect("NULLUSDT", "1h", rows, missing=COLUMNS[7:])

    def test_unknown_columns_are_ignored(self):
        rows = candles(20)
        self.table("t_kline_moreusdt_1h", rows)
        self.sql("ALTER TABLE t_kline_moreusdt_1h ADD reserved TEXT DEFAULT 'x', ADD note JSON; "
                 "ALTER TABLE t_kline_moreusdt_1h DROP COLUMN note")
        self.import_postgres()
        self.expect("MOREUSDT", "1h", rows)

    def test_a_missing_required_column_is_named(self):
        self.table("t_kline_badusdt_1h", candles(3), [name for name in COLUMNS if name != "low_price"])
        message = self.import_postgres(code=2)
        self.assertIn("t_kline_badusdt_1h", message)
        self.assertIn("low_price", message)

    def test_a_column_of_another_type_is_named_with_its_type(self):
        for column, type_ in [("close_price", "TEXT"), ("open_time", "TIMESTAMPTZ"), ("close_time", "REAL"), ("trades_count", "BOOLEAN")]:
            with self.subTest(column=column):
                self.sql(f"DROP TABLE IF EXISTS t_kline_badusdt_1h; CREATE TABLE t_kline_badusdt_1h ({columns_sql(**{column: type_})});")
                message = self.import_postgres(code=2)
                self.assertIn("t_kline_badusdt_1h", message)
                self.assertIn(column, message)
                self.assertIn({"TIMESTAMPTZ": "timestamp with time zone"}.get(type_, type_.lower()), message)
        self.assertFalse(os.path.exists(self.store))


class Refusals(Import):
    def test_values_no_candle_can_have_are_named_with_their_place_and_nothing_is_stored(self):
        rows = candles(30)
        self.table("t_kline_oddusdt_1h", rows, high_price="NUMERIC", quote_volume="DOUBLE PRECISION", close_time="NUMERIC")
        self.import_postgres()
        before = self.stored("ODDUSDT", "1h")
        when = rows[17][0]
        values = [("close_price", "NULL", "NULL"), ("base_volume", "'NaN'", "NaN"), ("high_price", "1e400", "beyond the largest double"),
                  ("quote_volume", "'-Infinity'", "infinite"), ("close_time", "1704067200000.5", "whole number")]
        if int(self.sql("SHOW server_version_num")) >= 140000:
            values.append(("high_price", "'Infinity'", "infinite"))
        for column, value, word in values:
            with self.subTest(column=column, value=value):
                old = self.sql(f"SELECT {column} FROM t_kline_oddusdt_1h WHERE open_time = {when}").strip()
                self.sql(f"UPDATE t_kline_oddusdt_1h SET {column} = {value} WHERE open_time = {when}")
                message = self.import_postgres("--replace", code=2)
                for part in ("t_kline_oddusdt_1h", when, column, word):
                    self.assertIn(part, message)
                self.sql(f"UPDATE t_kline_oddusdt_1h SET {column} = {old} WHERE open_time = {when}")
        self.assertEqual(before, self.stored("ODDUSDT", "1h"))

    def test_a_row_without_a_time_is_refused(self):
        self.table("t_kline_oddusdt_1h", candles(5), key=False)
        self.sql("UPDATE t_kline_oddusdt_1h SET open_time = NULL WHERE open_time = (SELECT max(open_time) FROM t_kline_oddusdt_1h)")
        self.assertIn("open_time is NULL", self.import_postgres(code=2))

    def test_an_empty_table_is_said_to_be_empty(self):
        self.table("t_kline_noneusdt_1h", [])
        self.assertIn("empty", self.import_postgres())
        self.assertFalse(os.path.exists(os.path.join(self.store, "NONEUSDT")))


class Selection(Import):
    def test_symbol_and_interval_choose_among_the_tables(self):
        for name, step in [("btcusdt_1h", HOUR), ("btcusdt_1m", MINUTE), ("ethusdt_1h", HOUR)]:
            self.table(f"t_kline_{name}", candles(10, step))
        self.sql("CREATE TABLE t_kline_btcusdt_7h (x INTEGER); CREATE TABLE other (x INTEGER);")
        self.import_postgres("--symbol", "btcusdt", "--interval", "1h")
        self.assertEqual(["BTCUSDT"], os.listdir(self.store))
        self.assertEqual(["1h.h5"], os.listdir(os.path.join(self.store, "BTCUSDT")))
        self.import_postgres()
        self.assertEqual(["BTCUSDT", "ETHUSDT"], sorted(os.listdir(self.store)))
        self.assertEqual(["1h.h5", "1m.h5"], sorted(os.listdir(os.path.join(self.store, "BTCUSDT"))))
        self.assertIn("XRPUSDT", self.import_postgres("--symbol", "XRPUSDT", code=2))
        self.assertIn("4h", self.import_postgres("--interval", "4h", code=2))

    def test_a_database_without_kline_tables_says_what_was_looked_for(self):
        self.assertIn("t_kline_{symbol}_{interval}", self.import_postgres(code=2))

    def test_quoted_names_schemas_and_the_month(self):
        month = [row[:] for row in candles(3)]
        for row, (opens, closes) in zip(month, [(1704067200000, 1706745599999), (1706745600000, 1709251199999), (1709251200000, 1711929599999)]):
            row[0], row[6] = str(opens), str(closes)
        self.sql('CREATE SCHEMA "Market Data"; ALTER DATABASE ' + self.database + ' SET search_path = "Market Data", public;')
        self.table('"Market Data"."t_kline_BTCUSDT_1M"', month)
        self.table("public.t_kline_btcusdt_1m", candles(5, MINUTE))
        self.import_postgres()
        self.expect("BTCUSDT", "1mo", month)
        self.expect("BTCUSDT", "1m", candles(5, MINUTE))

    def test_two_tables_of_one_series_are_refused(self):
        self.table("t_kline_btcusdt_1h", candles(3))
        self.table('"t_kline_BTCUSDT_1h"', candles(3))
        self.assertIn("both BTCUSDT 1h", self.import_postgres(code=2))


class Order(Import):
    def test_any_number_of_connections_gives_the_same_series(self):
        rows = candles(60000, MINUTE)
        self.table("t_kline_btcusdt_1m", rows)
        for connections in ("1", "2", "5"):
            printed = self.import_postgres("--replace", "--connections", connections)
            self.assertIn(f"{connections} connection", printed)
            self.expect("BTCUSDT", "1m", rows)

    def test_rows_in_any_order_are_sorted_and_identical_duplicates_dropped(self):
        rows = candles(500)
        shuffled = rows + rows[100:110]
        random.Random(3).shuffle(shuffled)
        self.table("t_kline_heapusdt_1h", shuffled, key=False)
        self.assertIn("10 identical duplicates dropped", self.import_postgres())
        self.expect("HEAPUSDT", "1h", rows)

    def test_rows_of_one_time_that_differ_are_refused(self):
        rows = candles(50)
        twin = rows[20][:]
        twin[4] = "1.25000000"
        self.table("t_kline_heapusdt_1h", rows + [twin], key=False)
        message = self.import_postgres(code=2)
        self.assertIn(twin[0], message)
        self.assertIn("close", message)
        self.assertFalse(os.path.exists(os.path.join(self.store, "HEAPUSDT")))

    def test_microseconds_become_milliseconds_also_from_some_row_on(self):
        rows = candles(200)
        for first_micro in (0, 120):
            with self.subTest(first_micro=first_micro):
                stored = [[*row] for row in rows]
                for row in stored[first_micro:]:
                    row[0], row[6] = row[0] + "000", row[6] + "999"
                self.sql("DROP TABLE IF EXISTS t_kline_btcusdt_1h")
                self.table("t_kline_btcusdt_1h", stored[:150])
                self.import_postgres("--replace")
                self.expect("BTCUSDT", "1h", rows[:150])
                self.insert("t_kline_btcusdt_1h", stored[150:])
                self.import_postgres()
                self.expect("BTCUSDT", "1h", rows)


class Updates(Import):
    def test_an_existing_series_gets_what_is_newer(self):
        rows = candles(1000)
        self.table("t_kline_btcusdt_1h", rows[:700])
        self.import_postgres()
        self.insert("t_kline_btcusdt_1h", rows[700:])
        self.sql(f"UPDATE t_kline_btcusdt_1h SET close_price = 1 WHERE open_time = {rows[5][0]}")  # is not looked at again
        self.assertIn("300 newer candles", self.import_postgres())
        self.expect("BTCUSDT", "1h", rows)
        self.assertIn("nothing newer", self.import_postgres())
        rows[5][4] = "1.00000000"
        self.import_postgres("--replace")
        self.expect("BTCUSDT", "1h", rows)

    def test_a_last_candle_that_was_unfinished_is_replaced(self):
        rows = candles(100, gaps=False)
        self.table("t_kline_btcusdt_1h", rows)
        unfinished = rows[60]
        self.sql(f"DELETE FROM t_kline_btcusdt_1h WHERE open_time > {unfinished[0]};"
                 "UPDATE t_kline_btcusdt_1h SET high_price = GREATEST(open_price, low_price), close_price = open_price,"
                 f"base_volume = base_volume / 4 WHERE open_time = {unfinished[0]}")
        self.import_postgres()
        self.sql(f"DELETE FROM t_kline_btcusdt_1h WHERE open_time = {unfinished[0]}")
        self.insert("t_kline_btcusdt_1h", rows[60:])
        self.assertIn("unfinished", self.import_postgres())
        self.expect("BTCUSDT", "1h", rows)

    def test_another_market_is_not_joined(self):
        rows = candles(100, gaps=False)
        self.table("t_kline_btcusdt_1h", rows[:50])
        self.import_postgres()
        before = self.stored("BTCUSDT", "1h")
        self.sql("DELETE FROM t_kline_btcusdt_1h")
        self.insert("t_kline_btcusdt_1h", candles(100, seed=2, gaps=False))
        self.assertIn("--replace", self.import_postgres(code=2))
        self.sql(f"DELETE FROM t_kline_btcusdt_1h WHERE open_time = {rows[49][0]}")
        self.assertIn("has no candle at", self.import_postgres(code=2))
        self.assertEqual(before, self.stored("BTCUSDT", "1h"))


class Connection(Import):
    def slow_table(self, rows):
        """The table as a view that takes a millisecond a row."""
        self.sql("ALTER TABLE t_kline_btcusdt_1h RENAME TO candles")
        self.insert("candles", rows)
        names = ", ".join(COLUMNS[1:])
        self.sql(f"CREATE VIEW t_kline_btcusdt_1h AS SELECT open_time + length(pg_sleep(0.001)::text) AS open_time, {names} FROM candles")

    def test_a_server_lost_in_mid_import_leaves_the_series(self):
        rows = candles(3000)
        self.table("t_kline_btcusdt_1h", rows[:500])
        self.import_postgres()
        path = os.path.join(self.store, "BTCUSDT", "1h.h5")
        with open(path, "rb") as file:
            before = file.read()
        self.slow_table(rows[500:])
        importer = subprocess.Popen([KMILL, "import", "postgres", "--replace", "--store", self.store, "--dsn", SERVER.dsn(self.database)],
                                    stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            deadline = time.monotonic() + 60
            while self.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active'").strip() == "0":
                self.assertLess(time.monotonic(), deadline, "the import never began")
                time.sleep(0.05)
            time.sleep(0.5)
            SERVER.kill()
            output, errors = importer.communicate(timeout=60)
        finally:
            importer.kill()
            SERVER.start()
        self.assertEqual(3, importer.returncode, errors)
        self.assertEqual("", output)
        self.assertEqual(1, errors.count("\n"), errors)
        self.assertTrue(errors.startswith("kmill: "), errors)
        with open(path, "rb") as file:
            self.assertEqual(before, file.read())
        self.assertEqual(["1h.h5"], os.listdir(os.path.dirname(path)))

    def test_an_interrupt_leaves_the_series_and_exits_with_130(self):
        rows = candles(5000)
        self.table("t_kline_btcusdt_1h", rows[:10])
        self.slow_table(rows[10:])
        importer = subprocess.Popen([KMILL, "import", "postgres", "--store", self.store, "--dsn", SERVER.dsn(self.database)],
                                    stderr=subprocess.PIPE, text=True)
        while self.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active'").strip() == "0":
            time.sleep(0.05)
        importer.send_signal(2)
        errors = importer.communicate(timeout=60)[1]
        self.assertEqual(130, importer.returncode, errors)
        self.assertFalse(os.path.exists(os.path.join(self.store, "BTCUSDT")))

    def test_addresses_that_cannot_be_read_are_refused_without_showing_them(self):
        for address in ["hello", "", "postgresql://user:s3cret@@/db", "postgresql://user:s3cret/x@host/db", "postgresql://u:s3cret%zz@host/db",
                        "postgresql+asyncpg://user@host:s3cret/db", "postgresql://host/db?s3cret", "mysql://user:s3cret@host/db",
                        "host=localhost passwort=s3cret"]:
            with self.subTest(address=address):
                done = run("import", "postgres", "--store", self.store, "--dsn", address)
                self.assertEqual(2, done.returncode, done.stderr)
                self.assertEqual(1, done.stderr.count("\n"), done.stderr)
                self.assertNotIn("s3cret", done.stderr)
        done = run("import", "postgres", "--store", self.store, DATABASE_URL="")
        self.assertEqual(2, done.returncode)
        self.assertIn("DATABASE_URL", done.stderr)

    def test_a_server_that_is_not_there_is_one_line(self):
        done = run("import", "postgres", "--store", self.store, "--dsn", "postgresql://tester:s3cret@/db?host=/tmp/no-such-folder")
        self.assertEqual(3, done.returncode, done.stderr)
        self.assertEqual(1, done.stderr.count("\n"), done.stderr)
        self.assertNotIn("s3cret", done.stderr)

    def test_sqlalchemy_addresses_work(self):
        self.table("t_kline_btcusdt_1h", candles(5))
        address = SERVER.dsn(self.database).replace("postgresql://", "postgresql+asyncpg://") + "&ssl=prefer"
        done = run("import", "postgres", "--store", self.store, DATABASE_URL=address)
        self.assertEqual(0, done.returncode, done.stderr)
        self.expect("BTCUSDT", "1h", candles(5))


if __name__ == "__main__":
    programs = postgres.find_programs()
    if not programs:
        print("no PostgreSQL server is installed (script/setup --test brings one)")
        sys.exit(77)
    SERVER = postgres.Server(programs)
    try:
        outcome = unittest.main(exit=False, verbosity=2).result
    finally:
        SERVER.stop()
    sys.exit(not outcome.wasSuccessful())
