import { describe, expect, it } from 'vitest';
import { allColumns, cellClass, cellText, columnOf, constantColumns, shownColumns, toggledColumn, wantedColumns } from './run_columns';
import { testDetail } from './test_detail';

const detail = testDetail();

describe('a column', () => {
  it('of a metric is known without the details', () => {
    expect(columnOf('maxDrawdown', undefined)).toMatchObject({ kind: 'ratio', group: 'metric' });
    expect(columnOf('maxDrawdownDuration', undefined)).toMatchObject({ kind: 'duration' });
    expect(columnOf('start', undefined)).toMatchObject({ kind: 'time' });
  });
  it('of a parameter is told by a cell until then', () => {
    expect(columnOf('average', undefined, 'ema')).toMatchObject({ kind: 'text', group: 'parameter', choices: null });
    expect(columnOf('fast', undefined, 5)).toMatchObject({ kind: 'number' });
    expect(columnOf('flip', undefined, true)).toMatchObject({ kind: 'truth' });
  });
  it('with texts offers its values', () => {
    expect(columnOf('average', detail).choices).toEqual(['ema', 'sma']);
    expect(columnOf('flip', detail).choices).toEqual(['false', 'true']);
    expect(columnOf('fast', detail).choices).toBeNull();
    expect(columnOf('symbol', detail).choices).toEqual(['BTCUSDT']);
  });
  it('sorts the better runs to the top first', () => {
    expect(columnOf('sharpe', detail).descendingFirst).toBe(true);
    expect(columnOf('maxDrawdown', detail).descendingFirst).toBe(false);
    expect(columnOf('fast', detail).descendingFirst).toBe(false);
  });
  it('named like a metric is a parameter if the sweep has one of that name', () => {
    const odd = testDetail({ parameters: [{ name: 'beta', type: 'float', distinct: 2, minimum: 0, maximum: 1, constant: false, values: [0, 1] }] });
    expect(columnOf('beta', odd).group).toBe('parameter');
  });
});

describe('a cell', () => {
  const text = (name: string, cell: number | string | boolean | null) => cellText(columnOf(name, detail), cell);
  it('is written in its unit', () => {
    expect(text('profitRate', 0.12345)).toBe('12.35 %');
    expect(text('sharpe', 1.5)).toBe('1.5000');
    expect(text('sharpe', -0.12)).toBe('-0.1200');
    expect(text('totalTrades', 12345)).toBe('12,345');
    expect(text('finalBalance', 28937.586)).toBe('28,937.59');
    expect(text('maxDrawdownDuration', 97_200_000)).toBe('1 d 3 h');
    expect(text('start', '2024-01-01T00:00:00+00:00')).toBe('2024-01-01 00:00');
    expect(text('run', 1234567)).toBe('1234567');
    expect(text('elapsed', 0.0123)).toBe('0.012 s');
    expect(text('fast', 5)).toBe('5');
    expect(text('flip', false)).toBe('false');
  });
  it('that is not defined is a dash', () => {
    expect(text('sharpe', null)).toBe('–');
    expect(text('error', '')).toBe('–');
    expect(cellText(columnOf('sharpe', detail), undefined)).toBe('–');
  });
  it('of money is coloured by its sign', () => {
    expect(cellClass(columnOf('profitRate', detail), -0.1)).toBe('down');
    expect(cellClass(columnOf('profitRate', detail), 0.1)).toBe('up');
    expect(cellClass(columnOf('maxDrawdown', detail), 0.1)).toBe('');
  });
});

describe('columns with one value', () => {
  it('are parameters, metrics, and the series if there is one', () => {
    expect([...constantColumns(detail)].sort()).toEqual(['initialBalance', 'interval', 'symbol', 'window']);
  });
  it('a status that is done everywhere is one, one that is failed everywhere is not', () => {
    expect(constantColumns(testDetail({ statuses: { done: 3 } })).has('status')).toBe(true);
    expect(constantColumns(testDetail({ statuses: { failed: 3 } })).has('status')).toBe(false);
    expect(shownColumns(['run', 'status', 'fast'], testDetail({ statuses: { done: 3 } }), false)).toEqual([
      { name: 'run', at: 0 },
      { name: 'fast', at: 2 },
    ]);
    expect(shownColumns(['run', 'status'], testDetail({ statuses: { done: 3 } }), true)).toHaveLength(2);
  });
});

describe('the columns asked for', () => {
  const usual = ['run', 'status', 'average', 'fast', 'sharpe'];
  it('are the server’s choice when none are chosen', () => {
    expect(wantedColumns(null, false, detail, usual)).toBeNull();
    expect(wantedColumns(null, true, undefined, undefined)).toBeNull();
  });
  it('have every parameter when constants are shown', () => {
    expect(wantedColumns(null, true, detail, usual)).toEqual(['run', 'status', 'symbol', 'interval', 'average', 'fast', 'window', 'flip', 'sharpe']);
  });
  it('always have the run and its status, and no constants unless shown', () => {
    expect(wantedColumns(['fast', 'run', 'window'], false, detail, usual)).toEqual(['run', 'status', 'fast']);
    expect(wantedColumns(['fast', 'window'], true, detail, usual)).toEqual(['run', 'status', 'fast', 'window']);
  });
  it('are toggled in the order of the table', () => {
    const all = allColumns(detail);
    expect(toggledColumn(['average', 'sharpe'], 'profitRate', all)).toEqual(['average', 'profitRate', 'sharpe']);
    expect(toggledColumn(['average', 'sharpe'], 'average', all)).toEqual(['sharpe']);
  });
});
