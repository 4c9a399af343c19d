import type { UTCTimestamp } from 'lightweight-charts';

/** Milliseconds as the chart library has times. */
export const chartTime = (ms: number): UTCTimestamp => Math.round(ms / 1000) as UTCTimestamp;
