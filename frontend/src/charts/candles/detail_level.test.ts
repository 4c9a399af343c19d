import { describe, expect, it } from 'vitest';
import { barsThatFit, detailLevel, tileRange, tilesOf } from './detail_level';

describe('detailLevel', () => {
  it('draws every kline while they fit: 2.5 pixels each', () => {
    expect(barsThatFit(1000)).toBe(400);
    expect(detailLevel(400, 1000)).toBe(0);
    expect(detailLevel(401, 1000)).toBe(1);
    expect(detailLevel(800, 1000)).toBe(1);
    expect(detailLevel(801, 1000)).toBe(2);
  });

  it('needs level 11 for a year of minutes on 1000 pixels: 525,600 / 2^11 = 257', () => {
    expect(detailLevel(525_600, 1000)).toBe(11);
  });

  it('never draws more than 1300 bars, however wide the screen', () => {
    expect(detailLevel(1300, 20_000)).toBe(0);
    expect(detailLevel(1301, 20_000)).toBe(1);
  });

  it('keeps the coarser level until four fifths of the finer one are in view', () => {
    expect(detailLevel(390, 1000, 1)).toBe(1); // 390 > 0.8 x 400
    expect(detailLevel(319, 1000, 1)).toBe(0);
    expect(detailLevel(390, 1000, 2)).toBe(0); // two levels away: nothing to keep
    expect(detailLevel(390, 1000, 0)).toBe(0);
  });
});

describe('tiles', () => {
  it('lie at multiples of their span', () => {
    expect(tileRange({ level: 0, index: 2 }, 60_000)).toEqual({ from: 120_000_000, to: 180_000_000 });
    expect(tileRange({ level: 2, index: 1 }, 60_000)).toEqual({ from: 240_000_000, to: 480_000_000 });
  });

  it('are those that the range touches; its end belongs to it no more', () => {
    const bounds = { from: 0, to: 10_000 };
    expect(tilesOf(0, { from: 999, to: 2000 }, 1, bounds).map((tile) => tile.index)).toEqual([0, 1]);
    expect(tilesOf(0, { from: 1000, to: 2001 }, 1, bounds).map((tile) => tile.index)).toEqual([1, 2]);
    expect(tilesOf(1, { from: 1999, to: 2001 }, 1, bounds).map((tile) => tile.index)).toEqual([0, 1]);
  });

  it('are none outside the bounds', () => {
    const bounds = { from: 1500, to: 2500 };
    expect(tilesOf(0, { from: -5000, to: 9000 }, 1, bounds).map((tile) => tile.index)).toEqual([1, 2]);
    expect(tilesOf(0, { from: 3000, to: 4000 }, 1, bounds)).toEqual([]);
  });
});
