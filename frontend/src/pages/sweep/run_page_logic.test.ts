import { describe, expect, it } from 'vitest';
import { comparedRows } from './compared_rows';
import { exportAddress } from './ExportLinks';
import { filterChips } from './filter_chips';
import { filterOf, NO_FILTER } from './sweep_filter';
import { testDetail } from './test_detail';
import { presentSort } from './use_run_grid';
import { movedRow } from './use_run_keys';
import { pageNumbers } from './use_run_pages';
import type { Schemas } from '../../api/client';

describe('pages of 200 rows', () => {
  it('are those in view', () => {
    expect(pageNumbers({ first: 0, last: 40 }, 200)).toEqual([0]);
    expect(pageNumbers({ first: 190, last: 230 }, 200)).toEqual([0, 1]);
    expect(pageNumbers({ first: 199, last: 200 }, 200)).toEqual([0]);
    expect(pageNumbers({ first: 999_980, last: 1_000_000 }, 200, 1_000_000)).toEqual([4999]);
  });
  it('end with the last run', () => {
    expect(pageNumbers({ first: 390, last: 430 }, 200, 400)).toEqual([1]);
    expect(pageNumbers({ first: 800, last: 840 }, 200, 10)).toEqual([0]);
    expect(pageNumbers({ first: 0, last: 40 }, 200, 0)).toEqual([0]);
  });
});

describe('keys', () => {
  it('move the active row within the table', () => {
    expect(movedRow('ArrowDown', null, 10, 5)).toBe(0);
    expect(movedRow('ArrowDown', 9, 10, 5)).toBe(9);
    expect(movedRow('ArrowUp', 0, 10, 5)).toBe(0);
    expect(movedRow('PageDown', 1, 10, 5.7)).toBe(5);
    expect(movedRow('PageUp', 3, 10, 5)).toBe(0);
    expect(movedRow('Home', 7, 10, 5)).toBe(0);
    expect(movedRow('End', 0, 1_000_000, 20)).toBe(999_999);
  });
  it('of others are not taken', () => {
    expect(movedRow('Tab', 0, 10, 5)).toBeUndefined();
    expect(movedRow('ArrowDown', null, 0, 5)).toBeUndefined();
  });
});

describe('the order', () => {
  it('is the sweep’s ranking unless one is chosen', () => {
    expect(presentSort([], { metric: 'maxDrawdown', direction: 'min' })).toEqual([{ column: 'maxDrawdown', descending: false }]);
    expect(presentSort([{ column: 'fast', descending: true }], { metric: 'sharpe', direction: 'max' })).toEqual([{ column: 'fast', descending: true }]);
    expect(presentSort([], null)).toEqual([]);
  });
});

describe('chips', () => {
  const texts = (address: string, shown: string[] = []) => filterChips(filterOf(new URLSearchParams(address)), testDetail(), shown).map((chip) => chip.text);
  it('say bounds in the unit of the column', () => {
    expect(texts('min.profitRate=0.1&max.maxDrawdown=0.2&min.fast=5&max.fast=7&min.window=50&max.window=50&fixed.average=ema')).toEqual([
      'profitRate ≥ 10 %',
      'maxDrawdown ≤ 20 %',
      '5 ≤ fast ≤ 7',
      'window = 50',
      'average = ema',
    ]);
  });
  it('say a range of a map without its upper limit', () => {
    expect(texts('min.fast=0.1&max.fast=0.19999999999999998&max.window=4.999999999999999')).toEqual(['0.1 ≤ fast < 0.2', 'window < 5']);
  });
  it('say an order that the table does not show', () => {
    expect(texts('sort=-fast,sharpe', ['run', 'sharpe'])).toEqual(['↓1 fast']);
    expect(texts('sort=-fast', ['run', 'fast'])).toEqual([]);
  });
  it('take away what they say and nothing else', () => {
    const filter = filterOf(new URLSearchParams('min.fast=5&max.sharpe=1&fixed.average=ema'));
    const [fast, sharpe, average] = filterChips(filter, testDetail(), []);
    expect(fast?.clear(filter)).toEqual({ bounds: { sharpe: { max: 1 } } });
    expect(sharpe?.clear(filter)).toEqual({ bounds: { fast: { min: 5 } } });
    expect(average?.clear(filter)).toEqual({ fixed: {} });
  });
});

describe('a download', () => {
  it('has the filter, the order and the columns of the table', () => {
    expect(exportAddress('a b', { where: 'x > 1', 'min.fast': 5, 'fixed.average': 'ema', sort: '-sharpe', status: 'done' }, ['fast', 'run'], 'csv')).toBe(
      '/api/v1/sweeps/a%20b/export?format=csv&where=x+%3E+1&min.fast=5&fixed.average=ema&sort=-sharpe&status=done&columns=run%2Cstatus%2Cfast',
    );
    expect(exportAddress('a', {}, NO_FILTER.columns, 'json')).toBe('/api/v1/sweeps/a/export?format=json');
  });
});

describe('runs side by side', () => {
  const run = (n: number, params: Schemas['Parameters'], metrics: Partial<Schemas['RunMetrics']>) => ({ run: n, symbol: 'BTCUSDT', interval: '1h', params, metrics }) as unknown as Schemas['RunDetail'];
  const rows = comparedRows(
    [run(1, { fast: 5, window: 50 }, { profitRate: 0.1, maxDrawdown: 0.3, initialBalance: 1000, sharpe: null }), run(2, { fast: 6, window: 50 }, { profitRate: 0.2, maxDrawdown: 0.1, initialBalance: 1000, sharpe: -1 })],
    testDetail().metrics,
  );
  const row = (name: string) => rows.find((item) => item.name === name);
  it('tell what differs', () => {
    expect(rows.filter((item) => item.differs).map((item) => item.name)).toEqual(['fast', 'profitRate', 'maxDrawdown', 'sharpe']);
  });
  it('tell the best, by what is better', () => {
    expect(row('profitRate')).toMatchObject({ best: 1, texts: ['10.00 %', '20.00 %'] });
    expect(row('maxDrawdown')?.best).toBe(1);
    expect(row('sharpe')).toMatchObject({ best: 1, texts: ['–', '-1'] });
    expect(row('fast')?.best).toBeNull();
    expect(row('initialBalance')?.best).toBeNull();
  });
});
