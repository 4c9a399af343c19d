#!/usr/bin/env python3
"""The server's benchmark: kline answers a second, beside nginx sending the same bytes as static files.

usage: bench/serve.py KMILL [--seconds N] [--rounds N] [--only NAME[,NAME]] [--json FILE]

A synthetic year of minutes is served by `kmill serve`; the very answers are also written to files, which nginx (sendfile, gzip_static, one
worker a core, the access log as kmill's: buffered, to a file) serves. wrk asks both in turn, with 100 connections, on the same cores. Figures are
the median of the rounds; on a shared machine the ratio to nginx says more than the rate. wrk needs cores too: all three share them.
"""
import argparse
import contextlib
import gzip
import http.client
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

START = 1704067200000  # 2024-01-01
BARS = 525600
SYMBOL = "BENCHUSDT"
PAGE = f"/api/v1/kline/{SYMBOL}/1m?limit=1000&start_time={START + 90 * 86400000}"
# name: (target, gzip, random, answers a second wanted, p99 in ms wanted)
CASES = {
    "hot page, gzip": (PAGE, True, False, 10000, 40),
    "hot page, plain": (PAGE, False, False, 5000, 40),
    "random pages, plain": (PAGE, False, True, 2000, 40),
    "symbols": ("/api/v1/kline/symbols", False, False, 30000, 40),
}
CONNECTIONS = 100
# Random pages: nginx has as many files as fit a page each, kmill any start minute of the year.
# Each thread of wrk draws its own.
THREADS_LUA = """
local threads = 0
function setup(thread) threads = threads + 1; thread:set("number", threads) end
function init() math.randomseed(os.time() * 100 + number) end
"""
KMILL_LUA = THREADS_LUA + """
request = function()
  return wrk.format("GET", "/api/v1/kline/%s/1m?limit=1000&start_time=" .. (%d + math.random(0, %d) * 60000))
end
"""
NGINX_LUA = THREADS_LUA + """
request = function() return wrk.format("GET", "/page" .. math.random(0, %d) .. ".json") end
"""
NGINX_CONF = """
daemon off;
{user}
worker_processes {cores};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  types {{ application/json json; }}
  access_log {folder}/access.log combined buffer=64k flush=1s;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  sendfile on; tcp_nopush on; keepalive_timeout 65; keepalive_requests 1000000000;
  open_file_cache max=2000 inactive=60s;
  server {{ listen 127.0.0.1:{port}; root {folder}/files; gzip_static {gzip}; }}
}}
"""


def need(program):
    found = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")
    if not found:
        sys.exit(f"bench/serve.py: {program} is not installed (Debian: {'nginx-light' if program == 'nginx' else program})")
    return found


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, process):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        time.sleep(0.02)
    sys.exit(f"bench/serve.py: nothing listens on port {port}")


@contextlib.contextmanager
def started(command, port, log):
    with open(log, "ab") as out:
        process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        wait_for(port, process)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def fetch(port, target):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", target)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        sys.exit(f"bench/serve.py: {target}: {answer.status} {body[:200]!r}")
    return body


def fetch_gzip(port, target):
    """Twice: a page is kept compressed from its second request on."""
    for _ in range(3):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", target, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        time.sleep(0.2)
    if answer.getheader("Content-Encoding") != "gzip":
        sys.exit(f"bench/serve.py: {target} comes without gzip")
    return body


def write_files(files, port):
    """What nginx serves: kmill's own bytes."""
    files.mkdir()
    (files / "symbols.json").write_bytes(fetch(port, "/api/v1/kline/symbols"))
    page = fetch(port, PAGE)
    packed = fetch_gzip(port, PAGE)
    assert gzip.decompress(packed) == page
    (files / "page.json").write_bytes(page)
    (files / "page.json.gz").write_bytes(packed)
    pages = BARS // 1000
    for i in range(pages):
        (files / f"page{i}.json").write_bytes(
            fetch(port, f"/api/v1/kline/{SYMBOL}/1m?limit=1000&start_time={START + i * 1000 * 60000 - 1}"))
    return pages, len(page), len(packed)


