// Levels of detail: level 0 has a bar a kline, level k a bar for 2^k klines. Series are cut into tiles of TILE_BARS bars of
// their level, at multiples of the tile's span since 1970, so that a tile is the same whoever asks for it.
import type { TimeRange } from './candle_source';

export const TILE_BARS = 1000; // the largest page of klines
const BAR_PIXELS = 2.5; // a bar narrower than this is not a candle
const BARS_MAX = 1300;
const STAY = 0.8;

/** How many bars a chart of this width shows at most. */
export const barsThatFit = (width: number): number => Math.max(40, Math.min(BARS_MAX, width / BAR_PIXELS));

/** The level for `klines` klines in view; a level coarser than needed is kept until there is clearly room for a finer one. */
export function detailLevel(klines: number, width: number, present = 0): number {
  const fit = barsThatFit(width);
  const needed = Math.max(0, Math.ceil(Math.log2(klines / fit)));
  return present === needed + 1 && klines / 2 ** needed > STAY * fit ? present : needed;
}

export interface Tile {
  level: number;
  index: number;
}

export const tileSpan = (level: number, step: number): number => TILE_BARS * 2 ** level * step;
export const tileKey = ({ level, index }: Tile): string => `${level}:${index}`;

export function tileRange({ level, index }: Tile, step: number): TimeRange {
  const span = tileSpan(level, step);
  return { from: index * span, to: (index + 1) * span };
}

export function clipped(range: TimeRange, bounds: TimeRange): TimeRange {
  return { from: Math.max(range.from, bounds.from), to: Math.min(range.to, bounds.to) };
}

/** The tiles of a level that a range within the bounds touches, from left to right. */
export function tilesOf(level: number, range: TimeRange, step: number, bounds: TimeRange): Tile[] {
  const span = tileSpan(level, step);
  const { from, to } = clipped(range, bounds);
  const tiles: Tile[] = [];
  for (let index = Math.floor(from / span); index * span < to; index++) tiles.push({ level, index });
  return tiles;
}
