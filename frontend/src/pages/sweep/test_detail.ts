// A sweep as the server describes it, small, for tests.
import type { Schemas } from '../../api/client';

const parameter = (name: string, type: Schemas['ParameterColumn']['type'], values: Schemas['ParameterColumn']['values']): Schemas['ParameterColumn'] => {
  const numbers = (values ?? []).filter((v) => typeof v === 'number');
  return { name, type, distinct: values?.length ?? 0, minimum: numbers.length > 0 ? Math.min(...numbers) : null, maximum: numbers.length > 0 ? Math.max(...numbers) : null, constant: values?.length === 1, values };
};
const metric = (name: Schemas['MetricName'], unit: Schemas['MetricColumn']['unit'], better: -1 | 0 | 1, minimum: number, maximum: number): Schemas['MetricColumn'] => ({ name, unit, better, formula: `formula of ${name}`, minimum, maximum, undefined: 0 });

export const testDetail = (over: Partial<Schemas['SweepDetail']> = {}): Schemas['SweepDetail'] => ({
  id: 'small',
  name: 'small',
  state: 'complete',
  path: 'small.h5',
  total: 3,
  total_exact: true,
  done: 3,
  failed: 1,
  started_at: '2024-01-01T00:00:00+00:00',
  finished_at: '2024-01-01T00:00:10+00:00',
  seconds_left: null,
  runs_per_second: null,
  rank: { metric: 'sharpe', direction: 'max' },
  best: { run: 2, value: 1.5, params: { average: 'ema', fast: 7, window: 50 } },
  series: [{ symbol: 'BTCUSDT', interval: '1h' }],
  error: null,
  strategy: 'cross.py',
  own: false,
  spec: 'name: small\n',
  strategy_source: 'class Strategy: pass\n',
  provenance: null,
  parameters: [parameter('average', 'text', ['ema', 'sma']), parameter('fast', 'int', [5, 6, 7]), parameter('window', 'int', [50]), parameter('flip', 'bool', [false, true])],
  metrics: [metric('initialBalance', 'quote', 0, 1000, 1000), metric('profitRate', 'ratio', 1, -0.1, 0.5), metric('maxDrawdown', 'ratio', -1, 0.05, 0.3), metric('sharpe', 'number', 1, -1, 1.5), metric('start', 'ms', 0, 1, 2)],
  statuses: { done: 2, failed: 1 },
  ...over,
});
