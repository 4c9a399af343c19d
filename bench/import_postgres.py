"""Rows per second of `kmill import postgres`, beside what the server can send at all.

usage: bench/import_postgres.py KMILL, or script/bench import_postgres

A server of our own (see tests/postgres/server.py) gets the document's table with ROWS candles. Each round measures
`psql ... COPY (FORMAT binary)` into /dev/null, which decodes and keeps nothing and so is the limit of one connection, then the
import with one connection and with two. The best of all rounds is reported: other load on the machine only slows.
"""
import os
import re
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KMILL = sys.argv[1] if len(sys.argv) > 1 else os.environ["KMILL"]
sys.path.insert(0, os.path.join(SOURCE, "tests/postgres"))
import server as postgres

ROWS = int(os.environ.get("ROWS", "2000000"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
COLUMNS = ("open_time,open_price,high_price,low_price,close_price,base_volume,close_time,quote_volume,trades_count,"
           "taker_buy_base_volume,taker_buy_quote_volume")
TABLE = f"""
CREATE TABLE t_kline_benchusdt_1m (open_time BIGINT PRIMARY KEY, open_price NUMERIC(20, 8), high_price NUMERIC(20, 8),
    low_price NUMERIC(20, 8), close_price NUMERIC(20, 8), base_volume NUMERIC(20, 8), close_time BIGINT,
    quote_volume NUMERIC(20, 8), trades_count INTEGER, taker_buy_base_volume NUMERIC(20, 8), taker_buy_quote_volume NUMERIC(20, 8));
SELECT setseed(0.5);
INSERT INTO t_kline_benchusdt_1m
    SELECT 1577836800000 + i * 60000, p, p * 1.001, p * 0.999, p * 1.0005, v, 1577836800000 + i * 60000 + 59999, p * v,
           (v * 10)::integer, v * 0.5, p * v * 0.5
    FROM (SELECT i, (30000 + 20000 * random())::numeric(20, 8) AS p, (200 * random())::numeric(20, 8) AS v
          FROM generate_series(0::bigint, {ROWS - 1}) AS i) AS made;
VACUUM ANALYZE t_kline_benchusdt_1m;
CHECKPOINT;
"""


def copy_to_nowhere(server):
    start = time.perf_counter()
    psql = os.path.join(server.programs, "psql")
    subprocess.run([psql, "-X", "-q", server.dsn("postgres"), "-c",
                    f"COPY (SELECT {COLUMNS} FROM t_kline_benchusdt_1m) TO STDOUT (FORMAT binary)"], check=True, stdout=subprocess.DEVNULL)
    return ROWS / (time.perf_counter() - start)


def imported(server, store, connections):
    """kmill's own rate: reading, decoding and sorting, without the writing of the store file."""
    command = [KMILL, "import", "postgres", "--dsn", server.dsn("postgres"), "--store", store, "--replace",
               "--connections", str(connections)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(re.search(r"([\d,]+) rows/s", printed)[1].replace(",", ""))


def main():
    server = postgres.Server(postgres.find_programs())
    try:
        server.sql("postgres", TABLE)
        best = {"psql, COPY binary to /dev/null": 0.0, "kmill, 1 connection": 0.0, "kmill, 2 connections": 0.0}
        with tempfile.TemporaryDirectory() as store:
            for _ in range(ROUNDS):
                for name, rate in zip(best, (copy_to_nowhere(server), imported(server, store, 1), imported(server, store, 2))):
                    best[name] = max(best[name], rate)
    finally:
        server.stop()
    for name, rate in best.items():
        print(f"{name:32} {rate:12,.0f} rows/s")
    print(f"{'2 connections against 1':32} {best['kmill, 2 connections'] / best['kmill, 1 connection']:12.2f} times")


main()
