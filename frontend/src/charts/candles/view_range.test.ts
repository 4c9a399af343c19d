import { describe, expect, it } from 'vitest';
import type { Bar } from './candle_source';
import { makeWindow } from './bar_window';
import { centred, confined, moved, scaled } from './view_range';

const bounds = { from: 0, to: 1000 };
const bars = Array.from({ length: 1000 }, (_, openTime): Bar => ({ openTime, open: 1, high: 1, low: 1, close: 1, volume: 1 }));
const window = makeWindow(0, bounds, 1, bounds, () => bars);

describe('the view', () => {
  it('stays within the series and a tenth of itself', () => {
    expect(confined({ from: -50, to: 50 }, bounds, 1)).toEqual({ from: -10, to: 90 });
    expect(confined({ from: 960, to: 1060 }, bounds, 1)).toEqual({ from: 910, to: 1010 });
    expect(confined({ from: 300, to: 400 }, bounds, 1)).toEqual({ from: 300, to: 400 });
  });

  it('is never longer than everything, nor shorter than ten klines', () => {
    expect(confined({ from: -5000, to: 6000 }, bounds, 1)).toEqual({ from: -100, to: 1100 });
    expect(confined({ from: 500, to: 501 }, bounds, 1)).toEqual({ from: 495.5, to: 505.5 });
  });

  it('moves by bars', () => {
    expect(moved({ from: 100, to: 200 }, window, -30)).toEqual({ from: 70, to: 170 });
  });

  it('scales about what is under the pointer', () => {
    expect(scaled({ from: 100, to: 200 }, window, 2, 0.25)).toEqual({ from: 75, to: 275 }); // 125 stays at a quarter
    expect(scaled({ from: 100, to: 200 }, window, 0.5, 1)).toEqual({ from: 150, to: 200 });
  });

  it('goes to a time close enough to see single bars', () => {
    expect(centred({ from: 0, to: 1000 }, 500, 1, 240)).toEqual({ from: 380, to: 620 });
    expect(centred({ from: 0, to: 50 }, 500, 1, 240)).toEqual({ from: 475, to: 525 });
  });
});
