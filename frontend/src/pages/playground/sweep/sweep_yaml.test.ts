import { describe, expect, test } from 'vitest';
import { defaultConfig, type RunConfig } from '../config/config';
import { combinations, flowItems, rangeCount } from './combinations';
import { roundStep, rowYaml, suggestedRow, suggestedRows, sweepName, sweepYaml, type SweepPlan } from './sweep_yaml';

const config: RunConfig = {
  ...defaultConfig, symbol: 'BTCUSDT', interval: '1h', from: '2024', to: '2024-03-01T12:30', slippage: '2.5', window: '61', warmup: '60',
  parameters: [{ name: 'fast', kind: 'int', text: '10' }, { name: 'stop', kind: 'float', text: '0.03' }, { name: 'flip', kind: 'bool', text: 'true' }, { name: 'mode', kind: 'text', text: 'a: b' }],
};

test('ranges go from half of a value to twice of it, in round steps', () => {
  expect(suggestedRow('fast', 'int', '10')).toMatchObject({ low: '4', high: '20', step: '2' });
  expect(suggestedRow('slow', 'int', '30')).toMatchObject({ low: '10', high: '60', step: '10' });
  expect(suggestedRow('stop', 'float', '0.03')).toMatchObject({ low: '0.01', high: '0.06', step: '0.01' });
  expect(suggestedRow('fraction', 'float', '0.95')).toMatchObject({ low: '0.45', high: '0.95', step: '0.1' });
  expect(suggestedRow('shift', 'float', '-2')).toMatchObject({ low: '-4', high: '-1', step: '0.5' });
  expect(suggestedRow('n', 'int', '1')).toMatchObject({ low: '1', high: '2', step: '1' });
  expect(suggestedRow('on', 'bool', 'true').list).toBe('true, false');
});

test('the value itself is among those of its range, which stay above 0', () => {
  expect(suggestedRow('slow', 'int', '90')).toMatchObject({ low: '30', high: '190', step: '20' });
  expect(suggestedRow('share', 'float', '1')).toMatchObject({ low: '0.5', high: '1', step: '0.1' });
  for (const text of ['1', '2', '3', '7', '13', '0.001', '0.35', '0.6', '1.5', '37', '999', '-3', '-0.07']) {
    const { low, high, step } = suggestedRow('x', text.includes('.') ? 'float' : 'int', text);
    const steps = (Number(text) - Number(low)) / Number(step);
    expect([text, Math.abs(steps - Math.round(steps)) < 1e-6, Number(low) <= Number(text), Number(high) >= Number(text), Number(low) > 0]).toEqual([text, true, true, true, Number(text) > 0]);
  }
});

test('zero is left as it is', () => {
  expect(suggestedRows({ ...config, parameters: [{ name: 'take_profit', kind: 'float', text: '0.0' }] })[0]?.mode).toBe('fixed');
});

test('the window grows with a range that would not fit it, and only then', () => {
  const window = (text: string, kind: 'int' | 'float', value: string) => suggestedRows({ ...config, window: text, parameters: [{ name: 'n', kind, text: value }] }).at(-1)?.value;
  expect(window('91', 'int', '90')).toBe('191'); // 30 to 190
  expect(window('191', 'int', '90')).toBe('191');
  expect(window('190', 'int', '90')).toBe('191'); // an average and the bar before it
  expect(window('50', 'int', '60')).toBe('50'); // never fitted: it is something else
  expect(window('50', 'float', '60')).toBe('50');
});

test('steps are 1, 2 or 5 times a power of ten', () => {
  expect([roundStep(15, 6), roundStep(45, 6), roundStep(0.045, 6), roundStep(6, 6), roundStep(0, 6)]).toEqual([5, 10, 0.01, 1, 1]);
});

test('the file says what the configuration says', () => {
  const plan: SweepPlan = { name: 'first', strategy: 'mine.py', rows: suggestedRows(config), method: 'grid', trials: '', seed: '', rankBy: 'sharpe', where: 'fast < 20' };
  expect(sweepYaml(plan, config)).toBe(`name: first
strategy: mine.py
symbols: [BTCUSDT]
intervals: [1h]
from: 2024-01-01
to: 2024-03-01T12:30:00
warmup: 60

account:
  initial_balance: 10000
  fee_rate: 0.001
  slippage_bp: 2.5

params:
  fast: {range: [4, 20], step: 2}
  stop: {range: [0.01, 0.06], step: 0.01}
  flip: true
  mode: "a: b"
  klineWndSize: 61
where:
  - fast < 20

method: grid
rank_by: {metric: sharpe}
`);
});

test('a random search says how many to draw', () => {
  const yaml = sweepYaml({ name: 'r', strategy: 's.py', rows: suggestedRows(config), method: 'random', trials: '300', seed: '7', rankBy: 'profitRate', where: '' }, config);
  expect(yaml).toContain('method: random\ntrials: 300\nseed: 7\n');
  expect(combinations(yaml)).toEqual({ count: 300, bounded: false });
});

test('rows that are not complete have no value', () => {
  const row = suggestedRow('fast', 'int', '10');
  expect(rowYaml({ ...row, mode: 'range', low: '' })).toBeNull();
  expect(rowYaml({ ...row, mode: 'range', low: '30' })).toBeNull();
  expect(rowYaml({ ...row, mode: 'range', step: '0' })).toBeNull();
  expect(rowYaml({ ...row, mode: 'list', list: ' , ' })).toBeNull();
  expect(rowYaml({ ...row, mode: 'list', list: '1, x' })).toBeNull();
  expect(rowYaml({ ...row, mode: 'list', list: '1, 2 ,3' })).toBe('[1, 2, 3]');
  expect(rowYaml({ ...suggestedRow('k', 'float', '2'), mode: 'fixed' })).toBe('2.0');
});

test('names are made to fit', () => {
  expect(sweepName('my strategy!.py')).toBe('my_strategy');
  expect(sweepName('sma_cross #12')).toBe('sma_cross_12');
  expect(sweepName('均线')).toBe('playground');
});

describe('how many runs', () => {
  test('ranges count both ends, in decimals', () => {
    expect([rangeCount('0.1', '0.3', '0.1'), rangeCount('5', '60', '1'), rangeCount('1', '2', '0.3'), rangeCount('1e-3', '5e-3', '1e-3'), rangeCount('3', '1', '1'), rangeCount('a', '1', '1')]).toEqual([3, 56, 4, 5, null, null]);
  });
  test('symbols, intervals and parameters multiply; a condition makes it a bound', () => {
    const yaml = 'symbols: [A, B]\nintervals: [1h]\nparams: # all of them\n  fast: {range: [5, 60], step: 1}\n  slow: {range: [20, 150], step: 5}   # 27\n  spend: {log_range: [10, 1000], count: 6}\n  mode: ["a, b", \'c\']\n  k: 2\n  on: [true, false]\nwhere:\n  - fast < slow\n';
    expect(combinations(yaml)).toEqual({ count: 2 * 56 * 27 * 6 * 2 * 2, bounded: true });
  });
  test('what is not understood is not counted', () => {
    expect(combinations('params:\n  a:\n    range: [1, 2]\n').count).toBeNull();
    expect(combinations('params: {a: [1, 2]}\n').count).toBeNull();
    expect(combinations('method: random\ntrials: x\n').count).toBeNull();
    expect(flowItems('[1, 2')).toBeNull();
  });
});
