import { expect, test } from 'vitest';
import { AnswerError, fetchColumns, type Range } from './kline_columns';

const HOUR = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();

/** A server of hourly klines from 0 on, some of them missing; start exclusive, end inclusive, as the API's. */
function server(count: number, missing: ReadonlySet<number> = new Set()) {
  const asked: [number, number][] = [];
  const get = (url: string): Promise<Response> => {
    const query = new URL(url, 'http://x').searchParams;
    const [start, end] = [Number(query.get('start_time')), Number(query.get('end_time'))];
    asked.push([start, end]);
    const data = [];
    for (let i = 0; i < count; i++) if (!missing.has(i) && i * HOUR > start && i * HOUR <= end) data.push({ open_time: iso(i * HOUR), close_time: iso(i * HOUR + HOUR - 1), open: i, high: i + 2, low: i - 1, close: i + 1, volume: 10 });
    return Promise.resolve(data.length > 10_000 ? new Response('{"detail":"too many"}', { status: 400 }) : Response.json({ data }));
  };
  return { get, asked };
}
const range = (patch: Partial<Range>): Range => ({ symbol: 'X', interval: '1h', begin: 0, end: HOUR, warmup: 0, first: 0, ...patch });
const nothing = () => undefined;

test('a long range is read in answers of at most 10,000 klines, each once', async () => {
  const { get, asked } = server(25_000);
  const told: [number, number][] = [];
  const columns = await fetchColumns(range({ end: 25_000 * HOUR }), (done, total) => told.push([done, total]), get);
  expect(columns.close.length).toBe(25_000);
  expect([columns.open[0], columns.close[24_999], columns.warmup]).toEqual([0, 25_000, 0]);
  expect(new Set(columns.openTimes.split('\n')).size).toBe(25_000);
  expect(asked.length).toBe(3);
  expect(told.at(-1)).toEqual([25_000 * HOUR, 25_000 * HOUR]);
});

test('the range includes its begin and not its end', async () => {
  const { get } = server(100);
  const columns = await fetchColumns(range({ begin: 10 * HOUR, end: 12 * HOUR }), nothing, get);
  expect([...columns.open]).toEqual([10, 11]);
});

test('warm-up klines come before it, as many as asked for, over gaps', async () => {
  const { get } = server(30_000, new Set([29_990, 29_991]));
  const columns = await fetchColumns(range({ begin: 29_993 * HOUR, end: 29_995 * HOUR, warmup: 3 }), nothing, get);
  expect([columns.warmup, ...columns.open]).toEqual([3, 29_988, 29_989, 29_992, 29_993, 29_994]);
});

test('there are no more warm-up klines than the series has', async () => {
  const { get } = server(10);
  const columns = await fetchColumns(range({ begin: 2 * HOUR, end: 4 * HOUR, warmup: 5 }), nothing, get);
  expect([columns.warmup, ...columns.open]).toEqual([2, 0, 1, 2, 3]);
});

test('a range before the series begins with the series', async () => {
  const { get, asked } = server(5);
  const columns = await fetchColumns(range({ begin: -1_000_000 * HOUR, end: 5 * HOUR, warmup: 2 }), nothing, get);
  expect([columns.warmup, columns.open.length, asked.length]).toEqual([0, 5, 1]);
});

test('an error of the server is passed on, a limit of its rate is waited for', async () => {
  let answers = 0;
  const limited = () => Promise.resolve(answers++ ? Response.json({ data: [] }) : new Response('{}', { status: 429, headers: { 'retry-after': '0' } }));
  expect((await fetchColumns(range({}), nothing, limited)).open.length).toBe(0);
  expect(answers).toBe(2);
  const refusing = () => Promise.resolve(Response.json({ detail: 'no such symbol' }, { status: 400 }));
  await expect(fetchColumns(range({}), nothing, refusing)).rejects.toEqual(new AnswerError(400, { detail: 'no such symbol' }));
});
