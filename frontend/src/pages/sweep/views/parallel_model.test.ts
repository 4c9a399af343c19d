import { describe, expect, it } from 'vitest';
import { axisEnds, figureAt, nearestLine, onAxis, parallelAxes, sharesOf, shareOf, tickFigures, withAxis } from './parallel_model';
import { columnsOf, type Column } from './view_columns';
import { sweepDetail } from './view_fixture';

const columns = columnsOf(sweepDetail);
const column = (name: string): Column => columns.byName.get(name) as Column;
const names = (axes: readonly Column[]): string[] => axes.map((axis) => axis.name);

describe('the axes', () => {
  it('are inputs that vary and can be placed, usual metrics, and the ranked one last', () => {
    expect(names(parallelAxes(columns, null))).toEqual(['average', 'fast', 'threshold', 'maxDrawdown', 'totalTrades', 'profitRate']);
  });
  it('are those chosen, in their order, names that are none left out', () => {
    expect(names(parallelAxes(columns, 'totalTrades,nope,fast,fast'))).toEqual(['totalTrades', 'fast']);
    expect(parallelAxes(columns, 'fast')).toEqual(parallelAxes(columns, null));
  });
  it('are switched one at a time; two stay', () => {
    const all = ['a', 'b', 'c', 'd'];
    expect(withAxis(['b', 'd'], all, 'c', true)).toEqual(['b', 'c', 'd']);
    expect(withAxis(['b', 'c', 'd'], all, 'c', false)).toEqual(['b', 'd']);
    expect(withAxis(['b', 'd'], all, 'd', false)).toEqual(['b', 'd']);
  });
  it('have the ends of the sweep; names stand in equal parts', () => {
    expect(axisEnds(column('fast'))).toEqual([5, 15]);
    expect(axisEnds(column('average'))).toEqual([-0.5, 1.5]);
    expect(axisEnds({ ...column('fast'), minimum: 10, maximum: 10 })).toEqual([9.5, 10.5]);
  });
  it('have whole ticks for whole numbers', () => {
    expect(tickFigures(column('fast'), 4)).toEqual([5, 8, 10, 13, 15]);
    expect(tickFigures({ ...column('fast'), minimum: 0, maximum: 2 }, 4)).toEqual([0, 1, 2]);
    expect(tickFigures(column('threshold'), 2)).toEqual([0, 0.01, 0.02]);
  });
});

describe('a line', () => {
  it('has the share of each axis, and gaps', () => {
    const axes = [column('fast'), column('average'), column('maxDrawdown')];
    expect(sharesOf([7, 10, 'sma', null], ['run', 'fast', 'average', 'maxDrawdown'], axes)).toEqual([0.5, 0.75, NaN]);
    expect(onAxis(column('average'), 'wma')).toBeNaN();
  });
  it('comes back from shares to figures', () => {
    expect(figureAt([5, 15], shareOf([5, 15], 12))).toBe(12);
  });
  it('is found near a point between the axes', () => {
    const lines = [
      [0, 1, 0.5],
      [1, 0, 0.5],
      [0.2, NaN, 0.2],
    ];
    expect(nearestLine(lines, 0.25, 0.26, 0.05)).toBe(0);
    expect(nearestLine(lines, 0.25, 0.74, 0.05)).toBe(1);
    expect(nearestLine(lines, 0.25, 0.5, 0.05)).toBe(-1);
    expect(nearestLine(lines, 1.5, 0.2, 0.01)).toBe(-1); // the third has a gap there
    expect(nearestLine(lines, 2, 0.21, 0.05)).toBe(2);
  });
});
