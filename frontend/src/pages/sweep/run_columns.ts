// The columns of the run table: what each holds, how its cells are written, how it sorts and filters. Known from the name where it is a
// metric, so that rows can be shown before the sweep's details are there; parameters tell by their cells until then.
import type { Schemas } from '../../api/client';
import { fixed, metric, missing, significant, signClass, time, value } from '../../parts/format';
import { metricUnit } from '../../parts/metric_units';

export type Cell = Schemas['Cell'];
type Detail = Schemas['SweepDetail'];
export type ColumnKind = 'number' | 'ratio' | 'duration' | 'time' | 'text' | 'truth' | 'status';

export interface RunColumn {
  name: string;
  kind: ColumnKind;
  group: 'run' | 'parameter' | 'metric';
  width: number; // px
  descendingFirst: boolean; // the first click on the header
  hint: string; // formula, or range of values
  choices: readonly string[] | null; // values to choose from, of text and truth columns
}
/** A column of the table, and where its cells are in a row of the answer. */
export interface PlacedColumn extends RunColumn {
  at: number;
}

const RUN_COLUMNS = ['run', 'status', 'symbol', 'interval', 'elapsed', 'error'];
const SIGNED = new Set(['profit', 'profitRate', 'cagr', 'expectancy', 'alpha', 'averageTrade', 'buyHoldReturn']);

export const isNumeric = (column: RunColumn): boolean => !['text', 'truth', 'status'].includes(column.kind);

function metricKind(name: string): ColumnKind {
  if (name === 'start' || name === 'end') return 'time';
  const unit = metricUnit(name);
  return unit === 'ratio' ? 'ratio' : unit === 'ms' ? 'duration' : 'number';
}

function parameterKind(type: Schemas['ParameterColumn']['type'] | undefined, sample: Cell | undefined): ColumnKind {
  if (type) return type === 'int' || type === 'float' ? 'number' : type === 'bool' ? 'truth' : 'text';
  return typeof sample === 'string' ? 'text' : typeof sample === 'boolean' ? 'truth' : 'number';
}

const KIND_WIDTH: Readonly<Record<ColumnKind, number>> = { number: 96, ratio: 96, duration: 108, time: 132, text: 96, truth: 84, status: 84 };

/** Wide enough for its name, its order number and its two fields. */
function widthOf(name: string, kind: ColumnKind): number {
  if (name === 'run') return 92;
  if (name === 'error') return 260;
  return Math.max(KIND_WIDTH[kind], Math.min(230, Math.round(name.length * 7.8 + 42)));
}

const distinctText = (items: readonly string[]): string[] => [...new Set(items)].sort();

function runColumn(name: string, detail: Detail | undefined): Pick<RunColumn, 'kind' | 'choices'> {
  if (name === 'status') return { kind: 'status', choices: null };
  if (name === 'symbol') return { kind: 'text', choices: detail ? distinctText(detail.series.map((s) => s.symbol)) : null };
  if (name === 'interval') return { kind: 'text', choices: detail ? distinctText(detail.series.map((s) => s.interval)) : null };
  return { kind: name === 'error' ? 'text' : 'number', choices: null };
}

export function columnOf(name: string, detail: Detail | undefined, sample?: Cell): RunColumn {
  const parameter = detail?.parameters.find((p) => p.name === name);
  if (!parameter && RUN_COLUMNS.includes(name)) {
    const { kind, choices } = runColumn(name, detail);
    return { name, kind, group: 'run', width: widthOf(name, kind), descendingFirst: false, hint: '', choices };
  }
  if (!parameter && metricUnit(name)) {
    const kind = metricKind(name);
    const known = detail?.metrics.find((m) => m.name === name);
    return { name, kind, group: 'metric', width: widthOf(name, kind), descendingFirst: (known?.better ?? 1) >= 0, hint: known?.formula ?? '', choices: null };
  }
  const kind = parameterKind(parameter?.type, sample);
  const choices = parameter?.values && kind !== 'number' ? parameter.values.map((v) => (v === null ? 'none' : String(v))) : null;
  const hint = parameter && parameter.minimum !== null ? `${value(parameter.minimum)} … ${value(parameter.maximum)}` : '';
  return { name, kind, group: 'parameter', width: widthOf(name, kind), descendingFirst: false, hint, choices };
}

