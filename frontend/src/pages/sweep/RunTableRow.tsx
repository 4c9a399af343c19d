import { memo } from 'react';
import { Link } from 'react-router';
import { Sparkline } from '../../charts/Sparkline';
import { useT } from '../../i18n';
import { StatusBadge } from './StatusBadge';
import { cellClass, cellText, isNumeric, type PlacedColumn, type RunColumn } from './run_columns';
import type { RunRow } from './use_run_pages';

interface Props {
  id: string;
  index: number;
  top: number;
  row: RunRow | undefined;
  curve: readonly (number | null)[] | undefined;
  columns: readonly PlacedColumn[];
  template: string;
  active: boolean;
  selected: boolean;
  onToggle: (run: number) => void;
  onOpen: (run: number) => void;
}

const classOf = (column: RunColumn, cell: RunRow[number] | undefined): string => `runs-cell ${isNumeric(column) ? 'number' : ''} ${cellClass(column, cell)}`;

/** One run. A row that has not arrived yet keeps its place. */
export const RunTableRow = memo(
  function RunTableRow({ id, index, top, row, curve, columns, template, active, selected, onToggle, onOpen }: Props) {
    const t = useT();
    const run = row?.[0];
    const isThere = typeof run === 'number';
    return (
      <div
        id={`run-row-${index}`}
        role="row"
        aria-rowindex={index + 2}
        aria-selected={selected}
        className={`runs-row${active ? ' runs-active' : ''}${selected ? ' runs-selected' : ''}`}
        style={{ transform: `translateY(${top}px)`, gridTemplateColumns: template }}
        onClick={isThere ? () => onOpen(run) : undefined}
      >
        <div role="gridcell" className="runs-cell runs-pick" onClick={(event) => event.stopPropagation()}>
          {isThere && <input type="checkbox" tabIndex={-1} checked={selected} onChange={() => onToggle(run)} aria-label={t('sweep.table.compare', { run })} />}
        </div>
        <div role="gridcell" className="runs-cell runs-run number">
          {isThere && (
            <Link to={`/sweeps/${encodeURIComponent(id)}/runs/${run}`} tabIndex={-1} onClick={(event) => event.stopPropagation()}>
              {run}
            </Link>
          )}
        </div>
        <div role="gridcell" className="runs-cell runs-curve">
          {curve && isThere && <Sparkline values={curve} label={t('sweep.table.curve', { run })} />}
        </div>
        {columns.slice(1).map((column) => {
          const cell = row?.[column.at];
          return (
            <div role="gridcell" key={column.name} className={classOf(column, cell)} title={column.name === 'error' && typeof cell === 'string' ? cell : undefined}>
              {!row ? '' : column.name === 'status' ? <StatusBadge status={String(cell)} /> : cellText(column, cell)}
            </div>
          );
        })}
      </div>
    );
  },
  // Handlers are made anew with every drawing and do the same.
  (a, b) =>
    a.index === b.index && a.top === b.top && a.row === b.row && a.curve === b.curve && a.columns === b.columns && a.template === b.template && a.active === b.active && a.selected === b.selected && a.id === b.id,
);
