// Where a run stands in the order of the sweep page it was opened from, without reading that order from its beginning: the number of
// runs that are at least as good in the first sort key is the end of the run's place (with ties before it), so the page of runs that
// ends there holds it and its neighbours.
import type { RunQuery, SortKey, SweepFilter } from '../sweep/sweep_filter';

const PAGE = 1000; // of the API; more ties than this before a run are not searched

/** What the runs are sorted by first: as the address says, else as the sweep ranks. */
export function firstKey(filter: Pick<SweepFilter, 'sort'>, rank: { metric: string; direction: 'max' | 'min' }): SortKey {
  return filter.sort[0] ?? { column: rank.metric, descending: rank.direction === 'max' };
}

/** The query whose total is the number of runs up to and including those that tie with `value` in `key`. */
export function atLeastAsGood(query: RunQuery, key: SortKey, value: number): RunQuery {
  return { ...query, [`${key.descending ? 'min' : 'max'}.${key.column}`]: value };
}

/** The page that holds the run and the one after it, given that total. */
export function neighbourPage(total: number): { offset: number; limit: number } {
  const offset = Math.max(0, total + 1 - PAGE);
  return { offset, limit: Math.max(1, total + 1 - offset) };
}

export interface Neighbours {
  place: number; // from 1
  total: number;
  previous: number | null;
  next: number | null;
}

export function neighboursIn(runs: readonly number[], run: number, offset: number, total: number): Neighbours | null {
  const at = runs.indexOf(run);
  if (at < 0) return null;
  return { place: offset + at + 1, total, previous: runs[at - 1] ?? null, next: runs[at + 1] ?? null };
}
