// The drawn chart: its panes and series in the colours of the theme, and the window's bars put into them. The library's own scrolling
// is off: candle_view.ts owns the range in view, because a window that is exchanged under a drag would make the library jump.
import {
  AreaSeries,
  CandlestickSeries,
  ColorType,
  createChart,
  createSeriesMarkers,
  CrosshairMode,
  HistogramSeries,
  LineSeries,
  LineStyle,
  type AutoscaleInfo,
  type CandlestickData,
  type HistogramData,
  type IChartApi,
  type ISeriesApi,
  type LineData,
  type SeriesMarker,
  type Time,
  type WhitespaceData,
} from 'lightweight-charts';
import { themeColor } from '../../app/theme';
import { fixed } from '../../parts/format';
import { isPlace, type BarWindow } from './bar_window';
import { chartTime } from './chart_time';
import type { BarCurve } from './curve_window';
import { priceDecimals } from './price_text';
import type { TradeMarker } from './trade_markers';

export interface PaneChoice {
  equity: boolean;
  buyHold: boolean;
}

export interface ChartPanes {
  chart: IChartApi;
  candles: ISeriesApi<'Candlestick'>;
  setBars: (window: BarWindow) => void;
  setCurve: (window: BarWindow, curve: BarCurve | undefined) => void;
  setMarkers: (window: BarWindow, markers: readonly TradeMarker[]) => void;
  showBuyHold: (shown: boolean) => void;
}

const priceFormat = (decimals: number) => ({ type: 'custom' as const, minMove: 10 ** -decimals, formatter: (price: number) => fixed(price, decimals) });
const percentFormat = { type: 'custom' as const, minMove: 0.0001, formatter: (value: number) => `${(value * 100).toFixed(1)} %` };

/** `--accent` at a part of its opacity, as canvases understand it. */
const faint = (token: string, opacity: number): string => {
  const hex = themeColor(token);
  return /^#[0-9a-f]{6}$/i.test(hex) ? `${hex}${Math.round(opacity * 255).toString(16).padStart(2, '0')}` : hex;
};

function chartOptions() {
  const line = themeColor('--line');
  return {
    layout: {
      background: { type: ColorType.Solid, color: themeColor('--surface') },
      textColor: themeColor('--text-soft'),
      fontFamily: themeColor('--font'),
      fontSize: 11,
      attributionLogo: true, // what the library's licence asks for
      panes: { separatorColor: line, separatorHoverColor: faint('--accent', 0.3), enableResize: true },
    },
    grid: { vertLines: { color: faint('--line', 0.45) }, horzLines: { color: faint('--line', 0.45) } },
    crosshair: {
      mode: CrosshairMode.Normal,
      vertLine: { color: themeColor('--line-strong'), labelBackgroundColor: themeColor('--text-soft') },
      horzLine: { color: themeColor('--line-strong'), labelBackgroundColor: themeColor('--text-soft') },
    },
    rightPriceScale: { borderColor: line, minimumWidth: 76 },
    timeScale: { borderColor: line, timeVisible: true, secondsVisible: false, minBarSpacing: 0.05, shiftVisibleRangeOnNewBar: false, lockVisibleTimeRangeOnResize: true },
    localization: { locale: document.documentElement.lang === 'zh-CN' ? 'zh-CN' : 'en-US', dateFormat: 'yyyy-MM-dd' },
    handleScroll: false as const,
    handleScale: { mouseWheel: false, pinch: false, axisPressedMouseMove: { time: false, price: true }, axisDoubleClickReset: { time: false, price: true } },
  };
}

const DRAWDOWN_LEAST = 0.01;

