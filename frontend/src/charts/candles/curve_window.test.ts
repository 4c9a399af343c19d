import { expect, test } from 'vitest';
import { makeWindow } from './bar_window';
import { curveAtBars, heldAtBars } from './curve_window';

const HOUR = 3_600_000;
const bounds = { from: 0, to: 4 * HOUR };
const bars = [0, 1, 2, 3].map((i) => ({ openTime: i * HOUR, open: 10, high: 12, low: 9, close: 10 + i, volume: 1 }));
const window = makeWindow(0, bounds, HOUR, bounds, () => bars);

test('buy & hold is the worth of its units at the close of each bar', () => {
  expect([...heldAtBars(window, 2.5)]).toEqual([25, 27.5, 30, 32.5]);
});

test('bars between two points of a curve lie on the line between them', () => {
  const curve = { time: [0, 3 * HOUR], equity: [100, 70], drawdown: [0, 0.3], buyHold: [null, null] };
  const { equity, drawdown, buyHold } = curveAtBars(window, [curve]);
  expect([...equity]).toEqual([100, 90, 80, 70]);
  expect([...drawdown].map((value) => Math.round(value * 10) / 10)).toEqual([0, 0.1, 0.2, 0.3]);
  expect([...buyHold]).toEqual([NaN, NaN, NaN, NaN]);
});
