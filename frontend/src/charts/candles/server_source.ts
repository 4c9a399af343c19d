// The chart's sources over the server's API.
import { api, data, type Schemas } from '../../api/client';
import type { Bar, ChartTrade, Curve, CurveSource, KlineSource, TimeRange, TradeSource } from './candle_source';

const PAGE_MAX = 1000;

const barOfKline = (kline: Schemas['Kline']): Bar => ({
  openTime: Date.parse(kline.open_time),
  open: kline.open,
  high: kline.high,
  low: kline.low,
  close: kline.close,
  volume: kline.volume,
});

/** An element of the overview: open_time, open, high, low, close, volume. */
const barOfPoint = ([openTime = NaN, open = NaN, high = NaN, low = NaN, close = NaN, volume = NaN]: readonly number[]): Bar => ({ openTime, open, high, low, close, volume });

/** A stored series between two times. */
export function serverKlines(symbol: string, interval: string, range: TimeRange): KlineSource {
  const path = { symbol, interval: interval as Schemas['Interval'] };
  return {
    symbol,
    interval,
    range,
    async page({ from, to }, signal) {
      // The API's start is exclusive, its end inclusive: the other way round than here.
      const query = { start_time: String(from - 1), end_time: String(to - 1), limit: PAGE_MAX };
      const answer = await data(api.GET('/api/v1/kline/{symbol}/{interval}', { params: { path, query }, signal }));
      return answer.data.map(barOfKline);
    },
    async overview({ from, to }, points, signal) {
      const query = { from: String(from), to: String(to), points };
      const answer = await data(api.GET('/api/v1/series/{symbol}/{interval}/overview', { params: { path, query }, signal }));
      return answer.data.map(barOfPoint);
    },
  };
}

const MAX_POINTS = 20000;

/** The equity curve of a sweep's run. */
export function runCurve(id: string, run: number): CurveSource {
  return {
    hasBuyHold: true,
    async curve({ from, to }, points, signal) {
      const query = { from: String(from), to: String(to), points: Math.min(MAX_POINTS, points), method: 'minmax' as const };
      const answer = await data(api.GET('/api/v1/sweeps/{id}/runs/{n}/equity', { params: { path: { id, n: run }, query }, signal }));
      const { time, equity, drawdown, buy_hold: buyHold } = answer.points;
      return { time: time.map((t) => t ?? NaN), equity, drawdown, buyHold } satisfies Curve;
    },
  };
}

export const chartTrade = (trade: Schemas['PlacedTrade']): ChartTrade => ({
  time: trade.time === null ? NaN : Date.parse(trade.time),
  side: trade.type,
  price: trade.price,
  amount: trade.amount,
  profit: trade.profit ?? null,
});

/** The trades of a sweep's run. */
export function runTrades(id: string, run: number): TradeSource {
  return {
    async trades({ from, to }, limit, signal) {
      const query = { from: String(from), to: String(to), limit };
      const answer = await data(api.GET('/api/v1/sweeps/{id}/runs/{n}/trades', { params: { path: { id, n: run }, query }, signal }));
      return { total: answer.total, trades: answer.trades.map(chartTrade) };
    },
  };
}
