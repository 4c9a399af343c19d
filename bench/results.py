#!/usr/bin/env python3
"""Large result files: pages of runs, heatmaps and memory, in the library and over HTTP.

usage: bench/results.py KMILL [--runs N] [--repetitions N] [--keep FILE]

Makes a result file of 1,000,000 runs (bench/make_result.c), asks it in one process (bench/bench_results.c), then starts `kmill serve` on it
and asks the same kind of things over one connection. Every request over HTTP has another bound in its filter, so that no answer is one
kept from before. The memory of the server is compared with the columns that the requests had to look at.
"""
import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

SHOWN = "run,status,average,fast_period,slow_period,threshold,sharpe,profitRate,maxDrawdown,totalTrades"
# name: target with %s for a number, target in ms
REQUESTS = {
    "first page, columns chosen": (f"runs?limit=50&sort=-sharpe&columns={SHOWN}&min.profitRate=%s", 50),
    "first page, columns of its choice": ("runs?limit=50&sort=-sharpe&min.profitRate=%s", 50),
    "first page by three keys, or": (f"runs?limit=50&sort=average,-fast_period,-sharpe&columns={SHOWN}"
                                     "&where=fast_period%%20<%%2020%%20or%%20maxDrawdown%%20<%%200.3&min.profitRate=%s", 50),
    "page at 300,000": (f"runs?limit=50&offset=300000&sort=-sharpe&columns={SHOWN}&min.profitRate=%s", 80),
    "heatmap 50 x 100": ("heatmap?x=fast_period&y=slow_period&metric=sharpe&agg=max&min.profitRate=%s", 100),
    "distribution": ("distribution?metric=sharpe&min.profitRate=%s", 100),
}
# Bytes a run of the columns that those sort, filter or group by, every run of them: sharpe, profitRate, maxDrawdown, fast_period,
# slow_period, average, status; and of all that they show: also run, threshold, totalTrades, finalBalance, profit, winRate, quoteFee,
# and the constant stop_loss and klineWndSize, for a page of its own choice leaves out what does not vary. The runs of a page are strewn over the
# file, and the kernel maps 64 KiB around each cell.
SEARCHED = 5 * 8 + 5 + 1
SHOWN_TOO = SEARCHED + 9 * 8


def build(kmill):
    """The programs in C, in kmill's own build folder."""
    folder = os.path.dirname(os.path.dirname(kmill))
    subprocess.run(["cmake", "--build", folder, "--target", "make_result", "bench_results"], check=True, stdout=subprocess.DEVNULL)
    return os.path.join(folder, "bench")


def memory_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        fields = dict(line.split(":", 1) for line in f if ":" in line)
    return {name: int(fields[name].split()[0]) for name in ("VmRSS", "RssAnon", "RssFile")}


class Server:
    def __init__(self, kmill, folder):
        os.mkdir(os.path.join(folder, "klines"))
        self.log = open(os.path.join(folder, "log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [kmill, "serve", "--port", "0", "--store", os.path.join(folder, "klines"), "--results", os.path.join(folder, "results"),
             "--cache-bytes", "1MiB"], stdout=self.log, stderr=subprocess.STDOUT)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port(), timeout=60)

    def port(self):
        """As the server prints it: http://127.0.0.1:PORT."""
        for _ in range(200):
            self.log.seek(0)
            text = self.log.read()
            if "127.0.0.1:" in text:
                return int("".join(c for c in text.split("127.0.0.1:")[1][:6] if c.isdigit()))
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        sys.exit(f"the server did not start: {text}")

    def get(self, target):
        """(ms, answer)."""
        begin = time.perf_counter()
        self.connection.request("GET", target)
        answer = self.connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - begin) * 1000
        if answer.status != 200:
            sys.exit(f"{target}: {answer.status} {body[:300]}")
        return took, json.loads(body)

    def stop(self):
        self.connection.close()
        self.process.terminate()
        self.process.wait()
        self.log.close()


def over_http(kmill, folder, runs, repetitions):
    server = Server(kmill, folder)
    try:
        sweep = None
        for _ in range(200):
            sweeps = server.get("/api/v1/sweeps")[1]["sweeps"]
            if sweeps:
                sweep = sweeps[0]["id"]
                break
            time.sleep(0.05)
        before = memory_kb(server.process.pid)
        times = {name: [] for name in REQUESTS}
        for repetition in range(repetitions + 1):
            for number, (name, (target, _)) in enumerate(REQUESTS.items()):
                bound = f"0.{repetition + 1:03d}{number}"
                took = server.get(f"/api/v1/sweeps/{sweep}/" + target % bound)[0]
                if repetition > 0:  # the first one maps and warms the columns
                    times[name].append(took)
        after = memory_kb(server.process.pid)
        print(f"{'over HTTP':34}   median  slowest  target")
        for name, (_, target) in REQUESTS.items():
            print(f"{name:34} {statistics.median(times[name]):8.1f} {max(times[name]):8.1f} {target:7}  ms")
        grown, kb_a_byte = after["VmRSS"] - before["VmRSS"], runs / 1024
        print(f"memory of the server: {before['VmRSS']} kB before, {after['VmRSS']} kB after, {after['RssAnon']} kB of it its own, the rest mapped; "
              f"grown by {grown / (SHOWN_TOO * kb_a_byte):.2f} x the columns asked for ({grown / (SEARCHED * kb_a_byte):.2f} x those searched whole)")
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kmill")
    parser.add_argument("--runs", type=int, default=1000000)
    parser.add_argument("--repetitions", type=int, default=31)
    parser.add_argument("--keep", metavar="FILE", help="use this result file; made if it is not there")
    options = parser.parse_args()
    kmill = os.path.abspath(options.kmill)
    programs = build(kmill)
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "results"))
        file = os.path.abspath(options.keep) if options.keep else os.path.join(folder, "results", "generated.h5")
        if not os.path.exists(file):
            begin = time.perf_counter()
            subprocess.run([os.path.join(programs, "make_result"), file, str(options.runs)], check=True)
            print(f"{options.runs} runs made in {time.perf_counter() - begin:.1f} s, {os.path.getsize(file) >> 20} MiB")
        if options.keep:
            os.symlink(file, os.path.join(folder, "results", "generated.h5"))
        sys.stdout.flush()
        subprocess.run([os.path.join(programs, "bench_results"), file, str(options.repetitions)], check=True)
        print(f"load {os.getloadavg()[0]:.1f}")
        over_http(kmill, folder, options.runs, options.repetitions)


if __name__ == "__main__":
    main()
