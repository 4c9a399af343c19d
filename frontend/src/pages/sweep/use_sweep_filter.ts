// The filter of the sweep page's address, for the page and all of its views.
import { useCallback, useMemo, useRef } from 'react';
import { useUrlParams } from '../../parts/url_state';
import { filterOf, filterQuery, paramsOf, runQuery, type FilterQuery, type RunQuery, type SweepFilter } from './sweep_filter';

export type FilterPatch = Partial<SweepFilter> | ((now: SweepFilter) => Partial<SweepFilter>);

export interface SweepFilterState {
  filter: SweepFilter;
  query: FilterQuery; // what every endpoint takes: spread it into params.query
  runs: RunQuery; // what runs and export take
  /** Changes a part; replace: no new entry in the history (typing, sliders, brushes). */
  change: (patch: FilterPatch, options?: { replace?: boolean }) => void;
}

/** The same object as long as it says the same: effects and memos of the views do not run for nothing. */
function useSame<T>(value: T): T {
  const kept = useRef({ text: '', value });
  const text = JSON.stringify(value);
  if (kept.current.text !== text) kept.current = { text, value };
  return kept.current.value;
}

export function useSweepFilter(): SweepFilterState {
  const [params, setParams] = useUrlParams();
  const filter = useSame(filterOf(params));
  const query = useSame(filterQuery(filter));
  const runs = useSame(runQuery(filter));
  const change = useCallback(
    (patch: FilterPatch, options?: { replace?: boolean }) =>
      setParams((now) => {
        const present = filterOf(now);
        return paramsOf({ ...present, ...(typeof patch === 'function' ? patch(present) : patch) }, now);
      }, options),
    [setParams],
  );
  return useMemo(() => ({ filter, query, runs, change }), [filter, query, runs, change]);
}
