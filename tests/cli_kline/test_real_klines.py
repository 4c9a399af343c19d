"""Real klines through the binary: every value against a second reader, every dirty file accepted or refused as it must be, and larger
candles against the exchange's own."""
import pathlib
import sys

import kline_cli as cli

cli.need_binary()
DATA = cli.data_folder()
BTC_2024 = ("--from", "2024-01-01", "--to", "2025-01-01")


def assert_import_equals_second_reader(store, path, symbol, interval):
    cli.kmill("import", "csv", path, "--store", store, "--symbol", symbol, "--interval", interval)
    expected = cli.read_csv(path, interval)
    assert cli.candles(store, symbol, interval) == expected, path
    info = cli.listing(store)[symbol, interval]
    assert info["count"] == len(expected)
    assert (info["gapCount"], info["missingCandles"]) == cli.gaps_of(expected, interval), path
    assert info["oddCount"] == sum(cli.impossible(r, interval) for r in expected), path
    cli.kmill("klines", "--store", store, symbol, interval, "--verify")
    return info


def test_every_clean_file_is_imported_value_by_value(store):
    names = {"BTCUSDT-1d.csv": (3178, 0, 0), "BTCUSDT-1h.csv.gz": (37923, 1, 1), "BTCUSDT-4h.csv": (19052, 8, 16),
             "BTCUSDT-1w.csv": (454, 0, 0), "ETHUSDT-1d.csv": (3178, 0, 0), "ETHUSDT-1h.csv.gz": (37923, 1, 1),
             "BTCUSDT-1m.csv.gz": (527040, 0, 0)}
    for name, (rows, gaps, missing) in names.items():
        symbol, interval = name.split(".")[0].split("-")
        info = assert_import_equals_second_reader(store, DATA / name, symbol, interval)
        assert (info["count"], info["gapCount"], info["missingCandles"]) == (rows, gaps, missing), name
        assert info["source"] == f"csv: {name}"


def test_every_dirty_file_that_is_klines_is_imported_with_its_faults_told(store):
    cases = {"micros-BTCUSDT-1m-2025-01-01.csv": (1440, 0, 0), "ms-then-us-BTCUSDT-1m-excerpt.csv": (240, 0, 0),
             "gap80min-BTCUSDT-1m-2023-03-24.csv": (1360, 1, 80), "gap2011min-BTCUSDT-1m-2018-02-08.csv": (89, 1, 2011),
             "gap419min-close_time_eq_open_time-BTCUSDT-1m-2017-09-06.csv": (1021, 1, 419),
             "one-minute-hole-SOLUSDT-1m-2023-02-14-excerpt.csv": (100, 1, 1),
             "header-BTCUSDT-1m-um-2023-12-06-excerpt.csv": (360, 0, 0)}
    for n, (name, (rows, gaps, missing)) in enumerate(cases.items()):
        path = DATA / "dirty" / name
        error = cli.kmill("import", "csv", path, "--store", store, code=2)[1]
        assert "pass --symbol and --interval" in error and name in error
        info = assert_import_equals_second_reader(store, path, f"DIRTY{n}", "1m")
        assert (info["count"], info["gapCount"], info["missingCandles"]) == (rows, gaps, missing), name
    report = cli.kmill("klines", "--store", store, "DIRTY2", "1m", "--report")[0]
    assert "gap: 2023-03-24T12:40:00+00:00: 80 candles missing" in report
    assert "note: 2023-03-24T12:39:00+00:00: closes early, at 2023-03-24T12:39:41.646000+00:00" in report
    assert "note: 72 candles without any trade" in report
    report = cli.kmill("klines", "--store", store, "DIRTY4", "1m", "--report")[0]
    assert "odd: 2017-09-06T16:00:00+00:00: close_time is not after open_time" in report
    assert "note: 146 candles without any trade" in report


