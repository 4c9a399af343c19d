// Two limits of a column that are being moved: shown at once, and part of the shared filter when they rest.
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useT } from '../../../i18n';
import type { SweepFilterState } from '../use_sweep_filter';
import { withoutColumn, type Interval } from './brush_filter';
import { axisEnds } from './parallel_model';
import { movedLimit, rangeOf, rangeStops, withRange, type End } from './range_stops';
import { formatCell, type Column } from './view_columns';

const PAUSE_MS = 120;
/** Keys that take away a column's limits. */
export const FREEING = ['Delete', 'Backspace', 'Escape'];

export interface ColumnRange {
  ends: Interval;
  stops: readonly number[];
  now: Interval;
  limited: boolean;
  move: (range: Interval) => void;
  free: () => void;
}

export function useRange(column: Column, filter: SweepFilterState): ColumnRange {
  const { change } = filter;
  const stops = useMemo(() => rangeStops(column), [column]);
  const set = rangeOf(filter.filter, column);
  const [moving, setMoving] = useState<Interval | null>(null);
  const left = useRef<() => void>(undefined);
  useEffect(() => {
    if (!moving) return;
    const settle = (): void => {
      left.current = undefined;
      change((now) => withRange(now, column, moving), { replace: true });
      setMoving(null);
    };
    left.current = settle;
    const timer = setTimeout(settle, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [moving, column, change]);
  useEffect(() => () => left.current?.(), []); // gone before it rested: it counts
  return {
    ends: axisEnds(column),
    stops,
    now: moving ?? set,
    limited: moving !== null || filter.filter.bounds[column.name] !== undefined || filter.filter.fixed[column.name] !== undefined,
    move: setMoving,
    free: () => {
      left.current = undefined;
      setMoving(null);
      change((now) => withoutColumn(now, column.name), { replace: true });
    },
  };
}

/** What a limit is for people who do not see it, and its keys. `alsoKeys` come first; true: done. */
export function useLimit(column: Column, range: ColumnRange, end: End, orientation: 'vertical' | 'horizontal', alsoKeys?: (key: string) => boolean) {
  const t = useT();
  const [low, high] = range.now;
  const figure = end === 'low' ? low : high;
  const open = figure === range.ends[end === 'low' ? 0 : 1];
  const text = formatCell(column, figure);
  return {
    role: 'slider',
    'aria-orientation': orientation,
    'aria-label': t(end === 'low' ? 'views.limit.low' : 'views.limit.high', { name: column.name }),
    'aria-valuemin': end === 'low' ? range.ends[0] : low,
    'aria-valuemax': end === 'low' ? high : range.ends[1],
    'aria-valuenow': figure,
    'aria-valuetext': open ? t('views.limit.open', { text }) : text,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (!alsoKeys?.(event.key)) {
        const moved = movedLimit(event.key, range.stops, range.now, end);
        if (moved) range.move(moved);
        else if (FREEING.includes(event.key) && range.limited) range.free();
        else return;
      }
      event.preventDefault();
    },
  } as const;
}
