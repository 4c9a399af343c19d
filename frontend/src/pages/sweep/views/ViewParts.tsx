// What the views have in common: fields to choose with, the answer of a query in its states, the switch between chart and table.
import type { UseQueryResult } from '@tanstack/react-query';
import { useId, type ReactNode } from 'react';
import { useT } from '../../../i18n';
import { Empty, Failure } from '../../../parts/states';
import { rankingFilter } from '../filter_chips';
import { conditionCount, type SweepFilter } from '../sweep_filter';
import { shownMetric, type Columns, type Detail } from './view_columns';
import type { SweepFilterState } from '../use_sweep_filter';
import './views.css';

export function Choice({ label, value, options, onChange }: { label: string; value: string; options: readonly (string | readonly [value: string, text: string])[]; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <span className="view-field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => {
          const [key, text] = typeof option === 'string' ? [option, option] : option;
          return (
            <option key={key} value={key}>
              {text}
            </option>
          );
        })}
      </select>
    </span>
  );
}

/** The metric of the shared filter, for every view that shows one. */
export function MetricChoice({ columns, filter }: { columns: Columns; filter: SweepFilterState }) {
  const t = useT();
  const shown = shownMetric(columns, filter.filter).name;
  return <Choice label={t('views.metric')} value={shown} options={columns.metrics.map((column) => column.name)} onChange={(name) => filter.change({ metric: name === columns.rank.name ? null : name })} />;
}

export function Toggle({ pressed, onChange, children }: { pressed: boolean; onChange: (pressed: boolean) => void; children: ReactNode }) {
  return (
    <button type="button" aria-pressed={pressed} onClick={() => onChange(!pressed)}>
      {children}
    </button>
  );
}

/** Views show runs that are done; a filter that leaves those out leaves nothing to show. */
export const leavesOutDone = (filter: SweepFilter): boolean => filter.status.length > 0 && !filter.status.includes('done');

/** Why a view is empty: the filter, or the sweep itself. */
export function emptyReason(filter: SweepFilter, detail: Pick<Detail, 'statuses' | 'provenance'>): 'status' | 'failed' | 'metric' | 'filter' {
  if (leavesOutDone(filter)) return 'status';
  if (!detail.statuses.done) return 'failed';
  const isFiltered = conditionCount(filter) > 0 || (filter.ranked && rankingFilter(detail) !== null);
  return isFiltered ? 'filter' : 'metric';
}

export function NothingToShow({ filter, detail }: { filter: SweepFilterState; detail: Detail }) {
  const t = useT();
  return (
    <Empty title={t('views.nothing')}>
      <p>{t(`views.nothing.${emptyReason(filter.filter, detail)}`)}</p>
    </Empty>
  );
}

/** The data of a query: room kept while it loads, faded while the next is on its way, and errors with another try. */
export function Answer<T>({ query, height, children }: { query: UseQueryResult<T>; height: number; children: (data: T) => ReactNode }) {
  const t = useT();
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined)
    return (
      <div className="view-loading" style={{ height }} role="status">
        {t('state.loading')}
      </div>
    );
  return (
    <div className={query.isPlaceholderData ? 'view-answer old' : 'view-answer'} aria-busy={query.isPlaceholderData}>
      {children(query.data)}
    </div>
  );
}
