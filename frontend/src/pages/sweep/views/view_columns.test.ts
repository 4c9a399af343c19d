import { describe, expect, it } from 'vitest';
import { columnsOf, figureWriter, fixedText, formatCell, formatTick, indexOfValue, shownMetric, type Column } from './view_columns';
import { sweepDetail } from './view_fixture';

const columns = columnsOf(sweepDetail);
const column = (name: string): Column => columns.byName.get(name) as Column;

describe('columns', () => {
  it('of inputs are those that vary, in the order of the sweep', () => {
    expect(columns.inputs.map((one) => one.name)).toEqual(['average', 'fast', 'threshold']);
  });
  it('have the symbol where a sweep has several', () => {
    const two = columnsOf({ ...sweepDetail, series: [{ symbol: 'A', interval: '1h' }, { symbol: 'B', interval: '1h' }] } as typeof sweepDetail);
    expect(two.inputs.at(-1)).toMatchObject({ name: 'symbol', values: ['A', 'B'], numeric: false });
  });
  it('know what the sweep ranks by, in its direction', () => {
    expect(columns.rank).toMatchObject({ name: 'profitRate', better: 1 });
    expect(columnsOf({ ...sweepDetail, rank: { metric: 'totalTrades', direction: 'min' } } as typeof sweepDetail).rank).toMatchObject({ name: 'totalTrades', better: -1 });
  });
  it('show the chosen metric, or the ranked one for a name that is none', () => {
    expect(shownMetric(columns, { metric: 'maxDrawdown' }).name).toBe('maxDrawdown');
    for (const name of [null, 'nope', 'fast']) expect(shownMetric(columns, { metric: name }).name).toBe('profitRate');
  });
});

describe('cells', () => {
  it('are written as their column wants', () => {
    expect(formatCell(column('profitRate'), 0.1234)).toBe('12.34 %');
    expect(formatCell(column('fast'), 10)).toBe('10');
    expect(formatCell(column('profitRate'), null)).toBe('–');
    expect(formatTick(column('profitRate'), 0.5)).toBe('50%');
    expect(formatTick({ ...column('profitRate'), name: 'maxTradeDuration', unit: 'ms' }, 90_000_000)).toBe('1 d');
  });
  it('of a map have as many decimals as the largest needs for three digits', () => {
    const write = figureWriter(column('profitRate'), 0.25); // 25.0 %
    expect([write(0.25), write(-0.001), write(0)]).toEqual(['25.0%', '-0.1%', '0.0%']);
    expect(figureWriter(column('totalTrades'), 90)(7)).toBe('7');
  });
  it('are found among the values of their column as the address writes them', () => {
    expect([fixedText(true), fixedText(null), fixedText(0.005)]).toEqual(['true', 'none', '0.005']);
    expect(indexOfValue(column('average'), 'sma')).toBe(1);
    expect(indexOfValue(column('average'), 'wma')).toBe(-1);
    expect(indexOfValue(column('threshold'), 0.01)).toBe(-1);
  });
});
