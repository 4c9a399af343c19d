// Which rows of a very long table are in view. Browsers cap the height of an element (17 to 33 million pixels): a million rows do not
// fit into one that scrolls. So the scrolled element is never taller than MAX_ROWS rows. Dragging the scrollbar maps its whole way to
// all rows; the wheel and the keys move pixel by pixel from where the rows are (`base` is the row at the element's top, while nothing
// jumps); and when scrolling rests, the element is put where the scrollbar should be for these rows, with the same rows in view. Near
// both ends the mapping is one to one, so that the first and the last row can be reached by the wheel.
// All positions are in rows, fractions included. (TanStack Virtual measures every item of its count and does not scale.)
export const ROW_HEIGHT = 30;
export const MAX_ROWS = 260_000;
export const END_ROWS = 2_000;

export interface Scroll {
  top: number; // of the scrolled element
  base: number; // row at the element's top; row in view = base + top
}

/** Rows that the element is tall. */
export const elementRows = (total: number): number => Math.min(total, MAX_ROWS);

interface Ends {
  lastTop: number; // greatest `top`
  lastRow: number; // greatest first row in view
}
const endsOf = (total: number, view: number): Ends => ({ lastTop: Math.max(0, elementRows(total) - view), lastRow: Math.max(0, total - view) });

/** Where the scrollbar belongs for a first row in view. */
export function topOf(row: number, total: number, view: number): number {
  const { lastTop, lastRow } = endsOf(total, view);
  if (lastRow <= lastTop || row <= END_ROWS) return Math.min(row, lastTop);
  if (row >= lastRow - END_ROWS) return lastTop - (lastRow - row);
  return END_ROWS + ((row - END_ROWS) * (lastTop - 2 * END_ROWS)) / (lastRow - 2 * END_ROWS);
}

/** The first row in view for a place of the scrollbar: the inverse. */
export function rowOf(top: number, total: number, view: number): number {
  const { lastTop, lastRow } = endsOf(total, view);
  if (lastRow <= lastTop || top <= END_ROWS) return Math.min(top, lastRow);
  if (top >= lastTop - END_ROWS) return lastRow - (lastTop - top);
  return END_ROWS + ((top - END_ROWS) * (lastRow - 2 * END_ROWS)) / (lastTop - 2 * END_ROWS);
}

/** A place for these rows: the same first row, to the pixel, with the element where it belongs. */
export function anchored(row: number, total: number, view: number): Scroll {
  const wanted = Math.min(Math.max(0, row), Math.max(0, total - view));
  const base = Math.round(wanted - topOf(wanted, total, view));
  return { base, top: wanted - base };
}

/** After the element was scrolled to `top`: by less than two screens the rows move along, else the scrollbar was dragged. */
export function scrolled(from: Scroll, top: number, total: number, view: number): Scroll {
  if (Math.abs(top - from.top) <= 2 * view) return { base: from.base, top };
  return { base: Math.round(rowOf(top, total, view) - top), top };
}

/** The scroll that brings a row into view, moving as little as possible; null: it is. */
export function revealed(from: Scroll, row: number, total: number, view: number): Scroll | null {
  const first = from.base + from.top;
  if (row < first) return anchored(row, total, view);
  if (row + 1 > first + view) return anchored(row + 1 - view, total, view);
  return null;
}
