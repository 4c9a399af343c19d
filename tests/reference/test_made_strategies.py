"""The engine against strategies/kmill.py on generated strategies (strategy_maker.py): everything a strategy can see.

Each strategy runs with several windows over several series in one sweep, so that runs also follow each other in one
worker process: what a run leaves behind (a decimal context, module globals, class attributes) would show in the next.
"""

import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import engine_driver as driver  # noqa: E402
import series_maker  # noqa: E402
import strategy_maker  # noqa: E402

# symbol: (kind, bars, first open_time)
SERIES = {
    'AAAUSDT': ('walk', 110, series_maker.NEW_YEAR),
    'BBBUSDT': ('tiny', 75, series_maker.LEAP_EVE),
    'CCCUSDT': ('gaps', 40, series_maker.NEW_YEAR),
    'DDDUSDT': ('eight', 1, series_maker.NEW_YEAR),
}
WINDOWS = '[1, 6, 50]'
STRATEGIES = int(os.environ.get('KMILL_MADE_STRATEGIES', '60'))
FIRST = int(os.environ.get('KMILL_MADE_FIRST', '0'))


class MadeStrategies(unittest.TestCase):
    def test_the_engine_gives_what_the_reference_gives(self):
        python = driver.oracle_python()
        with tempfile.TemporaryDirectory() as folder:
            engine = driver.Engine(folder)
            series = series_maker.write_series(folder, '1h', SERIES)
            engine.add_series(series)
            files = {s.symbol: s.path for s in series}
            jobs = []
            for seed in range(FIRST, FIRST + STRATEGIES):
                path = os.path.join(folder, f'made_{seed}.py')
                with open(path, 'w', encoding='utf-8') as file:
                    file.write(strategy_maker.make_strategy(seed))
                runs = engine.sweep(f'made_{seed}', path, list(files), '1h', f'  klineWndSize: {WINDOWS}\n')
                self.assertEqual(len(runs), 3 * len(files))
                for run in runs[seed % 5::5]:
                    run['log'] = engine.log_of(f'made_{seed}', run['run'])
                jobs += [driver.job(f'made strategy {seed} {run["symbol"]}', path, files[run['symbol']], run)
                         for run in runs]
            counts, differences = driver.judge(python, folder, jobs)
        print(f'{counts["pairs"]} pairs of {STRATEGIES} made strategies, {counts["trades"]} trades compared, '
              f'{counts["failures"]} runs fail on both sides, {counts["logs"]} logs compared, '
              f'{counts["differ"]} differ')
        self.assertEqual(differences, [], '\n' + '\n'.join(differences))
        self.assertEqual((counts['differ'], counts['pairs']), (0, 12 * STRATEGIES))
        self.assertGreater(counts['traded'], counts['pairs'] // 2)


if __name__ == '__main__':
    driver.engine_binary()
    driver.oracle_python()
    unittest.main()
