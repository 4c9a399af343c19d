import { describe, expect, it } from 'vitest';
import { changedParams } from './view_state';

const changed = (from: string, ...rest: Parameters<typeof changedParams> extends [unknown, ...infer R] ? R : never): string => changedParams(new URLSearchParams(from), ...rest).toString();

describe('the choices of a view in the address', () => {
  it('have its prefix and leave all else alone', () => {
    expect(changed('view=heatmap&min.a=1&sc.x=b', 'hm', { x: 'fast' })).toBe('view=heatmap&min.a=1&sc.x=b&hm.x=fast');
  });
  it('go when they are the default again', () => {
    expect(changed('hm.x=fast&hm.agg=mean', 'hm', { agg: null })).toBe('hm.x=fast');
  });
  it('change together with the filter', () => {
    expect(changed('view=heatmap&fixed.b=2&hm.x=a', 'hm', { cell: '1' }, (now) => ({ fixed: { ...now.fixed, a: '5' } }))).toBe('view=heatmap&fixed.b=2&fixed.a=5&hm.x=a&hm.cell=1');
  });
});
