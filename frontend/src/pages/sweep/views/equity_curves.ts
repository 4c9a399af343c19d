// Equity of several runs as returns on what each began with, on one time axis.
import type { Schemas } from '../../../api/client';
import type { Cell } from './view_columns';

export type CurveSource = 'full' | 'trades' | 'points' | 'sparkline';
export type CurvePoint = [time: number, value: number];

export interface Curve {
  run: number;
  source: CurveSource;
  series: string; // BTCUSDT 1h
  points: CurvePoint[];
  buyHold: CurvePoint[] | null;
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** Figures as returns on `base`; points without a time or figure are left out. */
export function returnsOf(times: readonly (number | null)[], figures: readonly (number | null)[], base: number): CurvePoint[] {
  if (!(base > 0)) return [];
  return times.flatMap((time, i): CurvePoint[] => {
    const figure = figures[i];
    return isNumber(time) && isNumber(figure) ? [[time, figure / base - 1]] : [];
  });
}

/** `count` times evenly spread from one time to another, both included. */
export function evenTimes(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => (count > 1 ? from + ((to - from) * i) / (count - 1) : from));
}

export function curveOf(run: number, series: string, answer: Schemas['RunEquity'], base: number): Curve {
  const { time, equity, buy_hold } = answer.points;
  return { run, series, source: answer.source, points: returnsOf(time, equity, base), buyHold: returnsOf(time, buy_hold, base) };
}

/** A run of which only the sparkline was kept: its points lie evenly between the first and the last bar. */
export function sparklineCurve(run: number, series: string, figures: readonly (number | null)[], base: number, from: string | null, to: string | null): Curve {
  const [begin, end] = [Date.parse(from ?? ''), Date.parse(to ?? '')];
  const times = Number.isFinite(begin) && Number.isFinite(end) ? evenTimes(begin, end, figures.length) : [];
  return { run, series, source: 'sparkline', points: returnsOf(times, figures, base), buyHold: null };
}

/** One buy and hold line a series, from the first run that has one. */
export function benchmarks(curves: readonly Curve[]): Curve[] {
  const found = new Map<string, Curve>();
  for (const curve of curves) if (curve.buyHold && curve.buyHold.length > 1 && !found.has(curve.series)) found.set(curve.series, curve);
  return [...found.values()];
}

/** The value of a line at a time: that of the last point at it or before. */
export function valueAt(points: readonly CurvePoint[], time: number): number | null {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle] as CurvePoint)[0] <= time) low = middle + 1;
    else high = middle;
  }
  return points[low - 1]?.[1] ?? null;
}

/** A condition for these runs, for `where`. */
export const runsWhere = (runs: readonly number[]): string => runs.map((run) => `run == ${run}`).join(' or ');

/** Rows of compared runs in the order in which they were selected. */
export function inOrder<T extends readonly Cell[]>(rows: readonly T[], runs: readonly number[]): T[] {
  return runs.flatMap((run) => rows.filter((row) => row[0] === run));
}
