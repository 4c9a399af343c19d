// The metrics of a run in the groups and the order of `kmill show`.
import type { Key } from '../../i18n';
import type { MetricName } from '../../parts/metric_units';

export interface MetricGroup {
  title: Key;
  metrics: readonly MetricName[];
}

export const METRIC_GROUPS: readonly MetricGroup[] = [
  {
    title: 'run.group.result',
    metrics: ['initialBalance', 'finalBalance', 'profit', 'profitRate', 'buyHoldReturn', 'cagr', 'peakEquity', 'baseAsset', 'quoteAsset', 'baseFee', 'quoteFee'],
  },
  {
    title: 'run.group.risk',
    metrics: ['volatility', 'sharpe', 'sortino', 'calmar', 'omega', 'recoveryFactor', 'alpha', 'beta', 'var95', 'cvar95', 'skew', 'kurtosis'],
  },
  { title: 'run.group.drawdown', metrics: ['maxDrawdown', 'averageDrawdown', 'maxDrawdownDuration', 'averageDrawdownDuration', 'ulcerIndex'] },
  { title: 'run.group.trades', metrics: ['totalTrades', 'buys', 'sells', 'refusedOrders', 'priceOutside'] },
  {
    title: 'run.group.rounds',
    metrics: ['winRate', 'bestTrade', 'worstTrade', 'averageTrade', 'averageWin', 'averageLoss', 'profitFactor', 'expectancy', 'sqn', 'kelly', 'maxConsecutiveWins', 'maxConsecutiveLosses', 'maxTradeDuration', 'averageTradeDuration'],
  },
  { title: 'run.group.time', metrics: ['start', 'end', 'duration', 'bars', 'exposure'] },
];

/** What is seen first. */
export const KEY_METRICS: readonly MetricName[] = ['profitRate', 'finalBalance', 'maxDrawdown', 'sharpe', 'totalTrades', 'winRate', 'profitFactor', 'buyHoldReturn'];

/** Metrics where a sign says good or bad. */
const SIGNED: ReadonlySet<string> = new Set(['profit', 'profitRate', 'cagr', 'sharpe', 'sortino', 'calmar', 'recoveryFactor', 'alpha', 'expectancy', 'averageTrade', 'sqn', 'kelly', 'buyHoldReturn']);
export const isSigned = (name: string): boolean => SIGNED.has(name);
