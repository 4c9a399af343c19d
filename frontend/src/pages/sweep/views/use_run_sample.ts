import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, data } from '../../../api/client';
import type { RunQuery } from '../sweep_filter';
import { firstStep, furtherSteps, type SampleStep } from './run_sample';
import type { Cell } from './view_columns';

export interface RunSample {
  total: number; // runs that pass the filter
  best: number; // how many of rows are there because they are best; all of them when nothing was left out
  columns: readonly string[];
  rows: readonly (readonly Cell[])[]; // best first
}

async function runPage(id: string, step: SampleStep, columns: readonly string[], signal: AbortSignal) {
  const query = { ...step.query, offset: step.offset, limit: step.limit, columns: columns.join(',') };
  return data(api.GET('/api/v1/sweeps/{id}/runs', { params: { path: { id }, query }, signal }));
}

async function sampleOf(id: string, query: RunQuery, columns: readonly string[], most: number, best: number, signal: AbortSignal): Promise<RunSample> {
  const first = await runPage(id, firstStep(query, most, best), columns, signal);
  const complete = first.total <= most;
  const shown = (complete ? first.rows : first.rows.slice(0, best)) as Cell[][];
  const seen = new Set(shown.map((row) => row[0]));
  for (const step of furtherSteps(query, first.total, most, best)) {
    const page = await runPage(id, step, columns, signal);
    for (const row of page.rows as Cell[][]) if (!seen.has(row[0] ?? null)) shown.push(row);
    if (page.count < step.limit) break;
  }
  return { total: first.total, best: complete ? shown.length : Math.min(best, shown.length), columns, rows: shown };
}

/** Up to `most` done runs under the filter with these columns (the first of them 'run'): the best ones and an even sample. */
export function useRunSample(id: string, query: RunQuery, columns: readonly string[], most: number, best: number) {
  return useQuery({
    queryKey: ['runs', id, 'sample', query, columns, most, best],
    queryFn: ({ signal }) => sampleOf(id, query, columns, most, best, signal),
    placeholderData: keepPreviousData,
  });
}
