// A heatmap without its drawing: axes, cells, what a cell means for the filter, where the cursor goes. x runs to the right, y upwards;
// figures lie row after row as the API gives them (a row for each y, from the lowest).
import type { Schemas } from '../../../api/client';
import type { FilterQuery, SweepFilter } from '../sweep_filter';
import * as format from '../../../parts/format';
import { below } from '../bound_text';
import { withBound, withFixed } from '../sweep_filter';
import { roundBound, withoutColumn } from './brush_filter';
import { neatEdges } from './neat_edges';
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

/** A limit of ranges, as exact as it has to be: neat ones as they are, others to a thousandth of a range. */
const limitText = (edge: number, width: number): string => format.significant(roundBound(edge, width) + 0, 12);

const widthOf = ({ edges }: Axis): number => ((edges?.at(-1) ?? 0) - (edges?.[0] ?? 0)) / Math.max(1, (edges?.length ?? 0) - 1);

/** The lowest and the highest figure of range `at`. Of whole numbers the next range begins one above; of others right above. */
function rangeAt(axis: Axis, at: number): { low: number; high: number; isClosed: boolean } | null {
  const low = axis.edges?.[at];
  const high = axis.edges?.[at + 1];
  if (low === undefined || high === undefined) return null;
  const isWhole = axis.column.integer && Number.isInteger(low) && Number.isInteger(high);
  const isClosed = isWhole || at === axis.size - 1;
  return { low, high: isWhole && high > low && (at < axis.size - 1 || high - low === 1) ? high - 1 : high, isClosed };
}

/** What step `at` of an axis stands for: a value, or a range. */
export function stepText(axis: Axis, at: number): string {
  const range = rangeAt(axis, at);
  if (!range) return formatCell(axis.column, axis.values?.[at]);
  const [low, high] = [limitText(range.low, widthOf(axis)), limitText(range.high, widthOf(axis))];
  return low === high ? low : `${low} … ${high}`;
}

export interface Tick {
  at: number; // in steps from the axis' begin; the middle of step 0 is 0.5
  text: string;
}

/** Ticks that have `room` steps each: middles of steps for values, limits for ranges. */
export function ticksOf(axis: Axis, room: number): Tick[] {
  const step = Math.max(1, Math.ceil(room));
  const ticks: Tick[] = [];
  if (axis.edges) for (let i = 0; i <= axis.size; i += step) ticks.push({ at: i, text: limitText(axis.edges[i] as number, widthOf(axis)) });
  else for (let i = 0; i < axis.size; i += step) ticks.push({ at: i + 0.5, text: formatTick(axis.column, axis.values?.[i]) });
  return ticks;
}

/** The conditions that only runs of step `at` pass. The last range includes its upper limit. */
export function stepConditions(now: Conditions, axis: Axis, at: number): Conditions {
  const free = withoutColumn(now, axis.column.name);
  if (axis.edges) {
    const range = rangeAt(axis, at);
    if (!range) return free;
    const high = range.isClosed ? range.high : below(range.high);
    return { ...free, bounds: withBound(withBound(free.bounds, axis.column.name, 'min', range.low), axis.column.name, 'max', high) };
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
  const chosen = at < 0 ? undefined : stepConditions(now, axis, at).bounds[name];
  return chosen && chosen.max === max ? at : -1;
}

/** Without the conditions on some columns: the map is not cut by the choice of one of its own cells. */
export function queryWithout(query: FilterQuery, names: readonly string[]): FilterQuery {
  return Object.fromEntries(Object.entries(query).filter(([key]) => !names.some((name) => key === `min.${name}` || key === `max.${name}` || key === `fixed.${name}`)));
}

/** The limits of some columns in an address, min and max of each; '1' where there are none. */
export function limitsText(now: Conditions, names: readonly string[]): string {
  const limits = names.flatMap((name) => [now.bounds[name]?.min ?? '', now.bounds[name]?.max ?? '']);
  return limits.every((limit) => limit === '') ? '1' : limits.join('~');
}

export function limitsOf(text: string | null, names: readonly string[]): Conditions['bounds'] {
  const limits = (text ?? '').split('~');
  const limit = (at: number): number | undefined => (limits[at]?.trim() && Number.isFinite(Number(limits[at])) ? Number(limits[at]) : undefined);
  if (limits.length !== 2 * names.length) return {};
  return names.reduce<Conditions['bounds']>((bounds, name, at) => withBound(withBound(bounds, name, 'min', limit(2 * at)), name, 'max', limit(2 * at + 1)), {});
}

export const MOST_RANGES = [5, 10, 20, 50, 100, 200] as const;
/** x_bins or y_bins: what is chosen, as far as the axis can be so; undefined: as the server thinks best. */
export function binsOf(chosen: string | null, column: Column | undefined): number | undefined {
  if (!column?.numeric || column.kind === 'metric') return undefined;
  if (chosen === 'each') return column.values ? 0 : undefined;
  return MOST_RANGES.find((most) => String(most) === chosen);
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
const FEW = 20;

/**
 * What a slider of a parameter can be set to beside "any": each of its values, or ranges where values are too many, or drawn at
 * random: one value of a grid leaves a whole map, one of a random sweep leaves some run or other.
 */
export function sliderStops(column: Column, runs = Infinity): SliderStop[] {
  const { minimum, maximum, values } = column;
  const isDrawn = column.numeric && values !== null && values.length > FEW && runs < values.length * FEW;
  const edges = (values && !isDrawn) || minimum === null || maximum === null ? null : neatEdges(minimum, maximum, RANGES, column.integer);
  const axis: Axis = { column, size: edges ? edges.length - 1 : (values?.length ?? 0), values: edges ? null : values, edges };
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
