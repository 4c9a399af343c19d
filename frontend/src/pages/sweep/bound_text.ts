// What is typed into a column's ≥ and ≤ fields, in the unit the column shows: 20 in a ratio column is 20 %, 3d 4h in a column of
// durations, a date in one of times. The API takes ratios, milliseconds and epoch milliseconds.
import type { ColumnKind } from './run_columns';

const DURATIONS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, min: 60_000, s: 1000, ms: 1 };

/** 1.05e3, 1,050 and 1050 are the same; undefined: not a number. */
function plainNumber(text: string): number | undefined {
  const digits = text.replace(/[\s,_]/g, '').replace(/^\+/, '').replace('−', '-');
  if (!/^-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(digits)) return undefined;
  const value = Number(digits);
  return Number.isFinite(value) ? value : undefined;
}

function durationMs(text: string): number | undefined {
  const bare = plainNumber(text);
  if (bare !== undefined) return bare * DURATIONS['d']!;
  const parts = [...text.toLowerCase().matchAll(/(\d+\.?\d*)\s*(min|ms|d|h|m|s)\s*/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text.toLowerCase()) return undefined;
  return parts.reduce((sum, [, value, unit]) => sum + Number(value) * DURATIONS[unit!]!, 0);
}

function timeMs(text: string): number | undefined {
  if (!/^\d{4}-\d\d(-\d\d([T ]\d\d:\d\d(:\d\d)?)?)?$/.test(text)) return undefined;
  const ms = Date.parse(text.length <= 10 ? text : `${text.replace(' ', 'T')}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Rid of what dividing by 100 left behind: 7.000000000000001 is 7. */
const tidy = (value: number): number => Number(value.toPrecision(15));

/** The largest double below a finite one: bounds hold their limit, ranges of a map do not hold their upper one. */
export function below(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? -1n : 1n));
  return view.getFloat64(0);
}

/** 0.2 of 0.19999999999999998, which is what "less than 0.2" is as a bound; undefined for other figures. */
function limitAbove(value: number): number | undefined {
  const next = -below(-value);
  return String(next).length + 4 < String(value).length ? next : undefined;
}

/** undefined: nothing typed; null: not readable. */
export function parseBound(kind: ColumnKind, typed: string): number | undefined | null {
  const text = typed.trim();
  if (text === '') return undefined;
  if (text.startsWith('<')) {
    const limit = parseBound(kind, text.slice(1));
    return typeof limit === 'number' ? below(limit) : null;
  }
  if (kind === 'ratio') {
    const value = plainNumber(text.replace(/%$/, ''));
    return value === undefined ? null : tidy(value / 100);
  }
  if (kind === 'duration') return durationMs(text) ?? null;
  if (kind === 'time') return timeMs(text) ?? null;
  return plainNumber(text) ?? null;
}

export function boundText(kind: ColumnKind, value: number | undefined): string {
  if (value === undefined) return '';
  if (kind === 'ratio') return String(tidy(value * 100));
  if (kind === 'time') {
    const date = new Date(value);
    if (Number.isNaN(date.getTime())) return String(value);
    return date.toISOString().slice(0, 16).replace('T', ' ').replace(' 00:00', '');
  }
  if (kind !== 'duration') {
    const limit = limitAbove(value);
    return limit === undefined ? String(value) : `<${limit}`;
  }
  if (value <= 0) return String(value / DURATIONS['d']!);
  let left = value;
  const parts: string[] = [];
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const size = DURATIONS[unit]!;
    const whole = unit === 'ms' ? tidy(left) : Math.floor(left / size);
    if (whole > 0) parts.push(`${whole}${unit}`);
    left -= whole * size;
  }
  return parts.join(' ');
}
