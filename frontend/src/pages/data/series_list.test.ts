import { expect, test } from 'vitest';
import { findings, isFound, nextSort, seriesSortOf, sorted, type Series } from './series_list';

const series = (symbol: string, interval: Series['interval'], count: number | null): Series => ({
  symbol,
  interval,
  count,
  first_open_time: null,
  last_open_time: null,
  gap_count: 0,
  missing_candles: 0,
  odd_count: 0,
  partial_count: 0,
  source: 'csv: a.csv',
  imported_at: null,
  origin: 'store',
});
const list = [series('ADAUSDT', '1d', 30), series('BTCUSDT', '15m', null), series('BTCUSDT', '1h', 500)];

test('a search wants every word, in any case and order', () => {
  expect(list.filter((one) => isFound(one, '1H btc'))).toEqual([list[2]]);
  expect(list.filter((one) => isFound(one, ''))).toEqual(list);
  expect(list.filter((one) => isFound(one, 'btc eth'))).toEqual([]);
});

test('intervals sort by their length, not as text', () => {
  const intervals = (sort: string) => sorted(list, seriesSortOf(sort)).map((one) => one.interval);
  expect(intervals('interval')).toEqual(['15m', '1h', '1d']);
  expect(intervals('-interval')).toEqual(['1d', '1h', '15m']);
});

test('what is not known comes last in both directions', () => {
  const counts = (sort: string) => sorted(list, seriesSortOf(sort)).map((one) => one.count);
  expect(counts('count')).toEqual([30, 500, null]);
  expect(counts('-count')).toEqual([500, 30, null]);
});

test('an unknown order in the address is none', () => {
  expect(seriesSortOf('-nonsense')).toBeNull();
  expect(seriesSortOf('constructor')).toBeNull();
  expect(seriesSortOf(null)).toBeNull();
  expect(sorted(list, null)).toBe(list);
});

test('clicks on a heading go through both directions and back to none', () => {
  const clicks = (column: 'symbol' | 'count') => {
    const seen: (string | null)[] = [];
    let now: string | null = null;
    for (let i = 0; i < 3; i++) seen.push((now = nextSort(seriesSortOf(now), column)));
    return seen;
  };
  expect(clicks('count')).toEqual(['-count', 'count', null]);
  expect(clicks('symbol')).toEqual(['symbol', '-symbol', null]);
});

test('a report is taken apart, gaps left out, and strange lines are kept as they are', () => {
  const report =
    'gap: 2024-01-05T04:00:00+00:00: 3 candles missing, the next opens at 2024-01-05T07:00:00+00:00\n' +
    'odd: 2024-01-09T08:00:00+00:00: high is below open or close\n' +
    'odd: ... and 12 more\n' +
    'something else\n';
  expect(findings(report)).toEqual([
    { kind: 'odd', time: Date.UTC(2024, 0, 9, 8), text: 'high is below open or close' },
    { kind: 'odd', time: null, text: '... and 12 more' },
    { kind: '', time: null, text: 'something else' },
  ]);
  expect(findings('')).toEqual([]);
});
