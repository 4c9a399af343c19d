// The trades of a run, page by page as they are scrolled to.
import { useQueries } from '@tanstack/react-query';
import { api, data, type Schemas } from '../../api/client';

export type Trade = Schemas['PlacedTrade'];
const PAGE = 250;

/** Trade number i, where it is here already; the pages of [first, last] are fetched. */
export function useTradePages(id: string, n: number, first: number, last: number): { at: (i: number) => Trade | undefined; error: unknown } {
  const begin = Math.floor(first / PAGE);
  const pages = Array.from({ length: Math.max(0, Math.floor(last / PAGE) - begin + 1) }, (_, i) => begin + i);
  const answers = useQueries({
    queries: pages.map((page) => ({
      queryKey: ['trades', id, n, page],
      staleTime: Infinity, // of a finished run
      gcTime: 60_000,
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        data(api.GET('/api/v1/sweeps/{id}/runs/{n}/trades', { params: { path: { id, n }, query: { offset: page * PAGE, limit: PAGE } }, signal })),
    })),
  });
  return {
    at: (i) => answers[Math.floor(i / PAGE) - begin]?.data?.trades[i % PAGE],
    error: answers.find(({ error }) => error)?.error,
  };
}
