import { describe, expect, it } from 'vitest';
import { testDetail } from '../sweep/test_detail';
import { isFound, sweepSortOf, sortValues, stateCounts } from './sweep_list';
import { elapsedSeconds } from './sweep_times';

const sweep = testDetail();

describe('the search', () => {
  it('finds name, strategy, symbol, interval and parameters, every word', () => {
    for (const text of ['', 'SMALL', 'cross', 'btc 1h', 'fast window']) expect(isFound(sweep, text)).toBe(true);
    for (const text of ['eth', 'small eth']) expect(isFound(sweep, text)).toBe(false);
  });
});

describe('the order', () => {
  it('is read from the address', () => {
    expect(sweepSortOf('-runs')).toEqual({ column: 'runs', descending: true });
    expect(sweepSortOf('name')).toEqual({ column: 'name', descending: false });
    expect(sweepSortOf('toString')).toBeNull();
    expect(sweepSortOf('nothing')).toBeNull();
    expect(sweepSortOf(null)).toBeNull();
  });
  it('has no value where there is none', () => {
    const queued = testDetail({ best: null, started_at: null, finished_at: null });
    expect(sortValues.best(queued)).toBeUndefined();
    expect(sortValues.started(queued)).toBeUndefined();
    expect(sortValues.duration(queued)).toBeUndefined();
  });
});

describe('how long a sweep took', () => {
  it('is from its start to its end, or to now while it runs', () => {
    expect(elapsedSeconds(sweep, 0)).toBe(10);
    expect(elapsedSeconds({ ...sweep, state: 'running', finished_at: null }, Date.parse('2024-01-01T00:01:00Z'))).toBe(60);
    expect(elapsedSeconds({ ...sweep, state: 'interrupted', finished_at: null }, 0)).toBeNull();
  });
});

it('states are counted', () => {
  expect([...stateCounts([sweep, sweep, testDetail({ state: 'running' })])]).toEqual([
    ['complete', 2],
    ['running', 1],
  ]);
});
