import { describe, expect, it } from 'vitest';
import type { Bar, KlineSource, TimeRange } from './candle_source';
import { KlineCache } from './kline_cache';

const MINUTE = 60_000;
const soon = () => new Promise((resolve) => setTimeout(resolve));

function recording(range: TimeRange) {
  const calls: { what: 'page' | 'overview'; from: number; to: number; points?: number }[] = [];
  const bar = (openTime: number): Bar => ({ openTime, open: 1, high: 2, low: 0.5, close: 1.5, volume: 3 });
  const source: KlineSource = {
    symbol: 'X',
    interval: '1m',
    range,
    page({ from, to }) {
      calls.push({ what: 'page', from: from / MINUTE, to: to / MINUTE });
      return Promise.resolve([bar(from)]);
    },
    overview({ from, to }, points) {
      calls.push({ what: 'overview', from: from / MINUTE, to: to / MINUTE, points });
      return Promise.resolve([bar(from)]);
    },
  };
  return { calls, source };
}

describe('KlineCache', () => {
  it('reads klines in pages of 1000, cut at the ends of the series', () => {
    const { calls, source } = recording({ from: 1500 * MINUTE, to: 3200 * MINUTE });
    new KlineCache(source, () => undefined).want([1, 2, 3].map((index) => ({ level: 0, index })));
    expect(calls).toEqual([
      { what: 'page', from: 1500, to: 2000 },
      { what: 'page', from: 2000, to: 3000 },
      { what: 'page', from: 3000, to: 3200 },
    ]);
  });

  it('asks for buckets of 2^level klines, also where a tile is cut', () => {
    const { calls, source } = recording({ from: 4500 * MINUTE, to: 20_000 * MINUTE });
    // Level 3: 8 klines a bar, 8000 a tile. 4500..8000 is 3500 klines: 437.5 bars.
    new KlineCache(source, () => undefined).want([0, 1, 2].map((index) => ({ level: 3, index })));
    expect(calls).toEqual([
      { what: 'overview', from: 4500, to: 8000, points: 438 },
      { what: 'overview', from: 8000, to: 16_000, points: 1000 },
      { what: 'overview', from: 16_000, to: 20_000, points: 500 },
    ]);
  });

  it('never asks for fewer points than the server takes', () => {
    const { calls, source } = recording({ from: 0, to: 40 * MINUTE });
    new KlineCache(source, () => undefined).want([{ level: 3, index: 0 }]);
    expect(calls[0]?.points).toBe(10);
  });

  it('holds what it read', async () => {
    const { calls, source } = recording({ from: 0, to: 5000 * MINUTE });
    const cache = new KlineCache(source, () => undefined);
    cache.want([{ level: 0, index: 2 }]);
    expect(cache.busy).toBe(true);
    await soon();
    expect(cache.busy).toBe(false);
    expect(cache.get({ level: 0, index: 2 })?.[0]?.openTime).toBe(2000 * MINUTE);
    cache.want([{ level: 0, index: 2 }]);
    expect(calls).toHaveLength(1);
  });
});
