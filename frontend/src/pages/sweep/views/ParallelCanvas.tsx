// Lines, brushes and what the pointer does: a drag along an axis brushes it, one of a thumb moves that limit, a press on the axis frees
// it, a press on a line opens the run. The keyboard has the thumbs.
import { useEffect, useMemo, useRef, useState, type PointerEvent } from 'react';
import { themeColor, useTheme } from '../../../app/theme';
import type { SweepFilterState } from '../use_sweep_filter';
import type { Interval } from './brush_filter';
import { axisEnds, figureAt, nearestLine, shareOf } from './parallel_model';
import { axisX, paintLit, paintParallel, parallelFrame, placeOf, shareY, type ParallelFrame } from './parallel_paint';
import { ParallelThumbs } from './ParallelThumbs';
import { useChartHeight } from './use_chart_height';
import { useWidth } from './use_width';
import type { Column } from './view_columns';

const NEAR_AXIS = 12; // pixels
const NEAR_LINE = 6;
const CLICK = 4;
const LEAST_WIDTH = 76; // of the room from axis to axis

interface Props {
  axes: readonly Column[];
  lines: readonly (readonly number[])[]; // shares of each run, the best run first
  colours: readonly string[];
  brushes: readonly (Interval | null)[]; // of each axis, in its figures
  label: string;
  filter: SweepFilterState;
  describe: (line: number) => string[];
  onBrush: (axis: number, interval: Interval | null) => void;
  onOpen: (line: number) => void;
}
interface Drag {
  axis: number;
  from: number; // share
  to: number;
  moved: boolean;
  ofThumb: boolean;
}
interface Spot {
  line: number;
  x: number;
  y: number;
}

const clampShare = (share: number): number => Math.max(0, Math.min(1, share));

function Brush({ frame, at, low, high }: { frame: ParallelFrame; at: number; low: number; high: number }) {
  const [top, bottom] = [shareY(frame, clampShare(Math.max(low, high))), shareY(frame, clampShare(Math.min(low, high)))];
  return <div className="view-axis-brush" style={{ left: axisX(frame, at) - NEAR_AXIS, width: 2 * NEAR_AXIS, top: top - 1, height: Math.max(4, bottom - top + 2) }} />;
}

function axisAt(frame: ParallelFrame, px: number, py: number): number {
  if (py < frame.top - 10 || py > frame.bottom + 10) return -1;
  const at = Math.round(placeOf(frame, px, py).x);
  return at >= 0 && at < frame.axes && Math.abs(axisX(frame, at) - px) <= NEAR_AXIS ? at : -1;
}

export function ParallelCanvas({ axes, lines, colours, brushes, label, filter, describe, onBrush, onOpen }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const under = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const width = Math.max(useWidth(holder), axes.length * LEAST_WIDTH);
  const height = useChartHeight(460);
  const { theme } = useTheme();
  const [drag, setDrag] = useState<Drag | null>(null);
  const [spot, setSpot] = useState<Spot | null>(null);
  const frame = useMemo(() => parallelFrame(width, height, axes.length), [width, height, axes.length]);
  // The colours are those of the theme.
  // eslint-disable-next-line
  const tones = useMemo(() => ({ text: themeColor('--text'), soft: themeColor('--text-soft'), line: themeColor('--line-strong'), surface: themeColor('--surface'), font: themeColor('--font') }), [theme]);
  useEffect(() => {
    if (under.current) paintParallel(under.current, frame, axes, lines, colours, tones);
  }, [frame, axes, lines, colours, tones]);
  useEffect(() => {
    if (over.current) paintLit(over.current, frame, spot ? lines[spot.line] : undefined, tones);
  }, [frame, lines, spot, tones]);

  const pointOf = (event: PointerEvent<HTMLDivElement>): [number, number] => {
    const box = event.currentTarget.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    const [px, py] = pointOf(event);
    const thumb = event.target instanceof HTMLElement ? event.target.dataset : {};
    const axis = event.button !== 0 ? -1 : thumb['end'] ? Number(thumb['axis']) : axisAt(frame, px, py);
    const column = axes[axis];
    if (!column) return;
    const ends = axisEnds(column);
    const [low, high] = (brushes[axis] ?? ends).map((figure) => clampShare(shareOf(ends, figure))) as [number, number];
    const share = clampShare(placeOf(frame, px, py).y);
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ axis, from: thumb['end'] === 'low' ? high : thumb['end'] === 'high' ? low : share, to: share, moved: false, ofThumb: thumb['end'] !== undefined });
    setSpot(null);
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    const [px, py] = pointOf(event);
    const place = placeOf(frame, px, py);
    if (drag) {
      const to = clampShare(place.y);
      setDrag({ ...drag, to, moved: drag.moved || Math.abs(to - (drag.ofThumb ? drag.to : drag.from)) * (frame.bottom - frame.top) > CLICK });
      return;
    }
    const line = axisAt(frame, px, py) >= 0 || place.x < 0 || place.x > axes.length - 1 ? -1 : nearestLine(lines, place.x, place.y, NEAR_LINE / (frame.bottom - frame.top));
    setSpot(line < 0 ? null : { line, x: px, y: py });
  };
  const onPointerUp = (event: PointerEvent<HTMLDivElement>): void => {
    if (drag) {
      const ends = axisEnds(axes[drag.axis] as Column);
      const [low, high] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
      if (drag.moved) onBrush(drag.axis, [figureAt(ends, low), figureAt(ends, high)]);
      else if (brushes[drag.axis] && !drag.ofThumb) onBrush(drag.axis, null);
    } else if (event.button === 0 && spot) onOpen(spot.line);
    setDrag(null);
  };
  const cursor = drag ? 'ns-resize' : spot ? 'pointer' : 'default';
  return (
    <div ref={holder} className="view-scroll">
      <div
        className="view-parallel"
        style={{ width, height: frame.height, cursor }}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={() => setDrag(null)}
        onPointerLeave={() => setSpot(null)}
      >
        <canvas ref={under} role="img" aria-label={label} />
        <canvas ref={over} aria-hidden="true" />
        {axes.map((column, at) => (
          <div key={column.name} className="view-axis-grip" style={{ left: axisX(frame, at) - NEAR_AXIS, width: 2 * NEAR_AXIS, top: frame.top, height: frame.bottom - frame.top }} />
        ))}
        {axes.map((column, at) => {
          const set = brushes[at];
          if (drag?.axis === at) return <Brush key={column.name} frame={frame} at={at} low={drag.from} high={drag.to} />;
          const ends = axisEnds(column);
          return set ? <Brush key={column.name} frame={frame} at={at} low={shareOf(ends, set[0])} high={shareOf(ends, set[1])} /> : null;
        })}
        <ParallelThumbs axes={axes} frame={frame} filter={filter} />
        {spot && (
          <div className="view-tooltip" style={{ top: Math.min(spot.y, frame.height - 22 * (axes.length + 1)), ...(spot.x > width / 2 ? { right: width - spot.x + 12 } : { left: spot.x + 12 }) }}>
            {describe(spot.line).map((line) => (
              <div key={line}>{line}</div>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}
