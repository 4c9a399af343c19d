// Which runs of a sweep are looked at, and how: one value, shared by the table and every view. It lives in the page's address, so a
// pasted link shows the same, and it becomes the query of the API. Names in the address are those of the API where there is one.
// What cannot be read in an address (a typo, an old link) is left out, never an error. Pure functions; the hook is use_sweep_filter.ts.
import type { Schemas } from '../../api/client';

export type RunStatus = Schemas['RunStatus'];
export const STATUSES: readonly RunStatus[] = ['done', 'failed', 'time limit', 'memory limit', 'crashed'];
export const VIEWS = ['table', 'heatmap', 'parallel', 'distribution', 'importance', 'equity', 'scatter'] as const;
export type ViewName = (typeof VIEWS)[number];
export const SORT_KEYS = 3;
export const COMPARED = 5;

export interface SortKey {
  column: string;
  descending: boolean;
}
export interface Bound {
  min?: number;
  max?: number;
}
export interface SweepFilter {
  sort: readonly SortKey[]; // none: as the sweep ranks
  where: string; // a condition as in `kmill top --where`
  bounds: Readonly<Record<string, Bound>>; // of numeric columns; brushes of the parallel coordinates are these too
  fixed: Readonly<Record<string, string>>; // one value of a parameter, symbol or interval
  status: readonly RunStatus[]; // none: all
  ranked: boolean; // only what the sweep's own filters leave, as `kmill top` does
  columns: readonly string[] | null; // of the table; null: those chosen by default
  showConstant: boolean; // also parameters that have one value
  view: ViewName;
  metric: string | null; // what the views show; null: what the sweep ranks by
  compare: readonly number[]; // numbers of the selected runs
}

/** The part of the API's query that runs, export, heatmap, distribution and importance all take. */
export interface FilterQuery {
  where?: string;
  ranked?: boolean;
  [bound: `min.${string}` | `max.${string}`]: number;
  [fixed: `fixed.${string}`]: string;
}
/** What runs and export take beside it. */
export interface RunQuery extends FilterQuery {
  sort?: string;
  status?: string;
}

export const NO_FILTER: SweepFilter = {
  sort: [],
  where: '',
  bounds: {},
  fixed: {},
  status: [],
  ranked: true,
  columns: null,
  showConstant: false,
  view: 'table',
  metric: null,
  compare: [],
};

// ---- sort ----

export const sortText = (sort: readonly SortKey[]): string => sort.map((key) => (key.descending ? '-' : '') + key.column).join(',');

export function sortOf(text: string): SortKey[] {
  const keys: SortKey[] = [];
  for (const item of text.split(',')) {
    const descending = item.trim().startsWith('-');
    const column = item.trim().replace(/^[-+]/, '');
    if (column && keys.length < SORT_KEYS && !keys.some((key) => key.column === column)) keys.push({ column, descending });
  }
  return keys;
}

/**
 * A click on a column's header: the column's first direction, then the other, then no key. `add` (shift) keeps the other keys;
 * a fourth one takes the place of the third.
 */
export function sortClicked(sort: readonly SortKey[], column: string, descendingFirst: boolean, add: boolean): SortKey[] {
  const present = sort.find((key) => key.column === column);
  const first = { column, descending: descendingFirst };
  const second = { column, descending: !descendingFirst };
  const next = !present ? first : present.descending === descendingFirst ? second : null;
  if (!add) return next && !(present && sort.length > 1) ? [next] : present && sort.length > 1 ? [first] : [];
  if (present) return sort.flatMap((key) => (key !== present ? [key] : next ? [next] : []));
  return [...sort.slice(0, SORT_KEYS - 1), first];
}

// ---- bounds ----

/** bounds with one side of a column set, or taken away (undefined). */
export function withBound(bounds: SweepFilter['bounds'], column: string, side: 'min' | 'max', value: number | undefined): SweepFilter['bounds'] {
  const { [column]: old, ...rest } = bounds;
  const next: Bound = { ...old };
  delete next[side];
  if (value !== undefined) next[side] = value;
  return next.min === undefined && next.max === undefined ? rest : { ...rest, [column]: next };
}

/** fixed with a parameter set, or freed ('' or undefined). */
export function withFixed(fixed: SweepFilter['fixed'], name: string, value: string | undefined): SweepFilter['fixed'] {
  const { [name]: _old, ...rest } = fixed;
  return value ? { ...rest, [name]: value } : rest;
}

