import { describe, expect, it, vi } from 'vitest';
import type { Tile } from './detail_level';
import { TileCache } from './tile_cache';

const tile = (index: number, level = 0): Tile => ({ level, index });

/** A loader whose answers are given by hand. */
function byHand() {
  const asked: { tile: Tile; signal: AbortSignal; give: (value: string) => void; refuse: (error: unknown) => void }[] = [];
  const load = (wanted: Tile, signal: AbortSignal) => new Promise<string>((give, refuse) => asked.push({ tile: wanted, signal, give, refuse }));
  return { asked, load };
}
const soon = () => new Promise((resolve) => setTimeout(resolve));

describe('TileCache', () => {
  it('asks once for a tile, however often it is wanted', async () => {
    const { asked, load } = byHand();
    const changed = vi.fn();
    const cache = new TileCache(load, changed);
    cache.want([tile(1), tile(2)]);
    cache.want([tile(1), tile(2)]);
    expect(asked.map((one) => one.tile.index)).toEqual([1, 2]);
    asked[0]?.give('a');
    await soon();
    cache.want([tile(1), tile(2)]);
    expect(asked).toHaveLength(2);
    expect(cache.get(tile(1))).toBe('a');
    expect(cache.get(tile(2))).toBeUndefined();
    expect(changed).toHaveBeenCalledTimes(1);
  });

  it('tells the levels apart', () => {
    const { asked, load } = byHand();
    const cache = new TileCache(load, () => undefined);
    cache.want([tile(1, 0), tile(1, 3)]);
    expect(asked.map((one) => one.tile.level)).toEqual([0, 3]);
  });

  it('gives up what nobody wants any more, and does not keep its late answer', async () => {
    const { asked, load } = byHand();
    const changed = vi.fn();
    const cache = new TileCache(load, changed);
    cache.want([tile(1), tile(2)]);
    cache.want([tile(2)]);
    expect(asked.map((one) => one.signal.aborted)).toEqual([true, false]);
    asked[0]?.give('late');
    await soon();
    expect(cache.get(tile(1))).toBeUndefined();
    expect(changed).not.toHaveBeenCalled();
    cache.want([tile(1), tile(2)]);
    expect(asked.map((one) => one.tile.index)).toEqual([1, 2, 1]);
  });

  it('keeps at most the limit, and drops the one that was unused longest', async () => {
    const cache = new TileCache((wanted) => Promise.resolve(wanted.index), () => undefined, 3);
    for (const i of [1, 2, 3]) {
      cache.want([tile(i)]);
      await soon();
    }
    cache.get(tile(1)); // used: 2 is now the oldest
    cache.want([tile(4)]);
    await soon();
    expect([1, 2, 3, 4].map((i) => cache.get(tile(i)))).toEqual([1, undefined, 3, 4]);
    expect(cache.size).toBe(3);
  });

  it('does not drop what is wanted, even beyond the limit', async () => {
    const cache = new TileCache((wanted) => Promise.resolve(wanted.index), () => undefined, 2);
    const all = [1, 2, 3, 4].map((i) => tile(i));
    cache.want(all);
    await soon();
    expect(all.map((one) => cache.get(one))).toEqual([1, 2, 3, 4]);
  });

  it('passes an error on and asks again only after a while', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { asked, load } = byHand();
      const changed = vi.fn();
      const cache = new TileCache(load, changed);
      cache.want([tile(1)]);
      asked[0]?.refuse('no answer');
      await soon();
      expect(changed).toHaveBeenCalledWith('no answer');
      cache.want([tile(1)]);
      expect(asked).toHaveLength(1);
      vi.advanceTimersByTime(2600);
      cache.want([tile(1)]);
      expect(asked).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('aborts all that is on its way when it is closed', () => {
    const { asked, load } = byHand();
    const cache = new TileCache(load, () => undefined);
    cache.want([tile(1)]);
    cache.close();
    expect(asked[0]?.signal.aborted).toBe(true);
  });
});
