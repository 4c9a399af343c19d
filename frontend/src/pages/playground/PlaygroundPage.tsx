// Write a strategy, run it on the server or in the browser, look at what came out, make a sweep of it.
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type DragEvent } from 'react';
import { api, data, errorText } from '../../api/client';
import { useT } from '../../i18n';
import { Loading } from '../../parts/states';
import { barsOf, configProblems, type FieldProblems, type RunConfig } from './config/config';
import { ConfigPanel } from './config/ConfigPanel';
import { detectParameters } from './config/parameters';
import { lastDays } from './config/RangeButtons';
import type { EditorHandle } from './editor/CodeEditor';
import { LazyEditor } from './editor/LazyEditor';
import './playground.css';
import { RunBar } from './RunBar';
import { openFile, StrategyBar, useTemplates } from './strategies/StrategyBar';
import { useWorkspace } from './strategies/use_workspace';
import { Terminal } from './Terminal';
import { useCheck } from './use_check';
import { useKeys } from './use_keys';
import { usePrefill } from './use_prefill';
import { useRun } from './use_run';

const ResultPanel = lazy(() => import('./results/ResultPanel'));
const SweepDialog = lazy(() => import('./sweep/SweepDialog'));

const POINTS_MAX = 60_000; // longer curves are thinned
const FIRST_TEMPLATE = 'sma_cross';

export default function PlaygroundPage() {
  const t = useT();
  const workspace = useWorkspace();
  const { draft, change, isNew } = workspace;
  const { config, source, engine } = draft;
  const series = useQuery({ queryKey: ['series'], queryFn: () => data(api.GET('/api/v1/series')) });
  const templates = useTemplates();
  const run = useRun();
  const editor = useRef<EditorHandle>(null);
  const [saving, setSaving] = useState(false);
  const [sweeping, setSweeping] = useState(false);
  const [badFile, setBadFile] = useState('');
  const linkError = usePrefill(workspace, templates.data?.strategies);
  const checked = useCheck(source);

  const list = series.data?.series;
  const first = list?.find((item) => item.count !== 0 && item.interval === '1h') ?? list?.find((item) => item.count !== 0);
  useEffect(() => {
    if (config.symbol || !first) return;
    const range = { symbol: first.symbol, interval: first.interval, ...lastDays(first, 365) };
    change((now) => (now.config.symbol ? {} : { config: { ...now.config, ...range } }));
  }, [config.symbol, first, change]);
  useEffect(() => {
    const template = templates.data?.strategies.find((item) => item.name === FIRST_TEMPLATE) ?? templates.data?.strategies[0];
    if (!isNew || !template) return;
    const { source: first } = template;
    change((now) => (now.source ? {} : { source: first, base: first, config: { ...now.config, parameters: detectParameters(first) } }));
  }, [isNew, templates.data, change]);

  const chosen = list?.find((item) => item.symbol === config.symbol && item.interval === config.interval);
  const span = useMemo(() => ({ first: Date.parse(chosen?.first_open_time ?? ''), last: Date.parse(chosen?.last_open_time ?? '') }), [chosen]);
  const isUnknown = engine === 'browser' && (Number.isNaN(span.first) || Number.isNaN(span.last));
  const keys = useMemo(() => {
    const found = configProblems(config);
    // The browser asks for klines by their time, and has to know it.
    if (isUnknown && (!config.from || !config.to)) found['start_time'] ??= 'playground.bad.need_range';
    return found;
  }, [config, isUnknown]);
  const problems = useMemo(() => {
    const said: FieldProblems = {};
    for (const [field, key] of Object.entries(keys)) if (key) said[field] = t(key);
    if (run.problem && !said[run.problem.field]) said[run.problem.field] = run.problem.message;
    return said;
  }, [keys, run.problem, t]);
  const marks = useMemo(() => [...checked, ...(run.marks.source === source ? run.marks.marks.filter((mark) => !checked.some((other) => other.line === mark.line && other.message === mark.message)) : [])], [checked, run.marks, source]);

  const canRun = Object.keys(keys).length === 0 && source.trim() !== '';
  const start = () => {
    if (!canRun || run.running) return;
    const bars = Number.isNaN(span.first) ? Infinity : barsOf(config, span.first, span.last);
    void run.run({ source, config, points: bars > POINTS_MAX ? POINTS_MAX / 2 : null, ...span }, engine);
  };
  const save = () => (draft.name && workspace.list.some((item) => item.name === draft.name) ? workspace.save(draft.name) : setSaving(true));
  useKeys({ run: start, save, stop: run.stop, isRunning: run.running !== null, isBlocked: saving || sweeping });

  const { forgetProblem } = run;
  const changeConfig = useCallback(
    (patch: Partial<RunConfig>) => {
      change((now) => ({ config: { ...now.config, ...patch } }));
      forgetProblem();
    },
    [change, forgetProblem],
  );
  const drop = (event: DragEvent) => {
    const file = event.dataTransfer.files[0];
    if (!file) return;
    event.preventDefault();
    void openFile(file, workspace, setBadFile);
  };
  return (
    <div className="playground" onDragOver={(event) => event.dataTransfer.types.includes('Files') && event.preventDefault()} onDrop={drop}>
      <header>
        <h1>{t('nav.playground')}</h1>
        <StrategyBar workspace={workspace} saving={saving} setSaving={setSaving} onSave={save} onBadFile={setBadFile} />
      </header>
      {linkError !== null && <p className="playground-note down" role="alert">{errorText(linkError)}</p>}
      {badFile && <p className="playground-note down" role="alert">{t('playground.file.bad', { name: badFile })}</p>}
      {series.error && <p className="playground-note down" role="alert">{errorText(series.error)}</p>}
      {list?.length === 0 && <p className="playground-note">{t('playground.no_series')}</p>}
      {!workspace.keeps && <p className="playground-note down" role="alert">{t('playground.keeps_not')}</p>}
      {workspace.rescuedName && <p className="playground-note" role="status">{t('playground.rescued', { name: workspace.rescuedName })}</p>}
      <div className="playground-work">
        <ConfigPanel config={config} source={source} series={list ?? []} problems={problems} onChange={changeConfig} />
        <div className="playground-write">
          <LazyEditor value={source} onChange={(text) => change({ source: text })} marks={marks} label={t('playground.editor')} language="python" handle={editor} />
          <RunBar engine={engine} running={run.running} canRun={canRun} onEngine={(next) => change({ engine: next })} onRun={start} onStop={run.stop} onSweep={() => setSweeping(true)} />
          <Terminal buffer={run.terminal} onLine={(line) => editor.current?.goTo(line)} />
        </div>
      </div>
      {run.finished && (
        <Suspense fallback={<Loading />}>
          <ResultPanel finished={run.finished} />
        </Suspense>
      )}
      {sweeping && (
        <Suspense fallback={null}>
          <SweepDialog name={draft.name} source={source} config={config} onClose={() => setSweeping(false)} />
        </Suspense>
      )}
    </div>
  );
}
