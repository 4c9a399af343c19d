// The length of an interval, for the places of bars on the time axis. Months differ: the shortest one is taken, so that a page
// of so many steps never holds more bars than that.
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const steps: Record<string, number> = {
  '1m': MINUTE, '3m': 3 * MINUTE, '5m': 5 * MINUTE, '15m': 15 * MINUTE, '30m': 30 * MINUTE,
  '1h': 60 * MINUTE, '2h': 120 * MINUTE, '4h': 240 * MINUTE, '6h': 360 * MINUTE, '8h': 480 * MINUTE, '12h': 720 * MINUTE,
  '1d': DAY, '3d': 3 * DAY, '1w': 7 * DAY, '1mo': 28 * DAY, '1M': 28 * DAY,
};

export const intervalStep = (interval: string): number => steps[interval] ?? MINUTE;

/** The end of a bar that opens at `openTime`. */
export function barEnd(interval: string, openTime: number): number {
  if (interval !== '1mo' && interval !== '1M') return openTime + intervalStep(interval);
  const date = new Date(openTime);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
