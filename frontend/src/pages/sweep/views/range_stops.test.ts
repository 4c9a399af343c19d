import { describe, expect, it } from 'vitest';
import { movedLimit, nearestStop, rangeOf, rangeStops, withRange } from './range_stops';
import { columnsOf, type Column } from './view_columns';
import { sweepDetail } from './view_fixture';

const columns = columnsOf(sweepDetail);
const column = (name: string): Column => columns.byName.get(name) as Column;
const none = { bounds: {}, fixed: {} };

describe('limits stop', () => {
  it('at the values of a parameter', () => expect(rangeStops(column('fast'))).toEqual([5, 10, 15]));
  it('at whole numbers of a count, the ends of the sweep first and last', () => {
    const stops = rangeStops(column('totalTrades'));
    expect([stops.length, stops[0], stops[1], stops[90]]).toEqual([91, 0, 1, 90]);
    expect(rangeStops({ ...column('totalTrades'), maximum: 1000 }).slice(0, 3)).toEqual([0, 10, 20]);
  });
  it('at hundredths of the range else, rounded, the ends as they are', () => {
    const stops = rangeStops({ ...column('profitRate'), minimum: -0.123456789, maximum: 0.87654321 });
    expect([stops.length, stops[0], stops[1], stops[100]]).toEqual([101, -0.123456789, -0.1135, 0.87654321]);
  });
});

describe('a key', () => {
  const stops = [0, 10, 20, 30, 40];
  it('moves one limit from stop to stop, also from between two', () => {
    expect(movedLimit('ArrowUp', stops, [0, 40], 'low')).toEqual([10, 40]);
    expect(movedLimit('ArrowRight', stops, [12, 40], 'low')).toEqual([20, 40]);
    expect(movedLimit('ArrowDown', stops, [12, 40], 'low')).toEqual([10, 40]);
    expect(movedLimit('ArrowLeft', stops, [0, 40], 'high')).toEqual([0, 30]);
  });
  it('brings it to the ends, or by a tenth', () => {
    expect(movedLimit('Home', stops, [20, 40], 'low')).toEqual([0, 40]);
    expect(movedLimit('End', stops, [20, 30], 'high')).toEqual([20, 40]);
    const many = rangeStops(column('totalTrades')); // 91 stops: pages of 9
    expect(movedLimit('PageUp', many, [0, 90], 'low')).toEqual([9, 90]);
    expect(movedLimit('PageDown', many, [0, 90], 'high')).toEqual([0, 81]);
  });
  it('never brings one past the other, nor beyond the ends', () => {
    expect(movedLimit('End', stops, [0, 20], 'low')).toEqual([20, 20]);
    expect(movedLimit('ArrowDown', stops, [20, 20], 'high')).toEqual([20, 20]);
    expect(movedLimit('ArrowDown', stops, [0, 20], 'low')).toEqual([0, 20]);
    expect(movedLimit('PageUp', stops, [0, 40], 'high')).toEqual([0, 40]);
  });
  it('that is none of limits does nothing', () => expect(movedLimit('a', stops, [0, 40], 'low')).toBeNull());
});

describe('the filter', () => {
  it('has limits that are inside the ends only', () => {
    expect(withRange(none, column('fast'), [10, 15])).toEqual({ bounds: { fast: { min: 10 } }, fixed: {} });
    expect(withRange(none, column('fast'), [5, 15])).toEqual(none);
    expect(withRange({ bounds: { maxDrawdown: { max: 0.2 } }, fixed: { fast: '5' } }, column('fast'), [10, 10])).toEqual({ bounds: { maxDrawdown: { max: 0.2 }, fast: { min: 10, max: 10 } }, fixed: {} });
  });
  it('gives the limits back', () => {
    expect(rangeOf(none, column('fast'))).toEqual([5, 15]);
    expect(rangeOf({ bounds: { fast: { min: 7 } }, fixed: {} }, column('fast'))).toEqual([7, 15]);
    expect(rangeOf({ bounds: {}, fixed: { fast: '10' } }, column('fast'))).toEqual([10, 10]);
    expect(rangeOf({ bounds: { fast: { min: 99 } }, fixed: {} }, column('fast'))).toEqual([15, 15]); // an address with a mistake
  });
  it('is asked for the nearest stop under the pointer', () => expect(nearestStop([0, 10, 20], 14)).toBe(10));
});
