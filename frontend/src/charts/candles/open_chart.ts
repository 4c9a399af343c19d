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

  const tell = (byKey: boolean) => legend.set({ facts: (pointed === null ? undefined : view.factsAt(pointed)) ?? view.lastFacts(), byKey });
  const view: CandleView = new CandleView(
    panes,
    sources,
    (now) => {
      state.set(now);
      tell(false);
    },
    range,
  );

  chart.subscribeCrosshairMove(({ time, sourceEvent }) => {
    pointed = typeof time === 'number' ? time * 1000 : null;
    tell(sourceEvent === undefined);
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
    pointed: () => pointed,
    point: () => chart.clearCrosshairPosition(),
    close() {
      observer.disconnect();
      unbind();
      view.close();
      chart.remove();
      state.set(undefined);
    },
  };
}
