"""Sweeps on the command line that take their time, so that the server can be watched watching them."""
import subprocess

import server
from market import KMILL

STRATEGY = '''class Strategy(IStrategy):
    def run(self, context, kline, params):
        total = 0
        for i in range(params["work"]):
            total += i
        if context.position == 0 and len(context.trades) < 6:
            context.buy(kline.close, 0.01, kline.open_time)
        elif context.position > 0:
            context.sell_all(kline.close, kline.open_time)
'''
SWEEP = '''name: {name}
strategy: slow.py
symbols: [SYNTHUSDT]
intervals: 1h
params:
  number: {{range: [1, {runs}], step: 1}}
  work: [{work}]
rank_by: {{metric: profitRate, direction: max}}
keep: {{equity: {{top: 3}}, trades: all}}
'''


class Case(server.Case):
    def write(self, name, runs, work):
        folder = self.market.folder
        (folder / "slow.py").write_text(STRATEGY, encoding="utf-8")
        path = folder / f"{name}.yaml"
        path.write_text(SWEEP.format(name=name, runs=runs, work=work), encoding="utf-8")
        return path

    def start(self, name, runs, work=150, *more):
        """As another terminal would."""
        path = self.write(name, runs, work)
        return subprocess.Popen([KMILL, "run", path, "--store", self.market.store, "--output", self.market.result(name), "--progress", "none",
                                 "--threads", "1", *more], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
