import { flexRender, getCoreRowModel, getSortedRowModel, useReactTable, type ColumnDef, type SortingState } from '@tanstack/react-table';
import { useMemo } from 'react';
import { Link } from 'react-router';
import type { Schemas } from '../../api/client';
import { useT, type Translate } from '../../i18n';
import { count, duration, metric, missing, time, value } from '../../parts/format';
import { StateBadge } from './StateBadge';
import { SweepActions } from './SweepActions';
import { SweepProgress } from './SweepProgress';
import { bestUnit, sweepSortOf, sortValues, type SortColumn } from './sweep_list';
import { elapsedSeconds, useNow } from './sweep_times';

type Summary = Schemas['SweepSummary'];
const NUMBERS = new Set<string>(['failed', 'best', 'started', 'duration']);

function Best({ sweep }: { sweep: Summary }) {
  if (!sweep.best || !sweep.rank?.metric) return <>{missing}</>;
  return (
    <span className="sweeps-best">
      <Link to={`/sweeps/${encodeURIComponent(sweep.id)}/runs/${sweep.best.run}`}>{metric(sweep.rank.metric, bestUnit(sweep), sweep.best.value)}</Link>
      <span className="soft sweeps-metric">{sweep.rank.metric}</span>
    </span>
  );
}

const paramsText = (sweep: Summary): string =>
  Object.entries(sweep.best?.params ?? {})
    .map(([name, v]) => `${name} ${value(v)}`)
    .join(' · ');

const seriesText = (sweep: Summary): string => {
  const names = [...new Set(sweep.series.map((s) => `${s.symbol} ${s.interval}`))];
  return names.length > 2 ? `${names.slice(0, 2).join(', ')} +${names.length - 2}` : names.join(', ');
};

/** Counts the seconds of a running sweep. */
function Took({ sweep }: { sweep: Summary }) {
  const now = useNow(sweep.state === 'running');
  return <span className="sweeps-time">{duration(elapsedSeconds(sweep, now))}</span>;
}

/** Made once a language: a cell is a component to the table, and a new one would replace the link that is being clicked. */
function columnsOf(t: Translate): ColumnDef<Summary>[] {
  const sorted = (id: SortColumn, header: string, cell: (sweep: Summary) => React.ReactNode, sortDescFirst = true): ColumnDef<Summary> => ({
    id,
    header,
    accessorFn: sortValues[id],
    cell: ({ row }) => cell(row.original),
    sortDescFirst,
    sortUndefined: 'last',
  });
  const plain = (id: string, header: string, cell: (sweep: Summary) => React.ReactNode): ColumnDef<Summary> => ({ id, header, cell: ({ row }) => cell(row.original), enableSorting: false });
  return [
    sorted(
      'name',
      t('sweeps.col.name'),
      (sweep) => (
        <>
          <Link className="sweeps-name" to={`/sweeps/${encodeURIComponent(sweep.id)}`}>
            {sweep.name}
          </Link>
          <div className="soft sweeps-sub">{[seriesText(sweep), sweep.strategy, sweep.id !== sweep.name ? sweep.path : ''].filter(Boolean).join(' · ')}</div>
        </>
      ),
      false,
    ),
    sorted('state', t('sweeps.col.state'), (sweep) => <StateBadge state={sweep.state} />, false),
    sorted('runs', t('sweeps.col.runs'), (sweep) => <SweepProgress sweep={sweep} />),
    sorted('failed', t('sweeps.col.failed'), (sweep) => (sweep.failed > 0 ? <span className="down">{count(sweep.failed)}</span> : <span className="soft">0</span>)),
    sorted('best', t('sweeps.col.best'), (sweep) => <Best sweep={sweep} />),
    plain('params', t('sweeps.col.params'), (sweep) => (
      <span className="sweeps-params" title={paramsText(sweep)}>
        {sweep.error ? <span className="down">{sweep.error.message}</span> : paramsText(sweep) || missing}
      </span>
    )),
    sorted('started', t('sweeps.col.started'), (sweep) => <span className="sweeps-time" title={time(sweep.started_at)}>{time(sweep.started_at).slice(0, 16)}</span>),
    sorted('duration', t('sweeps.col.duration'), (sweep) => <Took sweep={sweep} />),
    plain('actions', '', (sweep) => <SweepActions sweep={sweep} />),
  ];
}

interface Props {
  sweeps: readonly Summary[];
  sort: string | null;
  setSort: (sort: string | null) => void;
}

export function SweepsTable({ sweeps, sort, setSort }: Props) {
  const t = useT();
  const columns = useMemo(() => columnsOf(t), [t]);
  // The same list as long as it says the same: a new one would have the table sort again.
  const sorting = useMemo<SortingState>(() => {
    const key = sweepSortOf(sort);
    return key ? [{ id: key.column, desc: key.descending }] : [];
  }, [sort]);
  const table = useReactTable<Summary>({
    data: sweeps as Summary[],
    columns,
    state: { sorting },
    onSortingChange: (update) => {
      const [first] = typeof update === 'function' ? update(sorting) : update;
      setSort(first ? (first.desc ? '-' : '') + first.id : null);
    },
    getRowId: (sweep) => sweep.id,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  });
  return (
    <div className="sweeps-scroll" tabIndex={0} role="region" aria-label={t('nav.sweeps')}>
      <table className="sweeps-table">
        <thead>
          <tr>
            {table.getLeafHeaders().map((header) => {
              const direction = header.column.getIsSorted();
              return (
                <th key={header.id} scope="col" className={NUMBERS.has(header.id) ? 'number' : undefined} aria-sort={direction ? (direction === 'desc' ? 'descending' : 'ascending') : undefined}>
                  {header.column.getCanSort() ? (
                    <button type="button" className="sweeps-sort" onClick={header.column.getToggleSortingHandler()}>
                      {String(header.column.columnDef.header)}
                      <span aria-hidden="true">{direction ? (direction === 'desc' ? '↓' : '↑') : ''}</span>
                    </button>
                  ) : (
                    String(header.column.columnDef.header)
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id} data-sweep={row.id}>
              {row.getVisibleCells().map((cell) => (
                <td key={cell.id} className={NUMBERS.has(cell.column.id) ? 'number' : undefined} data-label={String(cell.column.columnDef.header)}>
                  {flexRender(cell.column.columnDef.cell, cell.getContext())}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
