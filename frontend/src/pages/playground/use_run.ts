// One run at a time: its stage and progress, its result or what went wrong, and the terminal.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError, errorText } from '../../api/client';
import { runOnServer } from './backtest_stream';
import type { Mark } from './editor/marks';
import { isStopped, type Engine, type EngineName, type Job, type RunResult, type Stage } from './engine/job';
import { TerminalBuffer } from './terminal_buffer';
import { useT, type Translate } from '../../i18n';
import { count, fixed, percent } from '../../parts/format';

export interface Finished {
  job: Job;
  engine: EngineName;
  result: RunResult;
  seconds: number;
}
export interface Running {
  stage: Stage;
  done: number;
  total: number;
}
export interface RunState {
  running: Running | null;
  finished: Finished | null;
  marks: { source: string; marks: readonly Mark[] };
  problem: { field: string; message: string } | null; // of the configuration
}
const idle: RunState = { running: null, finished: null, marks: { source: '', marks: [] }, problem: null };

const engines: Record<EngineName, () => Promise<Engine>> = {
  server: () => Promise.resolve(runOnServer),
  browser: async () => (await import('./engine/pyodide_engine')).runInBrowser,
};

function marksOf(error: unknown): Mark[] {
  if (!(error instanceof ApiError) || error.field !== 'strategy') return [];
  const problems = error.problems.length ? error.problems : [{ line: error.line, column: error.column, message: error.message }];
  return problems.map((problem) => ({ ...problem, severity: 'error' }));
}

function sayResult(terminal: TerminalBuffer, result: RunResult, seconds: number, t: Translate): void {
  if (result.log) terminal.print(result.log);
  for (const warning of result.warnings) terminal.say('warning', warning);
  if (result.error) {
    const { traceback, type, message, time } = result.error;
    terminal.say('error', traceback || `${type}: ${message}`);
    if (time) terminal.say('error', t('playground.run.at', { time }));
  } else if (result.status === 'done') {
    const facts = { bars: count(result.bars), seconds: fixed(seconds, 2), profit: percent(result.profitRate), drawdown: percent(result.maxDrawdown), trades: count(result.totalTrades) };
    terminal.say('note', t('playground.run.done', facts));
  } else terminal.say('error', t('playground.run.status', { status: t(`playground.status.${result.status}`) }));
}

function sayError(terminal: TerminalBuffer, error: unknown, t: Translate): void {
  const problems = error instanceof ApiError ? error.problems : [];
  if (error instanceof TypeError) terminal.say('error', t('playground.run.unreachable')); // fetch found nobody
  else if (!problems.length) terminal.say('error', errorText(error));
  for (const { line, message } of problems) terminal.say('error', line ? `line ${line}: ${message}` : message);
}

export function useRun() {
  const t = useT();
  const terminal = useMemo(() => new TerminalBuffer(), []);
  const [state, setState] = useState<RunState>(idle);
  const control = useRef<AbortController>(null);
  useEffect(() => () => control.current?.abort(), []);

  const stop = useCallback(() => control.current?.abort(), []);

  const run = useCallback(
    async (job: Job, engine: EngineName) => {
      if (control.current) return;
      const own = new AbortController();
      control.current = own;
      const began = performance.now();
      terminal.clear();
      setState((now) => ({ ...now, running: { stage: 'waiting', done: 0, total: 0 }, marks: idle.marks, problem: null }));
      const progress = (patch: Partial<Running>) => setState((now) => (now.running && !own.signal.aborted ? { ...now, running: { ...now.running, ...patch } } : now));
      try {
        const start = await engines[engine]();
        const result = await start(job, { stage: (stage) => progress({ stage, done: 0, total: 0 }), progress: (done, total) => progress({ done, total }), print: (text) => terminal.print(text) }, own.signal);
        const seconds = (performance.now() - began) / 1000;
        sayResult(terminal, result, seconds, t);
        const { error } = result;
        const marks: Mark[] = error ? [{ line: error.line, column: error.column ?? null, message: `${error.type}: ${error.message}`, severity: 'error' }] : [];
        const failed = result.status !== 'done';
        setState((now) => ({ ...now, finished: failed ? null : { job, engine, result, seconds }, marks: { source: job.source, marks } }));
      } catch (error) {
        if (isStopped(error) || own.signal.aborted) terminal.say('note', t('playground.run.stopped'));
        else {
          sayError(terminal, error, t);
          const problem = error instanceof ApiError && error.field && error.field !== 'strategy' ? { field: error.field, message: error.message } : null;
          setState((now) => ({ ...now, finished: null, problem, marks: { source: job.source, marks: marksOf(error) } }));
        }
      } finally {
        control.current = null;
        setState((now) => ({ ...now, running: null }));
      }
    },
    [t, terminal],
  );
  const forgetProblem = useCallback(() => setState((now) => (now.problem ? { ...now, problem: null } : now)), []);
  return { ...state, terminal, run, stop, forgetProblem };
}
