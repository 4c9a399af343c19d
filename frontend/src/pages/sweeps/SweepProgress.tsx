import type { Schemas } from '../../api/client';
import { useT } from '../../i18n';
import { count, duration, significant } from '../../parts/format';
import './state.css';

/** Runs done of all; of a running sweep also a bar, its rate and the time left. */
export function SweepProgress({ sweep }: { sweep: Schemas['SweepSummary'] }) {
  const t = useT();
  const { done, total } = sweep;
  const share = total ? Math.min(1, done / total) : null;
  const isPart = sweep.state === 'running' || sweep.state === 'interrupted' || sweep.state === 'queued';
  const runs = total === null ? count(done) : `${count(done)} / ${sweep.total_exact ? '' : '≈ '}${count(total)}`;
  return (
    <span className="progress">
      <span className="progress-text">
        {isPart ? runs : count(done)}
        {sweep.state === 'running' && (
          <span className="soft">
            {sweep.runs_per_second !== null && ` · ${t('sweeps.rate', { rate: significant(sweep.runs_per_second, 3) })}`}
            {sweep.seconds_left !== null && ` · ${t('sweeps.left', { time: duration(sweep.seconds_left) })}`}
          </span>
        )}
      </span>
      {isPart && share !== null && <progress className={`progress-bar progress-${sweep.state}`} max={1} value={share} aria-label={t('sweeps.progress', { name: sweep.name })} />}
    </span>
  );
}
