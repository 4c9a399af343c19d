import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, data } from '../../../api/client';
import type { RunQuery } from '../sweep_filter';
import { curveOf, inOrder, runsWhere, sparklineCurve, type Curve } from './equity_curves';
import { doneQuery } from './run_sample';
import type { Cell } from './view_columns';

export const POINTS = 600; // of a curve: what a wide screen shows

export interface EquityRow {
  run: number;
  cells: ReadonlyMap<string, Cell>;
  sparkline: readonly (number | null)[];
}
export interface EquityRows {
  total: number;
  rows: EquityRow[];
}

async function rowsOf(id: string, query: RunQuery, limit: number, columns: readonly string[], compare: readonly number[], signal: AbortSignal): Promise<EquityRows> {
  const found = { ...query, limit, columns: columns.join(','), sparkline: true };
  const page = await data(api.GET('/api/v1/sweeps/{id}/runs', { params: { path: { id }, query: found }, signal }));
  const rows = (page.rows as Cell[][]).map((cells, i) => ({ cells, sparkline: page.sparklines?.[i] ?? [] }));
  const ordered = compare.length > 0 ? inOrder(rows.map((row) => row.cells), compare).map((cells) => rows.find((row) => row.cells === cells) as (typeof rows)[number]) : rows;
  return {
    total: page.total,
    rows: ordered.map((row) => ({ run: row.cells[0] as number, cells: new Map(page.columns.map((name, i) => [name, row.cells[i] ?? null])), sparkline: row.sparkline })),
  };
}

/** The first `top` done runs in the table's order, or the compared ones. columns: the first is 'run'. */
export function useEquityRows(id: string, runs: RunQuery, top: number, compare: readonly number[], columns: readonly string[]) {
  const query: RunQuery = compare.length > 0 ? { where: runsWhere(compare), status: 'done' } : { ...doneQuery(runs), ...(runs.sort ? { sort: runs.sort } : {}) };
  const limit = compare.length > 0 ? compare.length : top;
  return useQuery({
    queryKey: ['runs', id, 'equity', query, limit, columns],
    queryFn: ({ signal }) => rowsOf(id, query, limit, columns, compare, signal),
    placeholderData: keepPreviousData,
  });
}

const numberIn = (row: EquityRow, name: string): number => {
  const cell = row.cells.get(name);
  return typeof cell === 'number' ? cell : NaN;
};

async function runCurve(id: string, row: EquityRow, signal: AbortSignal): Promise<Curve> {
  const path = { id, n: row.run };
  // Asked first, because what a run's curve can be made of is known there: a curve that was not kept would be an error.
  const run = await data(api.GET('/api/v1/sweeps/{id}/runs/{n}', { params: { path }, signal }));
  const series = `${run.symbol} ${run.interval}`;
  const base = numberIn(row, 'initialBalance') || (row.sparkline[0] ?? NaN);
  if (run.curve === null) return sparklineCurve(row.run, series, row.sparkline, base, run.from, run.to);
  const equity = await data(api.GET('/api/v1/sweeps/{id}/runs/{n}/equity', { params: { path, query: { points: POINTS } }, signal }));
  return curveOf(row.run, series, equity, base);
}

/** The curves of rows of a sweep that was started then (another of its name has other runs), in their order, as far as they have arrived; and the first error. */
export function useCurves(id: string, startedAt: string | null, rows: readonly EquityRow[]): { curves: Curve[]; waiting: number; error: unknown } {
  const answers = useQueries({
    queries: rows.map((row) => ({
      // Not under the sweep's id: that is asked for anew whenever runs come, but a finished run does not change.
      queryKey: ['curve', `${id} ${startedAt}`, row.run, POINTS],
      queryFn: ({ signal }: { signal: AbortSignal }) => runCurve(id, row, signal),
      staleTime: Infinity,
    })),
    combine: (found) => ({ curves: found.flatMap((one) => (one.data ? [one.data] : [])), waiting: found.filter((one) => one.isPending && one.fetchStatus !== 'idle').length, error: found.find((one) => one.isError)?.error ?? null }),
  });
  return useMemo(() => answers, [answers]);
}
