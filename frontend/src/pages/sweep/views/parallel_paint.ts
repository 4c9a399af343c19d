// Draws parallel coordinates on canvases: all lines once for each change of runs, size or theme; the line under the pointer above them.
import { formatCell, formatTick, type Column } from './view_columns';
import { axisEnds, shareOf, tickFigures } from './parallel_model';

export interface ParallelFrame {
  width: number;
  height: number;
  left: number; // of the first axis
  right: number; // of the last one
  top: number;
  bottom: number;
  axes: number;
}
export interface Tones {
  text: string;
  soft: string;
  line: string;
  surface: string;
  font: string;
}
const SIZE = 12;
const TICK_ROOM = 60; // pixels from tick to tick

export const parallelFrame = (width: number, height: number, axes: number): ParallelFrame => ({ width, height, left: 44, right: width - 56, top: 52, bottom: height - 16, axes });

export const axisX = (frame: ParallelFrame, at: number): number => frame.left + ((frame.right - frame.left) * at) / Math.max(1, frame.axes - 1);
export const shareY = (frame: ParallelFrame, share: number): number => frame.bottom - (frame.bottom - frame.top) * share;
/** A point in axes and shares. */
export const placeOf = (frame: ParallelFrame, px: number, py: number): { x: number; y: number } => ({
  x: ((px - frame.left) / (frame.right - frame.left)) * Math.max(1, frame.axes - 1),
  y: (frame.bottom - py) / (frame.bottom - frame.top),
});

function prepared(canvas: HTMLCanvasElement, frame: ParallelFrame): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(frame.width * ratio);
  canvas.height = Math.round(frame.height * ratio);
  const context = canvas.getContext('2d');
  context?.scale(ratio, ratio);
  return context;
}

function strokeLine(context: CanvasRenderingContext2D, frame: ParallelFrame, line: readonly number[]): void {
  context.beginPath();
  let drawing = false;
  line.forEach((share, at) => {
    if (Number.isNaN(share)) drawing = false;
    else {
      if (drawing) context.lineTo(axisX(frame, at), shareY(frame, share));
      else context.moveTo(axisX(frame, at), shareY(frame, share));
      drawing = true;
    }
  });
  context.stroke();
}

function paintAxis(context: CanvasRenderingContext2D, frame: ParallelFrame, column: Column, at: number, tones: Tones): void {
  const x = Math.round(axisX(frame, at)) + 0.5;
  context.strokeStyle = tones.line;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, frame.top);
  context.lineTo(x, frame.bottom);
  context.stroke();
  const room = (frame.right - frame.left) / Math.max(1, frame.axes - 1);
  const halo = (text: string, px: number, py: number, width?: number): void => {
    context.strokeStyle = tones.surface;
    context.lineWidth = 3;
    context.strokeText(text, px, py, width);
    context.fillText(text, px, py, width);
  };
  context.fillStyle = tones.soft;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  const values = column.numeric ? null : (column.values ?? []);
  const step = values ? Math.max(1, Math.ceil((values.length * (SIZE + 4)) / (frame.bottom - frame.top))) : 1;
  if (values) values.forEach((value, i) => i % step === 0 && halo(formatCell(column, value), x + 5, shareY(frame, (i + 0.5) / values.length), room - 10));
  else for (const figure of tickFigures(column, Math.max(2, Math.round((frame.bottom - frame.top) / TICK_ROOM)))) halo(formatTick(column, figure), x + 5, shareY(frame, shareOf(axisEnds(column), figure)), room - 10);
  context.fillStyle = tones.text;
  context.textAlign = at === 0 ? 'left' : at === frame.axes - 1 ? 'right' : 'center';
  const edge = at === 0 ? 4 : at === frame.axes - 1 ? frame.width - 4 : x;
  halo(column.name, edge, frame.top - (at % 2 === 0 ? 18 : 36), room * 1.9); // names of neighbours stand on two levels
}

/** Lines from the last to the first: the best, which come first, are on top. */
export function paintParallel(canvas: HTMLCanvasElement, frame: ParallelFrame, axes: readonly Column[], lines: readonly (readonly number[])[], colours: readonly string[], tones: Tones): void {
  const context = prepared(canvas, frame);
  if (!context) return;
  context.font = `${SIZE}px ${tones.font}`;
  context.lineJoin = 'round';
  context.lineWidth = lines.length > 300 ? 1 : 1.5;
  context.globalAlpha = lines.length > 400 ? 0.45 : lines.length > 100 ? 0.6 : 0.85;
  for (let at = lines.length - 1; at >= 0; at--) {
    context.strokeStyle = colours[at] ?? tones.line;
    strokeLine(context, frame, lines[at] as readonly number[]);
  }
  context.globalAlpha = 1;
  axes.forEach((column, at) => paintAxis(context, frame, column, at, tones));
}

/** The one line under the pointer, or none. */
export function paintLit(canvas: HTMLCanvasElement, frame: ParallelFrame, line: readonly number[] | undefined, tones: Tones): void {
  const context = prepared(canvas, frame);
  if (!context || !line) return;
  for (const [width, colour] of [
    [5, tones.surface],
    [2.5, tones.text],
  ] as const) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    strokeLine(context, frame, line);
  }
}
