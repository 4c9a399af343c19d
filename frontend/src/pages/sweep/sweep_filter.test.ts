import { describe, expect, it } from 'vitest';
import { conditionCount, filterOf, NO_FILTER, paramsOf, runQuery, filterQuery, sortClicked, sortOf, sortText, withBound, withFixed } from './sweep_filter';

const full =
  'view=heatmap&metric=sharpe&sort=-profitRate%2CmaxDrawdown&where=a+%3C+b&ranked=false&min.totalTrades=30&max.maxDrawdown=0.2&fixed.average=ema&status=done%2Cfailed&columns=run%2Cfast&constant=show&compare=3%2C1';

describe('the address', () => {
  it('says the whole filter', () => {
    expect(filterOf(new URLSearchParams(full))).toEqual({
      sort: [
        { column: 'profitRate', descending: true },
        { column: 'maxDrawdown', descending: false },
      ],
      where: 'a < b',
      bounds: { totalTrades: { min: 30 }, maxDrawdown: { max: 0.2 } },
      fixed: { average: 'ema' },
      status: ['done', 'failed'],
      ranked: false,
      columns: ['run', 'fast'],
      showConstant: true,
      view: 'heatmap',
      metric: 'sharpe',
      compare: [3, 1],
    });
  });
  it('comes back from the filter as it was', () => {
    expect(paramsOf(filterOf(new URLSearchParams(full))).toString()).toBe(full);
  });
  it('is empty when nothing is filtered', () => {
    expect(filterOf(new URLSearchParams())).toEqual(NO_FILTER);
    expect(paramsOf(NO_FILTER).toString()).toBe('');
  });
  it('keeps what views put into it, and drops what was ours before', () => {
    const now = new URLSearchParams('x=fast&min.sharpe=1&y=slow&sort=run');
    expect(paramsOf({ ...NO_FILTER, where: 'x > 1' }, now).toString()).toBe('where=x+%3E+1&x=fast&y=slow');
  });
  it('with typos is read as far as it goes', () => {
    const filter = filterOf(new URLSearchParams('view=heetmap&min.=3&min.sharpe=abc&max.sharpe=&status=done,nope&sort=,,-,a,a&compare=1,x,-2,1,4&columns=,&fixed.=1&min.profit=Infinity'));
    expect(filter).toEqual({ ...NO_FILTER, status: ['done'], sort: [{ column: 'a', descending: false }], compare: [1, 4] });
  });
  it('compares at most five runs and sorts by at most three columns', () => {
    const filter = filterOf(new URLSearchParams('compare=1,2,3,4,5,6&sort=a,-b,c,d'));
    expect(filter.compare).toEqual([1, 2, 3, 4, 5]);
    expect(sortText(filter.sort)).toBe('a,-b,c');
  });
});

describe('the query', () => {
  const filter = filterOf(new URLSearchParams(full));
  it('of every endpoint has conditions only', () => {
    expect(filterQuery(filter)).toEqual({ where: 'a < b', 'min.totalTrades': 30, 'max.maxDrawdown': 0.2, 'fixed.average': 'ema' });
  });
  it('of runs has status and order, too', () => {
    expect(runQuery(filter)).toEqual({ ...filterQuery(filter), status: 'done,failed', sort: '-profitRate,maxDrawdown' });
  });
  it('leaves out a condition of spaces', () => {
    expect(filterQuery({ ...NO_FILTER, ranked: false, where: '  ' })).toEqual({});
  });
  it('leaves out what the sweep does not rank, until all are asked for', () => {
    expect(filterQuery(filterOf(new URLSearchParams('')))).toEqual({ ranked: true });
    expect(filterQuery(filterOf(new URLSearchParams('ranked=no')))).toEqual({ ranked: true });
    expect(filterQuery(filterOf(new URLSearchParams('ranked=false')))).toEqual({});
  });
  it('conditions are counted once a column', () => {
    expect(conditionCount(filter)).toBe(5);
    expect(conditionCount(NO_FILTER)).toBe(0);
  });
});

describe('a click on a header', () => {
  const clicked = (sort: string, column: string, add: boolean, descendingFirst = true): string => sortText(sortClicked(sortOf(sort), column, descendingFirst, add));
  it('sorts by the column, then the other way, then as the sweep does', () => {
    expect(clicked('', 'a', false)).toBe('-a');
    expect(clicked('-a', 'a', false)).toBe('a');
    expect(clicked('a', 'a', false)).toBe('');
  });
  it('begins ascending where less is better', () => {
    expect(clicked('', 'a', false, false)).toBe('a');
    expect(clicked('a', 'a', false, false)).toBe('-a');
  });
  it('takes the place of all other keys', () => {
    expect(clicked('-a,b', 'c', false)).toBe('-c');
    expect(clicked('-a,b', 'b', false)).toBe('-b');
  });
  it('with shift adds a key, turns it, takes it away', () => {
    expect(clicked('-a', 'b', true)).toBe('-a,-b');
    expect(clicked('-a,-b', 'a', true)).toBe('a,-b');
    expect(clicked('a,-b', 'a', true)).toBe('-b');
  });
  it('with shift puts a fourth key in the place of the third', () => {
    expect(clicked('a,b,c', 'd', true)).toBe('a,b,-d');
  });
});

describe('bounds and fixed values', () => {
  it('are set and taken away one side at a time', () => {
    const both = withBound(withBound({}, 'a', 'min', 1), 'a', 'max', 2);
    expect(both).toEqual({ a: { min: 1, max: 2 } });
    expect(withBound(both, 'a', 'min', undefined)).toEqual({ a: { max: 2 } });
    expect(withBound({ a: { max: 2 } }, 'a', 'max', undefined)).toEqual({});
  });
  it('zero is a bound', () => {
    expect(withBound({}, 'a', 'min', 0)).toEqual({ a: { min: 0 } });
    expect(filterOf(new URLSearchParams('min.a=0')).bounds).toEqual({ a: { min: 0 } });
  });
  it('a parameter is freed by an empty value', () => {
    expect(withFixed({ a: '1', b: '2' }, 'a', '')).toEqual({ b: '2' });
    expect(withFixed({}, 'a', '0')).toEqual({ a: '0' });
  });
});
