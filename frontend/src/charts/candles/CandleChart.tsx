// Candles, volume and, where there is a run, its trades, equity and drawdown on one time axis. Give it `sources` that stay the same
// object while they mean the same (useMemo); its range in view survives a change of theme. The chart library is loaded when first shown.
import { useEffect, useId, useImperativeHandle, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import { useTheme } from '../../app/theme';
import { useI18n, useT } from '../../i18n';
import { errorText } from '../../api/client';
import { CandleLegend, type Legend } from './CandleLegend';
import { CandleToolbar } from './CandleToolbar';
import type { TimeRange } from './candle_source';
import type { CandleSources, CandleView, ViewState } from './candle_view';
import { makeCell, useCell, type Cell } from './cell';
import { pressKey } from './gestures';
import { openChart, type OpenChart } from './open_chart';
import './candles.css';

export type { CandleSources } from './candle_view';

export interface CandleChartHandle {
  /** Brings a time (ms) into the middle and points at its bar. */
  goTo: (time: number) => void;
  show: (range: TimeRange) => void;
  fit: () => void;
}

// A pan changes both in every frame; rendering them each time would cost as much as drawing the chart.
const LEGEND_PAUSE = 50;
const STATE_PAUSE = 120;

interface Props {
  sources: CandleSources;
  label: string; // what the chart shows, for people who do not see it
  height?: number;
  ref?: Ref<CandleChartHandle>;
}

function Notice({ state }: { state: Cell<ViewState | undefined> }) {
  const t = useT();
  const now = useCell(state);
  if (now?.error !== undefined) return <div className="candles-notice down" role="alert">{errorText(now.error)}</div>;
  if (!now || (now.empty && now.loading)) return <div className="candles-notice">{t('state.loading')}</div>;
  return now.empty ? <div className="candles-notice">{t('chart.no_klines')}</div> : null;
}

export function CandleChart({ sources, label, height, ref }: Props) {
  const { t, language } = useI18n();
  const { theme } = useTheme();
  const holder = useRef<HTMLDivElement>(null);
  const opened = useRef<OpenChart>(undefined);
  const seen = useRef<{ sources: CandleSources; range: TimeRange }>(undefined);
  const [view, setView] = useState<CandleView>();
  const [buyHold, setBuyHold] = useState(true);
  const [legend] = useState(() => makeCell<Legend>({ facts: undefined, byKey: false }, LEGEND_PAUSE));
  const [state] = useState(() => makeCell<ViewState | undefined>(undefined, STATE_PAUSE));
  const [broken, setBroken] = useState<unknown>();
  const help = useId();
  const hasCurve = sources.curve !== undefined;
  const hasBuyHold = sources.curve?.hasBuyHold === true;

  useEffect(() => {
    let gone = false;
    const range = seen.current?.sources === sources ? seen.current.range : undefined;
    void openChart({ holder: () => holder.current, sources, range, legend, state }).then(
      (chart) => {
        if (gone || !chart) return chart?.close();
        opened.current = chart;
        setView(chart.view);
      },
      (error: unknown) => setBroken(error),
    );
    return () => {
      gone = true;
      if (opened.current) seen.current = { sources, range: opened.current.view.range };
      opened.current?.close();
      opened.current = undefined;
      setView(undefined);
    };
  }, [sources, theme, language, legend, state]);

  useEffect(() => opened.current?.showBuyHold(buyHold), [view, buyHold]);

  useImperativeHandle(
    ref,
    () => ({
      goTo: (time) => opened.current?.view.goTo(time),
      show: (range) => opened.current?.view.show(range),
      fit: () => opened.current?.view.fit(),
    }),
    [],
  );

  const onKeyDown = (event: KeyboardEvent) => {
    const chart = opened.current;
    if (event.target !== event.currentTarget || !chart) return;
    if (event.key === 'Escape') return chart.point(null);
    if (pressKey(chart.view, event, chart.pointed())) event.preventDefault();
  };

  return (
    <figure className="candles" style={height === undefined ? undefined : { ['--candles-height' as string]: `${height}px` }}>
      <CandleToolbar view={view} state={state} bounds={sources.klines.range} buyHold={hasBuyHold ? { shown: buyHold, change: setBuyHold } : undefined} />
      <CandleLegend cell={legend} curve={hasCurve} buyHold={hasBuyHold && buyHold} trades={sources.trades !== undefined} />
      <div className="candles-frame" role="application" aria-roledescription={t('chart.role')} tabIndex={0} aria-label={label} aria-describedby={help} onKeyDown={onKeyDown}>
        <div ref={holder} className="candles-holder" />
        {broken === undefined ? <Notice state={state} /> : <div className="candles-notice down" role="alert">{errorText(broken)}</div>}
      </div>
      <p id={help} className="candles-help soft">
        {t('chart.help')}
      </p>
    </figure>
  );
}
