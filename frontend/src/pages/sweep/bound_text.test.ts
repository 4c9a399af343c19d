import { describe, expect, it } from 'vitest';
import { boundText, parseBound } from './bound_text';

describe('what is typed', () => {
  it('into a column of numbers', () => {
    expect(parseBound('number', '1.5')).toBe(1.5);
    expect(parseBound('number', ' -1,050 ')).toBe(-1050);
    expect(parseBound('number', '−3')).toBe(-3);
    expect(parseBound('number', '1e3')).toBe(1000);
    expect(parseBound('number', '.5')).toBe(0.5);
    expect(parseBound('number', '')).toBeUndefined();
    expect(parseBound('number', 'a lot')).toBeNull();
    expect(parseBound('number', '1.2.3')).toBeNull();
    expect(parseBound('number', '1e999')).toBeNull();
  });
  it('with < leaves out the limit, and is written as it was typed', () => {
    expect(parseBound('number', '<0.2')).toBe(0.19999999999999998);
    expect(parseBound('number', ' < 5')).toBe(4.999999999999999);
    expect(parseBound('ratio', '<20 %')).toBe(0.19999999999999998);
    expect(parseBound('number', '<')).toBeNull();
    expect(parseBound('number', '<x')).toBeNull();
    expect(boundText('number', 0.19999999999999998)).toBe('<0.2');
    expect(boundText('number', -0.30000000000000004)).toBe('<-0.3');
    expect(boundText('number', 1 / 3)).toBe('0.3333333333333333');
    expect(boundText('number', 0.2)).toBe('0.2');
  });
  it('into a column of ratios is in percent', () => {
    expect(parseBound('ratio', '20')).toBe(0.2);
    expect(parseBound('ratio', '20 %')).toBe(0.2);
    expect(parseBound('ratio', '-7%')).toBe(-0.07);
    expect(parseBound('ratio', '%')).toBeNull();
  });
  it('into a column of durations has units, days without', () => {
    expect(parseBound('duration', '3d 4h')).toBe(273_600_000);
    expect(parseBound('duration', '90min')).toBe(5_400_000);
    expect(parseBound('duration', '2')).toBe(172_800_000);
    expect(parseBound('duration', '5 parsecs')).toBeNull();
  });
  it('into a column of times is a date in UTC', () => {
    expect(parseBound('time', '2024-01-01')).toBe(1_704_067_200_000);
    expect(parseBound('time', '2024-01-01 12:30')).toBe(1_704_112_200_000);
    expect(parseBound('time', '2024-13-01')).toBeNull();
    expect(parseBound('time', 'yesterday')).toBeNull();
  });
});

describe('what is shown of a bound', () => {
  it('is in the unit of the column', () => {
    expect(boundText('ratio', 0.07)).toBe('7');
    expect(boundText('ratio', 0.123)).toBe('12.3');
    expect(boundText('number', 30)).toBe('30');
    expect(boundText('duration', 273_600_000)).toBe('3d 4h');
    expect(boundText('time', 1_704_067_200_000)).toBe('2024-01-01');
    expect(boundText('time', 1_704_112_200_000)).toBe('2024-01-01 12:30');
    expect(boundText('number', undefined)).toBe('');
  });
  it('reads back to the same bound', () => {
    for (const [kind, value] of [['ratio', 0.07], ['ratio', -1.234], ['duration', 90_061_001], ['duration', 0], ['time', 1_704_112_200_000], ['number', 1e-7]] as const)
      expect(parseBound(kind, boundText(kind, value))).toBe(value);
  });
});
