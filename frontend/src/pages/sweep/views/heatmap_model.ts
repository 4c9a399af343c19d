// A heatmap without its drawing: axes, cells, what a cell means for the filter, where the cursor goes. x runs to the right, y upwards;
// figures lie row after row as the API gives them (a row for each y, from the lowest).
import type { Schemas } from '../../../api/client';
import type { FilterQuery, SweepFilter } from '../sweep_filter';
import { withBound, withFixed } from '../sweep_filter';
import { roundBound, withoutColumn } from './brush_filter';
import { fixedText, formatCell, formatTick, type Cell, type Column, type Columns } from './view_columns';

export type Heatmap = Schemas['Heatmap'];
type Conditions = Pick<SweepFilter, 'bounds' | 'fixed'>;

export const AGGREGATES = ['max', 'mean', 'median', 'min', 'count', 'std'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

export interface Axis {
  column: Column;
  size: number;
  values: readonly Cell[] | null; // one a step
  edges: readonly number[] | null; // or the limits of ranges, one more than steps
}

export function axisOf(column: Column, axis: Schemas['HeatmapAxis']): Axis {
  if (axis.edges) return { column, size: Math.max(0, axis.edges.length - 1), values: null, edges: axis.edges };
  const values = (axis.values ?? []) as Cell[];
  return { column, size: values.length, values, edges: null };
}

/** A limit of ranges, as exact as it has to be to tell it from the next: 1.08e-6 on an axis up to 0.02 is 0. */
function edgeText(axis: Axis, at: number): string {
  const edges = axis.edges ?? [];
  const edge = edges[at];
  return edge === undefined ? '' : formatTick(axis.column, roundBound(edge, (edges.at(-1) ?? 0) - (edges[0] ?? 0)));
}

/** What step `at` of an axis stands for: a value, or a range. */
export function stepText(axis: Axis, at: number): string {
  return axis.edges ? `${edgeText(axis, at)} … ${edgeText(axis, at + 1)}` : formatCell(axis.column, axis.values?.[at]);
}

export interface Tick {
  at: number; // in steps from the axis' begin; the middle of step 0 is 0.5
  text: string;
}

/** Ticks that have `room` steps each: middles of steps for values, limits for ranges. */
export function ticksOf(axis: Axis, room: number): Tick[] {
  const step = Math.max(1, Math.ceil(room));
  const ticks: Tick[] = [];
  if (axis.edges) for (let i = 0; i <= axis.size; i += step) ticks.push({ at: i, text: edgeText(axis, i) });
  else for (let i = 0; i < axis.size; i += step) ticks.push({ at: i + 0.5, text: formatTick(axis.column, axis.values?.[i]) });
  return ticks;
}

/** The largest double below a finite one: ranges have their lower limit, but not the upper one. */
export function below(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? -1n : 1n));
  return view.getFloat64(0);
}

/** The conditions that only runs of step `at` pass. The last range includes its upper limit. */
export function stepConditions(now: Conditions, axis: Axis, at: number): Conditions {
  const free = withoutColumn(now, axis.column.name);
  if (axis.edges) {
    const low = axis.edges[at];
    const high = axis.edges[at + 1];
    if (low === undefined || high === undefined) return free;
    const bounds = withBound(withBound(free.bounds, axis.column.name, 'min', low), axis.column.name, 'max', at === axis.size - 1 ? high : below(high));
    return { ...free, bounds };
  }
  const value = axis.values?.[at];
  return value === undefined ? free : { ...free, fixed: withFixed(free.fixed, axis.column.name, fixedText(value)) };
}

/** The step whose conditions are set, or -1. */
export function stepOf(now: Conditions, axis: Axis): number {
  const name = axis.column.name;
  if (!axis.edges) return (axis.values ?? []).findIndex((value) => fixedText(value) === now.fixed[name]);
  const { min, max } = now.bounds[name] ?? {};
  const at = axis.edges.findIndex((edge) => edge === min);
  const high = axis.edges[at + 1];
  return at >= 0 && high !== undefined && max !== undefined && (max === high || max === below(high)) ? at : -1;
}

