"""What the tests of import, synth, resample and klines share: running the binary, reading candles back, and a second reader of
kline CSV, written independently of the C one, to compare with."""
import csv
import gzip
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

KMILL = os.environ.get("KMILL")
COLUMNS = ["open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "trades_count",
           "taker_buy_base_volume", "taker_buy_quote_volume"]
INTEGERS = {0, 6, 8}
MINUTE = 60_000
LENGTH = {"1m": MINUTE, "15m": 15 * MINUTE, "1h": 60 * MINUTE, "4h": 240 * MINUTE, "1d": 1440 * MINUTE, "1w": 7 * 1440 * MINUTE}


def need_binary():
    if not KMILL or not os.access(KMILL, os.X_OK):
        print("skipped: KMILL does not name the binary")
        sys.exit(77)


def data_folder():
    """The folder of real klines, or exit 77."""
    source = os.environ.get("KMILL_SOURCE", str(pathlib.Path(__file__).resolve().parents[2]))
    folder = pathlib.Path(os.environ.get("KMILL_DATA") or pathlib.Path(source) / "../shared/data")
    if not folder.is_dir():
        print("skipped: no folder of real klines (KMILL_DATA)")
        sys.exit(77)
    return folder


def kmill(*words, code=0, **options):
    """Runs the binary, expects the exit code, returns (stdout, stderr)."""
    done = subprocess.run([KMILL, *map(str, words)], capture_output=True, text=True, **options)
    if done.returncode != code:
        raise AssertionError(f"kmill {' '.join(map(str, words))}: exit {done.returncode}, expected {code}\n"
                             f"{done.stdout}{done.stderr}")
    if code == 2:
        lines = done.stderr.splitlines()
        assert len(lines) == 1 and lines[0].startswith("kmill: "), f"not one clear line: {done.stderr!r}"
    return done.stdout, done.stderr


def candles(store, symbol, interval, *options):
    """The stored candles as tuples in the order of COLUMNS; unknown values are None."""
    rows = csv.reader(io.StringIO(kmill("klines", "--store", store, symbol, interval, *options)[0]))
    assert next(rows) == COLUMNS
    return [tuple(None if v == "" else int(v) if i in INTEGERS else float(v) for i, v in enumerate(r)) for r in rows]


def listing(store):
    return {(s["symbol"], s["interval"]): s for s in json.loads(kmill("klines", "--store", store, "--json")[0])}


def texts_of(path):
    path = pathlib.Path(path)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as z:
            return [z.read(n).decode() for n in z.namelist() if n.endswith(".csv")]
    data = path.read_bytes()
    return [(gzip.decompress(data) if path.suffix == ".gz" else data).decode()]


def read_csv(path, interval):
    """Second reader: the public format's columns, ms or us, header rows skipped, sorted, identical rows once."""
    found = {}
    for text in texts_of(path):
        for fields in csv.reader(io.StringIO(text)):
            if not fields or not fields[0][:1].isdigit():
                continue
            row = [int(v) if i in INTEGERS else float(v) for i, v in enumerate(fields[:11])]
            for i in (0, 6):
                if i < len(row) and row[i] >= 10**14:
                    row[i] //= 1000
            if len(row) == 6:
                row += [row[0] + LENGTH[interval] - 1, None, None, None, None]
            row = tuple(row)
            assert found.setdefault(row[0], row) == row, "conflicting rows"
    return [found[t] for t in sorted(found)]


def gaps_of(rows, interval):
    """(places, missing candles)."""
    steps = [(b[0] - a[0]) // LENGTH[interval] - 1 for a, b in zip(rows, rows[1:])]
    return sum(s > 0 for s in steps), sum(steps)


def impossible(row, interval):
    t, o, h, l, c, v, close_time, q, n, tb, tq = row
    return (h < max(o, c) or l > min(o, c) or l <= 0 or v < 0 or (tb is not None and tb > v) or
            (tq is not None and tq > q) or close_time <= t or close_time >= t + LENGTH[interval])


def temporary_store():
    return tempfile.TemporaryDirectory(prefix="kmill-test-")


def run_all(module):
    """Runs every function whose name begins with test_ and prints its claim."""
    for name, function in list(vars(module).items()):
        if name.startswith("test_"):
            with temporary_store() as folder:
                function(pathlib.Path(folder))
            print("ok", name[5:].replace("_", " "))
