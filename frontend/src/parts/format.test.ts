import { expect, it } from 'vitest';
import { count, duration, fixed, metric, missing, percent, significant, time, value } from './format';

it('what rounds to zero has no sign', () => {
  expect([percent(-0), percent(-0.00001), fixed(-0.001, 2), fixed(-0, 2), count(-0.2), significant(-0)]).toEqual(['0.00 %', '0.00 %', '0.00', '0.00', '0', '0']);
  expect([percent(-0.0123), fixed(-0.01, 2), count(-3)]).toEqual(['-1.23 %', '-0.01', '-3']);
});

it('groups thousands and says where there is nothing', () => {
  expect([count(1234567), fixed(9999.5, 2), percent(12.5)]).toEqual(['1,234,567', '9,999.50', '1,250.00 %']);
  expect([count(null), fixed(undefined, 2), percent(Number.NaN), significant(Infinity)]).toEqual([missing, missing, missing, missing]);
});

it('keeps digits by size', () => {
  expect([significant(123456.789), significant(0.000123456), significant(1.5), significant(-2.25, 2)]).toEqual(['123,457', '0.000123456', '1.5', '-2.3']);
  expect([significant(1e15), significant(1.5e-10, 3)]).toEqual(['1.00000e+15', '1.50e-10']);
});

it('shows a metric by its unit', () => {
  expect(metric('winRate', 'ratio', 0.5)).toBe('50.00 %');
  expect(metric('profit', 'quote', -12.345)).toBe('-12.35');
  expect(metric('totalTrades', 'count', 1200)).toBe('1,200');
  expect(metric('duration', 'ms', 3_661_000)).toBe('1 h 01 min');
  expect(metric('start', 'ms', 1_704_067_200_000)).toBe('2024-01-01 00:00');
  expect(metric('sharpe', 'number', 1.234567)).toBe('1.2346');
});

it('durations and times', () => {
  expect([duration(45), duration(200), duration(7500), duration(273_600)]).toEqual(['45 s', '3 min 20 s', '2 h 05 min', '3 d 4 h']);
  expect([time('2024-01-31T12:30:00+00:00'), time(1_704_067_201_000), time(''), time('soon')]).toEqual(['2024-01-31 12:30', '2024-01-01 00:00:01', missing, 'soon']);
});

it('a cell of any kind', () => {
  expect([value(3), value(0.1), value('ema'), value(true), value(null)]).toEqual(['3', '0.1', 'ema', 'true', missing]);
});
