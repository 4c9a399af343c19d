import { describe, expect, it } from 'vitest';
import type { Bar, ChartTrade } from './candle_source';
import { makeWindow } from './bar_window';
import { barsPerMarker, tradeMarkers } from './trade_markers';

const bar = (openTime: number): Bar => ({ openTime, open: 1, high: 1, low: 1, close: 1, volume: 1 });
const windowOf = (bars: number, from = 0) => {
  const bounds = { from, to: from + bars };
  return makeWindow(0, bounds, 1, bounds, (tile) => Array.from({ length: bars }, (_, i) => bar(from + i)).filter((one) => Math.floor(one.openTime / 1000) === tile.index));
};
const trade = (time: number, side: 'buy' | 'sell' = 'buy'): ChartTrade => ({ time, side, price: 1, amount: 1, profit: null });

describe('tradeMarkers', () => {
  it('marks each bar with a trade; trades of one side in a bar are one marker with their number', () => {
    expect(tradeMarkers(windowOf(10), [trade(1), trade(1.5), trade(1.9, 'sell'), trade(7, 'sell')], 1)).toEqual([
      { bar: 1, side: 'buy', count: 2 },
      { bar: 1, side: 'sell', count: 1 },
      { bar: 7, side: 'sell', count: 1 },
    ]);
  });

  it('joins neighbouring bars where markers would overlap, at the first of them', () => {
    const trades = [1, 2, 3, 4, 9].map((time) => trade(time));
    expect(tradeMarkers(windowOf(12), trades, 1, 4)).toEqual([
      { bar: 1, side: 'buy', count: 3 }, // bars 0..3
      { bar: 4, side: 'buy', count: 1 }, // 4..7
      { bar: 9, side: 'buy', count: 1 }, // 8..11
    ]);
  });

  it('groups the same bars wherever the window begins', () => {
    const trades = [1003, 1004, 1005].map((time) => trade(time));
    const counts = [1000, 1002, 1003].map((from) => tradeMarkers(windowOf(20, from), trades, 1, 4).map((marker) => marker.count));
    expect(counts).toEqual([[1, 2], [1, 2], [1, 2]]);
  });

  it('never makes more than the limit, and loses no trade', () => {
    const trades = Array.from({ length: 900 }, (_, i) => trade(i, i % 2 ? 'sell' : 'buy'));
    const markers = tradeMarkers(windowOf(900), trades, 1);
    expect(markers.length).toBeLessThanOrEqual(500);
    expect(markers.length).toBe(450); // one of either side for 4 bars: pairs of bars would still be 900
    expect(markers.reduce((sum, marker) => sum + marker.count, 0)).toBe(900);
    expect(markers.map((marker) => marker.bar)).toEqual(markers.map((marker) => marker.bar).sort((a, b) => a - b));
  });

  it('leaves out trades outside the window', () => {
    expect(tradeMarkers(windowOf(5, 100), [trade(99), trade(102), trade(105)], 1)).toEqual([{ bar: 2, side: 'buy', count: 1 }]);
  });
});

describe('barsPerMarker', () => {
  it('gives a marker 17 pixels, in powers of two', () => {
    expect([20, 17, 16, 8.5, 8, 2.5].map(barsPerMarker)).toEqual([1, 1, 2, 2, 4, 8]);
  });
});
