import type { KeyboardEvent, MouseEvent } from 'react';
import { useT } from '../../i18n';
import { ColumnFilter } from './ColumnFilter';
import { isNumeric, type RunColumn } from './run_columns';
import type { SweepFilter } from './sweep_filter';
import type { RunGrid } from './use_run_grid';
import type { FilterPatch } from './use_sweep_filter';

interface Props {
  grid: RunGrid;
  filter: SweepFilter;
  change: (patch: FilterPatch, options?: { replace?: boolean }) => void;
  height: number;
}

/** Names (a click sorts, with shift by one more column) and the fields that filter. Stays in view. */
export function RunTableHead({ grid, filter, change, height }: Props) {
  const t = useT();
  const byName = new Map(grid.columns.map((column) => [column.name, column]));
  const header = (column: RunColumn, className = '') => {
    const at = grid.sort.findIndex((key) => key.column === column.name);
    const key = grid.sort[at];
    const click = (event: MouseEvent | KeyboardEvent) => grid.sortBy(column, event.shiftKey);
    return (
      <div
        role="columnheader"
        key={column.name}
        className={`runs-head-cell ${isNumeric(column) ? 'number' : ''} ${className}`}
        aria-sort={key ? (key.descending ? 'descending' : 'ascending') : 'none'}
      >
        <button type="button" className="runs-sort" onClick={click} title={[column.name, column.hint, t('sweep.table.sort_hint')].filter(Boolean).join('\n')}>
          <span className="runs-name">{column.name}</span>
          {key && (
            <span className={filter.sort.length > 0 ? 'runs-order' : 'runs-order runs-order-own'}>
              {key.descending ? '↓' : '↑'}
              {grid.sort.length > 1 && <sub>{at + 1}</sub>}
            </span>
          )}
        </button>
        <ColumnFilter column={column} filter={filter} change={change} />
      </div>
    );
  };
  const [first, ...rest] = grid.headers.flatMap((item) => byName.get(item.column.id) ?? []);
  return (
    <div className="runs-head" role="rowgroup" style={{ height, minWidth: grid.width }}>
      <div role="row" aria-rowindex={1} className="runs-head-row" style={{ gridTemplateColumns: grid.template }}>
        <div role="columnheader" className="runs-head-cell runs-pick">
          <span className="visually-hidden">{t('sweep.table.select')}</span>
        </div>
        {first && header(first, 'runs-run')}
        <div role="columnheader" className="runs-head-cell runs-curve">
          <span className="runs-name runs-plain">{t('sweep.table.equity')}</span>
        </div>
        {rest.map((column) => header(column))}
      </div>
    </div>
  );
}
