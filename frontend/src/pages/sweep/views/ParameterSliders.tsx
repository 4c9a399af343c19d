// One slider for every parameter that varies and is no axis: any value, or one of them, or one of some ranges.
import { useEffect, useId, useState } from 'react';
import { useT } from '../../../i18n';
import type { SweepFilterState } from '../use_sweep_filter';
import { withoutColumn } from './brush_filter';
import { sliderPosition, sliderStops } from './heatmap_model';
import type { Column } from './view_columns';

const PAUSE_MS = 120; // a slider that is being moved asks the server when it rests

function ParameterSlider({ column, runs, filter }: { column: Column; runs: number; filter: SweepFilterState }) {
  const t = useT();
  const id = useId();
  const stops = sliderStops(column, runs);
  const set = sliderPosition(filter.filter, column, stops);
  const [moving, setMoving] = useState<number | null>(null);
  useEffect(() => {
    if (moving === null) return;
    const timer = setTimeout(() => {
      filter.change((now) => (moving === 0 ? withoutColumn(now, column.name) : (stops[moving - 1]?.apply(now) ?? {})), { replace: true });
      setMoving(null);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
    // Only a move of the slider starts the pause anew.
    // eslint-disable-next-line
  }, [moving]);
  const at = moving ?? set;
  const text = at < 0 ? t('views.slider.own') : at === 0 ? t('views.slider.any') : (stops[at - 1]?.text ?? '');
  return (
    <span className="view-slider">
      <label htmlFor={id}>{column.name}</label>
      <input id={id} type="range" min={0} max={stops.length} step={1} value={Math.max(0, at)} aria-valuetext={text} onChange={(event) => setMoving(Number(event.target.value))} />
      <output htmlFor={id}>{text}</output>
    </span>
  );
}

export function ParameterSliders({ columns, runs = Infinity, filter }: { columns: readonly Column[]; runs?: number; filter: SweepFilterState }) {
  if (columns.length === 0) return null;
  return (
    <div className="view-sliders">
      {columns.map((column) => (
        <ParameterSlider key={column.name} column={column} runs={runs} filter={filter} />
      ))}
    </div>
  );
}
