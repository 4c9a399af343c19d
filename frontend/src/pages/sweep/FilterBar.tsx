// What the runs must be like: a condition, their status, and as chips every bound and fixed value that columns and views have set.
import { ApiError, type Schemas } from '../../api/client';
import { useT } from '../../i18n';
import { count } from '../../parts/format';
import { DraftInput } from './DraftInput';
import { filterChips, rankingFilter } from './filter_chips';
import type { Matches } from './RunTable';
import { conditionCount, STATUSES, withoutConditions, type RunStatus } from './sweep_filter';
import { statusKey } from './StatusBadge';
import type { SweepFilterState } from './use_sweep_filter';

interface Props {
  state: SweepFilterState;
  detail: Schemas['SweepDetail'] | undefined;
  matches: Matches;
}

export function FilterBar({ state, detail, matches }: Props) {
  const t = useT();
  const { filter, change } = state;
  const error = matches.error instanceof ApiError ? matches.error : null;
  const whereError = error?.field === 'where' ? error : null;
  const otherError = error && !whereError ? error : null;
  const statuses = detail ? STATUSES.filter((status) => (detail.statuses[status] ?? 0) > 0 || filter.status.includes(status)) : [];
  const rankedBy = rankingFilter(detail);
  const toggleStatus = (status: RunStatus) =>
    change((now) => ({ status: STATUSES.filter((other) => (other === status) !== now.status.includes(other)) }));
  const chips = filterChips(filter, detail, matches.columns);
  return (
    <div className="filter-bar">
      <div className="filter-line">
        <div className="filter-where">
          <DraftInput
            value={filter.where}
            check={() => true}
            commit={(where) => change({ where }, { replace: true })}
            label={t('sweep.filter.where')}
            placeholder={t('sweep.filter.where.example')}
            className="mono"
            invalid={whereError !== null}
            describedBy={whereError ? 'where-error' : undefined}
          />
        </div>
        {statuses.length > 1 && (
          <div className="row filter-statuses" role="group" aria-label={t('sweep.filter.status')}>
            {statuses.map((status) => (
              <button key={status} type="button" className="filter-status" aria-pressed={filter.status.includes(status)} onClick={() => toggleStatus(status)}>
                {statusKey(status) ? t(statusKey(status)!) : status} <span className="soft">{count(detail?.statuses[status] ?? 0)}</span>
              </button>
            ))}
          </div>
        )}
        {rankedBy && (
          <button type="button" className="filter-status filter-ranked" aria-pressed={filter.ranked} title={t('sweep.filter.ranked.hint')} onClick={() => change({ ranked: !filter.ranked })}>
            {t('sweep.filter.ranked', { where: rankedBy })}
          </button>
        )}
        <output className={matches.stale ? 'filter-count soft' : 'filter-count'}>
          {matches.total !== undefined && t(detail ? 'sweep.filter.count' : 'sweep.filter.count_only', { count: count(matches.total), total: count(detail?.done ?? 0) })}
        </output>
      </div>
      {whereError && (
        <p id="where-error" className="filter-error" role="alert">
          {whereError.column !== null && `${t('sweep.filter.column', { column: whereError.column })} `}
          {whereError.message}
        </p>
      )}
      {otherError && matches.total !== undefined && (
        <p className="filter-error" role="alert">
          {otherError.message}
        </p>
      )}
      {chips.length > 0 && (
        <ul className="filter-chips" aria-label={t('sweep.filter.active')}>
          {chips.map((chip) => (
            <li key={chip.key}>
              <span>{chip.text}</span>
              <button type="button" aria-label={t('sweep.filter.clear', { filter: chip.text })} onClick={() => change(chip.clear)}>
                ×
              </button>
            </li>
          ))}
          {conditionCount(filter) > 0 && (
            <li className="filter-clear">
              <button type="button" className="quiet" onClick={() => change(withoutConditions)}>
                {t('sweep.filter.clear_all')}
              </button>
            </li>
          )}
        </ul>
      )}
    </div>
  );
}