function addSeries(chart: IChartApi, choice: PaneChoice) {
  const up = themeColor('--up');
  const down = themeColor('--down');
  const quiet = { priceLineVisible: false, lastValueVisible: false };
  const candles = chart.addSeries(CandlestickSeries, { ...quiet, upColor: up, wickUpColor: up, borderUpColor: up, downColor: down, wickDownColor: down, borderDownColor: down }, 0);
  const volume = chart.addSeries(HistogramSeries, { ...quiet, priceFormat: { type: 'volume' } }, 1);
  if (!choice.equity) return { candles, volume };
  const money = priceFormat(2);
  const equity = chart.addSeries(LineSeries, { ...quiet, color: themeColor('--accent'), lineWidth: 2, priceFormat: money, crosshairMarkerRadius: 3 }, 2);
  const buyHold = choice.buyHold
    ? chart.addSeries(LineSeries, { ...quiet, color: faint('--text-soft', 0.8), lineWidth: 1, lineStyle: LineStyle.Dashed, priceFormat: money, crosshairMarkerVisible: false }, 2)
    : undefined;
  const drawdown = chart.addSeries(
    AreaSeries,
    {
      ...quiet, lineColor: down, lineWidth: 1, topColor: faint('--down', 0.05), bottomColor: faint('--down', 0.3), invertFilledArea: true, priceFormat: percentFormat, crosshairMarkerVisible: false,
      // From zero down: a curve that never falls is a line along the top, not a filled pane.
      autoscaleInfoProvider: (original: () => AutoscaleInfo | null) => ({ priceRange: { minValue: Math.min(original()?.priceRange?.minValue ?? 0, -DRAWDOWN_LEAST), maxValue: 0 } }),
    },
    3,
  );
  drawdown.priceScale().applyOptions({ scaleMargins: { top: 0.06, bottom: 0.12 } });
  return { candles, volume, equity, buyHold, drawdown };
}

const SHARES = [6, 1.3, 2.6, 1.5];

export function makePanes(holder: HTMLElement, choice: PaneChoice): ChartPanes {
  const chart = createChart(holder, { ...chartOptions(), width: holder.clientWidth, height: holder.clientHeight });
  const { candles, volume, equity, buyHold, drawdown } = addSeries(chart, choice);
  chart.panes().forEach((pane, i) => pane.setStretchFactor(SHARES[i] ?? 1));
  const markers = createSeriesMarkers<Time>(candles, []);
  const upBar = faint('--up', 0.5);
  const downBar = faint('--down', 0.5);
  const upColor = themeColor('--up');
  const downColor = themeColor('--down');

  let shownDecimals = -1;

  const line = (window: BarWindow, values: Float64Array, sign: number): (LineData | WhitespaceData)[] =>
    window.bars.map(({ openTime }, i) => {
      const value = values[i] ?? NaN;
      return Number.isNaN(value) ? { time: chartTime(openTime) } : { time: chartTime(openTime), value: value * sign };
    });

  return {
    chart,
    candles,
    setBars(window) {
      const rows: (CandlestickData | WhitespaceData)[] = [];
      const volumes: (HistogramData | WhitespaceData)[] = [];
      for (const bar of window.bars) {
        const time = chartTime(bar.openTime);
        rows.push(isPlace(bar) ? { time } : { time, open: bar.open, high: bar.high, low: bar.low, close: bar.close });
        volumes.push(isPlace(bar) ? { time } : { time, value: bar.volume, color: bar.close >= bar.open ? upBar : downBar });
      }
      const some = window.bars.find((bar) => !isPlace(bar));
      const precision = priceDecimals(some?.close ?? 1);
      if (precision !== shownDecimals) candles.applyOptions({ priceFormat: priceFormat(precision) });
      shownDecimals = precision;
      candles.setData(rows);
      volume.setData(volumes);
    },
    setCurve(window, curve) {
      equity?.setData(curve ? line(window, curve.equity, 1) : []);
      buyHold?.setData(curve ? line(window, curve.buyHold, 1) : []);
      drawdown?.setData(curve ? line(window, curve.drawdown, -1) : []);
    },
    setMarkers(window, found) {
      markers.setMarkers(
        found.map(({ bar, side, count }): SeriesMarker<Time> => {
          const buy = side === 'buy';
          return {
            time: chartTime(window.bars[bar]?.openTime ?? 0),
            position: buy ? 'belowBar' : 'aboveBar',
            shape: buy ? 'arrowUp' : 'arrowDown',
            color: buy ? upColor : downColor,
            ...(count > 1 ? { text: String(count) } : {}),
          };
        }),
      );
    },
    showBuyHold(shown) {
      buyHold?.applyOptions({ visible: shown });
    },
  };
}
