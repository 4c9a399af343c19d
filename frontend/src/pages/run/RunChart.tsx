import { useQuery } from '@tanstack/react-query';
import { useMemo, type Ref } from 'react';
import { api, ApiError, data, type Schemas } from '../../api/client';
import { CandleChart, type CandleChartHandle } from '../../charts/candles/CandleChart';
import { barEnd } from '../../charts/candles/interval_step';
import { runCurve, runTrades, serverKlines } from '../../charts/candles/server_source';
import { Sparkline } from '../../charts/Sparkline';
import { useT } from '../../i18n';
import { fixed, time } from '../../parts/format';
import { useKlinesMatch } from './klines_match';
import type { RunDetail } from './use_run';

/** What is left of a curve that was not kept: 64 points. */
function SmallCurve({ run }: { run: RunDetail }) {
  const t = useT();
  const values = run.sparkline.filter((value) => value !== null);
  if (values.length < 2) return null;
  const range = t('run.curve.range', { low: fixed(Math.min(...values), 2), high: fixed(Math.max(...values), 2) });
  return (
    <figure className="run-small-curve">
      <Sparkline values={run.sparkline} width={900} height={120} label={`${t('chart.equity')}: ${range}`} />
      <figcaption className="soft">{range}</figcaption>
    </figure>
  );
}

/** Whether the server has the run's klines; undefined: not known yet. */
function useHasKlines(symbol: string, interval: Schemas['Interval']): boolean | undefined {
  const { data: series, error } = useQuery({
    queryKey: ['series', symbol, interval],
    queryFn: ({ signal }) => data(api.GET('/api/v1/series/{symbol}/{interval}', { params: { path: { symbol, interval } }, signal })),
  });
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) return false;
  return series || error ? true : undefined; // another error is the chart's to tell
}

export function RunChart({ id, run, chart }: { id: string; run: RunDetail; chart: Ref<CandleChartHandle> }) {
  const t = useT();
  const { symbol, interval, from, to, curve, trades_kept: kept, run: n } = run;
  const sources = useMemo(
    () =>
      from && to
        ? {
            klines: serverKlines(symbol, interval, { from: Date.parse(from), to: barEnd(interval, Date.parse(to)) }),
            curve: curve === null ? undefined : runCurve(id, n),
            trades: kept > 0 ? runTrades(id, n) : undefined,
          }
        : undefined,
    [id, n, symbol, interval, from, to, curve, kept],
  );
  const hasKlines = useHasKlines(symbol, interval);
  const match = useKlinesMatch(id, run, hasKlines === true);
  if (hasKlines === undefined) return <div className="run-chart-place" />;
  if (!sources || !hasKlines)
    return (
      <>
        <div className="notice">
          <h2>{t('run.no_klines')}</h2>
          <p>{t('run.no_klines.hint', { symbol, interval })}</p>
        </div>
        <SmallCurve run={run} />
      </>
    );
  const label = t('run.chart', { n, symbol, interval, from: time(from), to: time(to) });
  return (
    <>
      {match === false && (
        <p className="notice" role="status">
          {t('run.other_klines', { symbol, interval })}
        </p>
      )}
      <CandleChart ref={chart} sources={sources} label={label} />
      {curve === null && run.status === 'done' && (
        <>
          <p className="soft">{t('run.curve.not_kept')}</p>
          <SmallCurve run={run} />
        </>
      )}
    </>
  );
}
