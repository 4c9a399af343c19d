// Whether the candles that the server's store has now are those that a run was made on. The run's buy & hold curve tells: at every point
// it is the initial balance x close / first open of the klines of then.
import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '../../api/client';
import { api, data } from '../../api/client';
import type { RunDetail } from './use_run';

export interface HeldPoint {
  time: number;
  buyHold: number;
}
export type OpenClose = Pick<Schemas['Kline'], 'open' | 'close'>;

const TOLERANCE = 1e-9; // relative: the same doubles, multiplied in another order

/** First, middle and last of the points that have a time and a figure. */
export function witnesses(points: Schemas['RunEquity']['points']): HeldPoint[] {
  const known = points.time.flatMap((time, i) => {
    const buyHold = points.buy_hold[i];
    return typeof time === 'number' && typeof buyHold === 'number' ? [{ time, buyHold }] : [];
  });
  return [...new Set([known[0], known[known.length >> 1], known.at(-1)])].filter((point) => point !== undefined);
}

/** klines: of each point's time, undefined where the store has none; the first point is the first bar. */
export function isMadeOn(initial: number, points: readonly HeldPoint[], klines: readonly (OpenClose | undefined)[]): boolean {
  const open = klines[0]?.open;
  return (
    open !== undefined &&
    points.every(({ buyHold }, i) => {
      const kline = klines[i];
      return kline !== undefined && Math.abs((initial * kline.close) / open - buyHold) <= TOLERANCE * Math.abs(buyHold);
    })
  );
}

/** False: the store has other candles; undefined: not known (yet). */
export function useKlinesMatch(id: string, { run: n, symbol, interval, curve, metrics }: RunDetail, wanted: boolean): boolean | undefined {
  const initial = metrics.initialBalance;
  const { data: matches } = useQuery({
    queryKey: ['klines-match', id, n],
    enabled: wanted && curve !== null && typeof initial === 'number',
    retry: false,
    queryFn: async ({ signal }) => {
      const { points } = await data(api.GET('/api/v1/sweeps/{id}/runs/{n}/equity', { params: { path: { id, n }, query: { points: 10 } }, signal }));
      const held = witnesses(points);
      if (held.length === 0 || typeof initial !== 'number') return null;
      const klineAt = async (time: number) => {
        const query = { start_time: String(time - 1), end_time: String(time), limit: 1 };
        return (await data(api.GET('/api/v1/kline/{symbol}/{interval}', { params: { path: { symbol, interval }, query }, signal }))).data[0];
      };
      return isMadeOn(initial, held, await Promise.all(held.map(({ time }) => klineAt(time))));
    },
  });
  return matches ?? undefined;
}
