import { expect, test } from 'vitest';
import { translator } from '../i18n';
import { metricLabel } from './metric_label';

test('a label is shown where the name does not say so already', () => {
  expect(metricLabel(translator('en'), 'cagr')).toBe('Growth a year');
  expect(metricLabel(translator('en'), 'sharpe')).toBeNull();
  expect(metricLabel(translator('zh'), 'sharpe')).toBe('夏普比率');
  expect(metricLabel(translator('en'), 'winRate')).toBeNull();
  expect(metricLabel(translator('en'), 'buyHoldReturn')).toBeNull();
  expect(metricLabel(translator('zh'), 'winRate')).toBe('胜率');
});
