import { useState } from 'react';
import { Link } from 'react-router';
import type { Schemas } from '../../api/client';
import { useT } from '../../i18n';
import { count, duration, metric, time, value } from '../../parts/format';
import { metricUnit } from '../../parts/metric_units';
import { SweepActions } from '../sweeps/SweepActions';
import { SweepProgress } from '../sweeps/SweepProgress';
import { StateBadge } from '../sweeps/StateBadge';
import { elapsedSeconds, useNow } from '../sweeps/sweep_times';
import { Provenance } from './Provenance';

interface Props {
  summary: Schemas['SweepSummary'];
  detail: Schemas['SweepDetail'] | undefined;
}

/** Name and state; progress while it runs; the best run so far; where it all comes from. */
export function SweepHeader({ summary, detail }: Props) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  const isRunning = summary.state === 'running';
  const now = useNow(isRunning);
  const { best, rank } = summary;
  const fact = (label: string, text: React.ReactNode) => (
    <div className="sweep-fact">
      <dt>{label}</dt>
      <dd>{text}</dd>
    </div>
  );
  return (
    <div className="sweep-head">
      <div className="row sweep-title">
        <h1>{summary.name}</h1>
        <StateBadge state={summary.state} />
        <span className="soft">{[...new Set(summary.series.map((s) => `${s.symbol} ${s.interval}`))].slice(0, 4).join(', ')}</span>
        <span className="sweep-head-actions row">
          <button type="button" aria-expanded={isOpen} aria-controls="sweep-provenance" onClick={() => setOpen(!isOpen)} disabled={!detail}>
            {t(isOpen ? 'sweep.provenance.hide' : 'sweep.provenance.show')}
          </button>
          <SweepActions sweep={summary} />
        </span>
      </div>
      <dl className="sweep-facts">
        {fact(t('sweeps.col.runs'), summary.state === 'complete' ? count(summary.done) : <SweepProgress sweep={summary} />)}
        {summary.failed > 0 && fact(t('sweeps.col.failed'), <span className="down">{count(summary.failed)}</span>)}
        {best && rank?.metric &&
          fact(
            t('sweep.best', { metric: rank.metric }),
            <>
              <Link to={`/sweeps/${encodeURIComponent(summary.id)}/runs/${best.run}`}>{metric(rank.metric, metricUnit(rank.metric), best.value)}</Link>{' '}
              <span className="soft sweep-params">
                {Object.entries(best.params)
                  .map(([name, v]) => `${name} ${value(v)}`)
                  .join(' · ')}
              </span>
            </>,
          )}
        {fact(t('sweeps.col.started'), time(summary.started_at))}
        {fact(t('sweeps.col.duration'), duration(elapsedSeconds(summary, now)))}
      </dl>
      {summary.error && (
        <div className="notice error" role="alert">
          <p>
            {summary.error.line !== null && `${t('sweep.error.line', { line: summary.error.line })} `}
            {summary.error.message}
          </p>
        </div>
      )}
      {isOpen && detail && <Provenance detail={detail} />}
    </div>
  );
}
