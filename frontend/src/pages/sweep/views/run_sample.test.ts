import { describe, expect, it } from 'vitest';
import { firstStep, furtherSteps, isSampled, sampleWhere } from './run_sample';

const sampled = (runs: number, share: number): number[] => Array.from({ length: runs }, (_, run) => run).filter((run) => isSampled(run, share));

describe('the sample', () => {
  it('has the wanted share of a million runs', () => {
    expect(sampled(1_000_000, 0.0045).length / 4500).toBeCloseTo(1, 1);
    expect(sampled(1_000_000, 0.0005).length / 500).toBeCloseTo(1, 1);
  });
  it('is even along the runs: every tenth of them has a tenth of it', () => {
    const found = sampled(1_000_000, 0.0045);
    for (let part = 0; part < 10; part++) {
      const inside = found.filter((run) => Math.floor(run / 100_000) === part).length;
      expect(Math.abs(inside - found.length / 10)).toBeLessThan(found.length / 100);
    }
  });
  it.each([2, 3, 4, 7, 10, 13, 50, 100])('follows no step of the grid: a parameter with %i values has them all alike', (values) => {
    const counts = new Array<number>(values).fill(0);
    for (const run of sampled(1_000_000, 0.0045)) counts[run % values] = (counts[run % values] as number) + 1;
    const even = 4500 / values;
    for (const count of counts) expect(Math.abs(count - even)).toBeLessThan(Math.max(0.25 * even, 12));
  });
  it('is a condition the server evaluates', () => {
    expect(sampleWhere(undefined, 0.0045)).toBe('run * 61805 % 100003 < 450');
    expect(sampleWhere('a < 1 or b > 2', 0.5)).toBe('(a < 1 or b > 2) and run * 61805 % 100003 < 50001');
    expect(sampleWhere('  ', 0.5)).toBe('run * 61805 % 100003 < 50001');
  });
});

describe('requests for a sample', () => {
  const query = { where: 'a > 1', 'min.sharpe': 0, status: 'done,failed', sort: 'a' };
  it('begin with the best done runs, whatever the table is sorted by', () => {
    expect(firstStep(query, 5000, 500)).toEqual({ query: { where: 'a > 1', 'min.sharpe': 0, status: 'done' }, offset: 0, limit: 1000 });
    expect(firstStep({}, 1000, 500)).toEqual({ query: { status: 'done' }, offset: 0, limit: 1000 });
  });
  it('take every run where there are few enough', () => {
    expect(furtherSteps({}, 800, 5000, 500)).toEqual([]);
    expect(furtherSteps({}, 2500, 5000, 500).map(({ offset, limit }) => [offset, limit])).toEqual([[1000, 1000], [2000, 500]]);
    expect(furtherSteps({}, 5000, 5000, 500)).toHaveLength(4);
  });
  it('take an even sample beside the best where there are more', () => {
    const steps = furtherSteps(query, 1_000_000, 5000, 500);
    expect(steps.map(({ offset, limit }) => [offset, limit])).toEqual([[0, 1000], [1000, 1000], [2000, 1000], [3000, 1000], [4000, 500]]);
    for (const step of steps) expect(step.query).toEqual({ 'min.sharpe': 0, status: 'done', sort: 'run', where: '(a > 1) and run * 61805 % 100003 < 450' });
  });
});
