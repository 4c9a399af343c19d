import { describe, expect, it } from 'vitest';
import { colourAt, css, inkOn, isAroundZero, LINES, robustRange, scaleOf, scaleStops, type Rgb, type Use } from './view_colours';
import { columnsOf } from './view_columns';
import { sweepDetail } from './view_fixture';

const channel = (c: number): number => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
const luminance = ([r, g, b]: Rgb): number => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const contrast = (a: number, b: number): number => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
const isMonotonous = (values: number[]): boolean => values.every((v, i) => i === 0 || v > (values[i - 1] as number)) || values.every((v, i) => i === 0 || v < (values[i - 1] as number));
const THEMES = ['light', 'dark'] as const;
const SURFACE = { light: luminance([255, 255, 255]), dark: luminance([18, 24, 30]) };
const USES: Use[] = ['areas', 'marks'];

describe('colours without hues', () => {
  it.each(THEMES)('go steadily from dark to bright or back: sequential, %s', (theme) => {
    for (const use of USES) expect(isMonotonous(scaleStops(false, 1, theme, use).map(luminance))).toBe(true);
  });
  it.each(THEMES)('go steadily from the middle to either end: diverging, %s', (theme) => {
    const tones = scaleStops(true, 1, theme, 'areas').map(luminance);
    const middle = (tones.length - 1) / 2;
    expect(isMonotonous(tones.slice(0, middle + 1))).toBe(true);
    expect(isMonotonous(tones.slice(middle))).toBe(true);
  });
  it.each(THEMES)('of worse is orange, of better blue: %s', (theme) => {
    for (const use of USES) {
      const stops = scaleStops(true, 1, theme, use);
      const [worst, best] = [stops[1] as Rgb, stops.at(-2) as Rgb];
      expect(worst[0]).toBeGreaterThan(worst[2] + 40);
      expect(best[2]).toBeGreaterThan(best[0] + 40);
    }
  });
  it('turn around where less is better', () => {
    expect(scaleStops(true, -1, 'light', 'areas')).toEqual(scaleStops(true, 1, 'light', 'areas').toReversed());
    expect(scaleStops(false, 0, 'dark', 'areas')).toEqual(scaleStops(false, 1, 'dark', 'areas'));
  });
  it.each(THEMES)('of lines and points stand out from the page: %s', (theme) => {
    for (const diverging of [true, false]) for (const stop of scaleStops(diverging, 1, theme, 'marks')) expect(contrast(luminance(stop), SURFACE[theme])).toBeGreaterThan(1.8);
    for (const line of LINES) expect(contrast(luminance([1, 3, 5].map((i) => Number.parseInt(line.slice(i, i + 2), 16)) as unknown as Rgb), SURFACE[theme])).toBeGreaterThan(2);
  });
});

describe('the range of a scale', () => {
  it('is all figures', () => {
    expect(robustRange([3, 1, 2])).toEqual([1, 3]);
    expect(robustRange([5])).toEqual([5, 5]);
    expect(robustRange([])).toBeNull();
    expect(robustRange([1, NaN, Infinity, 2])).toEqual([1, 2]);
  });
  it('leaves out a few outliers that would leave one tone for all others', () => {
    const values = Array.from({ length: 100 }, (_, i) => i / 100); // 0 .. 0.99
    // Of 101 figures the 2 % quantiles are the 2nd and the 98th (rounded): 0.02 and 0.98.
    expect(robustRange([...values, 1e9])).toEqual([0.02, 0.98]);
    expect(robustRange([...values, 3])).toEqual([0, 3]); // 3 < 4 times the inner range
  });
  it('is even around zero for gains and losses', () => {
    const scale = scaleOf([-1, 3], { aroundZero: true, better: 1, theme: 'light', use: 'areas' });
    expect(scale).toMatchObject({ low: -3, high: 3, diverging: true });
    expect(css(colourAt(scale as NonNullable<typeof scale>, 0))).toBe('rgb(242,242,240)'); // the middle tone
  });
  it('is that of the figures otherwise', () => {
    expect(scaleOf([2, 8], { aroundZero: false, better: 1, theme: 'light', use: 'areas' })).toMatchObject({ low: 2, high: 8, diverging: false });
    expect(scaleOf([], { aroundZero: true, better: 1, theme: 'light', use: 'areas' })).toBeNull();
  });
  it('gives the ends their colours to figures beyond, and the middle to a single figure', () => {
    const scale = { low: 0, high: 10, stops: [[0, 0, 0], [100, 100, 100], [200, 200, 200]] as const, diverging: false };
    expect(colourAt(scale, 5)).toEqual([100, 100, 100]);
    expect(colourAt(scale, 2.5)).toEqual([50, 50, 50]);
    expect(colourAt(scale, -99)).toEqual([0, 0, 0]);
    expect(colourAt(scale, 99)).toEqual([200, 200, 200]);
    expect(colourAt({ ...scale, low: 4, high: 4 }, 4)).toEqual([100, 100, 100]);
  });
  it('is around zero where the sweep has both signs', () => {
    const { byName } = columnsOf(sweepDetail);
    expect(['profitRate', 'maxDrawdown', 'fast'].map((name) => isAroundZero(byName.get(name) as never))).toEqual([true, false, false]);
  });
});

describe('figures in cells', () => {
  it('are read on every colour of the maps', () => {
    for (const theme of THEMES)
      for (const diverging of [true, false]) {
        const scale = { low: 0, high: 1, stops: scaleStops(diverging, 1, theme, 'areas'), diverging };
        for (let i = 0; i <= 20; i++) {
          const colour = colourAt(scale, i / 20);
          const ink = inkOn(colour) === '#ffffff' ? 1 : luminance([16, 20, 24]);
          expect(contrast(luminance(colour), ink)).toBeGreaterThan(4);
        }
      }
  });
});
