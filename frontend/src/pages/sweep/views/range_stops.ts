// The range of a column between two limits that keys can move: where they stop, and what they mean for the shared filter.
import type { SweepFilter } from '../sweep_filter';
import { withBound } from '../sweep_filter';
import { intervalOf, roundBound, withoutColumn, type Interval } from './brush_filter';
import { axisEnds } from './parallel_model';
import type { Column } from './view_columns';

type Conditions = Pick<SweepFilter, 'bounds' | 'fixed'>;
export type End = 'low' | 'high';

const STEPS = 100;
const PAGE = 10; // pages from one end to the other

/** Figures at which a limit can stand, ascending, the first and the last those of the whole sweep: the values, or equal steps. */
export function rangeStops(column: Column): number[] {
  const ends = axisEnds(column);
  const values = (column.values ?? []).filter((value): value is number => typeof value === 'number');
  if (values.length > 1) return values.toSorted((a, b) => a - b);
  const span = ends[1] - ends[0];
  const steps = column.integer ? Math.min(STEPS, Math.max(1, Math.round(span))) : STEPS;
  const figures = Array.from({ length: steps + 1 }, (_, i) => ends[0] + (span * i) / steps);
  const inner = figures.slice(1, -1).map((figure) => (column.integer ? Math.round(figure) : roundBound(figure, span)));
  return [...new Set([ends[0], ...inner, ends[1]])];
}

/** The stop so many steps from a figure, which may lie between two stops. */
function stepped(stops: readonly number[], figure: number, steps: number): number {
  const up = stops.findIndex((stop) => stop > figure);
  const at = steps > 0 ? (up < 0 ? stops.length - 1 : up) + steps - 1 : stops.findLastIndex((stop) => stop < figure) + steps + 1;
  return stops[Math.max(0, Math.min(stops.length - 1, at))] as number;
}

/** Where a key brings one limit of a range; null: not a key of limits. Neither limit passes the other. */
export function movedLimit(key: string, stops: readonly number[], range: Interval, end: End): Interval | null {
  const page = Math.max(1, Math.round(stops.length / PAGE));
  const step = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: page, PageDown: -page, Home: -Infinity, End: Infinity }[key];
  if (step === undefined || stops.length === 0) return null;
  const [low, high] = range;
  const from = end === 'low' ? low : high;
  const to = step === -Infinity ? (stops[0] as number) : step === Infinity ? (stops.at(-1) as number) : stepped(stops, from, step);
  return end === 'low' ? [Math.min(to, high), high] : [low, Math.max(to, low)];
}

/** The stop nearest to a figure. */
export const nearestStop = (stops: readonly number[], figure: number): number =>
  stops.reduce((best, stop) => (Math.abs(stop - figure) < Math.abs(best - figure) ? stop : best), stops[0] ?? figure);

/** The limits of a column as they are; the ends of the sweep where it has none. */
export function rangeOf(now: Conditions, column: Column): Interval {
  const ends = axisEnds(column);
  const [low, high] = intervalOf(now, column, ends) ?? ends;
  const inside = (figure: number): number => Math.max(ends[0], Math.min(ends[1], figure));
  return [inside(low), inside(Math.max(low, high))];
}

/** Conditions with the limits of a column; one at the end of the sweep is none. */
export function withRange(now: Conditions, column: Column, range: Interval): Conditions {
  const free = withoutColumn(now, column.name);
  const ends = axisEnds(column);
  const low = range[0] > ends[0] ? range[0] : undefined;
  const high = range[1] < ends[1] ? range[1] : undefined;
  return { bounds: withBound(withBound(free.bounds, column.name, 'min', low), column.name, 'max', high), fixed: free.fixed };
}
