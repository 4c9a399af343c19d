// The figures of a result and the chart's sources of it.
import type { Key } from '../../../i18n';
import { serverKlines } from '../../../charts/candles/server_source';
import { memoryCurve, memoryTrades } from '../../../charts/candles/memory_source';
import type { CandleSources } from '../../../charts/candles/CandleChart';
import type { ChartTrade } from '../../../charts/candles/candle_source';
import type { RunResult, Trade } from '../engine/job';
import { timeOf } from '../config/time_text';
import type { RunConfig } from '../config/config';
import { nextOpen } from '../config/time_text';

export interface Figure {
  name: keyof RunResult & string;
  label: Key;
  unit: 'quote' | 'base' | 'ratio' | 'count' | 'ms' | 'number';
  signed?: boolean;
}

/** What is looked at first. */
export const keyFigures: readonly Figure[] = [
  { name: 'finalBalance', label: 'playground.figure.finalBalance', unit: 'quote' },
  { name: 'profit', label: 'playground.figure.profit', unit: 'quote', signed: true },
  { name: 'profitRate', label: 'playground.figure.profitRate', unit: 'ratio', signed: true },
  { name: 'buyHoldReturn', label: 'playground.figure.buyHoldReturn', unit: 'ratio', signed: true },
  { name: 'maxDrawdown', label: 'playground.figure.maxDrawdown', unit: 'ratio' },
  { name: 'winRate', label: 'playground.figure.winRate', unit: 'ratio' },
  { name: 'totalTrades', label: 'playground.figure.totalTrades', unit: 'count' },
  { name: 'quoteFee', label: 'playground.figure.quoteFee', unit: 'quote' },
];

/** The document's other fields, and more than it has: of the ratios the browser's engine knows none. */
export const moreFigures: readonly Figure[] = [
  { name: 'initialBalance', label: 'playground.figure.initialBalance', unit: 'quote' },
  { name: 'quoteAsset', label: 'playground.figure.quoteAsset', unit: 'quote' },
  { name: 'baseAsset', label: 'playground.figure.baseAsset', unit: 'base' },
  { name: 'baseFee', label: 'playground.figure.baseFee', unit: 'base' },
  { name: 'sharpe', label: 'playground.figure.sharpe', unit: 'number' },
  { name: 'sortino', label: 'playground.figure.sortino', unit: 'number' },
  { name: 'profitFactor', label: 'playground.figure.profitFactor', unit: 'number' },
  { name: 'exposure', label: 'playground.figure.exposure', unit: 'ratio' },
  { name: 'maxDrawdownDuration', label: 'playground.figure.maxDrawdownDuration', unit: 'ms' },
  { name: 'refusedOrders', label: 'playground.figure.refusedOrders', unit: 'count' },
  { name: 'priceOutside', label: 'playground.figure.priceOutside', unit: 'count' },
];

export const figureValue = (result: RunResult, name: Figure['name']): number | null | undefined => {
  const value = result[name];
  return typeof value === 'number' || value === null ? value : undefined;
};

/** A trade's time: what the strategy gave, if it is a time at all. */
export const tradeTime = (trade: Trade): number => {
  const ms = Date.parse(trade.timestamp);
  return Number.isNaN(ms) ? (timeOf(trade.timestamp) ?? NaN) : ms;
};

export function chartTrades(trades: readonly Trade[]): ChartTrade[] {
  return trades
    .map((trade): ChartTrade => ({ time: tradeTime(trade), side: trade.type, price: trade.price, amount: trade.amount, profit: trade.profit ?? null }))
    .filter(({ time }) => !Number.isNaN(time))
    .sort((a, b) => a.time - b.time);
}

/** null: a run without bars. */
export function chartSources(config: RunConfig, result: RunResult): CandleSources | null {
  const points = result.equityCurve.map(({ timestamp, equity }) => ({ time: Date.parse(timestamp), equity }));
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return null;
  const range = { from: first.time, to: nextOpen(last.time, config.interval) };
  const klines = serverKlines(config.symbol, config.interval, range);
  // As buyHoldReturn: bought at the open of the first bar, without fees.
  const units = async (signal: AbortSignal) => {
    const [bar] = await klines.page({ from: range.from, to: nextOpen(range.from, config.interval) }, signal);
    return bar ? (result.initialBalance ?? first.equity) / bar.open : NaN;
  };
  return { klines, curve: memoryCurve(points, { units, ...(typeof result.initialBalance === 'number' && { initial: result.initialBalance }) }), trades: memoryTrades(chartTrades(result.trades)) };
}
