// Mouse, touch and keyboard on a chart. Drag and sideways wheel move, wheel and pinch scale about the pointer, a drag on the time axis
// scales about the middle; the library keeps the crosshair, the price axes and the lines between the panes.
import type { CandleView } from './candle_view';

const WHEEL_ZOOM = 0.0016;
const LINE_PIXELS = 16;

interface Plot {
  width: number; // without the price axis
  height: number; // without the time axis
}

const pixels = (event: WheelEvent, delta: number): number => (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? delta * LINE_PIXELS : delta);

export function bindPointer(holder: HTMLElement, view: CandleView, plot: () => Plot): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const pointers = new Map<number, { x: number; y: number }>();
  let onAxis = false;

  const anchorAt = (clientX: number) => Math.max(0, Math.min(1, (clientX - holder.getBoundingClientRect().left) / plot().width));
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return a && b ? { distance: Math.max(20, Math.abs(a.x - b.x)), middle: (a.x + b.x) / 2 } : undefined;
  };

  holder.addEventListener(
    'pointerdown',
    (event) => {
      const box = holder.getBoundingClientRect();
      const inside = event.clientX - box.left < plot().width;
      const resizing = event.target instanceof Element && getComputedStyle(event.target).cursor === 'row-resize';
      if (event.button !== 0 || !inside || resizing) return;
      onAxis = event.clientY - box.top > plot().height;
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      holder.dataset['dragging'] = 'true';
    },
    { signal },
  );

  const move = (event: PointerEvent) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const was = spread();
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const now = spread();
    if (was && now) {
      view.zoom(was.distance / now.distance, anchorAt(now.middle));
      view.panPixels(now.middle - was.middle);
    } else if (onAxis) view.zoom(Math.exp((before.x - event.clientX) * 0.006));
    else view.panPixels(event.clientX - before.x);
  };
  const end = (event: PointerEvent) => {
    pointers.delete(event.pointerId);
    if (pointers.size === 0) delete holder.dataset['dragging'];
  };
  // On the window: the drag goes on outside, and the library still sees the mouse and keeps its crosshair.
  window.addEventListener('pointermove', move, { signal });
  window.addEventListener('pointerup', end, { signal });
  window.addEventListener('pointercancel', end, { signal });

  holder.addEventListener(
    'wheel',
    (event) => {
      const down = pixels(event, event.deltaY);
      const right = pixels(event, event.deltaX);
      event.preventDefault();
      if (event.shiftKey || Math.abs(right) > Math.abs(down)) view.panPixels(-(right || down));
      else view.zoom(Math.exp(Math.max(-240, Math.min(240, down)) * WHEEL_ZOOM), anchorAt(event.clientX));
    },
    { signal, passive: false },
  );
  return () => stop.abort();
}

/** What a key does; false: nothing, it is left to the page. `pointed` is the time under the crosshair. */
export function pressKey(view: CandleView, event: { key: string; shiftKey: boolean; ctrlKey: boolean; altKey: boolean; metaKey: boolean }, pointed: number | null): boolean {
  if (event.altKey || event.metaKey) return false;
  const side = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
  if (side !== 0) {
    if (event.shiftKey) view.stepCrosshair(pointed, side);
    else view.panPart(side * (event.ctrlKey ? 0.9 : 0.1));
    return true;
  }
  if (event.ctrlKey) return false; // the browser's own zoom
  switch (event.key) {
    case '+':
    case '=':
      view.zoom(1 / 1.4);
      return true;
    case '-':
    case '_':
      view.zoom(1.4);
      return true;
    case '0':
      view.fit();
      return true;
    case 'Home':
      view.toEnd('first');
      return true;
    case 'End':
      view.toEnd('last');
      return true;
    default:
      return false;
  }
}
