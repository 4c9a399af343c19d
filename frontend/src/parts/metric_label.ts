import type { Translate } from '../i18n';
import type { MetricName } from './metric_units';

const letters = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** What people call a metric, where its name does not say so already: "Growth a year" of cagr, but nothing of winRate or sharpe. */
export function metricLabel(t: Translate, name: MetricName): string | null {
  const label = t(`metric.${name}`);
  return letters(label).includes(letters(name)) ? null : label;
}
