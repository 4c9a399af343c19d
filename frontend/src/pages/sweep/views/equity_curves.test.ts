import { describe, expect, it } from 'vitest';
import { benchmarks, curveOf, evenTimes, inOrder, returnsOf, runsWhere, sparklineCurve, valueAt, type Curve } from './equity_curves';

describe('returns', () => {
  it('are on the initial balance; gaps are left out', () => {
    expect(returnsOf([1, 2, null, 4], [100, 150, 9, null], 100)).toEqual([[1, 0], [2, 0.5]]);
    expect(returnsOf([1], [100], 0)).toEqual([]);
    expect(returnsOf([1], [100], NaN)).toEqual([]);
  });
  it('of buy and hold are on the initial balance, too', () => {
    const points = { time: [0, 10], equity: [100, 110], balance: [], position: [], drawdown: [], buy_hold: [null, 80] };
    expect(curveOf(7, 'A 1h', { run: 7, source: 'trades', count: 2, bars: 9, points }, 100)).toEqual({ run: 7, series: 'A 1h', source: 'trades', points: [[0, 0], [10, expect.closeTo(0.1, 12)]], buyHold: [[10, expect.closeTo(-0.2, 12)]] });
  });
});

describe('a sparkline', () => {
  it('is spread evenly from the first to the last bar', () => {
    expect(evenTimes(0, 30, 4)).toEqual([0, 10, 20, 30]);
    expect(evenTimes(5, 9, 1)).toEqual([5]);
    const curve = sparklineCurve(1, 'A 1h', [100, 90, 120], 100, '1970-01-01T00:00:00+00:00', '1970-01-01T00:00:02+00:00');
    expect(curve.points.map(([time]) => time)).toEqual([0, 1000, 2000]);
    expect(curve.points[2]?.[1]).toBeCloseTo(0.2, 12);
    expect(curve.buyHold).toBeNull();
  });
  it('of a run without bars has no points', () => {
    expect(sparklineCurve(1, 'A 1h', [100], 100, null, null).points).toEqual([]);
  });
});

describe('the chart', () => {
  const curve = (run: number, series: string, buyHold: Curve['buyHold']): Curve => ({ run, series, source: 'full', points: [], buyHold });
  it('has one buy and hold a series', () => {
    const two: Curve['buyHold'] = [[0, 0], [1, 1]];
    expect(benchmarks([curve(1, 'A 1h', null), curve(2, 'A 1h', two), curve(3, 'A 1h', two), curve(4, 'B 1h', two)]).map((one) => one.run)).toEqual([2, 4]);
  });
  it('reads a line at the last point before a time', () => {
    const points: [number, number][] = [[10, 1], [20, 2], [30, 3]];
    expect([5, 10, 19, 20, 99].map((time) => valueAt(points, time))).toEqual([null, 1, 1, 2, 3]);
  });
  it('asks for the compared runs, and shows them as they were selected', () => {
    expect(runsWhere([5, 3])).toBe('run == 5 or run == 3');
    expect(inOrder([[3, 'a'], [5, 'b']], [5, 3, 9])).toEqual([[5, 'b'], [3, 'a']]);
  });
});
