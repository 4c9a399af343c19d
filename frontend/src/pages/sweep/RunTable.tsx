// The runs of a sweep: as many as there are, drawn only where the table is looked at. Sorted and filtered by the server.
import { useEffect, useMemo, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useT } from '../../i18n';
import { Empty, Failure } from '../../parts/states';
import { ApiError, errorText, type Schemas } from '../../api/client';
import { columnOf, shownColumns, wantedColumns } from './run_columns';
import { rankingFilter } from './filter_chips';
import { conditionCount, COMPARED, tableReset, withoutConditions } from './sweep_filter';
import { RunTableHead } from './RunTableHead';
import { RunTableRow } from './RunTableRow';
import { ROW_HEIGHT } from './row_window';
import { useRunGrid } from './use_run_grid';
import { useRunKeys } from './use_run_keys';
import { useRunPages, type RowRange } from './use_run_pages';
import { useRowWindow } from './use_row_window';
import type { SweepFilterState } from './use_sweep_filter';
import './run_table.css';

export const HEAD_HEIGHT = 62;

export interface Matches {
  total: number | undefined;
  stale: boolean;
  error: unknown;
  columns: readonly string[];
}
interface Props {
  id: string;
  detail: Schemas['SweepDetail'] | undefined;
  rank: Schemas['SweepSummary']['rank'] | undefined;
  filter: SweepFilterState;
  onMatches: (matches: Matches) => void;
}

/** What the address asks for may be what is wrong; else it is worth another try. */
function TableFailure({ error, retry, reset }: { error: unknown; retry: () => void; reset: () => void }) {
  const t = useT();
  if (!(error instanceof ApiError) || error.status !== 400) return <Failure error={error} retry={retry} />;
  return (
    <div className="notice error" role="alert">
      <p>{errorText(error)}</p>
      <button type="button" onClick={reset}>
        {t('sweep.table.reset')}
      </button>
    </div>
  );
}

const FIRST: RowRange = { first: 0, last: 40 };

export function RunTable({ id, detail, rank, filter: state, onMatches }: Props) {
  const t = useT();
  const navigate = useNavigate();
  const { filter, runs, change } = state;
  const holder = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState(FIRST);
  const usual = useRef<readonly string[]>(undefined);
  const wanted = useMemo(() => wantedColumns(filter.columns, filter.showConstant, detail, usual.current), [filter.columns, filter.showConstant, detail]);
  const pages = useRunPages(id, runs, wanted, range);
  if (!wanted && !pages.stale && pages.columns.length > 0) usual.current = pages.columns;
  const total = pages.total ?? 0;
  const rows = useRowWindow(holder, total, HEAD_HEIGHT);
  useEffect(() => setRange(rows.drawn), [rows.drawn]);

  const sample = pages.row(rows.drawn.first);
  const names = pages.columns.join(',');
  const columns = useMemo(
    () => shownColumns(names.split(',').filter(Boolean), detail, filter.showConstant).map(({ name, at }) => ({ ...columnOf(name, detail, sample?.[at]), at })),
    // A cell of the sample only tells parameters' kinds until the details are there.
    // eslint-disable-next-line
    [names, detail, filter.showConstant, sample === undefined],
  );
  const grid = useRunGrid(columns, filter, rank, change);

  const { error, stale } = pages;
  useEffect(() => onMatches({ total: pages.total, stale, error, columns: names.split(',').filter(Boolean) }), [onMatches, pages.total, stale, error, names]);

  // Another filter or order: from the top.
  const question = JSON.stringify([id, runs]);
  const { toTop } = rows;
  useEffect(() => toTop(), [question, toTop]);

  const runAt = (index: number): number | undefined => {
    const cell = pages.row(index)?.[pages.columns.indexOf('run')];
    return typeof cell === 'number' ? cell : undefined;
  };
  const open = (run: number) => void navigate(`/sweeps/${encodeURIComponent(id)}/runs/${run}`);
  const toggle = (run: number) =>
    change(({ compare }) => ({ compare: compare.includes(run) ? compare.filter((other) => other !== run) : [...compare, run].slice(-COMPARED) }), { replace: true });
  const keys = useRunKeys({ total, view: rows.view, question, reveal: rows.reveal, open: (at) => runAt(at) !== undefined && open(runAt(at)!), toggle: (at) => runAt(at) !== undefined && toggle(runAt(at)!) });

  // The table got smaller (a tray opened above it): the active row stays in view.
  const { view, reveal } = rows;
  const { active } = keys;
  useEffect(() => {
    if (active !== null) reveal(active);
  }, [active, view, reveal]);

  const indexes = Array.from({ length: Math.max(0, Math.min(rows.drawn.last, total) - rows.drawn.first) }, (_, i) => rows.drawn.first + i);
  const isEmpty = pages.total === 0 && !stale && !error;
  const isRanked = filter.ranked && rankingFilter(detail) !== null;
  return (
    <div className="runs-frame">
      <div
        ref={holder}
        className={stale ? 'runs-scroll runs-stale' : 'runs-scroll'}
        role="grid"
        tabIndex={0}
        aria-label={t('sweep.table.label')}
        aria-rowcount={total + 1}
        aria-colcount={columns.length + 2}
        aria-multiselectable
        aria-activedescendant={keys.active === null ? undefined : `run-row-${keys.active}`}
        aria-busy={stale || pages.total === undefined}
        onKeyDown={keys.onKeyDown}
      >
        <RunTableHead grid={grid} filter={filter} change={change} height={HEAD_HEIGHT} />
        <div className="runs-body" role="rowgroup" style={{ height: rows.height, width: grid.width }}>
          {indexes.map((index) => (
            <RunTableRow
              key={index}
              index={index}
              top={(index - rows.base) * ROW_HEIGHT}
              row={pages.row(index)}
              curve={pages.curve(index)}
              columns={columns}
              template={grid.template}
              active={keys.active === index}
              selected={filter.compare.includes(runAt(index) ?? -1)}
              onToggle={toggle}
              onOpen={open}
              id={id}
            />
          ))}
        </div>
      </div>
      {Boolean(error) && pages.total === undefined && <TableFailure error={error} retry={pages.retry} reset={() => change(tableReset)} />}
      {isEmpty && (
        <Empty title={conditionCount(filter) > 0 || isRanked ? t('sweep.table.none') : t('sweep.table.no_runs')}>
          {isRanked && (
            <button type="button" onClick={() => change({ ranked: false })}>
              {t('sweep.filter.ranked.off')}
            </button>
          )}
          {conditionCount(filter) > 0 && (
            <button type="button" onClick={() => change(withoutConditions)}>
              {t('sweep.filter.clear_all')}
            </button>
          )}
        </Empty>
      )}
    </div>
  );
}
