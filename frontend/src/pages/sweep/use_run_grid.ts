// The table's columns as TanStack Table holds them: sizes, which are pinned, the order of sorting. The rows are the server's.
import { getCoreRowModel, useReactTable, type ColumnDef, type Header, type SortingState } from '@tanstack/react-table';
import { useCallback, useMemo } from 'react';
import type { Schemas } from '../../api/client';
import type { PlacedColumn, RunColumn } from './run_columns';
import { SORT_KEYS, sortClicked, type SortKey, type SweepFilter } from './sweep_filter';
import type { FilterPatch } from './use_sweep_filter';
import type { RunRow } from './use_run_pages';

export const SELECT_WIDTH = 34;
export const CURVE_WIDTH = 112;
const NO_ROWS: RunRow[] = [];

export interface RunGrid {
  headers: readonly Header<RunRow, unknown>[];
  columns: readonly PlacedColumn[];
  template: string; // grid-template-columns
  width: number;
  sort: readonly SortKey[]; // as it is, the sweep's ranking if none is chosen
  sortBy: (column: RunColumn, add: boolean) => void;
}

/** The order of the rows: the chosen one, else the sweep's ranking. */
export function presentSort(sort: readonly SortKey[], rank: Schemas['SweepSummary']['rank'] | undefined): readonly SortKey[] {
  return sort.length > 0 || !rank?.metric ? sort : [{ column: rank.metric, descending: rank.direction === 'max' }];
}

export function useRunGrid(
  columns: readonly PlacedColumn[],
  filter: SweepFilter,
  rank: Schemas['SweepSummary']['rank'] | undefined,
  change: (patch: FilterPatch) => void,
): RunGrid {
  const definitions = useMemo<ColumnDef<RunRow>[]>(
    () => columns.map((column) => ({ id: column.name, accessorFn: (row) => row[column.at], size: column.width, sortDescFirst: column.descendingFirst })),
    [columns],
  );
  const sort = useMemo(() => presentSort(filter.sort, rank), [filter.sort, rank]);
  const sorting = useMemo<SortingState>(() => sort.map((key) => ({ id: key.column, desc: key.descending })), [sort]);
  const table = useReactTable<RunRow>({
    data: NO_ROWS,
    columns: definitions,
    state: { sorting, columnPinning: { left: ['run'] } },
    manualSorting: true,
    maxMultiSortColCount: SORT_KEYS,
    getCoreRowModel: getCoreRowModel(),
  });
  const sortBy = useCallback((column: RunColumn, add: boolean) => change({ sort: sortClicked(sort, column.name, column.descendingFirst, add) }), [change, sort]);
  const headers = table.getLeafHeaders();
  const sizes = headers.map((header) => header.getSize());
  // run, then the curve, then everything else; the last column takes what is left
  const template = `${SELECT_WIDTH}px ${sizes[0] ?? 92}px ${CURVE_WIDTH}px ${sizes.slice(1, -1).map((size) => `${size}px`).join(' ')} minmax(${sizes.at(-1) ?? 96}px, 1fr)`;
  const width = SELECT_WIDTH + CURVE_WIDTH + sizes.reduce((sum, size) => sum + size, 0);
  return { headers, columns, template, width, sort, sortBy };
}
