import { expect, it } from 'vitest';
import { NO_FILTER } from '../sweep_filter';
import { emptyReason } from './ViewParts';
import type { Detail } from './view_columns';

const sweep = (done: number, rank_where: string | null = null): Pick<Detail, 'statuses' | 'provenance'> =>
  ({ statuses: { done, failed: 3 }, provenance: { rank_where } }) as unknown as Pick<Detail, 'statuses' | 'provenance'>;

it('a view is empty because of the filter, or because of the sweep', () => {
  expect(emptyReason({ ...NO_FILTER, status: ['failed'] }, sweep(5))).toBe('status');
  expect(emptyReason(NO_FILTER, sweep(0))).toBe('failed');
  expect(emptyReason({ ...NO_FILTER, where: 'a > 1' }, sweep(0))).toBe('failed');
  expect(emptyReason(NO_FILTER, sweep(5))).toBe('metric');
  expect(emptyReason({ ...NO_FILTER, fixed: { fast: '5' } }, sweep(5))).toBe('filter');
  expect(emptyReason(NO_FILTER, sweep(5, 'totalTrades >= 10'))).toBe('filter');
  expect(emptyReason({ ...NO_FILTER, ranked: false }, sweep(5, 'totalTrades >= 10'))).toBe('metric');
});
