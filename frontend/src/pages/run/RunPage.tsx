import { useMemo } from 'react';
import { useParams } from 'react-router';
import { useQuery } from '@tanstack/react-query';
import { api, data } from '../../api/client';
import { CandleChart } from '../../charts/candles/CandleChart';
import { barEnd } from '../../charts/candles/interval_step';
import { runCurve, runTrades, serverKlines } from '../../charts/candles/server_source';
import { Failure, Loading } from '../../parts/states';

export default function RunPage() {
  const { id = '', run: text = '' } = useParams();
  const n = Number(text);
  const { data: run, error } = useQuery({
    queryKey: ['run', id, n],
    queryFn: ({ signal }) => data(api.GET('/api/v1/sweeps/{id}/runs/{n}', { params: { path: { id, n } }, signal })),
  });
  const sources = useMemo(() => {
    if (!run?.from || !run.to) return undefined;
    return {
      klines: serverKlines(run.symbol, run.interval, { from: Date.parse(run.from), to: barEnd(run.interval, Date.parse(run.to)) }),
      curve: run.curve === null ? undefined : runCurve(id, n),
      trades: run.trades_kept > 0 ? runTrades(id, n) : undefined,
    };
  }, [run, id, n]);
  if (error) return <Failure error={error} />;
  if (!sources) return <Loading />;
  return <CandleChart sources={sources} label={`${id} ${n}`} />;
}
