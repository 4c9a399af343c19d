import { expect, test } from 'vitest';
import { defaultConfig } from '../config/config';
import type { RunResult, Trade } from '../engine/job';
import { chartSources, chartTrades, figureValue } from './result_facts';

const trade = (timestamp: string, type: 'buy' | 'sell', profit?: number): Trade => ({ timestamp, type, price: 2, amount: 3, balance: 4, fee: 0, position: 0, totalValue: 4, ...(profit === undefined ? {} : { profit }) });

test('trades go to the chart by their time; those without one stay in the list only', () => {
  const trades = [trade('2024-01-02T00:00:00+00:00', 'sell', 5), trade('2024-01-01T00:00:00+00:00', 'buy'), trade('whenever', 'buy')];
  expect(chartTrades(trades)).toEqual([
    { time: Date.UTC(2024, 0, 1), side: 'buy', price: 2, amount: 3, profit: null },
    { time: Date.UTC(2024, 0, 2), side: 'sell', price: 2, amount: 3, profit: 5 },
  ]);
});

test('the chart covers the bars of the run, the last one whole', async () => {
  const point = (timestamp: string, equity: number) => ({ timestamp, equity, balance: equity, position: 0 });
  const result: RunResult = { status: 'done', log: '', warnings: [], trades: [], equityCurve: [point('2024-01-01T00:00:00+00:00', 100), point('2024-01-01T01:00:00+00:00', 80)] };
  const sources = chartSources({ ...defaultConfig, symbol: 'X', interval: '1h' }, result);
  expect(sources?.klines.range).toEqual({ from: Date.UTC(2024, 0, 1), to: Date.UTC(2024, 0, 1, 2) });
  const curve = await sources?.curve?.curve({ from: 0, to: Infinity }, 10, new AbortController().signal);
  expect([curve?.equity, curve?.drawdown]).toEqual([[100, 80], [0, 0.2]]);
  expect(chartSources(defaultConfig, { ...result, equityCurve: [] })).toBeNull();
});

test('figures that the browser does not know are left out, undefined ones are shown as such', () => {
  const result: RunResult = { status: 'done', log: '', warnings: [], trades: [], equityCurve: [], profit: 5, sharpe: null };
  expect([figureValue(result, 'profit'), figureValue(result, 'sharpe'), figureValue(result, 'sortino'), figureValue(result, 'start')]).toEqual([5, null, undefined, undefined]);
});
