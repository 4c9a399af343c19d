// Colour scales for figures of runs. All are told apart with every kind of colour vision: they go from dark to light in one direction
// (sequential), or from a middle tone to orange (worse) and blue (better) that differ in hue and not as red and green do (diverging).
import type { Theme } from '../../../app/theme';
import type { Column } from './view_columns';

export type Rgb = readonly [number, number, number];

export interface Scale {
  low: number; // figures at it or below have the first colour
  high: number;
  stops: readonly Rgb[]; // from low to high, evenly spread
  diverging: boolean; // around 0, which is in the middle
}

const hex = (text: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16)) as unknown as Rgb;

// Weak to strong. In the light theme strong is dark, in the dark theme strong is bright: strong stands out in both.
const SEQUENTIAL: Record<Theme, readonly Rgb[]> = {
  light: ['#f3f1d6', '#c9e3c0', '#8ecbb9', '#4ea8b0', '#2f7fa0', '#28558a', '#232f68'].map(hex),
  dark: ['#1b2340', '#274a78', '#2a7391', '#3c9b96', '#74c08c', '#b9dd8a', '#f5f3b4'].map(hex),
};
const DIVERGING: Record<Theme, readonly Rgb[]> = {
  light: ['#8f3b00', '#c9651a', '#eaa463', '#f7dcbc', '#f2f2f0', '#c6dcee', '#77add9', '#2f74b5', '#0c3f7d'].map(hex),
  dark: ['#ffb469', '#e0853a', '#a85a1f', '#5f3a20', '#2a2f35', '#1f4468', '#2a6ea8', '#58a1dd', '#a4d3ff'].map(hex),
};

// For lines and points the weak tones are those that still stand out from the page.
const MARKS: Record<Theme, { sequential: readonly Rgb[]; diverging: readonly Rgb[] }> = {
  light: {
    sequential: ['#c9c27a', '#8fbf86', '#5aae9c', '#3a93a4', '#2f7495', '#285585', '#232f68'].map(hex),
    diverging: ['#8f3b00', '#c05a10', '#d98a45', '#c9a27c', '#a9a9a9', '#8aa9c4', '#5796cc', '#2a6cb0', '#0c3f7d'].map(hex),
  },
  dark: {
    sequential: ['#4a5a9c', '#3d74ab', '#3a90a8', '#46aa9d', '#79c68f', '#b9dd8a', '#f5f3b4'].map(hex),
    diverging: ['#ffb469', '#e8924a', '#c07a40', '#967258', '#767b80', '#5a83a8', '#4a93cf', '#6fb2ea', '#a4d3ff'].map(hex),
  },
};

export type Use = 'areas' | 'marks';

/** Colours of worse to better; a metric without a direction goes from low to high. */
export function scaleStops(diverging: boolean, better: number, theme: Theme, use: Use): readonly Rgb[] {
  const areas = (diverging ? DIVERGING : SEQUENTIAL)[theme];
  const stops = use === 'areas' ? areas : MARKS[theme][diverging ? 'diverging' : 'sequential'];
  return better < 0 ? stops.toReversed() : stops;
}

/** Whether a figure is a gain or a loss: metrics of a sweep that have both signs. */
export const isAroundZero = (column: Column): boolean => column.kind === 'metric' && (column.minimum ?? 0) < 0 && (column.maximum ?? 0) > 0;

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))] ?? 0;
}

/** The range that gets colours: all of it, unless a few outliers would leave everything else in one tone. */
export function robustRange(values: readonly number[]): [number, number] | null {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const low = quantile(sorted, 0);
  const high = quantile(sorted, 1);
  const [inner, outer] = [quantile(sorted, 0.02), quantile(sorted, 0.98)];
  return outer > inner && high - low > 4 * (outer - inner) ? [inner, outer] : [low, high];
}

export function scaleOf(values: readonly number[], options: { aroundZero: boolean; better: number; theme: Theme; use: Use }): Scale | null {
  const range = robustRange(values);
  if (!range) return null;
  const stops = scaleStops(options.aroundZero, options.better, options.theme, options.use);
  if (!options.aroundZero) return { low: range[0], high: range[1], stops, diverging: false };
  const size = Math.max(Math.abs(range[0]), Math.abs(range[1]));
  return { low: -size, high: size, stops, diverging: true };
}

/** The colour of a figure; figures beyond the ends have the colours of the ends. */
export function colourAt(scale: Scale, value: number): Rgb {
  const last = scale.stops.length - 1;
  const span = scale.high - scale.low;
  const at = span > 0 ? Math.min(1, Math.max(0, (value - scale.low) / span)) * last : last / 2;
  const from = scale.stops[Math.floor(at)] as Rgb;
  const to = scale.stops[Math.min(last, Math.floor(at) + 1)] as Rgb;
  const part = at - Math.floor(at);
  return [0, 1, 2].map((i) => Math.round((from[i] as number) + ((to[i] as number) - (from[i] as number)) * part)) as unknown as Rgb;
}

export const css = ([r, g, b]: Rgb): string => `rgb(${r},${g},${b})`;

/** Black or white, whichever is read better on a colour (relative luminance as in WCAG). */
export function inkOn(colour: Rgb): string {
  const [r, g, b] = colour.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4)) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#101418' : '#ffffff';
}

/** Told apart on both themes and with every kind of colour vision (after Okabe and Ito, the yellow darkened). */
export const LINES = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#b8860b', '#7f6fd1', '#8c564b', '#17a2a2', '#999999'] as const;
