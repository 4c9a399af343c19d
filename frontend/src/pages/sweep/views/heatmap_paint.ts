// Draws a heatmap on a canvas: 40,000 cells are rectangles filled once for each change of figures, size or theme (some milliseconds);
// what moves with the pointer are elements above it.
import { colourAt, css, inkOn, type Scale } from './view_colours';
import { ticksOf, type At, type Axis, type Heatmap } from './heatmap_model';

export interface Frame {
  width: number; // of the whole, in CSS pixels
  height: number;
  left: number; // of the cells
  top: number;
  right: number;
  bottom: number;
}
export interface Tones {
  text: string;
  soft: string;
  line: string;
  empty: string;
  font: string;
}

const TICK_FONT = 12;
const BELOW = 44; // ticks and the name of x

/** Room for the cells, at most `most` high: y's ticks and name to the left, x's below. `measure` gives the width of a text. */
export function frameOf(width: number, most: number, x: Axis, y: Axis, measure: (text: string) => number): Frame {
  const last = x.edges ? measure(ticksOf(x, 1).at(-1)?.text ?? '') / 2 : 0; // stands below the right end
  const widest = Math.max(...ticksOf(y, 1).map((tick) => measure(tick.text)), 0);
  const left = Math.min(Math.round(widest) + 30, Math.round(width * 0.35));
  const wanted = y.size <= 1 ? 60 : Math.min(most - BELOW - 8, Math.max(200, y.size * 30));
  return { width, height: wanted + BELOW + 8, left, top: 8, right: Math.max(left + 40, Math.floor(width - Math.max(10, last + 2))), bottom: wanted + 8 };
}

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A cell's rectangle, on whole pixels so that neighbours meet without a seam. */
export function cellBox(frame: Frame, x: Axis, y: Axis, at: At): Box {
  const across = (step: number): number => Math.round(frame.left + ((frame.right - frame.left) * step) / x.size);
  const up = (step: number): number => Math.round(frame.bottom - ((frame.bottom - frame.top) * step) / y.size);
  return { left: across(at.x), top: up(at.y + 1), width: Math.max(1, across(at.x + 1) - across(at.x)), height: Math.max(1, up(at.y) - up(at.y + 1)) };
}

/** The cell under a point, or null beside the map. */
export function cellAt(frame: Frame, x: Axis, y: Axis, px: number, py: number): At | null {
  if (px < frame.left || px >= frame.right || py < frame.top || py >= frame.bottom) return null;
  return {
    x: Math.min(x.size - 1, Math.floor(((px - frame.left) / (frame.right - frame.left)) * x.size)),
    y: Math.min(y.size - 1, Math.floor(((frame.bottom - py) / (frame.bottom - frame.top)) * y.size)),
  };
}

type Context = CanvasRenderingContext2D;

function paintTicks(context: Context, frame: Frame, x: Axis, y: Axis, tones: Tones): void {
  const cellWidth = (frame.right - frame.left) / x.size;
  const cellHeight = (frame.bottom - frame.top) / y.size;
  const widest = Math.max(...ticksOf(x, 1).map((tick) => context.measureText(tick.text).width), 1);
  context.fillStyle = tones.soft;
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const tick of ticksOf(x, (widest + 10) / cellWidth)) context.fillText(tick.text, frame.left + tick.at * cellWidth, frame.bottom + 6);
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const tick of ticksOf(y, (TICK_FONT + 4) / cellHeight)) context.fillText(tick.text, frame.left - 6, frame.bottom - tick.at * cellHeight, frame.left - 26);
}

function paintNames(context: Context, frame: Frame, x: Axis, y: Axis, tones: Tones): void {
  context.fillStyle = tones.text;
  context.textAlign = 'center';
  context.textBaseline = 'bottom';
  context.fillText(x.column.name, (frame.left + frame.right) / 2, frame.height - 2);
  context.save();
  context.translate(12, (frame.top + frame.bottom) / 2);
  context.rotate(-Math.PI / 2);
  context.textBaseline = 'middle';
  context.fillText(y.column.name, 0, 0);
  context.restore();
}

/** Shows what a cell's figure is, or null where cells are too small for figures. */
function figureText(context: Context, map: Heatmap, figure: (value: number) => string, box: Box): ((value: number) => string) | null {
  if (box.height < 17 || box.width < 30) return null;
  const widest = Math.max(...map.cells.flat().map((value) => (value === null ? 0 : context.measureText(figure(value)).width)));
  return widest + 6 <= box.width ? figure : null;
}

function paintCells(context: Context, frame: Frame, map: Heatmap, x: Axis, y: Axis, scale: Scale | null, tones: Tones, figure: (value: number) => string): void {
  const first = cellBox(frame, x, y, { x: 0, y: 0 });
  const gap = first.width > 8 && first.height > 8 ? 1 : 0;
  const text = scale && x.size * y.size <= 600 ? figureText(context, map, figure, first) : null;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  map.cells.forEach((row, iy) =>
    row.forEach((value, ix) => {
      const box = cellBox(frame, x, y, { x: ix, y: iy });
      const colour = value === null || !scale ? null : colourAt(scale, value);
      context.fillStyle = colour ? css(colour) : tones.empty;
      context.fillRect(box.left, box.top, box.width - gap, box.height - gap);
      if (!text || !colour || value === null) return;
      context.fillStyle = inkOn(colour);
      context.fillText(text(value), box.left + box.width / 2, box.top + box.height / 2 + 1);
    }),
  );
}

export function paintHeatmap(canvas: HTMLCanvasElement, frame: Frame, map: Heatmap, x: Axis, y: Axis, scale: Scale | null, tones: Tones, figure: (value: number) => string): void {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(frame.width * ratio);
  canvas.height = Math.round(frame.height * ratio);
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(ratio, ratio);
  context.clearRect(0, 0, frame.width, frame.height);
  context.font = `${TICK_FONT}px ${tones.font}`;
  paintCells(context, frame, map, x, y, scale, tones, figure);
  paintTicks(context, frame, x, y, tones);
  paintNames(context, frame, x, y, tones);
}

/** The width of a text in the ticks' font, for frameOf. */
export function textMeasure(font: string): (text: string) => number {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return (text) => text.length * 7;
  context.font = `${TICK_FONT}px ${font}`;
  return (text) => context.measureText(text).width;
}

