// One series: its facts, its chart, its gaps and what the checks found; a click on either leads to the place in the chart.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useRef } from 'react';
import { Link, useParams } from 'react-router';
import { api, ApiError, data, type Schemas } from '../../api/client';
import { CandleChart, type CandleChartHandle } from '../../charts/candles/CandleChart';
import { barEnd } from '../../charts/candles/interval_step';
import { serverKlines } from '../../charts/candles/server_source';
import { useT } from '../../i18n';
import { time } from '../../parts/format';
import { Empty, Failure, Loading } from '../../parts/states';
import { FindingList } from './FindingList';
import { GapList } from './GapList';
import { SeriesFacts } from './SeriesFacts';
import './data.css';

type Detail = Schemas['SeriesDetail'];

function Series({ series }: { series: Detail }) {
  const t = useT();
  const chart = useRef<CandleChartHandle>(null);
  const section = useRef<HTMLElement>(null);
  const { symbol, interval, first_open_time: first, last_open_time: last, count, imported_at: version } = series;
  const goTo = useCallback((at: number) => {
    chart.current?.goTo(at);
    section.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const sources = useMemo(
    () => (first && last ? { klines: serverKlines(symbol, interval, { from: Date.parse(first), to: barEnd(interval, Date.parse(last)) }) } : null),
    // A series that was imported anew is another one.
    // eslint-disable-next-line
    [symbol, interval, first, last, count, version],
  );
  return (
    <>
      <SeriesFacts series={series} />
      <section ref={section} className="data-chart" aria-label={t('data.candles')}>
        {sources ? (
          <CandleChart ref={chart} sources={sources} label={t('data.chart', { symbol, interval, from: time(first), to: time(last) })} />
        ) : (
          <Empty title={t('data.no_candles')} />
        )}
      </section>
      <div className="data-columns">
        <section className="stack">
          <h2>{t('data.gaps')}</h2>
          <GapList gaps={series.gaps} total={series.gap_count} goTo={goTo} />
        </section>
        <section className="stack">
          <h2>{t('data.findings')}</h2>
          <FindingList report={series.report} goTo={goTo} />
        </section>
      </div>
    </>
  );
}

export default function SeriesPage() {
  const t = useT();
  const { symbol = '', interval = '' } = useParams();
  const answer = useQuery({
    queryKey: ['series', symbol, interval],
    queryFn: ({ signal }) => data(api.GET('/api/v1/series/{symbol}/{interval}', { params: { path: { symbol, interval: interval as Schemas['Interval'] } }, signal })),
  });
  const unknown = answer.error instanceof ApiError && (answer.error.status === 404 || answer.error.status === 400);
  return (
    <>
      <header>
        <div>
          <p className="data-crumbs">
            <Link to="/data">{t('data.back')}</Link>
          </p>
          <h1>
            {symbol} <span className="soft">{interval}</span>
          </h1>
        </div>
        {answer.data && (
          <Link className="button data-try" to={`/playground?symbol=${encodeURIComponent(symbol)}&interval=${encodeURIComponent(interval)}`}>
            {t('data.playground')}
          </Link>
        )}
      </header>
      {answer.data ? (
        <Series key={`${symbol} ${interval}`} series={answer.data} />
      ) : unknown ? (
        <Empty title={t('data.unknown', { symbol, interval })}>
          <p>{answer.error?.message}</p>
        </Empty>
      ) : answer.error ? (
        <Failure error={answer.error} retry={() => void answer.refetch()} />
      ) : (
        <Loading />
      )}
    </>
  );
}
