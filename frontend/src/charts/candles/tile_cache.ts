// Tiles by key: loaded once however often they are asked for, given up while they load when nobody wants them any more, and
// dropped, the one longest unused first, beyond a bound.
import { tileKey, type Tile } from './detail_level';

const RETRY_MS = 2500;

export class TileCache<T> {
  private readonly loaded = new Map<string, T>(); // in the order of their last use
  private readonly loading = new Map<string, AbortController>();
  private readonly failed = new Map<string, number>(); // when
  private wanted = new Set<string>();

  constructor(
    private readonly load: (tile: Tile, signal: AbortSignal) => Promise<T>,
    private readonly changed: (error?: unknown) => void,
    private readonly limit = 48,
  ) {}

  get size(): number {
    return this.loaded.size;
  }
  get busy(): number {
    return this.loading.size;
  }

  /** The tile where it is here; it counts as used. */
  get(tile: Tile): T | undefined {
    const key = tileKey(tile);
    const found = this.loaded.get(key);
    if (found !== undefined) {
      this.loaded.delete(key);
      this.loaded.set(key, found);
    }
    return found;
  }

  /** These are in view or close to it: what is missing is fetched, what is still on its way and not among them is given up. */
  want(tiles: readonly Tile[]): void {
    this.wanted = new Set(tiles.map(tileKey));
    for (const [key, controller] of this.loading)
      if (!this.wanted.has(key)) {
        this.loading.delete(key);
        controller.abort();
      }
    for (const tile of tiles) {
      const key = tileKey(tile);
      if (this.loaded.has(key) || this.loading.has(key) || performance.now() - (this.failed.get(key) ?? -Infinity) < RETRY_MS) continue;
      void this.fetch(tile, key);
    }
  }

  close(): void {
    this.want([]);
    this.loaded.clear();
  }

  private async fetch(tile: Tile, key: string): Promise<void> {
    const controller = new AbortController();
    this.loading.set(key, controller);
    try {
      const value = await this.load(tile, controller.signal);
      if (this.loading.get(key) !== controller) return; // given up
      this.loading.delete(key);
      this.failed.delete(key);
      this.loaded.set(key, value);
      this.evict();
      this.changed();
    } catch (error) {
      if (this.loading.get(key) !== controller) return;
      this.loading.delete(key);
      this.failed.set(key, performance.now());
      this.changed(error);
    }
  }

  private evict(): void {
    for (const key of this.loaded.keys()) {
      if (this.loaded.size <= this.limit) return;
      if (!this.wanted.has(key)) this.loaded.delete(key);
    }
  }
}
