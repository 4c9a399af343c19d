// The view of a candle chart: which range of time is seen, at which level of detail, which tiles that needs, and what is drawn of them.
//
// The range lives here as two times. Every change of it (drag, wheel, keys, goTo) moves the drawn window under the glass at once;
// when the range comes near the window's end, or another level of detail fits better, a new window is made of what the caches hold and
// exchanged in one step. A new level is shown only when its bars in view are here: until then the old one is scaled.
import type { Bar, ChartTrade, Curve, CurveSource, KlineSource, TimeRange, TradeSource } from './candle_source';
import { barIndexAt, cellAt, isPlace, makeWindow, type BarWindow } from './bar_window';
import type { ChartPanes } from './chart_panes';
import { chartTime } from './chart_time';
import { curveAtBars, heldAtBars, type BarCurve } from './curve_window';
import { barsThatFit, clipped, detailLevel, TILE_BARS, tileRange, tilesOf, type Tile } from './detail_level';
import { KlineCache } from './kline_cache';
import { TileCache } from './tile_cache';
import { barsPerMarker, tradeMarkers } from './trade_markers';
import { centred, confined, moved, scaled } from './view_range';

const AHEAD = 0.75; // of the view, on both sides: drawn
const NEAR = 0.25; // of the view: so close to the window's end the next one is made
const GOTO_KLINES = 240;
const GOTO_PART = 0.7; // of the bars that fit: every kline has its own
const TRADES_MAX = 5000; // of a tile: with more of them markers say nothing
const CURVE_POINTS = 2 * TILE_BARS + 2;
const RETRY_MS = 3000;

export interface CandleSources {
  klines: KlineSource;
  curve?: CurveSource | undefined;
  trades?: TradeSource | undefined;
}

/** What the chart tells about itself. */
export interface ViewState {
  view: TimeRange;
  level: number;
  loading: boolean;
  empty: boolean; // no kline in view
  crowded: number; // trades in view that are too many for markers
  error: unknown;
}

/** What stands at one bar. */
export interface BarFacts {
  bar: Bar;
  klines: number; // it stands for at most so many
  equity: number;
  drawdown: number;
  buyHold: number;
  trades: readonly ChartTrade[];
}

interface TradeTile {
  total: number;
  trades: ChartTrade[];
}

export class CandleView {
  private readonly klines: KlineCache;
  private readonly curves: TileCache<Curve> | undefined;
  private readonly tradeTiles: TileCache<TradeTile> | undefined;
  private readonly step: number;
  private readonly bounds: TimeRange;
  private window: BarWindow = { level: 0, tiles: [], range: { from: 0, to: 0 }, bars: [], edges: new Float64Array(1) };
  private curve: BarCurve | undefined;
  private units = NaN; // of buy & hold, where the curve's points do not say it
  private readonly closing = new AbortController();
  private trades: ChartTrade[] = [];
  private markerBars = 0; // bars that share a marker
  private view: TimeRange;
  private frame = 0;
  private pointing = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private stale = true; // a tile came: the window is made anew
  private held: number | null = null; // the time that the crosshair was sent to, until the mouse takes it
  private error: unknown;
  private closed = false;

  constructor(
    private readonly panes: ChartPanes,
    sources: CandleSources,
    private readonly tell: (state: ViewState) => void,
    view?: TimeRange,
  ) {
    const changed = (error?: unknown) => this.tileChanged(error);
    const { klines, curve, trades } = sources;
    this.klines = new KlineCache(klines, changed);
    this.step = this.klines.step;
    this.bounds = klines.range;
    this.view = confined(view ?? this.bounds, this.bounds, this.step);
    const range = (tile: Tile) => clipped(tileRange(tile, this.step), this.bounds);
    this.curves = curve && new TileCache((tile, signal) => curve.curve(range(tile), CURVE_POINTS, signal), changed);
    this.tradeTiles = trades && new TileCache((tile, signal) => trades.trades(range(tile), TRADES_MAX, signal), changed);
    this.panes.chart.timeScale().subscribeSizeChange(this.place);
    this.schedule();
    void curve?.units?.(this.closing.signal).then(
      (units) => {
        this.units = units;
        this.tileChanged();
      },
      (error: unknown) => this.tileChanged(error),
    );
  }