def milliseconds(text):
    value, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def run_wrk(wrk, port, target, seconds, packed=False, script=None):
    command = [wrk, f"-t{os.cpu_count()}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s", "--latency"]
    if packed:
        command += ["-H", "Accept-Encoding: gzip"]
    if script:
        command += ["-s", script]
    out = subprocess.run([*map(str, command), f"http://127.0.0.1:{port}{target}"], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(f"bench/serve.py: wrk saw errors at {target}:\n{out}")
    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]),
            "p50": milliseconds(re.search(r"\n +50% +(\S+)", out)[1]), "p99": milliseconds(re.search(r"\n +99% +(\S+)", out)[1])}


def median_of(rounds):
    return {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}


def measure(name, wrk, kmill_port, nginx_ports, folder, pages, options):
    target, packed, is_random, *_ = CASES[name]
    ours, theirs = [], []
    kmill_script, nginx_script = folder / "kmill.lua", folder / "nginx.lua"
    kmill_script.write_text(KMILL_LUA % (SYMBOL, START, BARS - 1001))
    nginx_script.write_text(NGINX_LUA % (pages - 1))
    file = "/symbols.json" if name == "symbols" else "/page.json"
    for _ in range(options.rounds):
        ours.append(run_wrk(wrk, kmill_port, target, options.seconds, packed, kmill_script if is_random else None))
        theirs.append(run_wrk(wrk, nginx_ports[packed], file, options.seconds, packed, nginx_script if is_random else None))
    return median_of(ours), median_of(theirs), statistics.median(a["rate"] / b["rate"] for a, b in zip(ours, theirs))


def report(results):
    print(f"\n{'':22}{'answers/s':>11}{'p50 ms':>8}{'p99 ms':>8}{'nginx/s':>10}{'p99 ms':>8}{'ratio':>7}   wanted")
    for name, (ours, theirs, ratio) in results.items():
        wanted, p99 = CASES[name][3:]
        missed = [text for text, bad in ((f"{wanted}/s", ours["rate"] < wanted), ("p99", ours["p99"] >= p99), ("half of nginx", ratio < 0.5)) if bad]
        print(f"{name:22}{ours['rate']:11,.0f}{ours['p50']:8.2f}{ours['p99']:8.2f}{theirs['rate']:10,.0f}{theirs['p99']:8.2f}{ratio:7.2f}   "
              f">= {wanted:,}/s, p99 < {p99} ms, ratio > 0.5: " + ("missed " + ", ".join(missed) if missed else "reached"))


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("kmill")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--json")
    options = parser.parse_args()
    wrk, nginx = need("wrk"), need("nginx")
    names = [n for n in CASES if not options.only or any(word in n for word in options.only.split(","))]
    with tempfile.TemporaryDirectory(prefix="kmill-bench-") as name, contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        (folder / "results").mkdir()
        subprocess.run([options.kmill, "synth", "--symbol", SYMBOL, "--interval", "1m", "--bars", str(BARS), "--start", "2024-01-01",
                        "--store", folder / "klines"], check=True, stdout=subprocess.DEVNULL)
        port = free_port()
        stack.enter_context(started([options.kmill, "serve", "--port", port, "--store", folder / "klines", "--results", folder / "results"],
                                    port, folder / "serve.log"))
        pages, plain_size, packed_size = write_files(folder / "files", port)
        nginx_ports = {}
        for packed in (False, True):
            nginx_ports[packed] = free_port()
            home = folder / f"nginx{packed:d}"
            home.mkdir()
            (home / "files").symlink_to(folder / "files")
            (home / "nginx.conf").write_text(NGINX_CONF.format(
                folder=home, port=nginx_ports[packed], cores=os.cpu_count(), gzip="on" if packed else "off",
                user="user root;" if os.geteuid() == 0 else ""))
            stack.enter_context(started([nginx, "-p", home, "-c", home / "nginx.conf"], nginx_ports[packed], home / "out.log"))
        print(f"{platform.node()}: {os.cpu_count()} cores shared by server and wrk; page {plain_size:,} bytes, gzip {packed_size:,}; "
              f"{CONNECTIONS} connections, {options.rounds} rounds of {options.seconds} s", flush=True)
        results = {n: measure(n, wrk, port, nginx_ports, folder, pages, options) for n in names}
    report(results)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