/** Everything the table can show, in the order it shows it. */
export const allColumns = (detail: Detail): string[] => [
  'run',
  'status',
  'symbol',
  'interval',
  ...detail.parameters.map((p) => p.name),
  ...detail.metrics.map((m) => m.name as string),
  'elapsed',
  'error',
];

/** Columns that say the same in every run so far; a status that is not `done` always says something. */
export function constantColumns(detail: Detail): Set<string> {
  const names = detail.parameters.filter((p) => p.constant).map((p) => p.name);
  const metrics = detail.metrics.filter((m) => m.minimum !== null && m.minimum === m.maximum && m.undefined === 0).map((m) => m.name as string);
  const series = detail.series.length === 1 ? ['symbol', 'interval'] : [];
  const isAllDone = Object.entries(detail.statuses).every(([name, runs]) => runs === 0 || name === 'done');
  const status = isAllDone ? ['status'] : [];
  return new Set([...names, ...metrics, ...series, ...status]);
}

/**
 * The `columns` of the query; null: the server's choice, which is known without the details. `usual`: what that choice was.
 * The run and its status are always there: the row's link and its badge.
 */
export function wantedColumns(chosen: readonly string[] | null, showConstant: boolean, detail: Detail | undefined, usual: readonly string[] | undefined): string[] | null {
  if (chosen) {
    const hidden = detail && !showConstant ? constantColumns(detail) : new Set<string>();
    return ['run', 'status', ...chosen.filter((name) => name !== 'run' && name !== 'status' && !hidden.has(name))];
  }
  if (!showConstant || !detail || !usual) return null;
  const parameters = detail.parameters.map((p) => p.name);
  const rest = usual.filter((name) => name !== 'run' && name !== 'status' && !parameters.includes(name));
  const series = ['symbol', 'interval'].filter((name) => !rest.includes(name));
  return ['run', 'status', ...series, ...parameters, ...rest];
}

/** Columns of an answer that are drawn, and where they are in its rows: the status only if it says something. */
export function shownColumns(names: readonly string[], detail: Detail | undefined, showConstant: boolean): { name: string; at: number }[] {
  const isHidden = detail && !showConstant && constantColumns(detail).has('status');
  return names.map((name, at) => ({ name, at })).filter(({ name }) => !isHidden || name !== 'status');
}

/** `chosen` with one column more or less, in the table's order. */
export function toggledColumn(chosen: readonly string[], name: string, all: readonly string[]): string[] {
  if (chosen.includes(name)) return chosen.filter((other) => other !== name);
  const order = new Map(all.map((item, at) => [item, at]));
  return [...chosen, name].sort((a, b) => (order.get(a) ?? all.length) - (order.get(b) ?? all.length));
}

export function cellText(column: RunColumn, cell: Cell | undefined): string {
  if (cell === null || cell === undefined || cell === '') return missing;
  if (column.kind === 'time') return time(typeof cell === 'boolean' ? null : cell);
  if (typeof cell !== 'number') return value(cell);
  if (column.name === 'run') return String(cell);
  if (column.name === 'elapsed') return `${cell < 10 ? fixed(cell, 3) : significant(cell, 5)} s`;
  if (column.group !== 'metric') return value(cell);
  // As many decimals in every row: the points stand below each other.
  if (metricUnit(column.name) === 'number' && Math.abs(cell) < 10_000) return fixed(cell, 4);
  return metric(column.name, metricUnit(column.name), cell);
}

export const cellClass = (column: RunColumn, cell: Cell | undefined): string => (SIGNED.has(column.name) && typeof cell === 'number' ? signClass(cell) : '');
