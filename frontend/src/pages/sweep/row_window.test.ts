import { describe, expect, it } from 'vitest';
import { anchored, elementRows, END_ROWS, MAX_ROWS, revealed, rowOf, scrolled, topOf } from './row_window';

const million = 1_000_000;
const view = 20;

describe('a short table', () => {
  it('scrolls one to one', () => {
    expect(elementRows(1323)).toBe(1323);
    expect(topOf(700, 1323, view)).toBe(700);
    expect(rowOf(700.5, 1323, view)).toBe(700.5);
    expect(anchored(700.25, 1323, view)).toEqual({ base: 0, top: 700.25 });
  });
  it('ends with its last row at the bottom', () => {
    expect(anchored(5000, 1323, view)).toEqual({ base: 0, top: 1303 });
    expect(anchored(3, 10, view)).toEqual({ base: 0, top: 0 });
  });
});

describe('a million rows', () => {
  const lastTop = MAX_ROWS - view;
  it('fit into an element that browsers can have', () => {
    expect(elementRows(million) * 30).toBeLessThan(17_000_000);
  });
  it('the scrollbar reaches the first and the last', () => {
    expect(rowOf(0, million, view)).toBe(0);
    expect(rowOf(lastTop, million, view)).toBe(million - view);
  });
  it('the middle of the scrollbar is the middle of the rows', () => {
    expect(rowOf(lastTop / 2, million, view)).toBeCloseTo((million - view) / 2, 6);
  });
  it('place and row are inverse', () => {
    for (const row of [0, 1.5, END_ROWS, END_ROWS + 1, 123_456.75, 500_000, million - view - END_ROWS - 1, million - view - 0.5, million - view])
      expect(rowOf(topOf(row, million, view), million, view)).toBeCloseTo(row, 6);
  });
  it('the wheel moves by the pixels it says, wherever', () => {
    const from = anchored(500_000.5, million, view);
    const to = scrolled(from, from.top + 3, million, view);
    expect(to.base + to.top).toBeCloseTo(500_003.5, 6);
  });
  it('a dragged scrollbar goes to its share of the rows', () => {
    const to = scrolled({ base: 0, top: 0 }, lastTop / 2, million, view);
    expect(Math.abs(to.base + to.top - (million - view) / 2)).toBeLessThanOrEqual(0.5);
  });
  it('rest keeps the rows in view and moves the scrollbar to its place', () => {
    let at = anchored(300_000, million, view);
    for (let i = 0; i < 1000; i++) at = scrolled(at, at.top + 10, million, view);
    const rest = anchored(at.base + at.top, million, view);
    expect(rest.base + rest.top).toBeCloseTo(310_000, 6);
    expect(Math.abs(rest.top - topOf(310_000, million, view))).toBeLessThanOrEqual(0.5);
  });
  it('never shows rows beyond the ends, from any place', () => {
    for (let row = 0; row <= million; row += 7919) {
      const at = anchored(row, million, view);
      expect(at.base).toBeGreaterThanOrEqual(0);
      expect(at.base + lastTop).toBeLessThanOrEqual(million - view + 1e-6);
    }
  });
  it('the last row is reached by the wheel from within the last rows', () => {
    const at = anchored(million - view - 1500, million, view);
    expect(at.base + lastTop).toBe(million - view);
  });
});

describe('a row brought into view', () => {
  const at = { base: 0, top: 100 };
  it('does not scroll when it is', () => {
    expect(revealed(at, 100, 1000, view)).toBeNull();
    expect(revealed(at, 119, 1000, view)).toBeNull();
  });
  it('comes to the nearest edge', () => {
    expect(revealed(at, 99, 1000, view)).toEqual({ base: 0, top: 99 });
    expect(revealed(at, 120, 1000, view)).toEqual({ base: 0, top: 101 });
  });
});
