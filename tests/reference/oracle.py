"""The judge: runs strategies with strategies/kmill.py and compares with what the engine gave, bit for bit.

A program of its own, because it needs a Python >= 3.12 (compensated sums), which may have no more than kmill's
own standard library (no zlib, no subprocess, no sockets).

    python3 oracle.py STRATEGIES_FOLDER JOBS_FILE

JOBS_FILE has one JSON object a line:
    {"label": ..., "strategy": path, "csv": path, "params": {...}, "from": ISO or null, "to": ISO or null,
     "warmup": bars, "account": {"initial_balance": text, "fee_rate": text, "slippage": text, "price_check": text},
     "result": the engine's result object, or
     "failure": {"type": of the exception, "line": of the strategy or null, "time": open_time of the bar or null}}
A result may be without equityCurve; "equity_lines" then has the curve as texts `timestamp,equity,balance,position`.
"counters" (refusedOrders, priceOutside) and "log" (what was printed) are compared where a job has them.
Prints one JSON object: how much was compared, and what differs.
"""

import contextlib
import io
import json
import sys
import traceback
from collections import Counter
from decimal import Decimal

DIFFERENCES_SHOWN = 20


def shown(value):
    return f'{value!r} ({value.hex()})' if isinstance(value, float) else repr(value)[:200]


def text_difference(path, engine, reference):
    """Where two long texts part: with the notes of generated strategies this names the part that differs."""
    i = next((k for k, (a, b) in enumerate(zip(engine, reference)) if a != b), min(len(engine), len(reference)))
    begin = max(0, i - 60)
    return f'{path} from character {i}: engine ...{engine[begin:i + 80]!r}, reference ...{reference[begin:i + 80]!r}'


def difference(path, engine, reference):
    """The first difference between two JSON values as text, None if they are the same, every double to the last bit.

    JSON does not tell 5 from 5.0 for everyone: where the reference has a double, an integer of the engine is one too.
    """
    if isinstance(reference, float) and type(engine) is int:
        engine = float(engine)
    if type(engine) is not type(reference):
        return f'{path}: engine {shown(engine)}, reference {shown(reference)}'
    if isinstance(reference, dict):
        if sorted(engine) != sorted(reference):
            return f'{path}: engine has {sorted(engine)}, reference {sorted(reference)}'
        pairs = ((f'{path}.{name}', engine[name], reference[name]) for name in reference)
    elif isinstance(reference, list):
        if len(engine) != len(reference):
            return f'{path}: engine has {len(engine)} entries, reference {len(reference)}'
        pairs = ((f'{path}[{i}]', a, b) for i, (a, b) in enumerate(zip(engine, reference)))
    elif repr(engine) == repr(reference):
        return None
    elif isinstance(reference, str):
        return text_difference(path, engine, reference)
    else:
        return f'{path}: engine {shown(engine)}, reference {shown(reference)}'
    return next(filter(None, (difference(*pair) for pair in pairs)), None)


def failure_of(problem, path, kline):
    """What the engine says of a strategy's exception: its type, the strategy's last line on the way to it, the bar."""
    lines = [frame.lineno for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == path]
    return {'type': type(problem).__name__, 'line': lines[-1] if lines else None,
            'time': kline.open_time if kline else None}


def point_of(line):
    timestamp, equity, balance, position = line.split(',')
    return {'timestamp': timestamp, 'equity': float(equity), 'balance': float(balance), 'position': float(position)}


class Oracle:
    def __init__(self, kmill):
        self.kmill = kmill
        self.codes, self.klines = {}, {}
        self.counts = Counter()
        self.differences = []

    def reference(self, job):
        """What kmill.py gives: a dict with result, counters and log, or with failure and log."""
        kmill, path = self.kmill, job['strategy']
        if path not in self.codes:
            self.codes[path] = kmill.compile_strategy(path)
        klines, warmup = self.range_of(job['csv'], job['from'], job['to'], job['warmup'])
        account = job['account']
        backtest = kmill.Backtest(
            self.codes[path], klines, job['params'], initial_balance=Decimal(account['initial_balance']),
            fee_rate=Decimal(account['fee_rate']), slippage=Decimal(account['slippage']),
            price_check=account['price_check'], warmup=warmup)
        log = io.StringIO()
        try:
            with contextlib.redirect_stdout(log):
                result = backtest.run()
        except Exception as problem:
            return {'failure': failure_of(problem, path, backtest.kline), 'log': log.getvalue()}
        counters = {'refusedOrders': backtest.ledger.refused_orders, 'priceOutside': backtest.ledger.price_outside}
        return {'result': result, 'counters': counters, 'log': log.getvalue()}

    def range_of(self, path, start, end, warmup):
        key = path, start, end, warmup
        if key not in self.klines:
            self.klines[key] = self.kmill.select_klines(self.kmill.read_klines(path), start, end, warmup)
        return self.klines[key]

    def compare(self, job):
        reference = self.reference(job)
        self.counts['pairs'] += 1
        engine = {key: job[key] for key in ('result', 'failure', 'counters', 'log') if key in job}
        if 'failure' in reference:
            self.counts['failures'] += 1
        else:
            result = reference['result']
            self.counts['trades'] += len(result['trades'])
            self.counts['points'] += len(result['equityCurve'])
            self.counts['traded'] += bool(result['trades'])
        if 'equity_lines' in job:
            engine['result']['equityCurve'] = [point_of(line) for line in job['equity_lines']]
        self.counts['logs'] += 'log' in job
        for optional in ('counters', 'log'):
            if optional not in job:
                reference.pop(optional, None)
        return difference('run', engine, reference)

    def run(self, jobs):
        for line in jobs:
            job = json.loads(line)
            found = self.compare(job)
            if found:
                self.counts['differ'] += 1
                self.differences.append(f'{job["label"]} {job["params"]}: {found}')
        return {'counts': self.counts, 'differences': self.differences[:DIFFERENCES_SHOWN]}


def main():
    sys.path.insert(0, sys.argv[1])
    import kmill
    with open(sys.argv[2], encoding='utf-8') as jobs:
        print(json.dumps(Oracle(kmill).run(jobs)))


if __name__ == '__main__':
    main()
