// What the run page shows, from the server.
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { api, data, type Schemas } from '../../api/client';
import { filterOf, runQuery, sortText } from '../sweep/sweep_filter';
import { atLeastAsGood, firstKey, neighbourPage, neighboursIn, type Neighbours } from './rank_query';

export type RunDetail = Schemas['RunDetail'];
export type SweepDetail = Schemas['SweepDetail'];

export const useRun = (id: string, n: number) =>
  useQuery({
    queryKey: ['run', id, n],
    enabled: Number.isSafeInteger(n) && n >= 0,
    queryFn: ({ signal }) => data(api.GET('/api/v1/sweeps/{id}/runs/{n}', { params: { path: { id, n } }, signal })),
  });

export const useSweep = (id: string) =>
  useQuery({
    queryKey: ['sweep', id],
    queryFn: ({ signal }) => data(api.GET('/api/v1/sweeps/{id}', { params: { path: { id } }, signal })),
  });

/** The runs before and after this one in the order and filter that the address carries; null: it has no place there. */
export function useNeighbours(sweep: SweepDetail | undefined, run: RunDetail | undefined): Neighbours | null {
  const [params] = useSearchParams();
  const filter = filterOf(params);
  const rank = sweep?.rank;
  const key = rank ? firstKey(filter, rank) : undefined;
  const query = key ? { ...runQuery(filter), sort: filter.sort.length > 0 ? sortText(filter.sort) : sortText([key]) } : undefined;
  const id = sweep?.id ?? '';
  const page = (wanted: Record<string, string | number | boolean>, signal: AbortSignal) =>
    data(api.GET('/api/v1/sweeps/{id}/runs', { params: { path: { id }, query: wanted as never }, signal }));

  const { data: found } = useQuery({
    queryKey: ['neighbours', id, run?.run, query],
    enabled: query !== undefined && run !== undefined,
    retry: false,
    queryFn: async ({ signal }): Promise<Neighbours | null> => {
      if (!query || !run || !key) return null;
      const own = key.column === 'run' ? run.run : (run.metrics[key.column as keyof typeof run.metrics] ?? run.params[key.column]);
      if (typeof own !== 'number') return null;
      const before = await page({ ...atLeastAsGood(query, key, own), columns: 'run', limit: 1 }, signal);
      const { offset, limit } = neighbourPage(before.total);
      const around = await page({ ...query, columns: 'run', offset, limit }, signal);
      return neighboursIn(around.rows.map((row) => Number(row[0])), run.run, offset, around.total);
    },
  });
  return found ?? null;
}
