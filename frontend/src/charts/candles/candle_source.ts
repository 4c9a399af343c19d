// Where a candle chart gets what it draws. The pages feed it from the server (server_source.ts) or from a result that is in
// memory (memory_source.ts); the chart asks for the range in view only, and never for more points than it can show.
// Times are milliseconds since 1970 UTC, ranges include `from` and exclude `to`.

export interface Bar {
  openTime: number;
  open: number; // NaN: not there yet, a place on the time axis only
  high: number;
  low: number;
  close: number;
  volume: number;
}

export interface TimeRange {
  from: number;
  to: number;
}

export interface KlineSource {
  readonly symbol: string;
  readonly interval: string;
  /** From the first open time to the end of the last bar. */
  readonly range: TimeRange;
  /** Klines as they are, at most 1000. */
  page(range: TimeRange, signal: AbortSignal): Promise<Bar[]>;
  /** The range in about `points` bars, each the exact open, high, low, close and volume of as many klines. */
  overview(range: TimeRange, points: number, signal: AbortSignal): Promise<Bar[]>;
}

/** Columns of equal length, ascending in time. */
export interface Curve {
  time: ArrayLike<number>;
  equity: ArrayLike<number | null>;
  drawdown: ArrayLike<number | null>; // ratio below the highest equity so far, 0 or more
  buyHold: ArrayLike<number | null>;
}

export interface CurveSource {
  readonly hasBuyHold: boolean;
  /** Units of base that buy & hold has, where its curve is not given with the points but by the closes of the bars; NaN: not known. */
  readonly units?: (signal: AbortSignal) => Promise<number>;
  /** Lowest and highest equity of `points` / 2 equal parts of the range, or every bar where there are no more. */
  curve(range: TimeRange, points: number, signal: AbortSignal): Promise<Curve>;
}

export interface ChartTrade {
  time: number; // open time of its bar
  side: 'buy' | 'sell';
  price: number;
  amount: number;
  profit: number | null;
}

export interface TradeSource {
  /** The first `limit` trades of the range, and how many there are. */
  trades(range: TimeRange, limit: number, signal: AbortSignal): Promise<{ total: number; trades: ChartTrade[] }>;
}
