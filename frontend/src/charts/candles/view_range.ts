// Moving and scaling the range of time in view. The arithmetic is in cells of the drawn window, where a pixel is the same everywhere.
import type { TimeRange } from './candle_source';
import { cellAt, timeAt, type BarWindow } from './bar_window';

export const KLINES_MIN = 10; // in view, at most zoomed in
const OVERSCROLL = 0.1; // of the view, beyond the ends

/** The view moved back so far that at most a bit of nothing is seen beyond the ends; never longer than everything and a bit. */
export function confined(view: TimeRange, bounds: TimeRange, step: number): TimeRange {
  const all = bounds.to - bounds.from;
  const length = Math.min(Math.max(view.to - view.from, KLINES_MIN * step), all * (1 + 2 * OVERSCROLL));
  const middle = (view.from + view.to) / 2;
  const kept = length === view.to - view.from ? view : { from: middle - length / 2, to: middle + length / 2 };
  const beyond = length * OVERSCROLL;
  const earliest = bounds.from - beyond;
  const latest = bounds.to + beyond;
  if (kept.from < earliest) return { from: earliest, to: Math.min(latest, earliest + length) };
  if (kept.to > latest) return { from: Math.max(earliest, latest - length), to: latest };
  return kept;
}

export function moved(view: TimeRange, window: BarWindow, cells: number): TimeRange {
  return { from: timeAt(window, cellAt(window, view.from) + cells), to: timeAt(window, cellAt(window, view.to) + cells) };
}

/** Scaled so that what is at `anchor` (0: left edge, 1: right edge) stays there; factor > 1 shows more. */
export function scaled(view: TimeRange, window: BarWindow, factor: number, anchor: number): TimeRange {
  const left = cellAt(window, view.from);
  const length = cellAt(window, view.to) - left;
  const fixed = left + length * anchor;
  const from = fixed - length * anchor * factor;
  return { from: timeAt(window, from), to: timeAt(window, from + length * factor) };
}

/** The view with a time in its middle; not more than `klines` klines wide. */
export function centred(view: TimeRange, time: number, step: number, klines: number): TimeRange {
  const half = Math.min(view.to - view.from, klines * step) / 2;
  return { from: time - half, to: time + half };
}
