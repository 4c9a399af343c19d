import { expect, test } from 'vitest';
import { barsOf, configOf, configProblems, defaultConfig, requestText, type RunConfig } from './config';
import { nextOpen, serverTime, timeOf, timeText } from './time_text';

const config: RunConfig = { ...defaultConfig, symbol: 'BTCUSDT', interval: '1h' };

test('a good configuration has no problems', () => {
  expect(configProblems(config)).toEqual({});
});

test('every problem stands under the name that the server uses', () => {
  const bad: RunConfig = {
    symbol: '', interval: '', from: '2024-02-30', to: 'x', warmup: '-1', initialBalance: '0', feeRate: '1', slippage: '10000', priceCheck: 'count', window: '0',
    parameters: [{ name: 'a', kind: 'int', text: '1.5' }, { name: 'a', kind: 'int', text: '1' }, { name: '9', kind: 'int', text: '1' }, { name: 'b', kind: 'float', text: '' }],
  };
  expect(configProblems(bad)).toEqual({
    symbol: 'playground.bad.symbol', interval: 'playground.bad.interval', start_time: 'playground.bad.time', end_time: 'playground.bad.time', warmup: 'playground.bad.count0',
    initialBalance: 'playground.bad.positive', feeRate: 'playground.bad.rate', slippage_bp: 'playground.bad.slippage', 'strategyParams.klineWndSize': 'playground.bad.count1',
    'strategyParams.a': 'playground.bad.twice', '#2': 'playground.bad.name', 'strategyParams.b': 'playground.bad.number',
  });
});

test('the end has to be later than the start', () => {
  expect(configProblems({ ...config, from: '2024-02', to: '2024-01-31' })).toEqual({ end_time: 'playground.bad.order' });
});

test('a parameter may not be called as the window', () => {
  expect(configProblems({ ...config, parameters: [{ name: 'klineWndSize', kind: 'int', text: '5' }] })).toEqual({ 'strategyParams.klineWndSize': 'playground.bad.twice' });
});

test('the body of a request is JSON with the numbers as they were typed', () => {
  const text = requestText('x = "1"\n', { ...config, from: '2024-01', feeRate: '.001', initialBalance: '10000.50', window: '60', parameters: [{ name: 'k', kind: 'float', text: '2' }] }, 500);
  expect(text).toContain('"feeRate":0.001');
  expect(text).toContain('"initialBalance":10000.50');
  expect(text).toContain('"strategyParams":{"klineWndSize":60,"k":2.0}');
  expect(JSON.parse(text)).toEqual({
    strategy: 'x = "1"\n', symbol: 'BTCUSDT', interval: '1h', start_time: '2024-01-01T00:00:00Z', price_check: 'count', warmup: 0, initialBalance: 10000.5, feeRate: 0.001, slippage_bp: 0, strategyParams: { klineWndSize: 60, k: 2 }, points: 500,
  });
});

test('what was kept in a wrong shape becomes the default', () => {
  expect(configOf(null)).toEqual(defaultConfig);
  expect(configOf('x')).toEqual(defaultConfig);
  expect(configOf({ symbol: 5, window: '9', priceCheck: 'no', parameters: [{ name: 'a' }, { name: 'b', kind: 'int', text: '1' }] })).toEqual({ ...defaultConfig, window: '9', parameters: [{ name: 'b', kind: 'int', text: '1' }] });
});

test('times are UTC, whatever their precision', () => {
  expect(timeOf('2024')).toBe(1704067200000);
  expect(timeOf('2024-01-01T00:00:00Z')).toBe(1704067200000);
  expect(timeOf(' 2024-01-31 12:30 ')).toBe(1706704200000);
  for (const bad of ['', '24', '2024-13', '2023-02-29', '2024-01-01T24:00', '2024-01-01T12', 'yesterday']) expect([bad, timeOf(bad)]).toEqual([bad, null]);
  expect(timeText(1704067200000)).toBe('2024-01-01');
  expect(timeText(1706704200000)).toBe('2024-01-31T12:30');
  expect(serverTime('2024-01-31 12:30')).toBe('2024-01-31T12:30:00Z');
});

test('the kline after the last one of January 2024 opens in February', () => {
  expect(timeText(nextOpen(Date.UTC(2024, 0, 1), '1mo'))).toBe('2024-02-01');
  expect(timeText(nextOpen(Date.UTC(2024, 0, 1), '3d'))).toBe('2024-01-04');
  expect(timeText(nextOpen(Date.UTC(2024, 0, 1), '15m'))).toBe('2024-01-01T00:15');
});

test('bars of a range: its part of the series', () => {
  const first = Date.UTC(2024, 0, 1);
  const last = Date.UTC(2024, 0, 10, 23);
  expect(barsOf(config, first, last)).toBe(240);
  expect(barsOf({ ...config, from: '2024-01-10', to: '2025' }, first, last)).toBe(24);
  expect(barsOf({ ...config, to: '2023' }, first, last)).toBe(0);
});
