import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeCell } from './cell';

describe('makeCell', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tells the first change at once, and of many that follow only the last, when the pause is over', () => {
    const cell = makeCell(0, 50);
    const heard: number[] = [];
    cell.subscribe(() => heard.push(cell.get()));
    cell.set(1);
    cell.set(2);
    cell.set(3);
    expect(heard).toEqual([1]);
    expect(cell.get()).toBe(1); // what was told: a render in between shows the same
    vi.advanceTimersByTime(50);
    expect(heard).toEqual([1, 3]);
    vi.advanceTimersByTime(500);
    cell.set(4);
    expect(heard).toEqual([1, 3, 4]);
  });

  it('without a pause tells each change, and nobody who has left', () => {
    const cell = makeCell('a');
    const heard: string[] = [];
    const leave = cell.subscribe(() => heard.push(cell.get()));
    cell.set('b');
    cell.set('c');
    leave();
    cell.set('d');
    expect(heard).toEqual(['b', 'c']);
  });
});
