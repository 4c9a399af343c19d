// The limits of a column as a slider with two thumbs, beside a chart on which the pointer draws them.
import { useRef, type PointerEvent } from 'react';
import { useT } from '../../../i18n';
import type { SweepFilterState } from '../use_sweep_filter';
import { figureAt, shareOf } from './parallel_model';
import { ParameterSliders } from './ParameterSliders';
import { nearestStop, type End } from './range_stops';
import { useLimit, useRange } from './use_range';
import { formatCell, type Column } from './view_columns';

function NumberRange({ column, filter }: { column: Column; filter: SweepFilterState }) {
  const t = useT();
  const track = useRef<HTMLSpanElement>(null);
  const dragged = useRef<End | null>(null);
  const range = useRange(column, filter);
  const low = useLimit(column, range, 'low', 'horizontal');
  const high = useLimit(column, range, 'high', 'horizontal');
  const [from, to] = range.now.map((figure) => shareOf(range.ends, figure) * 100) as [number, number];

  const figureUnder = (event: PointerEvent): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return nearestStop(range.stops, figureAt(range.ends, Math.max(0, Math.min(1, (event.clientX - box.left) / Math.max(1, box.width)))));
  };
  const onPointerMove = (event: PointerEvent): void => {
    if (!dragged.current) return;
    const figure = figureUnder(event);
    range.move(dragged.current === 'low' ? [Math.min(figure, range.now[1]), range.now[1]] : [range.now[0], Math.max(figure, range.now[0])]);
  };
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    event.preventDefault(); // the thumb gets the focus, not what is under the pointer
    const figure = figureUnder(event);
    const [a, b] = range.now;
    dragged.current = Math.abs(figure - a) < Math.abs(figure - b) || (a === b && figure < a) ? 'low' : 'high';
    event.currentTarget.setPointerCapture(event.pointerId);
    track.current?.querySelector<HTMLElement>(`[data-end=${dragged.current}]`)?.focus();
    onPointerMove(event);
  };
  const end = (): void => {
    dragged.current = null;
  };
  return (
    <div className="view-slider" role="group" aria-label={t('views.limit', { name: column.name })}>
      <span className="view-slider-name" aria-hidden="true">
        {column.name}
      </span>
      <span ref={track} className="view-range" onPointerDown={onPointerDown} onPointerMove={onPointerMove} onPointerUp={end} onPointerCancel={end}>
        <span className="view-range-part" style={{ left: `${from}%`, right: `${100 - to}%` }} />
        <span {...low} tabIndex={0} data-end="low" className="view-range-thumb low" style={{ left: `${from}%` }} />
        <span {...high} tabIndex={0} data-end="high" className="view-range-thumb high" style={{ left: `${to}%` }} />
      </span>
      <span className="view-range-text" aria-hidden="true">
        {range.limited ? `${formatCell(column, range.now[0])} – ${formatCell(column, range.now[1])}` : t('views.slider.any')}
      </span>
    </div>
  );
}

/** Limits of some columns: two thumbs for numbers, one of the names for others. Columns that nothing is known of have none. */
export function RangeSliders({ columns, filter }: { columns: readonly Column[]; filter: SweepFilterState }) {
  const known = columns.filter((column, at) => columns.findIndex((other) => other.name === column.name) === at && (column.numeric ? column.minimum !== null : (column.values?.length ?? 0) > 1));
  const names = known.filter((column) => !column.numeric);
  return (
    <>
      <div className="view-sliders">
        {known.filter((column) => column.numeric).map((column) => (
          <NumberRange key={column.name} column={column} filter={filter} />
        ))}
      </div>
      <ParameterSliders columns={names} filter={filter} />
    </>
  );
}
