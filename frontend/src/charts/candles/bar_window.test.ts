import { describe, expect, it } from 'vitest';
import type { Bar } from './candle_source';
import { barIndexAt, cellAt, isPlace, makeWindow, timeAt } from './bar_window';
import { curveAtBars } from './curve_window';

const bar = (openTime: number): Bar => ({ openTime, open: 1, high: 1, low: 1, close: 1, volume: 1 });
const bounds = { from: 0, to: 3000 };

/** Bars of a step of 1 at 10, 11, then a gap, 20, 21, 22; the bounds end at 23. */
const gapped = () => makeWindow(0, { from: 0, to: 23 }, 1, { from: 10, to: 23 }, () => [10, 11, 20, 21, 22].map(bar));

describe('makeWindow', () => {
  it('holds whole tiles, and places where a tile is not there yet', () => {
    const window = makeWindow(1, { from: 1900, to: 2100 }, 1, bounds, (tile) => (tile.index === 0 ? [bar(0), bar(2)] : undefined));
    expect(window.range).toEqual({ from: 0, to: 3000 });
    expect(window.bars).toHaveLength(2 + 500); // 2000..3000 in places of two klines
    expect(window.bars.slice(0, 3).map(isPlace)).toEqual([false, false, true]);
    expect(window.bars[2]?.openTime).toBe(2000);
    expect(window.bars.at(-1)?.openTime).toBe(2998);
    expect(window.edges.at(-1)).toBe(3000);
  });
});

describe('cells', () => {
  it('bar i takes the cell from i to i + 1, also over a gap', () => {
    const window = gapped();
    expect([10, 10.5, 11, 20, 21, 22, 23].map((time) => cellAt(window, time))).toEqual([0, 0.5, 1, 2, 3, 4, 5]);
    expect(cellAt(window, 15.5)).toBe(1.5); // 11..20 is one cell
  });

  it('go on beyond the ends at the mean length', () => {
    const window = gapped(); // 5 cells for 13
    expect(cellAt(window, 23 + 2.6)).toBeCloseTo(6, 12);
    expect(cellAt(window, 10 - 2.6)).toBeCloseTo(-1, 12);
  });

  it('and times are each other’s inverse', () => {
    const window = gapped();
    for (const cell of [-3.25, -0.5, 0, 0.25, 1.75, 2, 4.5, 5, 7.125]) expect(cellAt(window, timeAt(window, cell))).toBeCloseTo(cell, 9);
  });

  it('show the same times at another level of detail, so that nothing jumps', () => {
    const fine = makeWindow(0, { from: 0, to: 1000 }, 1, { from: 0, to: 1000 }, () => Array.from({ length: 1000 }, (_, i) => bar(i)));
    const coarse = makeWindow(2, { from: 0, to: 1000 }, 1, { from: 0, to: 1000 }, () => Array.from({ length: 250 }, (_, i) => bar(4 * i)));
    for (const time of [0, 17, 250.5, 999]) expect(cellAt(coarse, time) * 4).toBeCloseTo(cellAt(fine, time), 9);
  });

  it('tell which bar a time falls into', () => {
    const window = gapped();
    expect([9.9, 10, 10.9, 19, 20, 22.9, 23].map((time) => barIndexAt(window, time))).toEqual([-1, 0, 0, 1, 2, 4, -1]);
  });
});

describe('curveAtBars', () => {
  const window = makeWindow(1, { from: 0, to: 10 }, 1, { from: 0, to: 10 }, () => [0, 2, 4, 6, 8].map(bar));

  it('takes the last equity and the deepest drawdown of a bar', () => {
    const curve = curveAtBars(window, [{ time: [0, 1, 2], equity: [100, 90, 95], drawdown: [0, 0.1, 0.05], buyHold: [100, 101, 102] }]);
    expect([...curve.equity.slice(0, 2)]).toEqual([90, 95]);
    expect([...curve.drawdown.slice(0, 2)]).toEqual([0.1, 0.05]);
    expect([...curve.buyHold.slice(0, 2)]).toEqual([101, 102]);
  });

  it('draws a straight line over bars without a point, and nothing beyond the ends', () => {
    const curve = curveAtBars(window, [{ time: [2, 8], equity: [100, 130], drawdown: [0.3, 0], buyHold: [null, null] }]);
    expect([...curve.equity]).toEqual([NaN, 100, 110, 120, 130]);
    expect(curve.drawdown[2]).toBeCloseTo(0.2, 12);
    expect(curve.buyHold.every(Number.isNaN)).toBe(true);
  });

  it('joins the curves of several tiles', () => {
    const none = { drawdown: [0], buyHold: [0] };
    const curve = curveAtBars(window, [{ time: [0], equity: [1], ...none }, { time: [9], equity: [5], ...none }]);
    expect([...curve.equity]).toEqual([1, 2, 3, 4, 5]);
  });
});
