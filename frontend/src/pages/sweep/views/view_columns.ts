// The columns a view can show: what a run was given (parameters, series) and what came out (metrics), in one form.
import type { Schemas } from '../../../api/client';
import * as format from '../../../parts/format';
import type { SweepFilter } from '../sweep_filter';

export type MetricName = Schemas['MetricName'];
export type Detail = Schemas['SweepDetail'];
export type Cell = string | number | boolean | null;

export interface Column {
  name: string;
  kind: 'parameter' | 'series' | 'metric';
  numeric: boolean; // else values are names: text, truth values, a mixture
  integer: boolean; // all of its numbers are whole
  unit: string | undefined; // of metrics
  better: number; // 1: higher is better, -1: lower is, 0: neither
  minimum: number | null; // over the sweep
  maximum: number | null;
  values: readonly Cell[] | null; // ascending; null: too many, or a metric
  varies: boolean;
}

const isNumeric = (type: string): boolean => type === 'int' || type === 'float';

function seriesColumns(detail: Detail): Column[] {
  return (['symbol', 'interval'] as const).map((name) => {
    const values = [...new Set(detail.series.map((series) => series[name] as string))];
    return { name, kind: 'series', numeric: false, integer: false, unit: undefined, better: 0, minimum: null, maximum: null, values, varies: values.length > 1 };
  });
}

/** Parameters and the series a run is of, in the sweep's order. */
export function inputColumns(detail: Detail): Column[] {
  const parameters = detail.parameters.map((p): Column => ({
    name: p.name,
    kind: 'parameter',
    numeric: isNumeric(p.type),
    integer: p.type === 'int',
    unit: undefined,
    better: 0,
    minimum: p.minimum,
    maximum: p.maximum,
    values: p.values as Cell[] | null,
    varies: !p.constant,
  }));
  return [...parameters, ...seriesColumns(detail)];
}

export function metricColumns(detail: Detail): Column[] {
  return detail.metrics.map((m): Column => ({
    name: m.name,
    kind: 'metric',
    numeric: true,
    integer: m.unit === 'count' || m.unit === 'bars',
    unit: m.unit,
    better: m.better,
    minimum: m.minimum,
    maximum: m.maximum,
    values: null,
    varies: m.minimum !== m.maximum,
  }));
}

export interface Columns {
  inputs: Column[]; // those that vary
  metrics: Column[];
  byName: ReadonlyMap<string, Column>;
  rank: Column; // what the sweep ranks by, its `better` as the sweep says
}

const unknownMetric: Column = { name: 'profitRate', kind: 'metric', numeric: true, integer: false, unit: 'ratio', better: 1, minimum: null, maximum: null, values: null, varies: false };

export function columnsOf(detail: Detail): Columns {
  const inputs = inputColumns(detail);
  const metrics = metricColumns(detail);
  const byName = new Map([...inputs, ...metrics].map((column) => [column.name, column]));
  const ranked = (detail.rank && byName.get(detail.rank.metric)) ?? byName.get('profitRate') ?? unknownMetric;
  const better = detail.rank ? (detail.rank.direction === 'min' ? -1 : 1) : ranked.better;
  return { inputs: inputs.filter((column) => column.varies), metrics, byName, rank: { ...ranked, better } };
}

/** The metric the views show: as chosen, else what the sweep ranks by. A name that is none is as if nothing was chosen. */
export function shownMetric(columns: Columns, filter: Pick<SweepFilter, 'metric'>): Column {
  if (filter.metric === columns.rank.name) return columns.rank;
  return columns.metrics.find((column) => column.name === filter.metric) ?? columns.rank;
}

export function formatCell(column: Column, cell: Cell | undefined): string {
  if (column.kind === 'metric') return format.metric(column.name, column.unit, typeof cell === 'number' ? cell : null);
  return format.value(cell);
}

/** Shorter, for the ticks of an axis and cells of a map. */
export function formatTick(column: Column, cell: Cell | undefined): string {
  if (typeof cell !== 'number') return formatCell(column, cell);
  if (column.kind !== 'metric') return format.significant(cell, 4);
  if (column.name === 'start' || column.name === 'end') return format.time(cell).slice(0, 10);
  if (column.unit === 'ratio') return `${format.significant(cell * 100, 3)}%`;
  if (column.unit === 'ms') return format.duration(cell / 1000).replace(/(\d+ [dh]).*/, '$1');
  return Math.abs(cell) >= 10_000 ? format.count(cell) : format.significant(cell, 3);
}

/** Writes figures of a map that stand beside each other: as many decimals in each, enough for three digits of the largest. */
export function figureWriter(column: Column, largest: number): (figure: number) => string {
  if (column.kind === 'metric' && column.unit === 'ms') return (figure) => formatTick(column, figure);
  const percent = column.kind === 'metric' && column.unit === 'ratio';
  const size = Math.abs(largest) * (percent ? 100 : 1);
  const digits = column.integer || !(size > 0) ? 0 : Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(size))));
  return (figure) => `${format.fixed(figure * (percent ? 100 : 1), digits)}${percent ? '%' : ''}`;
}

/** What a parameter's value is in fixed.NAME=. */
export const fixedText = (cell: Cell): string => (cell === null ? 'none' : String(cell));

/** The place of a value among those of a column, or -1. */
export const indexOfValue = (column: Column, cell: Cell | undefined): number =>
  cell === undefined ? -1 : (column.values ?? []).findIndex((value) => fixedText(value) === fixedText(cell));
