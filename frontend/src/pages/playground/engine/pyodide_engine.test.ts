import { expect, test } from 'vitest';
import { defaultConfig } from '../config/config';
import type { Job } from './job';
import { workerJob } from './pyodide_engine';

const FIRST = Date.UTC(2022, 0, 1);
const LAST = Date.UTC(2022, 11, 31, 23);
const range = (from: string, to: string) => {
  const job: Job = { source: '', config: { ...defaultConfig, symbol: 'X', interval: '1h', from, to, warmup: '7' }, points: null, first: FIRST, last: LAST };
  return workerJob(job).range;
};

test('nothing is asked for beyond the last kline', () => {
  expect(range('2022-06-01', '2999')).toMatchObject({ begin: Date.UTC(2022, 5, 1), end: LAST + 1, warmup: 7, first: FIRST });
  expect(range('', '').end).toBe(LAST + 1);
  expect(range('2022-06-01', '2022-07-01').end).toBe(Date.UTC(2022, 6, 1));
});

test('where the series’ end is not known, the range is asked for', () => {
  const job: Job = { source: '', config: { ...defaultConfig, symbol: 'X', interval: '1h', from: '2022', to: '2023' }, points: null, first: NaN, last: NaN };
  expect(workerJob(job).range).toMatchObject({ begin: FIRST, end: Date.UTC(2023, 0, 1), first: FIRST });
});
