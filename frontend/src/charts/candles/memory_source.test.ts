import { describe, expect, it } from 'vitest';
import { memoryCurve, memoryTrades } from './memory_source';

const signal = new AbortController().signal;
const points = [100, 120, 90, 110, 130, 65].map((equity, time) => ({ time, equity }));

describe('memoryCurve', () => {
  it('gives every bar of the range where they are few, with the drawdown from the peak so far', async () => {
    const curve = await memoryCurve(points).curve({ from: 1, to: 6 }, 100, signal);
    expect(curve.time).toEqual([1, 2, 3, 4, 5]);
    expect(curve.equity).toEqual([120, 90, 110, 130, 65]);
    expect(curve.drawdown).toEqual([0, 0.25, 10 / 120, 0, 0.5]);
    expect(curve.buyHold).toEqual([null, null, null, null, null]);
  });

  it('gives the lowest and highest of equal parts where they are many, in the order of time', async () => {
    const curve = await memoryCurve(points).curve({ from: 0, to: 6 }, 4, signal);
    expect(curve.time).toEqual([1, 2, 4, 5]); // 100 120 90 | 110 130 65
  });

  it('counts the drawdown from the initial balance on', async () => {
    const curve = await memoryCurve(points, { initial: 125 }).curve({ from: 0, to: 6 }, 100, signal);
    expect(curve.drawdown).toEqual([0.2, 5 / 125, 35 / 125, 15 / 125, 0, 0.5]);
  });

  it('has buy & hold where it knows the units held', () => {
    expect([memoryCurve(points).hasBuyHold, memoryCurve(points, { units: () => Promise.resolve(2) }).hasBuyHold]).toEqual([false, true]);
  });

  it('gives nothing of an empty range', async () => {
    const curve = await memoryCurve(points).curve({ from: 6, to: 99 }, 10, signal);
    expect(curve.time).toEqual([]);
  });
});

describe('memoryTrades', () => {
  it('gives the first of the range, and how many there are', async () => {
    const trades = [1, 2, 2, 5].map((time) => ({ time, side: 'buy' as const, price: 1, amount: 1, profit: null }));
    const found = await memoryTrades(trades).trades({ from: 2, to: 5 }, 1, signal);
    expect(found.total).toBe(2);
    expect(found.trades).toHaveLength(1);
  });
});
