// The worker in which the browser's engine lives: Pyodide, self-hosted under /pyodide/, and kmill.py as it is in the source.
// It stays for the next run; an endless loop is stopped by ending the whole worker.
import type { loadPyodide as LoadPyodide, PyodideAPI } from 'pyodide';
import type { PyProxy } from 'pyodide/ffi';
import kmillSource from '../../../../../strategies/kmill.py?raw';
import accountSource from '../../../../../strategies/kmill_account.py?raw';
import watchSource from './indicator_watch.py?raw';
import { AnswerError, fetchColumns, noKlines, type KlineColumns, type Range } from './kline_columns';
import runnerSource from './run_strategy.py?raw';

export interface WorkerJob {
  source: string;
  job: string; // JSON: params, account, points; text, so that 2.0 stays a float
  range: Range;
  fresh: string; // another one: the series has changed
}
export type WorkerMessage =
  | { kind: 'stage'; stage: 'python' | 'klines' | 'bars' }
  | { kind: 'progress'; done: number; total: number }
  | { kind: 'print'; text: string }
  | { kind: 'result'; json: string }
  | { kind: 'error'; status: number; message: string; body: unknown };

const HOME = '/home/pyodide';
const FILES = '/pyodide/';
const LARGE = ['pyodide.asm.wasm', 'python_stdlib.zip'];

const post = (message: WorkerMessage): void => self.postMessage(message);

type Tell = (kind: 'print' | 'progress', first: string | number, total?: number) => void;
type Run = (source: string, job: string, columns: unknown, warmup: number, tell: Tell) => string;

/** Reads the large files once with progress, so that Pyodide finds them in the browser's cache. */
async function warm(): Promise<void> {
  const answers = await Promise.all(LARGE.map((name) => fetch(FILES + name)));
  const total = answers.reduce((sum, answer) => sum + Number(answer.headers.get('content-length') ?? 0), 0);
  let done = 0;
  await Promise.all(
    answers.map(async (answer) => {
      if (!answer.ok || !answer.body) return; // Pyodide's own loading says what is wrong
      const reader = answer.body.getReader();
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        done += piece.value.length;
        if (total) post({ kind: 'progress', done: Math.min(done, total), total });
      }
    }),
  );
}

async function load(): Promise<PyodideAPI> {
  post({ kind: 'stage', stage: 'python' });
  await warm();
  post({ kind: 'stage', stage: 'python' }); // all of it is here: how long it takes to start is not known
  const { loadPyodide } = (await import(/* @vite-ignore */ `${FILES}pyodide.mjs`)) as { loadPyodide: typeof LoadPyodide };
  const pyodide = await loadPyodide({ indexURL: FILES });
  pyodide.FS.writeFile(`${HOME}/kmill.py`, kmillSource);
  pyodide.FS.writeFile(`${HOME}/kmill_account.py`, accountSource);
  pyodide.FS.writeFile(`${HOME}/indicator_watch.py`, watchSource);
  pyodide.FS.writeFile(`${HOME}/run_strategy.py`, runnerSource);
  pyodide.runPython(`import sys; sys.path.insert(0, '${HOME}'); sys.dont_write_bytecode = True`);
  return pyodide;
}

let loading: Promise<PyodideAPI> | undefined;
function notLoaded(error: unknown): never {
  loading = undefined; // the next run tries again
  throw error;
}
let kept: { key: string; columns: KlineColumns } | undefined;

async function klines(range: Range, fresh: string): Promise<KlineColumns> {
  const key = JSON.stringify([range, fresh]);
  if (kept?.key === key) return kept.columns;
  kept = undefined;
  post({ kind: 'stage', stage: 'klines' });
  const columns = await fetchColumns(range, (done, total) => post({ kind: 'progress', done, total }));
  if (columns.close.length === columns.warmup) throw noKlines(range);
  kept = { key, columns };
  return columns;
}

async function run({ source, job, range, fresh }: WorkerJob): Promise<void> {
  const pyodide = await (loading ??= load().catch(notLoaded));
  const c = await klines(range, fresh);
  post({ kind: 'stage', stage: 'bars' });
  const module = pyodide.pyimport('run_strategy') as PyProxy & { run: Run & PyProxy };
  const tell: Tell = (kind, first, total) =>
    kind === 'print' ? post({ kind, text: String(first) }) : post({ kind, done: Number(first), total: total ?? 0 });
  const columns = pyodide.toPy([c.openTimes, c.open, c.high, c.low, c.close, c.volume, c.closeTimes]) as PyProxy;
  const runStrategy = module.run;
  try {
    post({ kind: 'result', json: runStrategy(source, job, columns, c.warmup, tell) });
  } finally {
    for (const proxy of [runStrategy, columns, module]) proxy.destroy();
  }
}

self.onmessage = ({ data }: MessageEvent<WorkerJob>) => {
  run(data).catch((error: unknown) => {
    const { status, body } = error instanceof AnswerError ? error : { status: 0, body: null };
    post({ kind: 'error', status, body, message: error instanceof Error ? error.message : String(error) });
  });
};
