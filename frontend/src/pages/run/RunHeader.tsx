import { useEffect } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { useT } from '../../i18n';
import { count, duration, time } from '../../parts/format';
import type { Neighbours } from './rank_query';
import { RunActions } from './RunActions';
import { useNeighbours, type RunDetail, type SweepDetail } from './use_run';

interface Props {
  id: string;
  run: RunDetail;
  sweep: SweepDetail | undefined;
}

/** Previous and next run of the order the page was opened from; also by the keys [ and ]. */
function Walk({ id, neighbours }: { id: string; neighbours: Neighbours }) {
  const t = useT();
  const { search } = useLocation();
  const navigate = useNavigate();
  const { previous, next } = neighbours;
  const to = (run: number) => `/sweeps/${encodeURIComponent(id)}/runs/${run}${search}`;

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest('input, select, textarea, [contenteditable]');
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      const run = event.key === '[' ? previous : event.key === ']' ? next : null;
      if (run !== null) void navigate(`/sweeps/${encodeURIComponent(id)}/runs/${run}${search}`);
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [id, previous, next, search, navigate]);

  const link = (run: number | null, label: string, sign: string, key: string) =>
    run === null ? (
      <span className="button run-walk-off" aria-hidden="true">
        {sign}
      </span>
    ) : (
      <Link className="button" to={to(run)} aria-label={label} title={`${label} (${key})`} aria-keyshortcuts={key}>
        {sign}
      </Link>
    );
  return (
    <nav className="run-walk" aria-label={t('run.walk')}>
      {link(previous, t('run.previous'), '‹', '[')}
      <span className="soft">{t('run.place', { place: count(neighbours.place), total: count(neighbours.total) })}</span>
      {link(next, t('run.next'), '›', ']')}
    </nav>
  );
}

export function RunHeader({ id, run, sweep }: Props) {
  const t = useT();
  const { search } = useLocation();
  const neighbours = useNeighbours(sweep, run);
  return (
    <header className="run-header">
      <div className="run-title">
        <p className="run-crumbs soft">
          <Link to="/sweeps">{t('nav.sweeps')}</Link> / <Link to={`/sweeps/${encodeURIComponent(id)}${search}`}>{sweep?.name ?? id}</Link>
        </p>
        <h1>
          {t('run.title', { n: run.run })} <span className={`run-status ${run.status === 'done' ? 'run-status-done' : 'run-status-failed'}`}>{t(`run.status.${run.status}`)}</span>
        </h1>
        <p className="run-facts soft">
          <strong>
            {run.symbol} {run.interval}
          </strong>
          {run.from && run.to && (
            <span>
              {time(run.from)} – {time(run.to)} UTC
            </span>
          )}
          <span>{t('run.cpu', { time: run.elapsed < 1 ? `${(run.elapsed * 1000).toFixed(1)} ms` : duration(run.elapsed) })}</span>
        </p>
      </div>
      {neighbours && <Walk id={id} neighbours={neighbours} />}
      <RunActions id={id} run={run} />
    </header>
  );
}
