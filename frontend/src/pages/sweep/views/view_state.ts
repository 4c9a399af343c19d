// What a view lets choose (axes, bins, ...) stands in the page's address under the view's prefix: hm.x, di.bins. A choice and a change
// of the shared filter that belong together are one step of the history, so the back button takes both back.
import { useCallback, useMemo } from 'react';
import { patched, useUrlParams, type Patch } from '../../../parts/url_state';
import { filterOf, paramsOf, type SweepFilter } from '../sweep_filter';

export type FilterChange = (now: SweepFilter) => Partial<SweepFilter>;

export interface ViewState {
  /** The chosen value of a name, or null. */
  get: (name: string) => string | null;
  /** Changes own values (null: back to the default) and, with them, the shared filter. */
  set: (own: Record<string, string | null>, options?: { filter?: FilterChange; replace?: boolean }) => void;
}

/** The address after a change of own values and of the filter. */
export function changedParams(now: URLSearchParams, prefix: string, own: Record<string, string | null>, filter?: FilterChange): URLSearchParams {
  const patch: Patch = Object.fromEntries(Object.entries(own).map(([name, value]) => [`${prefix}.${name}`, value]));
  if (!filter) return patched(now, patch);
  const present = filterOf(now);
  return patched(paramsOf({ ...present, ...filter(present) }, now), patch);
}

export function useViewState(prefix: string): ViewState {
  const [params, setParams] = useUrlParams();
  const set = useCallback<ViewState['set']>(
    (own, options = {}) => setParams((now) => changedParams(now, prefix, own, options.filter), options),
    [prefix, setParams],
  );
  return useMemo(() => ({ get: (name) => params.get(`${prefix}.${name}`) || null, set }), [params, prefix, set]);
}
