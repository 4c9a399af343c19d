// Times of the configuration: text as a person types it, UTC, and milliseconds where the browser's engine needs them.

/** 2024, 2024-01, 2024-01-31, 2024-01-31T12:30(:45), with a blank for the T, Z or +00:00; null: no such time. */
export function timeOf(text: string): number | null {
  const match = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:Z|\+00:00)?)?)?)?$/.exec(text.trim());
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1).map((part, i) => (part === undefined ? (i === 1 || i === 2 ? 1 : 0) : Number(part))) as [number, number, number, number, number, number];
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(ms);
  const same = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour && date.getUTCMinutes() === minute && date.getUTCSeconds() === second;
  return same ? ms : null;
}

/** As short as it can be said: 2024-01-31, or with the time of day where there is one. */
export function timeText(ms: number): string {
  const text = new Date(ms).toISOString();
  if (text.endsWith('T00:00:00.000Z')) return text.slice(0, 10);
  return text.endsWith(':00.000Z') ? text.slice(0, 16) : text.slice(0, 19);
}

/** The whole form that the server reads the same way. */
export const serverTime = (text: string): string | null => {
  const ms = timeOf(text);
  return ms === null ? null : new Date(ms).toISOString().replace('.000Z', 'Z');
};

const SECOND = 1000;
const UNITS: Record<string, number> = { m: 60 * SECOND, h: 3600 * SECOND, d: 86_400 * SECOND, w: 7 * 86_400 * SECOND, mo: 28 * 86_400 * SECOND };

/** Milliseconds between two open times of an interval; of months the shortest. */
export function intervalMs(interval: string): number {
  const match = /^(\d+)(mo|m|h|d|w)$/.exec(interval);
  return match ? Number(match[1]) * (UNITS[match[2] ?? ''] ?? 0) : 0;
}

/** When the kline after the one that opens at `openMs` opens. */
export function nextOpen(openMs: number, interval: string): number {
  if (interval !== '1mo') return openMs + intervalMs(interval);
  const date = new Date(openMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
