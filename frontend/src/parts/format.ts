// Numbers and times as the pages show them. Times are UTC everywhere, as the klines are.
const cache = new Map<string, Intl.NumberFormat>();

function formatter(minimum: number, maximum: number): Intl.NumberFormat {
  const key = `${minimum}:${maximum}`;
  let found = cache.get(key);
  if (!found) {
    found = new Intl.NumberFormat('en-US', { minimumFractionDigits: minimum, maximumFractionDigits: maximum, signDisplay: 'negative' }); // no -0.00
    cache.set(key, found);
  }
  return found;
}

export const missing = '–';
const isNumber = (value: number | null | undefined): value is number => value !== null && value !== undefined && Number.isFinite(value);

export const count = (value: number | null | undefined): string => (isNumber(value) ? formatter(0, 0).format(value) : missing);
export const fixed = (value: number | null | undefined, digits: number): string => (isNumber(value) ? formatter(digits, digits).format(value) : missing);
export const percent = (value: number | null | undefined): string => (isNumber(value) ? `${formatter(2, 2).format(value * 100)} %` : missing);

/** Up to `digits` significant digits, never in exponents for everyday sizes. */
export function significant(value: number | null | undefined, digits = 6): string {
  if (!isNumber(value)) return missing;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e15 || size < 1e-9) return value.toExponential(digits - 1);
  const decimals = Math.max(0, Math.min(12, digits - 1 - Math.floor(Math.log10(size))));
  return formatter(0, decimals).format(value);
}

export type Unit = 'quote' | 'base' | 'ratio' | 'count' | 'ms' | 'bars' | 'number';
const TIMES = new Set(['start', 'end']);

/** A metric by its unit in openapi.yaml's list; start and end are times, other milliseconds durations. */
export function metric(name: string, unit: string | undefined, value: number | null | undefined): string {
  if (!isNumber(value)) return missing;
  if (TIMES.has(name)) return time(value);
  switch (unit as Unit | undefined) {
    case 'ratio':
      return percent(value);
    case 'quote':
      return fixed(value, 2);
    case 'count':
    case 'bars':
      return count(value);
    case 'ms':
      return duration(value / 1000);
    default:
      return significant(value, 5);
  }
}

/** 45 s, 3 min 20 s, 2 h 05 min, 3 d 4 h. */
export function duration(seconds: number | null | undefined): string {
  if (!isNumber(seconds)) return missing;
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`;
  return `${formatter(0, 0).format(Math.floor(s / 86400))} d ${Math.floor((s % 86400) / 3600)} h`;
}

/** 2024-01-31 12:30; seconds only where there are any. */
export function time(ms: number | string | null | undefined): string {
  if (ms === null || ms === undefined || ms === '') return missing;
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return String(ms);
  const text = date.toISOString();
  return text.slice(17, 19) === '00' ? `${text.slice(0, 10)} ${text.slice(11, 16)}` : `${text.slice(0, 10)} ${text.slice(11, 19)}`;
}

/** A cell of any kind: parameters and text as they are. */
export function value(cell: unknown): string {
  if (cell === null || cell === undefined) return missing;
  if (typeof cell === 'number') return Number.isInteger(cell) ? String(cell) : significant(cell, 8);
  return String(cell);
}

export const signClass = (value: number | null | undefined): string => (!isNumber(value) || value === 0 ? '' : value > 0 ? 'up' : 'down');
