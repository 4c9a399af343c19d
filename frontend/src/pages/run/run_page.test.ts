// What the run page computes, apart from the components.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { METRIC_UNITS } from '../../parts/metric_units';
import { METRIC_GROUPS } from './metric_groups';
import { largestMonth, monthlyTable } from './monthly_table';
import { floatsOf, paramRows, paramsYaml, runSweepYaml } from './params_yaml';
import { atLeastAsGood, firstKey, neighbourPage, neighboursIn } from './rank_query';
import type { RunDetail, SweepDetail } from './use_run';

describe('metric groups', () => {
  const grouped = METRIC_GROUPS.flatMap((group) => group.metrics);

  it('hold every metric once', () => {
    expect([...grouped].sort()).toEqual(Object.keys(METRIC_UNITS).sort());
  });

  it('are those of kmill show, in its order', () => {
    const view = readFileSync('../src/cli/run_view.c', 'utf8');
    const names = new Map([...readFileSync('../include/kmill/metrics.h', 'utf8').matchAll(/X\((\w+), "(\w+)"/g)].map(([, id, name]) => [id, name]));
    const groups = [...view.matchAll(/GROUP\("\w+",([^)]*)\)/g)].map(([, ids = '']) => [...ids.matchAll(/METRIC_(\w+)/g)].map(([, id]) => names.get(id)));
    expect(groups).toHaveLength(6);
    expect(METRIC_GROUPS.map((group) => group.metrics)).toEqual(groups);
  });
});

describe('monthly table', () => {
  it('has a row a year, and compounds the months', () => {
    const rows = monthlyTable([
      { year: 2021, month: 1, return: 0.1 },
      { year: 2020, month: 12, return: -0.5 },
      { year: 2021, month: 3, return: -0.2 },
    ]);
    expect(rows.map((row) => row.year)).toEqual([2020, 2021]);
    expect(rows[0]?.total).toBeCloseTo(-0.5, 12);
    expect(rows[1]?.months.slice(0, 4)).toEqual([0.1, null, -0.2, null]);
    expect(rows[1]?.total).toBeCloseTo(1.1 * 0.8 - 1, 12);
    expect(largestMonth(rows)).toBe(0.5);
  });

  it('leaves undefined months empty', () => {
    const [row] = monthlyTable([{ year: 2020, month: 5, return: null }]);
    expect(row?.months[4]).toBeNull();
    expect(row?.total).toBeNull();
  });
});

describe('parameters as YAML', () => {
  it('reads back as what it was', () => {
    expect(paramsYaml({ fast: 5, fraction: 0.95, mode: 'fast', on: true, none: null })).toBe('params:\n  fast: 5\n  fraction: 0.95\n  mode: fast\n  "on": true\n  none: null\n');
    expect(paramsYaml({})).toBe('params: {}\n');
  });

  it('quotes texts that YAML would take for something else', () => {
    expect(paramsYaml({ a: 'yes', b: '12', c: 'a: b', d: '', e: '#x', f: 'null' })).toBe('params:\n  a: "yes"\n  b: "12"\n  c: "a: b"\n  d: ""\n  e: "#x"\n  f: "null"\n');
  });

  it('writes exponents with a point', () => {
    expect(paramsYaml({ a: 1e-7, b: 1.5e-9 })).toBe('params:\n  a: 1.0e-7\n  b: 1.5e-9\n');
  });

  it('keep floats floats', () => {
    const floats = floatsOf({ parameters: [{ name: 'k', type: 'float' }, { name: 'm', type: 'int' }] } as unknown as SweepDetail);
    expect(paramsYaml({ k: 2, m: 2, x: 3 }, floats)).toBe('params:\n  k: 2.0\n  m: 2\n  x: 3\n');
    expect(paramsYaml({ k: -1e21 }, floats)).toBe('params:\n  k: -1.0e+21\n');
  });

  it('make a sweep file of the run alone', () => {
    const sweep = { name: 'my sweep', strategy: 'b.py', rank: { metric: 'sharpe', direction: 'max' }, spec: 'strategy: ../a/b.py\naccount: {fee_rate: 0.002, slippage_bp: 1.5}\nwarmup: 30\n', parameters: [{ name: 'k', type: 'float' }] } as unknown as SweepDetail;
    const run = { run: 7, symbol: 'ETHUSDT', interval: '1h', from: '2024-01-01T07:00:00+00:00', to: '2024-01-31T23:00:00+00:00', params: { k: 2, mode: 'a b', klineWndSize: 60 } } as unknown as RunDetail;
    expect(runSweepYaml(sweep, run)).toBe(`name: my_sweep_run7
strategy: "../a/b.py"
symbols: [ETHUSDT]
intervals: [1h]
from: 2024-01-01T07:00:00
to: 2024-02-01
warmup: 30

account:
  initial_balance: 10000
  fee_rate: 0.002
  slippage_bp: 1.5

params:
  k: 2.0
  mode: "a b"
  klineWndSize: 60

method: grid
rank_by: {metric: sharpe}
`);
  });

  it('stand beside the best run’s, those that differ first', () => {
    expect(paramRows({ a: 1, b: 2, c: 'x' }, { a: 1, b: 3, d: true })).toEqual([
      { name: 'b', value: 2, best: 3, differs: true },
      { name: 'c', value: 'x', best: undefined, differs: true },
      { name: 'd', value: undefined, best: true, differs: true },
      { name: 'a', value: 1, best: 1, differs: false },
    ]);
    expect(paramRows({ a: 1 }, undefined)).toEqual([{ name: 'a', value: 1, best: undefined, differs: false }]);
  });
});

describe('the place of a run', () => {
  const rank = { metric: 'profitRate', direction: 'max' as const };

  it('is in the order of the address, else in that of the sweep', () => {
    expect(firstKey({ sort: [] }, rank)).toEqual({ column: 'profitRate', descending: true });
    expect(firstKey({ sort: [{ column: 'maxDrawdown', descending: false }, { column: 'run', descending: true }] }, rank)).toEqual({ column: 'maxDrawdown', descending: false });
  });

  it('is counted by a bound on the first key, in its direction', () => {
    expect(atLeastAsGood({ where: 'sells > 3', 'min.sharpe': 1 }, { column: 'sharpe', descending: true }, 1.25)).toEqual({ where: 'sells > 3', 'min.sharpe': 1.25 });
    expect(atLeastAsGood({}, { column: 'maxDrawdown', descending: false }, 0.2)).toEqual({ 'max.maxDrawdown': 0.2 });
  });

  it('needs a page that ends with the run after it', () => {
    expect(neighbourPage(1)).toEqual({ offset: 0, limit: 2 });
    expect(neighbourPage(999)).toEqual({ offset: 0, limit: 1000 });
    expect(neighbourPage(5000)).toEqual({ offset: 4001, limit: 1000 });
  });

  it('has a run before and after it, but at the ends', () => {
    expect(neighboursIn([7, 3, 9], 3, 10, 500)).toEqual({ place: 12, total: 500, previous: 7, next: 9 });
    expect(neighboursIn([7, 3], 7, 0, 2)).toEqual({ place: 1, total: 2, previous: null, next: 3 });
    expect(neighboursIn([7, 3], 8, 0, 2)).toBeNull();
  });
});
