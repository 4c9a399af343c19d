// The klines of a chart: pages of at most 1000 klines where every kline is drawn, and tiles of buckets (2^level klines each, made
// exactly by the server) where many are in view. Only what the view and its surroundings need is fetched and kept.
import type { Bar, KlineSource, TimeRange } from './candle_source';
import { clipped, tileRange, type Tile } from './detail_level';
import { intervalStep } from './interval_step';
import { TileCache } from './tile_cache';

const POINTS_MIN = 10; // of the server's overview

export class KlineCache {
  readonly step: number;
  private readonly tiles: TileCache<Bar[]>;

  constructor(
    private readonly source: KlineSource,
    changed: (error?: unknown) => void,
    limit?: number,
  ) {
    this.step = intervalStep(source.interval);
    this.tiles = new TileCache((tile, signal) => this.load(tile, signal), changed, limit);
  }

  get bounds(): TimeRange {
    return this.source.range;
  }
  get busy(): boolean {
    return this.tiles.busy > 0;
  }
  get size(): number {
    return this.tiles.size;
  }

  get(tile: Tile): Bar[] | undefined {
    return this.tiles.get(tile);
  }
  want(tiles: readonly Tile[]): void {
    this.tiles.want(tiles);
  }
  close(): void {
    this.tiles.close();
  }

  private load(tile: Tile, signal: AbortSignal): Promise<Bar[]> {
    const range = clipped(tileRange(tile, this.step), this.bounds);
    if (tile.level === 0) return this.source.page(range, signal);
    // As many points as make each of them 2^level klines, also in the cut tiles at the ends.
    const klines = Math.ceil((range.to - range.from) / this.step);
    return this.source.overview(range, Math.max(POINTS_MIN, Math.ceil(klines / 2 ** tile.level)), signal);
  }
}
