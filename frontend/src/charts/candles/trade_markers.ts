// Trades as markers. Where they would overlap, the buys of neighbouring bars become one marker with their number, the sells another.
import type { ChartTrade } from './candle_source';
import { barIndexAt, type BarWindow } from './bar_window';

export const MARKERS_MAX = 500;

export interface TradeMarker {
  bar: number;
  side: 'buy' | 'sell';
  count: number;
}

type Placed = Pick<TradeMarker, 'bar' | 'side'>;

/** Groups lie at multiples of their span since 1970, so that markers stay where they are when the window moves. */
function grouped(window: BarWindow, placed: readonly Placed[], span: number): TradeMarker[] {
  const groups = new Map<string, TradeMarker>();
  for (const { bar, side } of placed) {
    const key = `${Math.floor((window.bars[bar]?.openTime ?? 0) / span)}${side}`;
    const group = groups.get(key);
    if (group) group.count++;
    else groups.set(key, { bar, side, count: 1 });
  }
  return [...groups.values()];
}

/**
 * Markers of the trades, one for the buys and one for the sells of `barsPerMarker` bars, at the first of them; of twice, four times ... as
 * many bars where they would be more than `limit`. Ascending in their bars; trades must be, too.
 */
export function tradeMarkers(window: BarWindow, trades: readonly ChartTrade[], step: number, barsPerMarker = 1, limit = MARKERS_MAX): TradeMarker[] {
  const placed = trades.map(({ time, side }) => ({ bar: barIndexAt(window, time), side })).filter(({ bar }) => bar >= 0);
  let span = step * 2 ** window.level * barsPerMarker;
  let markers = grouped(window, placed, span);
  while (markers.length > Math.max(2, limit)) {
    span *= 2;
    markers = grouped(window, placed, span);
  }
  return markers.sort((a, b) => a.bar - b.bar || a.side.localeCompare(b.side));
}

const MARKER_PIXELS = 17;

/** How many bars share a marker where a bar is so many pixels wide: a power of two. */
export const barsPerMarker = (barPixels: number): number => 2 ** Math.max(0, Math.ceil(Math.log2(MARKER_PIXELS / Math.max(barPixels, 0.01))));
