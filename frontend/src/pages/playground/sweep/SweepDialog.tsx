// "Make a sweep of it": parameters become ranges, the sweep file is shown and may be edited, the server starts it.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useNavigate } from 'react-router';
import { api, ApiError, data, errorText } from '../../../api/client';
import { useT } from '../../../i18n';
import { count } from '../../../parts/format';
import { Modal } from '../../../parts/Modal';
import type { RunConfig } from '../config/config';
import { LazyEditor } from '../editor/LazyEditor';
import type { Mark } from '../editor/marks';
import { fileName } from '../strategies/file_access';
import { combinations } from './combinations';
import { SweepRows } from './SweepRows';
import { suggestedRows, sweepName, sweepYaml, type SweepPlan } from './sweep_yaml';

interface Props {
  name: string;
  source: string;
  config: RunConfig;
  onClose: () => void;
}
const metrics = ['profitRate', 'sharpe', 'sortino', 'calmar', 'profitFactor', 'sqn', 'maxDrawdown', 'winRate'];
const none: readonly Mark[] = [];

function freeSweepName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${name}-${i}`;
  return free;
}

function marksOf(error: unknown): readonly Mark[] {
  if (!(error instanceof ApiError)) return none;
  const problems = error.problems.length ? error.problems : error.line ? [{ line: error.line, column: error.column, message: error.message }] : [];
  return problems.map((problem) => ({ ...problem, severity: 'error' }));
}

function Count({ yaml }: { yaml: string }) {
  const t = useT();
  const { count: runs, bounded } = combinations(yaml);
  if (runs === null) return <span className="soft">{t('playground.sweep.uncounted')}</span>;
  return <strong>{t(bounded ? 'playground.sweep.at_most' : 'playground.sweep.count', { count: count(runs) })}</strong>;
}

export default function SweepDialog({ name, source, config, onClose }: Props) {
  const t = useT();
  const navigate = useNavigate();
  const sweeps = useQuery({ queryKey: ['sweeps'], queryFn: ({ signal }) => data(api.GET('/api/v1/sweeps', { signal })) });
  const taken = useMemo(() => new Set(sweeps.data?.sweeps.flatMap((sweep) => [sweep.id, sweep.name])), [sweeps.data]);
  const [plan, setPlan] = useState<SweepPlan>(() => ({ name: '', strategy: fileName(name), rows: suggestedRows(config), method: 'grid', trials: '200', seed: '1', rankBy: 'profitRate', where: '' }));
  const [edited, setEdited] = useState<string | null>(null);
  const named = { ...plan, name: plan.name || freeSweepName(sweepName(name), taken) };
  const yaml = edited ?? sweepYaml(named, config);
  const start = useMutation({
    mutationFn: () => data(api.POST('/api/v1/sweeps', { body: { sweep: yaml, strategy: source } })),
    onSuccess: (sweep) => void navigate(`/sweeps/${encodeURIComponent(sweep.id)}`),
  });
  const change = (patch: Partial<SweepPlan>) => {
    setPlan((now) => ({ ...now, ...patch }));
    setEdited(null);
    start.reset();
  };
  const marks = useMemo(() => marksOf(start.error), [start.error]);
  return (
    <Modal title={t('playground.sweep')} wide onClose={onClose}>
      <div className="playground-sweep">
        <div className="stack">
          <label className="field">
            {t('playground.name')}
            <input className="mono" value={plan.name} placeholder={named.name} onChange={(event) => change({ name: event.target.value })} />
          </label>
          <SweepRows rows={plan.rows} onChange={(rows) => change({ rows })} />
          <div className="playground-fields">
            <label className="field">
              {t('playground.sweep.method')}
              <select value={plan.method} onChange={(event) => change({ method: event.target.value === 'random' ? 'random' : 'grid' })}>
                <option value="grid">{t('playground.sweep.grid')}</option>
                <option value="random">{t('playground.sweep.random')}</option>
              </select>
            </label>
            {plan.method === 'random' && (
              <label className="field">
                {t('playground.sweep.trials')}
                <input className="mono" inputMode="numeric" value={plan.trials} onChange={(event) => change({ trials: event.target.value })} />
              </label>
            )}
            <label className="field">
              {t('playground.sweep.rank')}
              <select value={plan.rankBy} onChange={(event) => change({ rankBy: event.target.value })}>
                {metrics.map((metric) => (
                  <option key={metric}>{metric}</option>
                ))}
              </select>
            </label>
          </div>
          <label className="field">
            {t('playground.sweep.where')}
            <input className="mono" value={plan.where} placeholder="fast_period < slow_period" onChange={(event) => change({ where: event.target.value })} />
          </label>
        </div>
        <div className="stack playground-sweep-file">
          <div className="row spread">
            <h3>{t('playground.sweep.file')}</h3>
            {edited !== null && (
              <button type="button" className="quiet" onClick={() => change({})}>
                {t('playground.sweep.anew')}
              </button>
            )}
          </div>
          <LazyEditor value={yaml} onChange={(text) => text !== yaml && (setEdited(text), start.reset())} marks={marks} label={t('playground.sweep.file')} language="plain" />
          {start.error && (
            <ul className="playground-problems" role="alert">
              {marks.length === 0 && <li>{errorText(start.error)}</li>}
              {marks.map((mark, i) => (
                <li key={i}>
                  {mark.line ? `${mark.line}:${mark.column ?? 1} ` : ''}
                  {mark.message}
                </li>
              ))}
            </ul>
          )}
        </div>
      </div>
      <footer className="row spread">
        <Count yaml={yaml} />
        <span className="row">
          <button type="button" onClick={onClose}>
            {t('action.cancel')}
          </button>
          <button type="button" className="primary" disabled={start.isPending} onClick={() => start.mutate()}>
            {t('playground.sweep.start')}
          </button>
        </span>
      </footer>
    </Modal>
  );
}
