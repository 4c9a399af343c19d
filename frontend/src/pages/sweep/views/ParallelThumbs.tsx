// The limits of the axes of parallel coordinates as thumbs at both ends of the brush: sliders for the keyboard, handles for the pointer.
// The chart is one stop of the Tab key for each limit: left and right go to the same limit of the next axis.
import { useRef, useState, type KeyboardEvent } from 'react';
import { useT } from '../../../i18n';
import type { SweepFilterState } from '../use_sweep_filter';
import { withoutColumn } from './brush_filter';
import { sliderPosition, sliderStops } from './heatmap_model';
import { axisX, shareY, type ParallelFrame } from './parallel_paint';
import { shareOf } from './parallel_model';
import type { End } from './range_stops';
import { FREEING, useLimit, useRange } from './use_range';
import type { Column } from './view_columns';

interface AxisProps {
  column: Column;
  at: number;
  frame: ParallelFrame;
  filter: SweepFilterState;
  current: boolean; // the Tab key stops here
  onFocus: () => void;
  goTo: (axis: number, end: End) => void;
}

const SIDE: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

function NumberThumbs({ column, at, frame, filter, current, onFocus, goTo }: AxisProps) {
  const range = useRange(column, filter);
  const side = (end: End) => (key: string) => {
    const step = SIDE[key];
    if (step !== undefined) goTo(at + step, end);
    return step !== undefined;
  };
  const low = useLimit(column, range, 'low', 'vertical', side('low'));
  const high = useLimit(column, range, 'high', 'vertical', side('high'));
  const placed = (figure: number) => ({ left: axisX(frame, at), top: shareY(frame, shareOf(range.ends, figure)) });
  const shared = { tabIndex: current ? 0 : -1, onFocus, 'data-axis': at };
  const look = range.limited ? 'view-axis-thumb set' : 'view-axis-thumb';
  return (
    <>
      <div {...low} {...shared} data-end="low" className={`${look} low`} style={placed(range.now[0])} />
      <div {...high} {...shared} data-end="high" className={`${look} high`} style={placed(range.now[1])} />
    </>
  );
}

/** An axis of names: any of them, or one. */
function NameThumb({ column, at, frame, filter, current, onFocus, goTo }: AxisProps) {
  const t = useT();
  const stops = sliderStops(column);
  const set = sliderPosition(filter.filter, column, stops);
  const now = Math.max(0, set);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowUp: 1, ArrowDown: -1, PageUp: 1, PageDown: -1, Home: -Infinity, End: Infinity }[event.key];
    const side = SIDE[event.key];
    if (side !== undefined) goTo(at + side, 'low');
    else if (step !== undefined) {
      const next = Math.max(0, Math.min(stops.length, now + step));
      filter.change((before) => (next === 0 ? withoutColumn(before, column.name) : (stops[next - 1]?.apply(before) ?? {})), { replace: true });
    } else if (FREEING.includes(event.key) && set !== 0) filter.change((before) => withoutColumn(before, column.name), { replace: true });
    else return;
    event.preventDefault();
  };
  const text = set < 0 ? t('views.slider.own') : set === 0 ? t('views.slider.any') : (stops[set - 1]?.text ?? '');
  const top = now === 0 ? frame.bottom : shareY(frame, (now - 0.9) / Math.max(1, stops.length));
  return (
    <div
      role="slider"
      aria-orientation="vertical"
      aria-label={column.name}
      aria-valuemin={0}
      aria-valuemax={stops.length}
      aria-valuenow={now}
      aria-valuetext={text}
      tabIndex={current ? 0 : -1}
      onFocus={onFocus}
      onKeyDown={onKeyDown}
      data-axis={at}
      className={set === 0 ? 'view-axis-thumb name low' : 'view-axis-thumb name low set'}
      style={{ left: axisX(frame, at), top }}
    />
  );
}

export function ParallelThumbs({ axes, frame, filter }: { axes: readonly Column[]; frame: ParallelFrame; filter: SweepFilterState }) {
  const t = useT();
  const holder = useRef<HTMLDivElement>(null);
  const [chosen, choose] = useState(0);
  const current = Math.min(chosen, axes.length - 1);
  const goTo = (axis: number, end: End): void => {
    const thumbs = holder.current?.querySelectorAll<HTMLElement>(`[data-axis="${axis}"]`);
    thumbs?.[end === 'high' && thumbs.length > 1 ? 1 : 0]?.focus();
  };
  return (
    <div ref={holder} role="group" aria-label={t('views.parallel.limits')}>
      {axes.map((column, at) => {
        const props = { column, at, frame, filter, current: at === current, onFocus: () => choose(at), goTo };
        return column.numeric ? <NumberThumbs key={column.name} {...props} /> : <NameThumb key={column.name} {...props} />;
      })}
    </div>
  );
}
