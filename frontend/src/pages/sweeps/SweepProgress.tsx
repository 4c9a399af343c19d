import type { Schemas } from '../../api/client';
import { useT } from '../../i18n';
import { count, duration, missing, significant } from '../../parts/format';
import './state.css';

/** Runs done of all; of a running sweep also a bar, its rate and the time left. */
export function SweepProgress({ sweep }: { sweep: Schemas['SweepSummary'] }) {
  const t = useT();
  const { done, total } = sweep;
  const isPart = sweep.state === 'running' || sweep.state === 'interrupted' || sweep.state === 'queued';
  const isKnown = total !== null && total > 0; // a sweep that waits has not been counted
  const share = isKnown ? Math.min(1, done / total) : null;
  const runs = isPart && isKnown ? `${count(done)} / ${sweep.total_exact ? '' : '≈ '}${count(total)}` : sweep.state === 'queued' ? missing : count(done);
  const rate = sweep.runs_per_second !== null && t('sweeps.rate', { rate: significant(sweep.runs_per_second, 3) });
  const left = sweep.seconds_left !== null && t('sweeps.left', { time: duration(sweep.seconds_left) });
  return (
    <span className="progress">
      <span className="progress-text">
        {runs}
        {isPart && share !== null && <span className="soft"> · {Math.floor(share * 100)} %</span>}
      </span>
      {isPart && share !== null && <progress className={`progress-bar progress-${sweep.state}`} max={1} value={share} aria-label={t('sweeps.progress', { name: sweep.name })} />}
      {sweep.state === 'running' && <span className="progress-rate soft">{[rate, left].filter(Boolean).join(' · ')}</span>}
    </span>
  );
}