// ---- the address ----

const NAMES = ['sort', 'where', 'ranked', 'status', 'columns', 'constant', 'view', 'metric', 'compare'];
const DOTTED = ['min.', 'max.', 'fixed.'];
const isOurs = (name: string): boolean => NAMES.includes(name) || DOTTED.some((prefix) => name.startsWith(prefix));

function numberOf(text: string): number | undefined {
  const value = text.trim() === '' ? NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

const listOf = (text: string | null): string[] => [...new Set((text ?? '').split(',').map((item) => item.trim()).filter(Boolean))];

export function filterOf(params: URLSearchParams): SweepFilter {
  let bounds: SweepFilter['bounds'] = {};
  let fixed: SweepFilter['fixed'] = {};
  for (const [name, value] of params) {
    if (name.startsWith('fixed.') && name.length > 6) fixed = withFixed(fixed, name.slice(6), value);
    const side = name.startsWith('min.') ? 'min' : name.startsWith('max.') ? 'max' : undefined;
    if (side && name.length > 4) bounds = withBound(bounds, name.slice(4), side, numberOf(value));
  }
  const view = params.get('view') as ViewName;
  const columns = listOf(params.get('columns'));
  return {
    sort: sortOf(params.get('sort') ?? ''),
    where: params.get('where') ?? '',
    bounds,
    fixed,
    status: STATUSES.filter((status) => listOf(params.get('status')).includes(status)),
    columns: columns.length > 0 ? columns : null,
    ranked: params.get('ranked') !== 'false',
    showConstant: params.get('constant') === 'show',
    view: VIEWS.includes(view) ? view : 'table',
    metric: params.get('metric') || null,
    compare: listOf(params.get('compare')).filter((item) => /^\d{1,15}$/.test(item)).map(Number).slice(0, COMPARED),
  };
}

/** The address of a filter; parameters of others (a view's own) stay as they are in `from`. */
export function paramsOf(filter: SweepFilter, from: URLSearchParams = new URLSearchParams()): URLSearchParams {
  const params = new URLSearchParams();
  const set = (name: string, value: string): void => {
    if (value) params.set(name, value);
  };
  set('view', filter.view === 'table' ? '' : filter.view);
  set('metric', filter.metric ?? '');
  set('sort', sortText(filter.sort));
  set('where', filter.where);
  set('ranked', filter.ranked ? '' : 'false');
  for (const [name, value] of Object.entries(filterQuery({ ...filter, where: '', ranked: false }))) set(name, String(value));
  set('status', filter.status.join(','));
  set('columns', filter.columns?.join(',') ?? '');
  set('constant', filter.showConstant ? 'show' : '');
  set('compare', filter.compare.join(','));
  for (const [name, value] of from) if (!isOurs(name)) params.append(name, value);
  return params;
}

// ---- the API ----

export function filterQuery(filter: Pick<SweepFilter, 'where' | 'ranked' | 'bounds' | 'fixed'>): FilterQuery {
  const query: FilterQuery = filter.ranked ? { ranked: true } : {};
  if (filter.where.trim()) query.where = filter.where;
  for (const [column, bound] of Object.entries(filter.bounds)) {
    if (bound.min !== undefined) query[`min.${column}`] = bound.min;
    if (bound.max !== undefined) query[`max.${column}`] = bound.max;
  }
  for (const [name, value] of Object.entries(filter.fixed)) query[`fixed.${name}`] = value;
  return query;
}

export function runQuery(filter: SweepFilter): RunQuery {
  const query: RunQuery = filterQuery(filter);
  if (filter.status.length > 0) query.status = filter.status.join(',');
  if (filter.sort.length > 0) query.sort = sortText(filter.sort);
  return query;
}

/** How many conditions are set: chips, and whether there is something to clear. */
export const conditionCount = (filter: SweepFilter): number =>
  Object.keys(filter.bounds).length + Object.keys(filter.fixed).length + (filter.where.trim() ? 1 : 0) + (filter.status.length > 0 ? 1 : 0);

/** What an address can ask for in vain. */
export const tableReset = { where: '', bounds: {}, fixed: {}, status: [], sort: [], columns: null } satisfies Partial<SweepFilter>;

export const withoutConditions = { where: '', bounds: {}, fixed: {}, status: [] } satisfies Partial<SweepFilter>;
