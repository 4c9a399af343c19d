import { expect, it } from 'vitest';
import { chartHeight } from './use_chart_height';

it('a chart is as high as the window leaves room for, within limits', () => {
  expect(chartHeight(800, 560)).toBe(330);
  expect(chartHeight(1200, 560)).toBe(560);
  expect(chartHeight(500, 560)).toBe(280);
});
