import { metric, missing, time } from '../../parts/format';
import { metricUnit, type MetricName } from '../../parts/metric_units';
import { signClass } from '../../parts/format';
import { isSigned } from './metric_groups';
import type { RunDetail } from './use_run';

type Metrics = RunDetail['metrics'];

/** A metric of a run as it is shown, and the class of its colour. */
export function metricValue(metrics: Metrics, name: MetricName): { text: string; tone: string } {
  const value = metrics[name];
  if (value === null || value === undefined) return { text: missing, tone: 'soft' };
  if (typeof value === 'string') return { text: time(value), tone: '' };
  return { text: metric(name, metricUnit(name), value), tone: isSigned(name) ? signClass(value) : '' };
}
