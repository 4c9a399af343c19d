// The rows that are in view, fetched in pages of 200; never more than a few pages are held. While a new filter or order is answered
// the rows of the one before stay, so that nothing flickers; while scrolling, rows that are not there yet are undefined. Equity
// curves take the server longer than figures: they come after the rows, for the rows in view only.
import { useQueries } from '@tanstack/react-query';
import { useRef } from 'react';
import { api, data, type Schemas } from '../../api/client';
import type { RunQuery } from './sweep_filter';

export const PAGE = 200;
const CURVES = 50;
type RunPage = Schemas['RunPage'];
export type RunRow = RunPage['rows'][number];

export interface RowRange {
  first: number;
  last: number; // not included
}
export interface RunPages {
  total: number | undefined;
  columns: readonly string[];
  row: (index: number) => RunRow | undefined;
  curve: (index: number) => readonly (number | null)[] | undefined;
  stale: boolean; // of the filter before
  error: unknown;
  retry: () => void;
}

/** Numbers of the pages of `size` that hold the rows first … last - 1. */
export function pageNumbers({ first, last }: RowRange, size: number, total?: number): number[] {
  const end = total === undefined ? last : Math.min(last, total);
  const from = Math.floor(Math.max(0, Math.min(first, end - 1)) / size);
  const to = Math.floor(Math.max(0, end - 1) / size);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

const pageQuery = (id: string, query: RunQuery & { columns?: string }, page: number) => ({
  queryKey: ['runs', id, query, page],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    data<RunPage>(api.GET('/api/v1/sweeps/{id}/runs', { params: { path: { id }, query: { ...query, offset: page * PAGE, limit: PAGE } }, signal })),
  gcTime: 30_000,
});

const curveQuery = (id: string, query: RunQuery, page: number) => ({
  queryKey: ['runs', id, { ...query, columns: 'run' }, 'curves', page],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    data<RunPage>(api.GET('/api/v1/sweeps/{id}/runs', { params: { path: { id }, query: { ...query, columns: 'run', sparkline: true, offset: page * CURVES, limit: CURVES } }, signal })),
  gcTime: 30_000,
});

interface Shown {
  key: string;
  total: number;
  columns: readonly string[];
  pages: Map<number, RunPage>;
}

export function useRunPages(id: string, runs: RunQuery, columns: readonly string[] | null, range: RowRange): RunPages {
  const query = columns ? { ...runs, columns: columns.join(',') } : runs;
  const key = JSON.stringify([id, query]);
  const shown = useRef<Shown | null>(null);
  const known = shown.current?.key === key ? shown.current.total : undefined;
  const numbers = pageNumbers(range, PAGE, known);
  const answers = useQueries({ queries: numbers.map((page) => pageQuery(id, query, page)) });
  const ready = new Map(numbers.flatMap((page, i) => (answers[i]?.data ? [[page, answers[i].data] as const] : [])));
  const newest = [...ready.values()][0];
  if (newest) shown.current = { key, total: newest.total, columns: newest.columns, pages: ready };
  else if (shown.current?.key === key) shown.current = { ...shown.current, pages: ready };
  const stale = shown.current !== null && shown.current.key !== key;

  const curveNumbers = known === undefined ? [] : pageNumbers(range, CURVES, known);
  const curves = useQueries({ queries: curveNumbers.map((page) => ({ ...curveQuery(id, runs, page), enabled: known !== undefined && known > 0 })) });
  const curvePages = new Map(curveNumbers.map((page, i) => [page, curves[i]?.data?.sparklines]));

  const failed = answers.find((answer) => answer.isError);
  return {
    total: shown.current?.total,
    columns: shown.current?.columns ?? [],
    row: (index) => shown.current?.pages.get(Math.floor(index / PAGE))?.rows[index % PAGE],
    curve: (index) => (stale ? undefined : curvePages.get(Math.floor(index / CURVES))?.[index % CURVES]),
    stale,
    error: failed?.error ?? null,
    retry: () => void Promise.all(answers.map((answer) => answer.refetch())),
  };
}
