// The metrics with their formulas, out of METRIC_LIST of include/kmill/metrics.h, where the engine has them.
import type { MetricName } from '../src/parts/metric_units.ts';

export interface Metric {
  name: MetricName;
  unit: string;
  better: -1 | 0 | 1;
  formula: string;
}

export function metricList(header: string): Metric[] {
  const body = /#define METRIC_LIST\(X\)([\s\S]*?)\n\n/.exec(header)?.[1]?.replace(/\\\n/g, '\n') ?? '';
  const entry = /X\((\w+),\s*"(\w+)",\s*"(\w+)",\s*(-?[01]),\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)/g;
  return [...body.matchAll(entry)].map(([, , name = '', unit = '', better = '0', formula = '']) => ({
    name: name as MetricName, // a test compares them with the contract's
    unit,
    better: Number(better) as Metric['better'],
    formula: [...formula.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replace(/\\(.)/g, '$1')).join(''),
  }));
}
