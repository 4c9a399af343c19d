import { expect, it } from 'vitest';
import { isMadeOn, witnesses } from './klines_match';

const points = (time: (number | null)[], buy_hold: (number | null)[]) => ({ time, buy_hold, equity: [], balance: [], position: [], drawdown: [] });

it('takes the first, the middle and the last point, each once', () => {
  expect(witnesses(points([1, 2, 3, 4], [10, 20, 30, 40]))).toEqual([{ time: 1, buyHold: 10 }, { time: 3, buyHold: 30 }, { time: 4, buyHold: 40 }]);
  expect(witnesses(points([1], [10]))).toEqual([{ time: 1, buyHold: 10 }]);
  expect(witnesses(points([null, 2], [10, null]))).toEqual([]);
});

it('knows the candles of the run from others', () => {
  // 1000 bought at 50: 20 pieces, worth 1020 at a close of 51 and 900 at 45
  const held = [{ time: 1, buyHold: 1020 }, { time: 2, buyHold: 900 }];
  expect(isMadeOn(1000, held, [{ open: 50, close: 51 }, { open: 51, close: 45 }])).toBe(true);
  expect(isMadeOn(1000, held, [{ open: 50, close: 51 }, { open: 51, close: 45.0001 }])).toBe(false);
  expect(isMadeOn(1000, held, [{ open: 50.01, close: 51 }, { open: 51, close: 45 }])).toBe(false);
  expect(isMadeOn(1000, held, [{ open: 50, close: 51 }, undefined])).toBe(false);
  expect(isMadeOn(1000, held, [undefined, { open: 51, close: 45 }])).toBe(false);
});
