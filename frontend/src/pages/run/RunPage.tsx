// One run: what it earned, where it traded, with what, and the way to run it again.
import { useCallback, useRef } from 'react';
import { Link, useLocation, useParams } from 'react-router';
import { ApiError, errorText } from '../../api/client';
import type { CandleChartHandle } from '../../charts/candles/CandleChart';
import { useT } from '../../i18n';
import { Failure, Loading } from '../../parts/states';
import { KeyFigures } from './KeyFigures';
import { MetricGroups } from './MetricGroups';
import { MonthlyReturns } from './MonthlyReturns';
import { RunChart } from './RunChart';
import { RunFailure } from './RunFailure';
import { RunHeader } from './RunHeader';
import { RunOutput } from './RunOutput';
import { RunParameters } from './RunParameters';
import { StrategySource } from './StrategySource';
import { TradeTable } from './TradeTable';
import { useRun, useSweep, type RunDetail, type SweepDetail } from './use_run';
import './run.css';

function NoSuchRun({ id, message }: { id: string; message?: string }) {
  const t = useT();
  const { search } = useLocation();
  return (
    <div className="notice">
      <h2>{t('run.missing')}</h2>
      {message && <p>{message}</p>}
      <Link to={`/sweeps/${encodeURIComponent(id)}${search}`}>{t('run.missing.back', { id })}</Link>
    </div>
  );
}

function Run({ id, run, sweep }: { id: string; run: RunDetail; sweep: SweepDetail | undefined }) {
  const chart = useRef<CandleChartHandle>(null);
  const section = useRef<HTMLElement>(null);
  const goTo = useCallback((time: number) => {
    chart.current?.goTo(time);
    section.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const done = run.status === 'done';
  return (
    <>
      <RunHeader id={id} run={run} sweep={sweep} />
      {run.error && <RunFailure error={run.error} status={run.status} goTo={goTo} />}
      {done && <KeyFigures run={run} sweep={sweep} />}
      <section ref={section} className="run-chart">
        <RunChart id={id} run={run} chart={chart} />
      </section>
      <div className="run-columns">
        <TradeTable key={`${id}/${run.run}`} id={id} run={run} goTo={goTo} />
        <RunParameters run={run} sweep={sweep} />
      </div>
      {run.monthly_returns.length > 0 && <MonthlyReturns returns={run.monthly_returns} />}
      {done && <MetricGroups run={run} sweep={sweep} />}
      <RunOutput run={run} />
      {sweep?.strategy_source && <StrategySource name={sweep.strategy ?? ''} source={sweep.strategy_source} line={run.error?.line ?? null} />}
    </>
  );
}

export default function RunPage() {
  const { id = '', run: text = '' } = useParams();
  const n = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  const run = useRun(id, n);
  const sweep = useSweep(id);
  if (Number.isNaN(n)) return <NoSuchRun id={id} />;
  if (run.data) return <Run id={id} run={run.data} sweep={sweep.data} />;
  if (run.error instanceof ApiError && run.error.status === 404) return <NoSuchRun id={id} message={errorText(run.error)} />;
  if (run.error) return <Failure error={run.error} retry={() => void run.refetch()} />;
  return <Loading />;
}
