// What a brush over an axis means for the shared filter.
import { withBound, withFixed, type SweepFilter } from '../sweep_filter';
import { fixedText, type Column } from './view_columns';

export type Interval = readonly [number, number];
type Conditions = Pick<SweepFilter, 'bounds' | 'fixed'>;

/** A number nobody has to read fifteen digits of: a thousandth of `span` is as fine as a hand can point. */
export function roundBound(value: number, span: number): number {
  if (!(span > 0) || !Number.isFinite(span)) return value;
  const digits = 3 - Math.floor(Math.log10(span));
  return digits >= 0 ? Number(value.toFixed(Math.min(digits, 20))) : Number((Math.round(value / 10 ** -digits) * 10 ** -digits).toPrecision(15));
}

/** The whole numbers inside, or the nearest one where there is none. */
function wholeBounds(low: number, high: number): Interval {
  const [min, max] = [Math.ceil(low), Math.floor(high)];
  return min <= max ? [min, max] : [Math.round((low + high) / 2), Math.round((low + high) / 2)];
}

/** Conditions without those of a column. */
export function withoutColumn(now: Conditions, name: string): Conditions {
  const bounds = withBound(withBound(now.bounds, name, 'min', undefined), name, 'max', undefined);
  return { bounds, fixed: withFixed(now.fixed, name, undefined) };
}

/**
 * A brush from one point of an axis to another: min and max of the column; a side that reaches the axis' end is left open, and what
 * nobody brushed (null) is free. On an axis of names, whose values lie at 0, 1, 2, ..., the one name that is inside is fixed; several
 * names cannot be said in a filter, so such a brush leaves the column free.
 */
export function brushed(now: Conditions, column: Column, interval: Interval | null, ends: Interval): Conditions {
  const free = withoutColumn(now, column.name);
  if (!interval) return free;
  const [low, high] = interval[0] <= interval[1] ? interval : [interval[1], interval[0]];
  if (!column.numeric) {
    const inside = (column.values ?? []).filter((_, at) => at >= low && at <= high);
    return inside.length === 1 && inside[0] !== undefined ? { ...free, fixed: withFixed(free.fixed, column.name, fixedText(inside[0])) } : free;
  }
  const span = ends[1] - ends[0];
  const near = span / 500;
  let { bounds } = free;
  const [min, max] = column.integer ? wholeBounds(low, high) : [roundBound(low, span), roundBound(high, span)];
  if (low > ends[0] + near) bounds = withBound(bounds, column.name, 'min', min);
  if (high < ends[1] - near) bounds = withBound(bounds, column.name, 'max', max);
  return { bounds, fixed: free.fixed };
}

/** The part of an axis that a filter leaves, or null when it leaves all. */
export function intervalOf(now: Conditions, column: Column, ends: Interval): Interval | null {
  if (!column.numeric) {
    const at = (column.values ?? []).findIndex((value) => fixedText(value) === now.fixed[column.name]);
    return at < 0 ? null : [at - 0.4, at + 0.4];
  }
  const fixed = now.fixed[column.name];
  if (fixed !== undefined && Number.isFinite(Number(fixed))) return [Number(fixed), Number(fixed)];
  const bound = now.bounds[column.name];
  return bound ? [Math.max(ends[0], bound.min ?? ends[0]), Math.min(ends[1], bound.max ?? ends[1])] : null;
}
