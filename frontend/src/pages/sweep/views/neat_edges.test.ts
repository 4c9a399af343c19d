import { describe, expect, it } from 'vitest';
import { neatEdges } from './neat_edges';

describe('neat edges', () => {
  it('are multiples of 1, 2, 2.5 or 5 times a power of ten, as many ranges as asked for at most', () => {
    expect(neatEdges(0.5013, 2.9987, 10, false)).toEqual([0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75, 3]);
    expect(neatEdges(0.1, 0.7, 6, false)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
    expect(neatEdges(-0.7, 0.7, 7, false)).toEqual([-0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75]);
    expect(neatEdges(1e-7, 4.9e-7, 5, false)).toEqual([1e-7, 2e-7, 3e-7, 4e-7, 5e-7]);
  });
  it('are whole where numbers are', () => {
    expect(neatEdges(5, 30, 10, true)).toEqual([5, 10, 15, 20, 25, 30]);
    expect(neatEdges(7, 28, 10, true)).toEqual([5, 10, 15, 20, 25, 30]);
    expect(neatEdges(3, 7, 10, true)).toEqual([3, 4, 5, 6, 7, 8]); // each for itself, the last one, too
    expect(neatEdges(1_000_000, 9_000_000, 4, true)).toEqual([0, 2_500_000, 5_000_000, 7_500_000, 10_000_000]);
  });
  it('leave no figure out', () => {
    const [low, high] = [0.1 + 0.2, 0.7 - 1e-17];
    const edges = neatEdges(low, high, 4, false);
    expect(edges[0]).toBeLessThanOrEqual(low);
    expect(edges.at(-1)).toBeGreaterThanOrEqual(high);
  });
  it('of one figure, or of a range too wide for figures, are its ends', () => {
    expect(neatEdges(3, 3, 10, true)).toEqual([3, 3]);
    expect(neatEdges(-1.7e308, 1.7e308, 1, false)).toEqual([-1.7e308, 1.7e308]);
    expect(neatEdges(-1, 1, 1, false)).toEqual([-1, 1]);
  });
});
