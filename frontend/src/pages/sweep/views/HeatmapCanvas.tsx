// The map itself: cells, a cursor that arrow keys move, a tooltip for the pointer, and the chosen cell outlined.
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { themeColor, useTheme } from '../../../app/theme';
import { moved, type At, type Axis, type Heatmap } from './heatmap_model';
import { cellAt, cellBox, frameOf, paintHeatmap, textMeasure, type Frame } from './heatmap_paint';
import { useChartHeight } from './use_chart_height';
import { useWidth } from './use_width';
import type { Scale } from './view_colours';

interface Props {
  map: Heatmap;
  x: Axis;
  y: Axis;
  scale: Scale | null;
  label: string;
  chosen: At | null;
  figure: (value: number) => string; // of a cell, short
  describe: (at: At) => string[]; // lines of the tooltip
  onChoose: (at: At | null) => void;
}

function Outline({ at, frame, x, y, kind }: { at: At; frame: Frame; x: Axis; y: Axis; kind: 'cursor' | 'chosen' }) {
  return <div className={`view-cell-${kind}`} style={cellBox(frame, x, y, at)} />;
}

function Tooltip({ at, frame, x, y, lines }: { at: At; frame: Frame; x: Axis; y: Axis; lines: string[] }) {
  const box = cellBox(frame, x, y, at);
  const toLeft = box.left + box.width / 2 > frame.width / 2;
  const side = toLeft ? { right: frame.width - box.left + 6 } : { left: box.left + box.width + 6 };
  return (
    <div className="view-tooltip" style={{ top: Math.min(box.top, frame.bottom - 90), ...side }}>
      {lines.map((line) => (
        <div key={line}>{line}</div>
      ))}
    </div>
  );
}

export function HeatmapCanvas({ map, x, y, scale, label, chosen, figure, describe, onChoose }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(holder);
  const most = useChartHeight(560);
  const { theme } = useTheme();
  const [hover, setHover] = useState<At | null>(null);
  const [cursor, setCursor] = useState<At | null>(null);
  const says = useId();
  const frame = useMemo(() => (width > 0 ? frameOf(width, most, x, y, textMeasure(themeColor('--font'))) : null), [width, most, x, y]);

  useEffect(() => {
    if (!frame || !canvas.current) return;
    const tones = { text: themeColor('--text'), soft: themeColor('--text-soft'), line: themeColor('--line'), empty: themeColor('--surface-sunken'), font: themeColor('--font') };
    paintHeatmap(canvas.current, frame, map, x, y, scale, tones, figure);
  }, [frame, map, x, y, scale, theme, figure]);

  const inside = (at: At | null): At | null => (at && at.x < x.size && at.y < y.size ? at : null);
  const shownCursor = inside(cursor);
  const shown = inside(hover) ?? shownCursor;
  const under = (event: PointerEvent<HTMLDivElement>): At | null => {
    const box = event.currentTarget.getBoundingClientRect();
    return frame && cellAt(frame, x, y, event.clientX - box.left, event.clientY - box.top);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const from = shownCursor ?? chosen ?? { x: 0, y: 0 };
    const next = shownCursor || chosen ? moved(from, event.key, x.size, y.size) : moved(from, event.key, x.size, y.size) && from;
    if (next) {
      setCursor(next);
      setHover(null);
    } else if ((event.key === 'Enter' || event.key === ' ') && shownCursor) onChoose(shownCursor);
    else if (event.key === 'Escape' && (shownCursor || chosen)) {
      setCursor(null);
      onChoose(null);
    } else return;
    event.preventDefault();
  };

  return (
    <div
      ref={holder}
      className="view-map"
      role="application"
      aria-label={label}
      aria-describedby={says}
      tabIndex={0}
      style={{ height: frame?.height ?? most }}
      onKeyDown={onKeyDown}
      onPointerMove={(event) => setHover(under(event))}
      onPointerLeave={() => setHover(null)}
      onPointerUp={(event) => {
        const at = under(event);
        if (at && event.button === 0) onChoose(at);
      }}
      onBlur={() => setCursor(null)}
    >
      <canvas ref={canvas} aria-hidden="true" />
      {frame && inside(chosen) && <Outline at={chosen as At} frame={frame} x={x} y={y} kind="chosen" />}
      {frame && shown && <Outline at={shown} frame={frame} x={x} y={y} kind="cursor" />}
      {frame && shown && <Tooltip at={shown} frame={frame} x={x} y={y} lines={describe(shown)} />}
      <span id={says} className="visually-hidden" aria-live="polite">
        {shownCursor ? describe(shownCursor).join(', ') : ''}
      </span>
    </div>
  );
}
