import { describe, expect, it } from 'vitest';
import { scatterAxes } from './ScatterView';
import { colourOf, endsOf, place, pointsOf, spread } from './scatter_option';
import { LINES } from './view_colours';
import { columnsOf, type Column } from './view_columns';
import { sweepDetail } from './view_fixture';

const columns = columnsOf(sweepDetail);
const column = (name: string): Column => columns.byName.get(name) as Column;

describe('a point', () => {
  it('lies at its numbers', () => {
    const points = pointsOf([[3, 0.2, 0.5, 'ema']], ['run', 'maxDrawdown', 'profitRate', 'average'], column('maxDrawdown'), column('profitRate'), column('average'));
    expect(points).toEqual([{ run: 3, x: 0.2, y: 0.5, cells: [0.2, 0.5, 'ema'] }]);
  });
  it('is left out without a number', () => {
    expect(pointsOf([[3, null, 0.5], [4, 0.1, 0.2]], ['run', 'maxDrawdown', 'profitRate'], column('maxDrawdown'), column('profitRate'), column('profitRate')).map((point) => point.run)).toEqual([4]);
  });
  it('of a name lies around its place, always at the same', () => {
    expect(place(column('average'), 'sma', 12)).toBe(1 + spread(12));
    expect(place(column('average'), 'wma', 12)).toBeNull();
    for (let run = 0; run < 1000; run++) expect(Math.abs(spread(run))).toBeLessThanOrEqual(0.3);
  });
});

describe('axes', () => {
  it('go from the lowest to the highest point, names have a place each', () => {
    expect(endsOf(column('profitRate'), [0.3, -0.1, 0.2])).toEqual([-0.1, 0.3]);
    expect(endsOf(column('profitRate'), [2])).toEqual([1.9, 2.1]);
    expect(endsOf(column('profitRate'), [])).toEqual([0, 1]);
    expect(endsOf(column('average'), [])).toEqual([-0.5, 1.5]);
  });
  it('are drawdown and the shown metric unless chosen', () => {
    const none = { x: null, y: null, colour: null };
    const names = (axes: ReturnType<typeof scatterAxes>): string[] => [axes.x.name, axes.y.name, axes.colour.name];
    expect(names(scatterAxes(columns, column('profitRate'), none))).toEqual(['maxDrawdown', 'profitRate', 'average']);
    expect(names(scatterAxes(columns, column('maxDrawdown'), none))).toEqual(['profitRate', 'maxDrawdown', 'average']);
    expect(names(scatterAxes(columns, column('profitRate'), { x: 'fast', y: 'nope', colour: 'totalTrades' }))).toEqual(['fast', 'profitRate', 'totalTrades']);
  });
});

describe('colours', () => {
  it('of names are those of their places', () => {
    expect(colourOf(column('average'), null, 'sma', 'none')).toBe(LINES[1]);
    expect(colourOf(column('average'), null, 'wma', 'none')).toBe('none');
  });
  it('of numbers need a scale and a number', () => {
    expect(colourOf(column('profitRate'), null, 0.1, 'none')).toBe('none');
    expect(colourOf(column('profitRate'), { low: 0, high: 1, stops: [[0, 0, 0], [255, 255, 255]], diverging: false }, 1, 'none')).toBe('rgb(255,255,255)');
  });
});
