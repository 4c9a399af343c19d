// The bars that are drawn at one time: whole tiles around the view, a few thousand bars. Tiles that are not there yet are places
// without a candle. The library's axis is ordinal, so the view is kept in time and turned into cells here: bar i takes the cell
// [i, i + 1], its left edge is its open time, its right edge the open time of the next bar. Between levels of detail these edges
// stay where they are, which is why a change of level does not jump.
import type { Bar, TimeRange } from './candle_source';
import { clipped, tileRange, tilesOf, type Tile } from './detail_level';

export interface BarWindow {
  level: number;
  tiles: readonly Tile[];
  range: TimeRange; // of its tiles, within the bounds
  bars: readonly Bar[];
  edges: Float64Array; // bars.length + 1 times
}

const placeAt = (openTime: number): Bar => ({ openTime, open: NaN, high: NaN, low: NaN, close: NaN, volume: NaN });
export const isPlace = (bar: Bar): boolean => Number.isNaN(bar.close);

function placesOf(range: TimeRange, width: number): Bar[] {
  const places: Bar[] = [];
  for (let time = range.from; time < range.to; time += width) places.push(placeAt(time));
  return places;
}

export function makeWindow(level: number, wanted: TimeRange, step: number, bounds: TimeRange, get: (tile: Tile) => Bar[] | undefined): BarWindow {
  const tiles = tilesOf(level, wanted, step, bounds);
  const width = step * 2 ** level;
  const bars: Bar[] = [];
  for (const tile of tiles) bars.push(...(get(tile) ?? placesOf(clipped(tileRange(tile, step), bounds), width)));
  const edges = new Float64Array(bars.length + 1);
  bars.forEach((bar, i) => (edges[i] = bar.openTime));
  const last = bars.at(-1);
  edges[bars.length] = last ? Math.max(last.openTime + step, Math.min(last.openTime + width, bounds.to)) : 0;
  const first = tiles[0];
  const end = tiles.at(-1);
  const range = first && end ? clipped({ from: tileRange(first, step).from, to: tileRange(end, step).to }, bounds) : { from: 0, to: 0 };
  return { level, tiles, range, bars, edges };
}

/** How many of the first `count` edges are at or before the time. */
function edgesUpTo(edges: Float64Array, time: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Mean length of a cell, for what lies beyond the window. */
function cellLength(edges: Float64Array): number {
  const cells = edges.length - 1;
  return cells > 0 ? ((edges[cells] ?? 0) - (edges[0] ?? 0)) / cells || 1 : 1;
}

/** Place of a time in cells; beyond the ends cells of mean length go on. */
export function cellAt({ edges }: BarWindow, time: number): number {
  const cells = edges.length - 1;
  const first = edges[0] ?? 0;
  const last = edges[cells] ?? 0;
  if (cells < 1) return 0;
  if (time < first) return (time - first) / cellLength(edges);
  if (time >= last) return cells + (time - last) / cellLength(edges);
  const i = edgesUpTo(edges, time) - 1;
  const left = edges[i] ?? 0;
  return i + (time - left) / ((edges[i + 1] ?? left + 1) - left);
}

/** The inverse of cellAt. */
export function timeAt({ edges }: BarWindow, cell: number): number {
  const cells = edges.length - 1;
  if (cells < 1) return 0;
  if (cell < 0) return (edges[0] ?? 0) + cell * cellLength(edges);
  if (cell >= cells) return (edges[cells] ?? 0) + (cell - cells) * cellLength(edges);
  const i = Math.floor(cell);
  const left = edges[i] ?? 0;
  return left + (cell - i) * ((edges[i + 1] ?? left) - left);
}

/** Number of the bar that a time falls into, or -1. */
export function barIndexAt(window: BarWindow, time: number): number {
  const { edges } = window;
  if (edges.length < 2 || time < (edges[0] ?? 0) || time >= (edges[edges.length - 1] ?? 0)) return -1;
  return edgesUpTo(edges, time) - 1;
}
