// Parallel coordinates without their drawing: which axes, where a cell lies on an axis (a share of its height), which line is under a point.
// Axes keep the ends they have over the whole sweep, so a brush stays where it is when the runs outside it go.
import type { Interval } from './brush_filter';
import { indexOfValue, type Cell, type Column, type Columns } from './view_columns';

export const MOST_AXES = 14;
const USUAL_METRICS = ['maxDrawdown', 'totalTrades', 'profitFactor'];

/** The axes as chosen (comma separated), else the inputs that vary, some usual metrics, and what the sweep ranks by. */
export function parallelAxes(columns: Columns, chosen: string | null): Column[] {
  const has = (column: Column | undefined): column is Column => column !== undefined && (column.numeric ? column.minimum !== null : (column.values?.length ?? 0) > 0);
  const find = (name: string): Column | undefined => (name === columns.rank.name ? columns.rank : columns.byName.get(name));
  const named = [...new Set((chosen ?? '').split(','))].map(find).filter(has);
  if (named.length >= 2) return named.slice(0, MOST_AXES);
  const metrics = [...USUAL_METRICS.filter((name) => name !== columns.rank.name), columns.rank.name].map(find).filter(has);
  return [...columns.inputs.filter(has).slice(0, MOST_AXES - metrics.length), ...metrics];
}

/** The axes with one switched on or off, in the order in which all columns stand. At least two stay. */
export function withAxis(shown: readonly string[], all: readonly string[], name: string, on: boolean): string[] {
  const next = all.filter((one) => (one === name ? on : shown.includes(one)));
  return next.length < 2 || next.length > MOST_AXES ? [...shown] : next;
}

/** The figures at the bottom and at the top of an axis. Names stand at 0, 1, 2, ..., in the middle of equal parts. */
export function axisEnds(column: Column): Interval {
  if (!column.numeric) return [-0.5, Math.max(1, column.values?.length ?? 1) - 0.5];
  const [low, high] = [column.minimum ?? 0, column.maximum ?? 1];
  const margin = (Math.abs(low) || 1) * 0.05;
  return low < high ? [low, high] : [low - margin, low + margin];
}

/** Where a figure lies: 0 at the bottom of the axis, 1 at its top. */
export const shareOf = (ends: Interval, figure: number): number => (figure - ends[0]) / (ends[1] - ends[0]);
export const figureAt = (ends: Interval, share: number): number => ends[0] + share * (ends[1] - ends[0]);

/** Figures for ticks from the bottom to the top; whole ones where all of the column's are. */
export function tickFigures(column: Column, steps: number): number[] {
  const ends = axisEnds(column);
  const figures = Array.from({ length: steps + 1 }, (_, i) => figureAt(ends, i / steps));
  return column.integer ? [...new Set(figures.map(Math.round))] : figures;
}

/** The figure of a cell on its axis: itself, or the place of its name; NaN where it has none. */
export function onAxis(column: Column, cell: Cell | undefined): number {
  if (column.numeric) return typeof cell === 'number' ? cell : NaN;
  const at = indexOfValue(column, cell);
  return at < 0 ? NaN : at;
}

/** The shares of a row on all axes; NaN where the line has a gap. */
export function sharesOf(row: readonly Cell[], names: readonly string[], axes: readonly Column[]): number[] {
  return axes.map((column) => shareOf(axisEnds(column), onAxis(column, row[names.indexOf(column.name)])));
}

/** The line nearest to a point, or -1 when none is within `reach`. x in axes (1.5 is midway from the second to the third), y a share. */
export function nearestLine(lines: readonly (readonly number[])[], x: number, y: number, reach: number): number {
  const left = Math.max(0, Math.floor(x));
  let [best, distance] = [-1, reach];
  lines.forEach((line, at) => {
    const from = line[left] ?? NaN;
    const to = line[left + 1] ?? from;
    const away = Math.abs(from + (to - from) * (x - left) - y); // NaN, where there is a gap, is never less
    if (away < distance) [best, distance] = [at, away];
  });
  return best;
}
