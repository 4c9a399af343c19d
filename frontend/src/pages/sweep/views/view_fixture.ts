// A small sweep for tests: two numbers, a text and a constant; profitRate has both signs, maxDrawdown one.
import type { Detail } from './view_columns';

const metric = (name: string, unit: string, better: number, minimum: number | null, maximum: number | null): Detail['metrics'][number] =>
  ({ name, unit, better, formula: '', minimum, maximum, undefined: 0 }) as Detail['metrics'][number];

export const sweepDetail = {
  id: 'tiny',
  rank: { metric: 'profitRate', direction: 'max' },
  series: [{ symbol: 'BTCUSDT', interval: '1h' }],
  parameters: [
    { name: 'average', type: 'text', distinct: 2, minimum: null, maximum: null, constant: false, values: ['ema', 'sma'] },
    { name: 'fast', type: 'int', distinct: 3, minimum: 5, maximum: 15, constant: false, values: [5, 10, 15] },
    { name: 'threshold', type: 'float', distinct: 300, minimum: 0, maximum: 0.02, constant: false, values: null },
    { name: 'window', type: 'int', distinct: 1, minimum: 50, maximum: 50, constant: true, values: [50] },
  ],
  metrics: [metric('profitRate', 'ratio', 1, -0.5, 1.5), metric('maxDrawdown', 'ratio', -1, 0.1, 0.6), metric('totalTrades', 'count', 0, 0, 90)],
  statuses: { done: 600 },
} as unknown as Detail;
