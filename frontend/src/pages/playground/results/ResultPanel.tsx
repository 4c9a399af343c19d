// What came out: figures, the chart with its trades, the trade list.
import { useMemo, useRef } from 'react';
import { CandleChart, type CandleChartHandle } from '../../../charts/candles/CandleChart';
import { useT } from '../../../i18n';
import { count, fixed, percent } from '../../../parts/format';
import type { Finished } from '../use_run';
import { ResultFigures } from './ResultFigures';
import { chartSources } from './result_facts';
import { TradeList } from './TradeList';

export default function ResultPanel({ finished }: { finished: Finished }) {
  const t = useT();
  const chart = useRef<CandleChartHandle>(null);
  const place = useRef<HTMLDivElement>(null);
  const { job, result, engine, seconds } = finished;
  const sources = useMemo(() => chartSources(job.config, result), [job, result]);
  const { symbol, interval } = job.config;
  const points = result.equityCurve.length;
  const bars = result.bars ?? points;
  const show = (time: number) => {
    chart.current?.goTo(time);
    place.current?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <section className="playground-result stack" aria-label={t('playground.result')}>
      <header className="row spread">
        <h2>{t('playground.result')}</h2>
        <span className="soft">{t('playground.result.facts', { symbol, interval, bars: count(result.bars), engine: t(`playground.engine.${engine}`), seconds: fixed(seconds, 2) })}</span>
      </header>
      <ResultFigures result={result} />
      {points < bars && <p className="soft">{t('playground.curve.thinned', { points: count(points), bars: count(bars) })}</p>}
      <div className="playground-look">
        <div ref={place}>{sources ? <CandleChart ref={chart} sources={sources} label={t('playground.chart', { symbol, interval, profit: percent(result.profitRate) })} height={540} /> : <p className="soft">{t('playground.no_bars')}</p>}</div>
        <TradeList trades={result.trades} refused={result.refusedOrders ?? 0} onShow={show} />
      </div>
    </section>
  );
}
