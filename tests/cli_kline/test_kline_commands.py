"""import csv, synth, resample and klines as a user types them: output, exit codes, and that no accident costs a stored candle."""
import os
import resource
import signal
import subprocess
import sys
import time

import kline_cli as cli

cli.need_binary()
T0 = 1704067200000


def write_rows(path, minutes, close=1.5):
    path.write_text("".join(f"{T0 + m * 60000},1.25,2,1,{close},{m}\n" for m in minutes))
    return path


def files_of(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_every_command_has_help_and_refuses_nonsense_with_exit_code_2(store):
    for command in (["import", "csv"], ["synth"], ["resample"], ["klines"]):
        out = cli.kmill(*command, "--help")[0]
        assert out.startswith("usage: kmill " + " ".join(command)) and "--store" in out
        assert "--nonsense" in cli.kmill(*command, "--nonsense", code=2)[1]
    wrong = [["import", "csv"], ["import", "csv", "--symbol"], ["import", "csv", store / "missing-1m.csv"],
             ["import", "csv", store], ["synth"], ["synth", "--bars", "x"], ["synth", "--bars", "-5"],
             ["synth", "--bars", "5", "--interval", "7m"], ["synth", "--bars", "5", "--start", "soon"],
             ["synth", "--bars", "5", "--symbol", "a/b"], ["synth", "--bars", "5", "--symbol", "X" * 40],
             ["synth", "--bars", "5", "--volatility", "9"], ["synth", "--bars", "5", "more"],
             ["klines", "BTCUSDT"], ["klines", "BTCUSDT", "7m"], ["klines", "BTCUSDT", "1m", "--limit", "x"],
             ["klines", "BTCUSDT", "1m"], ["klines", "../x", "1m"], ["klines"],
             ["resample", "--symbol", "X"], ["resample", "--symbol", "X", "--from", "1m", "--to", "1h"]]
    for words in wrong:
        cli.kmill(*words, code=2, env={**os.environ, "KMILL_STORE": str(store / "none")})
    assert files_of(store) == []


def test_the_store_is_the_option_else_the_environment_else_klines(store):
    cli.kmill("synth", "--bars", 5, "--symbol", "A", "--store", store / "o", env={**os.environ, "KMILL_STORE": "/nonexistent"})
    cli.kmill("synth", "--bars", 5, "--symbol", "B", env={**os.environ, "KMILL_STORE": str(store / "e")})
    environment = {k: v for k, v in os.environ.items() if k != "KMILL_STORE"}
    cli.kmill("synth", "--bars", 5, "--symbol", "C", cwd=store, env=environment)
    assert files_of(store) == ["e/B/1h.h5", "klines/C/1h.h5", "o/A/1h.h5"]


def test_a_synthetic_market_is_labelled_and_reproducible(store):
    out = cli.kmill("synth", "--bars", 500, "--seed", 7, "--store", store)[0]
    assert out == ("SYNTHUSDT 1h: 500 synthetic candles, 2020-01-01T00:00:00+00:00 to 2020-01-21T19:00:00+00:00, seed 7\n")
    info = cli.listing(store)["SYNTHUSDT", "1h"]
    assert info["source"] == "synthetic: seed 7" and info["count"] == 500 and info["oddCount"] == info["gapCount"] == 0
    first = cli.candles(store, "SYNTHUSDT", "1h")
    assert "--replace" in cli.kmill("synth", "--bars", 9, "--seed", 8, "--store", store, code=2)[1]
    assert cli.candles(store, "SYNTHUSDT", "1h") == first
    cli.kmill("synth", "--bars", 500, "--seed", 7, "--store", store, "--replace")
    assert cli.candles(store, "SYNTHUSDT", "1h") == first
    cli.kmill("synth", "--bars", 500, "--seed", 8, "--store", store, "--replace")
    assert cli.candles(store, "SYNTHUSDT", "1h") != first


def test_candles_written_as_csv_are_read_back_to_the_bit(store):
    cli.kmill("synth", "--bars", 3000, "--interval", "1m", "--price", "0.0007", "--store", store, "--symbol", "LOW")
    path = store / "BACKUSDT-1m.csv"
    path.write_text(cli.kmill("klines", "--store", store, "LOW", "1m")[0])
    cli.kmill("import", "csv", path, "--store", store)
    back, low = (cli.listing(store)[s, "1m"] for s in ("BACKUSDT", "LOW"))
    assert back["checksum"] == low["checksum"] and back["count"] == 3000
    write_rows(store / "SIX-1m.csv", range(50))  # unknown columns stay unknown
    cli.kmill("import", "csv", store / "SIX-1m.csv", "--store", store)
    (store / "SEVEN-1m.csv").write_text(cli.kmill("klines", "--store", store, "SIX", "1m")[0])
    cli.kmill("import", "csv", store / "SEVEN-1m.csv", "--store", store)
    assert cli.listing(store)["SEVEN", "1m"]["checksum"] == cli.listing(store)["SIX", "1m"]["checksum"]
    assert cli.candles(store, "SEVEN", "1m")[0][7:] == (None, None, None, None)


def test_a_range_and_a_limit_choose_candles(store):
    write_rows(store / "RANGE-1m.csv", range(100))
    cli.kmill("import", "csv", store / "RANGE-1m.csv", "--store", store)

    def minutes(*options):
        return [(r[0] - T0) // 60000 for r in cli.candles(store, "range", "1m", *options)]

    assert minutes() == list(range(100))
    assert minutes("--from", "2024-01-01T00:10", "--to", "2024-01-01T00:13") == [10, 11, 12]
    assert minutes("--from", "2024-01-01T01:38:00.001") == [99]
    assert minutes("--limit", 2) == [0, 1]
    assert minutes("--from", "2025") == []
    assert minutes("--limit", 0) == []


def test_the_table_shows_each_series(store):
    cli.kmill("synth", "--bars", 1234567, "--interval", "1m", "--store", store)
    cli.kmill("synth", "--bars", 3, "--symbol", "AAA", "--interval", "1M", "--store", store)
    lines = cli.kmill("klines", "--store", store)[0].splitlines()
    assert lines[0].split()[:2] == ["symbol", "interval"] and len(lines) == 3
    assert lines[1].split()[:2] == ["AAA", "1mo"]
    assert "1,234,567" in lines[2] and lines[2].endswith("synthetic: seed 1")
    (store / "SYNTHUSDT/1m.h5").write_bytes(b"rot")
    assert len(cli.kmill("klines", "--store", store)[0].splitlines()) == 2
    error = cli.kmill("klines", "--store", store, "SYNTHUSDT", "1m", code=3)[1]
    assert "not an HDF5 file" in error and "SYNTHUSDT/1m.h5" in error


def test_resampling_does_not_overwrite_unasked(store):
    cli.kmill("synth", "--bars", 600, "--interval", "1m", "--store", store)
    cli.kmill("synth", "--bars", 5, "--interval", "1h", "--store", store)
    before = cli.candles(store, "SYNTHUSDT", "1h")
    resample = ["resample", "--store", store, "--symbol", "synthusdt", "--from", "1m", "--to", "1h"]
    assert "--replace" in cli.kmill(*resample, code=2)[1]
    assert cli.candles(store, "SYNTHUSDT", "1h") == before
    assert "10 candles" in cli.kmill(*resample, "--replace")[0]
    info = cli.listing(store)["SYNTHUSDT", "1h"]
    assert info["source"] == "resampled from 1m (synthetic: seed 1)" and info["partialCount"] == 0
    cli.kmill("resample", "--store", store, "--symbol", "synthusdt", "--from", "1h", "--to", "1m", code=2)


def test_imports_at_the_same_time_lose_nothing(store):
    files = [write_rows(store / f"BUSY-1m-2024-01-{d:02}.csv", range(d * 50, d * 50 + 60)) for d in range(1, 13)]
    running = [subprocess.Popen([cli.KMILL, "import", "csv", f, "--store", store / "s"], stdout=subprocess.DEVNULL) for f in files]
    assert [p.wait() for p in running] == [0] * len(files)
    assert [(r[0] - T0) // 60000 for r in cli.candles(store / "s", "BUSY", "1m")] == list(range(50, 660))


def start_long_import(store, path):
    return subprocess.Popen([cli.KMILL, "import", "csv", path, "--store", store, "--replace"], stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True)


def test_an_import_that_is_stopped_leaves_the_series_as_it_was(store):
    target = store / "s"
    path = write_rows(store / "STOP-1m.csv", range(10))
    cli.kmill("import", "csv", path, "--store", target)
    before = cli.candles(target, "STOP", "1m")
    write_rows(path, range(1_500_000))
    interrupted = 0
    for delay in (0.02, 0.1, 0.2):
        process = start_long_import(target, path)
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        error = process.stderr.read()
        if process.wait() == 130:
            interrupted += 1
            assert "interrupted" in error
            assert cli.candles(target, "STOP", "1m") == before
            assert files_of(target) == ["STOP/1m.h5"]
        cli.kmill("import", "csv", write_rows(store / "AGAIN-1m.csv", range(10)), "--store", target, "--symbol", "STOP",
                  "--interval", "1m", "--replace")
    assert interrupted > 0
    for delay in (0.05, 0.3, 0.6, 0.9):
        process = start_long_import(target, path)
        time.sleep(delay)
        process.kill()
        process.wait()
        process.stderr.close()
        assert len(cli.candles(target, "STOP", "1m")) in (10, 1_500_000)
        cli.kmill("klines", "--store", target, "STOP", "1m", "--verify")


def file_size_limit(size):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


def test_a_full_disk_costs_nothing(store):
    target = store / "s"
    path = write_rows(store / "FULL-1m.csv", range(10))
    cli.kmill("import", "csv", path, "--store", target)
    before = cli.candles(target, "FULL", "1m")
    write_rows(path, range(20_000))
    for size in (0, 3_000, 50_000, 200_000, 1_700_000):
        error = cli.kmill("import", "csv", path, "--store", target, code=3, preexec_fn=file_size_limit(size))[1]
        assert "cannot be written" in error and len(error.splitlines()) == 1
        assert cli.candles(target, "FULL", "1m") == before
        assert files_of(target) == ["FULL/1m.h5"]


cli.run_all(sys.modules[__name__])
