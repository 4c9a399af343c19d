"""Drives the engine for the comparison: imports klines, runs sweeps and single runs, and hands pairs to the judges.

The engine's parameters are taken from its results, so that what is compared is the run itself, whatever drew its
parameters. The judges (oracle.py) are processes of a Python >= 3.12: KMILL_PYTHON, else the first one on the PATH.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict

SKIP = 77
HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get('KMILL_SOURCE') or os.path.join(HERE, '..', '..')
STRATEGIES = os.path.abspath(os.path.join(SOURCE, 'strategies'))
DATA = os.environ.get('KMILL_DATA') or os.path.abspath(os.path.join(SOURCE, '..', 'shared', 'data'))

ACCOUNT = {'initial_balance': '10000', 'fee_rate': '0.001', 'slippage': '0', 'price_check': 'count'}
# The document's fields that a result file has as metrics, and two counters of refusals.
FIELDS = ('initialBalance', 'finalBalance', 'profit', 'profitRate', 'maxDrawdown', 'totalTrades', 'winRate',
          'baseAsset', 'quoteAsset', 'baseFee', 'quoteFee')
COUNTERS = ('refusedOrders', 'priceOutside')

OUTCOME = ('result', 'equity_lines', 'counters', 'failure', 'log')


def skip(reason):
    print(f'skipped: {reason}')
    sys.exit(SKIP)


def engine_binary():
    binary = os.environ.get('KMILL')
    if not binary or not os.path.exists(binary):
        skip('KMILL names no kmill binary')
    return binary


def oracle_python():
    """A Python >= 3.12."""
    for name in (os.environ.get('KMILL_PYTHON'), sys.executable, 'python3.14', 'python3.13', 'python3.12'):
        path = name and shutil.which(name)
        if path and subprocess.run([path, '-c', 'import sys, decimal, json; sys.exit(sys.version_info < (3, 12))'],
                                   check=False).returncode == 0:
            return path
    skip('no Python >= 3.12 (KMILL_PYTHON names one)')


class Engine:
    """The engine with a store of its own in `folder`."""

    def __init__(self, folder):
        self.binary, self.folder = engine_binary(), folder
        self.store = os.path.join(folder, 'klines')

    def call(self, *arguments, accept=(0,)):
        done = subprocess.run([self.binary, *arguments], capture_output=True, text=True, timeout=600)
        if done.returncode not in accept:
            raise AssertionError(f'kmill {" ".join(arguments)}: exit code {done.returncode}\n{done.stdout[-2000:]}'
                                 f'{done.stderr[-2000:]}')
        return done

    def add_series(self, series):
        for one in series:
            self.call('import', 'csv', '--store', self.store, '--symbol', one.symbol, '--interval', one.interval,
                      one.path)

    def sweep(self, name, strategy, symbols, interval, params, method='method: grid', account=ACCOUNT, extra=''):
        """Runs a sweep file made of these texts; returns the runs (see runs_of)."""
        path, output = (os.path.join(self.folder, f'{name}.{kind}') for kind in ('yaml', 'h5'))
        with open(path, 'w', encoding='utf-8') as file:
            file.write(f'name: {name}\nstrategy: {json.dumps(strategy)}\nstore: {json.dumps(self.store)}\n'
                       f'symbols: [{", ".join(symbols)}]\nintervals: [{interval}]\n'
                       f'account: {{initial_balance: {account["initial_balance"]}, fee_rate: {account["fee_rate"]}, '
                       f'slippage_bp: {account["slippage"]}, price_check: {account["price_check"]}}}\n'
                       f'params:\n{params}{method}\nrank_by: profitRate\nkeep: {{equity: all, trades: all}}\n{extra}')
        self.call('run', path, '--output', output, '--threads', '2', accept=(0, 1))
        return self.runs_of(output)

    def runs_of(self, output):
        """The runs of a result file as the oracle takes them, in the order of their numbers."""
        trades, equity = self.trades_of(output), self.equity_of(output)
        rows = json.loads(self.call('export', output, '--format', 'json').stdout)
        return [self.run_of(output, row, trades[row['run']], equity[row['run']]) for row in rows]

    def trades_of(self, output):
        trades = defaultdict(list)
        for trade in json.loads(self.call('export', output, '--what', 'trades', '--format', 'json').stdout):
            trades[trade.pop('run')].append(trade)
        return trades

    def equity_of(self, output):
        """Lines `timestamp,equity,balance,position` by run: the oracle reads them, there are millions."""
        equity = defaultdict(list)
        for line in self.call('export', output, '--what', 'equity').stdout.splitlines()[1:]:
            run, _, point = line.partition(',')
            equity[int(run)].append(point)
        return equity

    def run_of(self, output, row, trades, equity):
        names = list(row)
        params = names[names.index('interval') + 1:names.index(FIELDS[0])]
        run = {'run': row['run'], 'symbol': row['symbol'], 'params': {name: row[name] for name in params}}
        if row['status'] != 'done':
            error = json.loads(self.call('show', output, str(row['run']), '--json', accept=(1,)).stdout)['error']
            run['failure'] = {name: error[name] for name in ('type', 'line', 'time')}
            return run
        run['result'] = {name: row[name] for name in FIELDS}
        run['result']['trades'] = trades
        run['equity_lines'] = equity
        run['counters'] = {name: row[name] for name in COUNTERS}
        return run

    def log_of(self, name, run):
        """What a run of the sweep `name` printed."""
        output = os.path.join(self.folder, f'{name}.h5')
        return json.loads(self.call('show', output, str(run), '--json', accept=(0, 1)).stdout)['log']

    def backtest(self, strategy, series, params, account):
        """One run by `kmill backtest --json`, as a run of runs_of; of its result object the document's fields."""
        options = [f'--param={name}={json.dumps(value).strip(chr(34))}' for name, value in params.items()]
        options += [f'--{name.replace("_", "-")}={value}' for name, value in account.items()]
        done = self.call('backtest', strategy, '--store', self.store, '--symbol', series.symbol, '--interval',
                         series.interval, '--json', *options)
        result = json.loads(done.stdout)
        for trade in result['trades']:
            trade.setdefault('profit', 0.0)  # the program leaves it out of buys
        return {'params': params, 'result': {name: result[name] for name in (*FIELDS, 'trades', 'equityCurve')},
                'counters': {name: result[name] for name in COUNTERS}, 'log': result['log']}


def job(label, strategy, csv, run, account=ACCOUNT, start=None, end=None, warmup=0):
    """A line for the oracle."""
    return {'label': label, 'strategy': strategy, 'csv': csv, 'params': run['params'], 'account': account,
            'from': start, 'to': end, 'warmup': warmup, **{key: run[key] for key in OUTCOME if key in run}}


def judge(python, folder, jobs, judges=2):
    """Has the jobs compared by that many oracles at once; returns (counts, differences)."""
    running = []
    for i in range(judges):
        path = os.path.join(folder, f'jobs-{i}.jsonl')
        with open(path, 'w', encoding='utf-8') as file:
            for one in jobs[i::judges]:
                file.write(json.dumps(one) + '\n')
        command = [python, '-B', os.path.join(HERE, 'oracle.py'), STRATEGIES, path]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    counts, differences = Counter(), []
    for process in running:
        out, _ = process.communicate(timeout=600)
        if process.returncode != 0:
            raise AssertionError(f'oracle.py ended with exit code {process.returncode}')
        answer = json.loads(out)
        counts.update(answer['counts'])
        differences += answer['differences']
    return counts, differences
