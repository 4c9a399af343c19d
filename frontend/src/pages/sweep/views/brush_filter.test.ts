import { describe, expect, it } from 'vitest';
import { brushed, intervalOf, roundBound, withoutColumn } from './brush_filter';
import { columnsOf, type Column } from './view_columns';
import { sweepDetail } from './view_fixture';

const { byName } = columnsOf(sweepDetail);
const column = (name: string): Column => byName.get(name) as Column;
const none = { bounds: {}, fixed: {} };

describe('a brushed bound', () => {
  it('is as fine as a thousandth of the axis', () => {
    expect(roundBound(0.123456, 1)).toBe(0.123);
    expect(roundBound(0.123456, 0.02)).toBe(0.12346);
    expect(roundBound(123456.789, 100000)).toBe(123500);
    expect(roundBound(7.5, 0)).toBe(7.5);
  });
});

describe('a brush', () => {
  it('over numbers sets both sides, in either direction', () => {
    const bounds = { profitRate: { min: 0.1, max: 0.5 } };
    expect(brushed(none, column('profitRate'), [0.1, 0.5], [-0.5, 1.5])).toEqual({ bounds, fixed: {} });
    expect(brushed(none, column('profitRate'), [0.5, 0.1], [-0.5, 1.5])).toEqual({ bounds, fixed: {} });
  });
  it('that reaches an end leaves that side open', () => {
    expect(brushed(none, column('profitRate'), [0.2, 1.5], [-0.5, 1.5]).bounds).toEqual({ profitRate: { min: 0.2 } });
    expect(brushed(none, column('profitRate'), [-9, 0.2], [-0.5, 1.5]).bounds).toEqual({ profitRate: { max: 0.2 } });
    expect(brushed(none, column('profitRate'), [-0.5, 1.5], [-0.5, 1.5])).toEqual(none);
  });
  it('over whole numbers has whole bounds', () => {
    expect(brushed(none, column('fast'), [6.2, 11.8], [5, 15]).bounds).toEqual({ fast: { min: 7, max: 11 } });
    expect(brushed(none, column('fast'), [9.6, 9.9], [5, 15]).bounds).toEqual({ fast: { min: 10, max: 10 } });
  });
  it('over one name fixes it, over several says nothing', () => {
    expect(brushed(none, column('average'), [0.6, 1.4], [-0.5, 1.5])).toEqual({ bounds: {}, fixed: { average: 'sma' } });
    expect(brushed({ bounds: {}, fixed: { average: 'ema' } }, column('average'), [-0.4, 1.4], [-0.5, 1.5])).toEqual(none);
    expect(brushed(none, column('average'), [0.3, 0.7], [-0.5, 1.5])).toEqual(none);
  });
  it('takes the place of what was set on its column, and of nothing else', () => {
    const now = { bounds: { fast: { min: 1 }, sharpe: { max: 2 } }, fixed: { fast: '5', average: 'ema' } };
    expect(brushed(now, column('fast'), [8, 12], [5, 15])).toEqual({ bounds: { sharpe: { max: 2 }, fast: { min: 8, max: 12 } }, fixed: { average: 'ema' } });
    expect(brushed(now, column('fast'), null, [5, 15])).toEqual(withoutColumn(now, 'fast'));
    expect(withoutColumn(now, 'fast')).toEqual({ bounds: { sharpe: { max: 2 } }, fixed: { average: 'ema' } });
  });
});

describe('the part of an axis a filter leaves', () => {
  it('is the bounds, as far as the axis goes', () => {
    expect(intervalOf({ bounds: { fast: { min: 7 } }, fixed: {} }, column('fast'), [5, 15])).toEqual([7, 15]);
    expect(intervalOf({ bounds: { fast: { min: -3, max: 9 } }, fixed: {} }, column('fast'), [5, 15])).toEqual([5, 9]);
    expect(intervalOf(none, column('fast'), [5, 15])).toBeNull();
  });
  it('is the fixed value', () => {
    expect(intervalOf({ bounds: {}, fixed: { fast: '10' } }, column('fast'), [5, 15])).toEqual([10, 10]);
    expect(intervalOf({ bounds: {}, fixed: { average: 'sma' } }, column('average'), [-0.5, 1.5])).toEqual([0.6, 1.4]);
    expect(intervalOf({ bounds: {}, fixed: { average: 'nope' } }, column('average'), [-0.5, 1.5])).toBeNull();
  });
});
