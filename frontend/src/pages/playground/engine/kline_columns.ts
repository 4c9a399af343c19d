// The klines of a range as columns for the browser's engine, read through the API's pages.
import type { Schemas } from '../../../api/client';
import { intervalMs } from '../config/time_text';

export interface KlineColumns {
  openTimes: string; // ISO-8601, a line each
  closeTimes: string;
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
  volume: Float64Array;
  warmup: number; // how many of them are before the range
}
export interface Range {
  symbol: string;
  interval: string;
  begin: number; // first open time, ms, inclusive
  end: number; // exclusive
  warmup: number; // klines before begin, as many as there are
  first: number; // the series' first open time
}
type Kline = Schemas['Kline'];

/** An answer that is an error: the page makes an ApiError of it. (The worker does without the page's client.) */
export class AnswerError extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {
    super(`HTTP ${status}`);
  }
}
/** As the server says it: a range without klines is a mistake, not a run of no bars. */
export const noKlines = ({ symbol, interval }: Range): AnswerError =>
  new AnswerError(422, { detail: `${symbol} ${interval} has no kline in this range; choose another one`, error: { code: 'invalid', field: 'start_time' } });

export type Fetch = (url: string) => Promise<Response>;

const BATCH = 10_000; // the most that one answer holds
const TRIES = 5;

async function batch(range: Range, begin: number, end: number, get: Fetch): Promise<Kline[]> {
  const query = `start_time=${begin - 1}&end_time=${end - 1}`; // the API's start is exclusive, its end inclusive
  for (let attempt = 1; ; attempt++) {
    const answer = await get(`/api/v1/kline/${encodeURIComponent(range.symbol)}/${encodeURIComponent(range.interval)}/batch?${query}`);
    if (answer.ok) return ((await answer.json()) as { data: Kline[] }).data;
    if ((answer.status !== 429 && answer.status !== 503) || attempt === TRIES) throw new AnswerError(answer.status, await answer.json().catch(() => null));
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(answer.headers.get('retry-after') ?? 1)));
  }
}

/** The last `warmup` klines before the range: gaps may make it look back further. */
async function before(range: Range, get: Fetch): Promise<Kline[]> {
  let found: Kline[] = [];
  let end = range.begin;
  while (found.length < range.warmup && end > range.first) {
    const begin = Math.max(range.first, end - BATCH * intervalMs(range.interval));
    found = [...(await batch(range, begin, end, get)), ...found];
    end = begin;
  }
  return range.warmup ? found.slice(-range.warmup) : [];
}

function columnsOf(klines: readonly Kline[], warmup: number): KlineColumns {
  const column = (key: 'open' | 'high' | 'low' | 'close' | 'volume') => Float64Array.from(klines, (kline) => kline[key]);
  return {
    openTimes: klines.map((kline) => kline.open_time).join('\n'),
    closeTimes: klines.map((kline) => kline.close_time).join('\n'),
    open: column('open'), high: column('high'), low: column('low'), close: column('close'), volume: column('volume'),
    warmup,
  };
}

export async function fetchColumns(range: Range, progress: (done: number, total: number) => void, get: Fetch = fetch): Promise<KlineColumns> {
  const klines = await before(range, get);
  const warmup = klines.length;
  const begin = Math.max(range.begin, range.first);
  const span = BATCH * intervalMs(range.interval);
  for (let from = begin; from < range.end; from += span) {
    const to = Math.min(range.end, from + span);
    for (const kline of await batch(range, from, to, get)) klines.push(kline);
    progress(to - begin, range.end - begin);
  }
  return columnsOf(klines, warmup);
}
