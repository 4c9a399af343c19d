// A chart on which a rectangle (or a part of the x axis) can be drawn with the pointer. A press that hardly moves stays a click on the chart.
import type { ECharts, EChartsCoreOption } from 'echarts/core';
import { useCallback, useEffect, useRef, useState, type PointerEvent } from 'react';
import { EChart, type ChartEvent } from '../../../charts/EChart';
import type { Interval } from './brush_filter';

const CLICK_PIXELS = 5;
const GRID = { gridIndex: 0 };

interface Point {
  x: number;
  y: number;
}
interface Props {
  option: EChartsCoreOption;
  height: number;
  label: string;
  mode: 'x' | 'xy';
  plot?: { top: number; bottom: number }; // pixels above and below what is brushed
  events?: readonly ChartEvent[];
  onBrush: (x: Interval, y: Interval) => void;
}

/** The rectangle between two points; of the whole height of the plot, from `top` on, when only x is chosen. */
export function brushBox(from: Point, to: Point, mode: 'x' | 'xy', plot: { top: number; height: number }) {
  return {
    left: Math.min(from.x, to.x),
    width: Math.abs(from.x - to.x),
    top: mode === 'x' ? plot.top : Math.min(from.y, to.y),
    height: mode === 'x' ? plot.height : Math.abs(from.y - to.y),
  };
}

export function BrushedChart({ option, height, label, mode, plot = { top: 0, bottom: 0 }, events, onBrush }: Props) {
  const [chart, setChart] = useState<ECharts>();
  const [drag, setDrag] = useState<{ from: Point; to: Point } | null>(null);
  const start = useRef<Point | null>(null);
  const ready = useCallback((made: ECharts) => setChart(made), []);
  const pointOf = (event: PointerEvent<HTMLDivElement>): Point => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const end = (): void => {
    start.current = null;
    setDrag(null);
  };
  useEffect(() => {
    if (!drag) return;
    const cancel = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') end();
    };
    window.addEventListener('keydown', cancel);
    return () => window.removeEventListener('keydown', cancel);
  }, [drag]);

  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    const at = pointOf(event);
    if (event.button === 0 && chart && !chart.isDisposed() && chart.containPixel(GRID, [at.x, at.y])) start.current = at;
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    if (!start.current) return;
    const to = pointOf(event);
    if (!drag) {
      if (Math.hypot(to.x - start.current.x, to.y - start.current.y) < CLICK_PIXELS) return;
      event.currentTarget.setPointerCapture(event.pointerId); // only now: a captured press would be no click for the chart
    }
    setDrag({ from: start.current, to });
  };
  const onPointerUp = (): void => {
    if (drag && chart && !chart.isDisposed()) {
      const from = chart.convertFromPixel(GRID, [drag.from.x, drag.from.y]);
      const to = chart.convertFromPixel(GRID, [drag.to.x, drag.to.y]);
      const [x0, x1, y0, y1] = [from[0], to[0], from[1], to[1]];
      if (x0 !== undefined && x1 !== undefined && y0 !== undefined && y1 !== undefined) onBrush([Math.min(x0, x1), Math.max(x0, x1)], [Math.min(y0, y1), Math.max(y0, y1)]);
    }
    end();
  };
  return (
    <div className="view-brush" onPointerDown={onPointerDown} onPointerMove={onPointerMove} onPointerUp={onPointerUp} onPointerCancel={end}>
      <EChart option={option} height={height} label={label} events={events ?? []} onReady={ready} />
      {drag && <div className="view-brush-area" style={brushBox(drag.from, drag.to, mode, { top: plot.top, height: height - plot.top - plot.bottom })} />}
    </div>
  );
}
