// The chart's sources over a result that is in memory: what the playground got from the engine or from Pyodide.
import type { ChartTrade, Curve, CurveSource, TimeRange, TradeSource } from './candle_source';

export interface MemoryPoint {
  time: number; // open time of its bar
  equity: number;
}

function firstAtOrAfter(times: ArrayLike<number>, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function drawdowns(equity: Float64Array, initial: number): Float64Array {
  let peak = initial;
  return equity.map((value) => {
    peak = Math.max(peak, value);
    return peak > 0 ? (peak - value) / peak : 0;
  });
}

/** Where the lowest and the highest of [begin, end) stand, in the order of time. */
function extremes(values: Float64Array, begin: number, end: number): number[] {
  let low = begin;
  let high = begin;
  for (let i = begin + 1; i < end; i++) {
    if ((values[i] ?? 0) < (values[low] ?? 0)) low = i;
    if ((values[i] ?? 0) > (values[high] ?? 0)) high = i;
  }
  return low === high ? [low] : low < high ? [low, high] : [high, low];
}

interface CurveFacts {
  initial?: number; // balance before the first bar, the first peak
  units?: CurveSource['units'];
}

/** An equity curve in memory. Points ascend in time. */
export function memoryCurve(points: readonly MemoryPoint[], { initial = -Infinity, units }: CurveFacts = {}): CurveSource {
  const time = Float64Array.from(points, (point) => point.time);
  const equity = Float64Array.from(points, (point) => point.equity);
  const drawdown = drawdowns(equity, initial);
  const take = (rows: readonly number[]): Curve => ({
    time: rows.map((row) => time[row] ?? NaN),
    equity: rows.map((row) => equity[row] ?? NaN),
    drawdown: rows.map((row) => drawdown[row] ?? NaN),
    buyHold: rows.map(() => null),
  });
  return {
    hasBuyHold: units !== undefined,
    ...(units && { units }),
    curve({ from, to }: TimeRange, wanted: number) {
      const begin = firstAtOrAfter(time, from);
      const end = firstAtOrAfter(time, to);
      const parts = Math.max(1, Math.floor(wanted / 2));
      const count = end - begin;
      const part = (p: number) => begin + Math.floor((p * count) / parts);
      const rows =
        count <= wanted
          ? Array.from({ length: Math.max(0, count) }, (_, i) => begin + i)
          : Array.from({ length: parts }, (_, p) => extremes(equity, part(p), part(p + 1))).flat();
      return Promise.resolve(take(rows));
    },
  };
}

/** Trades in memory, ascending in time. */
export function memoryTrades(trades: readonly ChartTrade[]): TradeSource {
  const times = trades.map(({ time }) => time);
  return {
    trades({ from, to }: TimeRange, limit: number) {
      const begin = firstAtOrAfter(times, from);
      const end = firstAtOrAfter(times, to);
      return Promise.resolve({ total: end - begin, trades: trades.slice(begin, Math.min(end, begin + limit)) });
    },
  };
}