/** Without the conditions on some columns: the map is not cut by the choice of one of its own cells. */
export function queryWithout(query: FilterQuery, names: readonly string[]): FilterQuery {
  return Object.fromEntries(Object.entries(query).filter(([key]) => !names.some((name) => key === `min.${name}` || key === `max.${name}` || key === `fixed.${name}`)));
}

export interface At {
  x: number;
  y: number;
}

const clamp = (value: number, size: number): number => Math.max(0, Math.min(size - 1, value));

/** The cell a key leads to from another, or null when the key is none of the map's. Pages are tenths of the map. */
export function moved(from: At, key: string, width: number, height: number): At | null {
  const page = Math.max(1, Math.round(height / 10));
  const to: Record<string, At> = {
    ArrowRight: { x: from.x + 1, y: from.y },
    ArrowLeft: { x: from.x - 1, y: from.y },
    ArrowUp: { x: from.x, y: from.y + 1 },
    ArrowDown: { x: from.x, y: from.y - 1 },
    Home: { x: 0, y: from.y },
    End: { x: width - 1, y: from.y },
    PageUp: { x: from.x, y: from.y + page },
    PageDown: { x: from.x, y: from.y - page },
  };
  const next = to[key];
  return next ? { x: clamp(next.x, width), y: clamp(next.y, height) } : null;
}

export interface RankedCell extends At {
  value: number;
  count: number;
  run: number | null;
}

/** Cells that have runs, the best ones first (high ones where nothing is better). */
export function rankedCells(map: Heatmap, better: number): RankedCell[] {
  const cells = map.cells.flatMap((row, y) => row.flatMap((value, x) => (value === null ? [] : [{ x, y, value, count: map.counts[y]?.[x] ?? 0, run: map.best_run[y]?.[x] ?? null }])));
  return cells.sort((a, b) => (better < 0 ? a.value - b.value : b.value - a.value));
}

/** Which axes a map has when none are chosen: parameters that vary, numbers first; the symbol where there is no second one. */
export function defaultAxes(columns: Columns): [string, string] {
  const numbers = columns.inputs.filter((column) => column.numeric);
  const names = columns.inputs.filter((column) => !column.numeric);
  const [x = 'symbol', y = x === 'symbol' ? 'interval' : 'symbol'] = [...numbers, ...names].map((column) => column.name);
  return [x, y];
}

/** Axes as chosen, as far as there are such columns and they differ. */
export function chosenAxes(columns: Columns, x: string | null, y: string | null): [string, string] {
  const isInput = (name: string | null): name is string => name !== null && columns.byName.get(name)?.kind !== 'metric' && columns.byName.has(name);
  const [first, second] = defaultAxes(columns);
  const left = isInput(x) ? x : isInput(y) && y === first ? second : first;
  const up = isInput(y) && y !== left ? y : left === second ? first : second;
  return [left, up];
}

// ---- sliders of the parameters that are no axis ----

export interface SliderStop {
  text: string;
  apply: (now: Conditions) => Conditions;
}
const RANGES = 10;

/** What a slider of a parameter can be set to beside "any": each of its values, or tenths of its range where they are too many. */
export function sliderStops(column: Column): SliderStop[] {
  const { minimum, maximum, values } = column;
  const edges = values || minimum === null || maximum === null ? null : Array.from({ length: RANGES + 1 }, (_, i) => Number((minimum + ((maximum - minimum) * i) / RANGES).toPrecision(6)));
  if (edges) {
    edges[0] = minimum as number; // as they are: rounded, they could leave out the runs at the ends
    edges[RANGES] = maximum as number;
  }
  const axis: Axis = { column, size: edges ? RANGES : (values?.length ?? 0), values, edges };
  return Array.from({ length: axis.size }, (_, at) => ({ text: stepText(axis, at), apply: (now) => stepConditions(now, axis, at) }));
}

/** Which stop is set: 0 for any, -1 when the filter has conditions that are no stop. */
export function sliderPosition(now: Conditions, column: Column, stops: readonly SliderStop[]): number {
  const own = (conditions: Conditions): string => JSON.stringify([conditions.bounds[column.name], conditions.fixed[column.name]]);
  const present = own(now);
  if (present === own({ bounds: {}, fixed: {} })) return 0;
  const at = stops.findIndex((stop) => own(stop.apply(now)) === present);
  return at < 0 ? -1 : at + 1;
}
