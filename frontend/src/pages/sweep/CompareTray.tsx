// The selected runs: over one another as curves, or side by side as figures.
import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, data, errorText, type Schemas } from '../../api/client';
import { useT } from '../../i18n';
import { Loading } from '../../parts/states';
import { comparedRows } from './compared_rows';
import { COMPARED } from './sweep_filter';
import type { SweepFilterState } from './use_sweep_filter';

interface Props {
  id: string;
  detail: Schemas['SweepDetail'] | undefined;
  state: SweepFilterState;
}

export function CompareTray({ id, detail, state: { filter, change } }: Props) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  const runs = filter.compare;
  return (
    <section className="compare" aria-label={t('sweep.compare')}>
      <div className="row">
        <strong>{t('sweep.compare')}</strong>
        <ul className="filter-chips">
          {runs.map((run) => (
            <li key={run}>
              <Link to={`/sweeps/${encodeURIComponent(id)}/runs/${run}`}>#{run}</Link>
              <button type="button" aria-label={t('sweep.compare.remove', { run })} onClick={() => change({ compare: runs.filter((other) => other !== run) }, { replace: true })}>
                ×
              </button>
            </li>
          ))}
        </ul>
        <button type="button" onClick={() => change({ view: 'equity' })} disabled={filter.view === 'equity'}>
          {t('sweep.compare.curves')}
        </button>
        <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)} disabled={runs.length < 2}>
          {t('sweep.compare.figures')}
        </button>
        <button type="button" className="quiet" onClick={() => change({ compare: [] })}>
          {t('sweep.compare.clear')}
        </button>
        {runs.length < 2 && <span className="soft">{t('sweep.compare.hint', { most: COMPARED })}</span>}
      </div>
      {isOpen && detail && runs.length >= 2 && <ComparedFigures id={id} runs={runs} metrics={detail.metrics} />}
    </section>
  );
}

function ComparedFigures({ id, runs, metrics }: { id: string; runs: readonly number[]; metrics: Schemas['SweepDetail']['metrics'] }) {
  const t = useT();
  const answers = useQueries({
    queries: runs.map((n) => ({
      queryKey: ['run', id, n],
      queryFn: ({ signal }: { signal: AbortSignal }) => data(api.GET('/api/v1/sweeps/{id}/runs/{n}', { params: { path: { id, n } }, signal })),
    })),
  });
  const details = answers.flatMap<Schemas['RunDetail']>((answer) => answer.data ?? []);
  const [isAll, setAll] = useState(false);
  const error = answers.find((answer) => answer.error)?.error;
  if (error) return <p className="filter-error">{errorText(error)}</p>;
  if (details.length < runs.length) return <Loading />;
  const rows = comparedRows(details, metrics);
  const shown = isAll ? rows : rows.filter((row) => row.differs);
  return (
    <div className="compare-figures" tabIndex={0} role="region" aria-label={t('sweep.compare.figures')}>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <label>
                <input type="checkbox" checked={!isAll} onChange={() => setAll(!isAll)} /> {t('sweep.compare.differing')}
              </label>
            </th>
            {details.map((run) => (
              <th key={run.run} scope="col" className="number">
                #{run.run}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.name} className={row.isParameter ? 'compare-parameter' : undefined}>
              <th scope="row">{row.name}</th>
              {row.texts.map((text, at) => (
                <td key={details[at]!.run} className={row.best === at ? 'number compare-best' : 'number'}>
                  {text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
