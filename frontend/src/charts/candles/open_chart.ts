// Makes a chart in its holder: loads the library, and ties drawing, view, gestures and legend together.
import type { TimeRange } from './candle_source';
import { CandleView, type CandleSources, type ViewState } from './candle_view';
import type { Cell } from './cell';
import type { Legend } from './CandleLegend';
import { bindPointer } from './gestures';

export interface OpenChart {
  view: CandleView;
  showBuyHold: (shown: boolean) => void;
  pointed: () => number | null; // time under the crosshair
  point: (time: null) => void;
  close: () => void;
}

interface Wanted {
  holder: () => HTMLDivElement | null;
  sources: CandleSources;
  range: TimeRange | undefined;
  legend: Cell<Legend>;
  state: Cell<ViewState | undefined>;
}

export async function openChart({ holder, sources, range, legend, state }: Wanted): Promise<OpenChart | undefined> {
  const { makePanes } = await import('./chart_panes');
  const element = holder();
  if (!element) return undefined;
  const panes = makePanes(element, { equity: sources.curve !== undefined, buyHold: sources.curve?.hasBuyHold === true });
  const { chart } = panes;
  let pointed: number | null = null;

  const tell = () => {
    const held = view.heldTime;
    const time = held ?? pointed;
    legend.set({ facts: (time === null ? undefined : view.factsAt(time)) ?? view.lastFacts(), byKey: held !== null });
  };
  const view: CandleView = new CandleView(
    panes,
    sources,
    (now) => {
      state.set(now);
      tell();
    },
    range,
  );

  // A page that scrolls under a mouse that rests makes mouse events, too: only one that moved takes the crosshair.
  let moved = false;
  let mouse = { x: NaN, y: NaN };
  const stop = new AbortController();
  const follow = ({ clientX: x, clientY: y }: PointerEvent) => {
    moved = x !== mouse.x || y !== mouse.y;
    mouse = { x, y };
  };
  for (const name of ['pointermove', 'pointerdown'] as const) window.addEventListener(name, follow, { capture: true, signal: stop.signal });

  chart.subscribeCrosshairMove(({ time, sourceEvent }) => {
    pointed = typeof time === 'number' ? time * 1000 : null;
    if (sourceEvent && moved) view.release();
    else if (view.heldTime !== null && view.heldTime !== pointed) view.point(); // the range under it changed
    tell();
  });
  const unbind = bindPointer(element, view, () => ({ width: chart.timeScale().width(), height: element.clientHeight - chart.timeScale().height() }));
  const observer = new ResizeObserver(() => {
    chart.resize(element.clientWidth, element.clientHeight);
    view.show(view.range);
  });
  observer.observe(element);

  return {
    view,
    showBuyHold: panes.showBuyHold,
    pointed: () => view.heldTime ?? pointed,
    point() {
      view.release();
      pointed = null;
      chart.clearCrosshairPosition();
    },
    close() {
      stop.abort();
      observer.disconnect();
      unbind();
      view.close();
      chart.remove();
      state.set(undefined);
    },
  };
}