  close(): void {
    this.closed = true;
    this.closing.abort();
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.pointing);
    clearTimeout(this.retry);
    this.klines.close();
    this.curves?.close();
    this.tradeTiles?.close();
  }

  // ---- what the hands do ----

  get range(): TimeRange {
    return this.view;
  }

  show(range: TimeRange): void {
    this.view = confined(range, this.bounds, this.step);
    this.place();
    this.schedule();
  }
  fit(): void {
    this.show(this.bounds);
  }
  panPixels(pixels: number): void {
    const cells = cellAt(this.window, this.view.to) - cellAt(this.window, this.view.from);
    this.show(moved(this.view, this.window, (-pixels / this.width) * cells));
  }
  /** Part of what is in view; 1: the next page to the right. */
  panPart(part: number): void {
    this.panPixels(-part * this.width);
  }
  zoom(factor: number, anchor = 0.5): void {
    const { from, to } = this.view;
    const longest = (this.bounds.to - this.bounds.from) * 1.1;
    this.show(scaled(this.view, this.window, Math.min(factor, Math.max(1, longest / (to - from))), anchor));
  }
  toEnd(end: 'first' | 'last'): void {
    const length = this.view.to - this.view.from;
    const { from, to } = this.bounds;
    this.show(end === 'first' ? { from, to: from + length } : { from: to - length, to });
  }
  /** Brings a time into the middle, close enough to see single bars, and points at its bar. */
  goTo(time: number): void {
    this.held = time;
    this.show(centred(this.view, time, this.step, Math.min(GOTO_KLINES, GOTO_PART * barsThatFit(this.width))));
  }
  /** Open time of the bar that the crosshair was sent to, if it is in view as a single one. */
  get heldTime(): number | null {
    if (this.held === null || this.window.level !== this.wantedLevel()) return null;
    if (this.held < this.view.from || this.held >= this.view.to) return null;
    return this.factsAt(this.held)?.bar.openTime ?? null;
  }
  /** The mouse has the crosshair, or nobody. */
  release(): void {
    this.held = null;
  }
  /** Points at the bar so many bars from the one pointed at, or from the last one in view. */
  stepCrosshair(from: number | null, bars: number): void {
    const here = barIndexAt(this.window, from ?? this.view.to - 1);
    const bar = this.window.bars[Math.max(0, (here < 0 ? this.window.bars.length - 1 : here) + (from === null ? 0 : bars))];
    if (!bar) return;
    this.held = bar.openTime;
    const { from: left, to: right } = this.view;
    if (bar.openTime < left) this.panPart(-0.5);
    else if (bar.openTime >= right) this.panPart(0.5);
    this.point();
  }

  // ---- what stands where ----

  factsAt(time: number): BarFacts | undefined {
    const i = barIndexAt(this.window, time);
    const bar = this.window.bars[i];
    if (!bar || isPlace(bar)) return undefined;
    const end = this.window.edges[i + 1] ?? Infinity;
    return {
      bar,
      klines: 2 ** this.window.level,
      equity: this.curve?.equity[i] ?? NaN,
      drawdown: this.curve?.drawdown[i] ?? NaN,
      buyHold: this.curve?.buyHold[i] ?? NaN,
      trades: this.trades.filter((trade) => trade.time >= bar.openTime && trade.time < end),
    };
  }
  /** Of the last bar in view. */
  lastFacts(): BarFacts | undefined {
    const i = Math.min(this.window.bars.length, Math.ceil(cellAt(this.window, this.view.to))) - 1;
    for (let at = i; at >= 0; at--) {
      const bar = this.window.bars[at];
      if (bar && !isPlace(bar)) return this.factsAt(bar.openTime);
    }
    return undefined;
  }

  // ---- drawing ----

  private get width(): number {
    return Math.max(1, this.panes.chart.timeScale().width());
  }

  /** Puts the window under the glass so that the view is seen. */
  private readonly place = (): void => {
    if (this.closed || this.window.bars.length === 0) return;
    const from = cellAt(this.window, this.view.from);
    const to = cellAt(this.window, this.view.to);
    this.panes.chart.timeScale().setVisibleLogicalRange({ from, to: Math.max(from, to - 1) }); // the library shows a bar at least
    this.point();
  };

  private tileChanged(error?: unknown): void {
    if (this.closed) return;
    this.stale = true;
    if (error !== undefined) {
      this.error = error;
      clearTimeout(this.retry);
      this.retry = setTimeout(() => this.schedule(), RETRY_MS);
    } else this.error = undefined;
    this.schedule();
  }

  private schedule(): void {
    if (this.frame || this.closed) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.update();
    });
  }

  private around(part: number): TimeRange {
    const length = (this.view.to - this.view.from) * part;
    return clipped({ from: this.view.from - length, to: this.view.to + length }, this.bounds);
  }

  private wantedLevel(): number {
    return detailLevel((this.view.to - this.view.from) / this.step, this.width, this.window.level);
  }

  private update(): void {
    const level = this.wantedLevel();
    const near = this.around(NEAR);
    const covered = near.from >= this.window.range.from && near.to <= this.window.range.to;
    this.ask(level);
    const ready = level === this.window.level || this.has(level);
    if (ready && (this.stale || !covered || level !== this.window.level)) this.exchange(level);
    else this.mark();
    this.report();
  }

  private tiles(level: number, part: number): Tile[] {
    return tilesOf(level, this.around(part), this.step, this.bounds);
  }

  private ask(level: number): void {
    const tiles = this.tiles(level, AHEAD);
    this.klines.want(tiles);
    this.curves?.want(tiles);
    this.tradeTiles?.want(tiles);
  }

  private has(level: number): boolean {
    return this.tiles(level, 0).every((tile) => this.klines.get(tile) !== undefined);
  }

  private exchange(level: number): void {
    this.stale = false;
    this.window = makeWindow(level, this.around(AHEAD), this.step, this.bounds, (tile) => this.klines.get(tile));
    const { tiles } = this.window;
    const curves = tiles.map((tile) => this.curves?.get(tile)).filter((curve) => curve !== undefined);
    this.curve = this.curves && curveAtBars(this.window, curves);
    if (this.curve && !Number.isNaN(this.units)) this.curve.buyHold = heldAtBars(this.window, this.units);
    const trades = tiles.map((tile) => this.tradeTiles?.get(tile)).filter((tile) => tile !== undefined);
    this.trades = trades.filter((tile) => tile.total <= TRADES_MAX).flatMap((tile) => tile.trades);
    this.panes.setBars(this.window);
    this.panes.setCurve(this.window, this.curve);
    this.markerBars = 0;
    this.mark();
    this.place();
  }

  /** Markers are made anew only when another number of bars has to share one. */
  private mark(): void {
    const cells = cellAt(this.window, this.view.to) - cellAt(this.window, this.view.from);
    const bars = barsPerMarker(this.width / Math.max(1, cells));
    if (bars === this.markerBars || !this.tradeTiles) return;
    this.markerBars = bars;
    this.panes.setMarkers(this.window, tradeMarkers(this.window, this.trades, this.step, bars));
  }

  /**
   * Puts the crosshair where it was sent, once the bars there are single ones. The library takes over a new range with its next frame
   * and knows no place for a time before that: this one comes after.
   */
  point(): void {
    if (this.held === null) return;
    cancelAnimationFrame(this.pointing);
    this.pointing = requestAnimationFrame(() => {
      const time = this.closed ? null : this.heldTime;
      if (time === null) return;
      this.panes.chart.setCrosshairPosition(this.factsAt(time)?.bar.close ?? 0, chartTime(time), this.panes.candles);
      this.report(); // the library does not tell of a crosshair that was set
    });
  }

  private report(): void {
    const tiles = this.tiles(this.window.level, 0);
    const crowded = tiles.map((tile) => this.tradeTiles?.get(tile)?.total ?? 0).filter((total) => total > TRADES_MAX);
    const first = Math.floor(cellAt(this.window, this.view.from));
    const last = Math.ceil(cellAt(this.window, this.view.to));
    const seen = this.window.bars.slice(Math.max(0, first), Math.max(0, last));
    const loading = this.klines.busy;
    this.tell({
      view: this.view,
      level: this.window.level,
      loading,
      empty: !loading && !seen.some((bar) => !isPlace(bar)),
      crowded: crowded.reduce((sum, total) => sum + total, 0),
      error: this.error,
    });
  }
}
