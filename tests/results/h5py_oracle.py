"""Reads a result file with h5py alone and compares it with what the test expects: RESULT.h5 EXPECTED.jsonl.

Exit status 0 if all is equal, 1 with the difference on stdout, 77 where there is no h5py (Debian's Python has it as python3-h5py, so that one is
tried too).
"""
import json
import math
import os
import sys

try:
    import h5py
except ImportError:
    system_python = "/usr/bin/python3"
    if sys.executable != system_python and os.path.exists(system_python):
        os.execv(system_python, [system_python, *sys.argv])
    sys.exit(77)


def texts(group, name, index):
    begin, end = group[name + "_offset"][index:index + 2]
    return bytes(group[name][begin:end]).decode()


def of_row(group, name, row):
    index = list(group["row"][:]).index(row)
    return texts(group, name, index)


def check(f, want):
    row = want["row"]
    assert f["run"][row] == want["run"]
    assert f["series_index"][row] == want["series"]
    assert f["status"][row] == want["status"]
    sharpe = f["metrics/sharpe"][row]
    assert math.isnan(sharpe) if want["sharpe"] is None else sharpe == want["sharpe"]
    assert f["params/fast"][row] == want["fast"]
    assert f["params/mode"].asstr()[row] == want["mode"]
    assert bool(f["params/flag"][row]) is want["flag"] and f["params/flag"].dtype == bool
    if want["message"]:
        assert of_row(f["errors"], "message", row) == want["message"]
    if want["log"]:
        assert of_row(f["log"], "text", row) == want["log"]
    trades = f["trades"]
    begin, end = trades["offset"][row:row + 2]
    assert list(trades["price"][begin:end]) == want["prices"]
    assert list(trades["time"][begin:end]) == want["times"]
    if want["curve"] is not None:
        group = f[f"equity/{want['series']}"]
        assert group["curve"][list(group["row"][:]).index(row)][-1] == want["curve"]


def main():
    count = 0
    with h5py.File(sys.argv[1], "r") as f, open(sys.argv[2], encoding="utf-8") as wanted:
        assert f.attrs["name"] in ("sample", b"sample")
        assert list(f.attrs["param_names"])[0] in ("fast", b"fast")
        assert f["provenance/yaml"][()] == b"name: sample\n"
        assert f["metrics/sharpe"].attrs["unit"] in ("number", b"number")
        units = {"elapsed": "CPU seconds", "sparkline": "quote", "trades/price": "quote per base", "trades/amount": "base", "trades/fee": "quote",
                 "trades/time": "ms since 1970-01-01 UTC", "series/0/open_time": "ms since 1970-01-01 UTC", "series/0/volume": "base",
                 "equity/0/curve": "quote"}
        for name, unit in units.items():
            if name in f:
                assert f[name].attrs["unit"] in (unit, unit.encode()), name
        assert "trades/price" in f and "elapsed" in f
        assert list(f["metrics"])[0] == "initialBalance"
        assert h5py.check_enum_dtype(f["trades/side"].dtype) == {"buy": 0, "sell": 1}
        for line in wanted:
            want = json.loads(line)
            try:
                check(f, want)
            except AssertionError as error:
                print("row", want["row"], "differs at line", error.__traceback__.tb_next.tb_lineno)
                return 1
            count += 1
    print(count, "rows equal in h5py", h5py.__version__)
    return 0


if __name__ == "__main__":
    sys.exit(main())
