// Which series the page lists, and in which order: from the page's address.
import type { Schemas } from '../../api/client';
import { intervalStep } from '../../charts/candles/interval_step';
import { listSortOf, type ListSort } from '../../parts/list_sort';
import { hasWords } from '../../parts/SearchField';

export type Series = Schemas['SeriesSummary'];

/** Symbol, interval, source or origin have every word of the search. */
export const isFound = (series: Series, search: string): boolean => hasWords(`${series.symbol} ${series.interval} ${series.source} ${series.origin}`, search);

type Order = string | number | null;
const at = (time: string | null): Order => (time ? Date.parse(time) : null);

export const sortValues = {
  symbol: (series: Series): Order => series.symbol,
  interval: (series: Series): Order => intervalStep(series.interval),
  first: (series: Series): Order => at(series.first_open_time),
  last: (series: Series): Order => at(series.last_open_time),
  count: (series: Series): Order => series.count,
  gaps: (series: Series): Order => series.gap_count,
  missing: (series: Series): Order => series.missing_candles,
  odd: (series: Series): Order => series.odd_count,
  partial: (series: Series): Order => series.partial_count,
  source: (series: Series): Order => series.source,
} as const;
export type SortColumn = keyof typeof sortValues;

export type SeriesSort = ListSort<SortColumn>;
export const seriesSortOf = (text: string | null): SeriesSort | null => listSortOf(text, sortValues);

/** The next order when a heading is clicked: names ascend first, numbers descend; a third click takes the order back. */
export function nextSort(now: SeriesSort | null, column: SortColumn): string | null {
  const firstDescends = column !== 'symbol' && column !== 'interval' && column !== 'source';
  if (now?.column !== column) return firstDescends ? `-${column}` : column;
  if (now.descending !== firstDescends) return null;
  return now.descending ? column : `-${column}`;
}

/** Sorted, what is not known last; equal ones stay as they were (by symbol, then from the shortest interval). */
export function sorted(list: readonly Series[], sort: SeriesSort | null): readonly Series[] {
  if (!sort) return list;
  const valueOf = sortValues[sort.column];
  const sign = sort.descending ? -1 : 1;
  return list.toSorted((left, right) => {
    const a = valueOf(left);
    const b = valueOf(right);
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return a === b ? 0 : (a < b ? -1 : 1) * sign;
  });
}

export interface Finding {
  kind: string; // odd, partial, ...; '' where the line has none
  time: number | null; // ms
  text: string;
}

/** The lines of a check report, `kind: time: text` or `kind: text`, without the gaps: those are listed on their own. */
export function findings(report: string): Finding[] {
  return report
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('gap:'))
    .map((line) => {
      const [, kind = '', iso = '', text = line] = /^(\w+): (?:(\d{4}-\d\d-\d\dT[\d:.+]+): )?(.*)$/.exec(line) ?? [];
      const time = Date.parse(iso);
      return { kind, time: Number.isNaN(time) ? null : time, text };
    });
}