def test_dirty_files_that_are_no_klines_or_contradict_themselves_are_refused(store):
    cases = {"duplicates-6col-BTCUSDT-1h.csv": ("1h", [":7097 and ", ":7098: two different candles open at 2024-03-22T08:00",
                                                       "low 66146.37 against 65805.23"]),
             "index-price-zero-volume-BTCUSDT-1h-excerpt.json": ("1h", ["JSON, not CSV"]),
             "not-a-zip-S3-error-ARBUSDT-1m-2022-01-01.zip": ("1m", ["not a zip file", "<?xml", "XML or HTML page"])}
    for name, (interval, words) in cases.items():
        error = cli.kmill("import", "csv", DATA / "dirty" / name, "--store", store / "s", "--symbol", "X", "--interval",
                          interval, code=2)[1]
        assert name in error and all(w in error for w in words), error
    assert not (store / "s").exists()
    known = {*cases, "micros-BTCUSDT-1m-2025-01-01.csv", "ms-then-us-BTCUSDT-1m-excerpt.csv",
             "gap80min-BTCUSDT-1m-2023-03-24.csv", "gap2011min-BTCUSDT-1m-2018-02-08.csv",
             "gap419min-close_time_eq_open_time-BTCUSDT-1m-2017-09-06.csv",
             "one-minute-hole-SOLUSDT-1m-2023-02-14-excerpt.csv", "header-BTCUSDT-1m-um-2023-12-06-excerpt.csv"}
    assert {p.name for p in (DATA / "dirty").iterdir()} <= known, "a dirty file that no test reads"


def test_without_its_contradiction_the_six_column_file_is_read_and_its_duplicates_dropped(store):
    lines = (DATA / "dirty/duplicates-6col-BTCUSDT-1h.csv").read_text().splitlines()
    del lines[7096]  # line 7097: the unfinished candle
    path = store / "SIXUSDT-1h.csv"
    path.write_text("\n".join(lines))
    out = cli.kmill("import", "csv", path, "--store", store)[0]
    assert "duplicates dropped: 7\n" in out
    assert cli.candles(store, "SIXUSDT", "1h") == cli.read_csv(path, "1h")


def test_zips_and_daily_files_of_the_archive_join_what_is_stored(store):
    cli.kmill("import", "csv", DATA / "BTCUSDT-1h.csv.gz", DATA / "BTCUSDT-1m.csv.gz", "--store", store)
    before = cli.listing(store)
    out = cli.kmill("import", "csv", *(DATA / "peers").glob("BTCUSDT-*.zip"), "--store", store)[0]
    assert "new: 0, already stored: 23" in out and "new: 0, already stored: 1,440" in out
    assert cli.listing(store) == before
    cli.kmill("import", "csv", *sorted((DATA / "peers").glob("ADABTC-*.csv"), reverse=True), "--store", store)
    rows = [r for p in sorted((DATA / "peers").glob("ADABTC-*.csv")) for r in cli.read_csv(p, "1m")]
    assert cli.candles(store, "ADABTC", "1m") == rows and len(rows) == 21


def test_larger_candles_equal_those_of_the_exchange(store):
    made, own = store / "made", store / "own"
    cli.kmill("import", "csv", DATA / "BTCUSDT-1m.csv.gz", "--store", made)
    cli.kmill("import", "csv", DATA / "BTCUSDT-1h.csv.gz", DATA / "BTCUSDT-4h.csv", DATA / "BTCUSDT-1d.csv",
              DATA / "BTCUSDT-1w.csv", "--store", own)
    cli.kmill("resample", "--store", made, "--symbol", "btcusdt", "--from", "1m", "--to", "1h,4h,1d,1w")
    for interval, rows in {"1h": 8784, "4h": 2196, "1d": 366}.items():
        expected = cli.candles(own, "BTCUSDT", interval, *BTC_2024)
        assert len(expected) == rows
        assert cli.candles(made, "BTCUSDT", interval) == expected, interval
    weeks = cli.candles(made, "BTCUSDT", "1w")
    assert weeks[:-1] == cli.candles(own, "BTCUSDT", "1w", *BTC_2024)[:-1] and len(weeks) == 53
    info = cli.listing(made)["BTCUSDT", "1w"]
    assert info["partialCount"] == 1 and "resampled from 1m" in info["source"]
    assert "note: 2024-12-30T00:00:00+00:00: partial" in cli.kmill("klines", "--store", made, "BTCUSDT", "1w", "--report")[0]


cli.run_all(sys.modules[__name__])
