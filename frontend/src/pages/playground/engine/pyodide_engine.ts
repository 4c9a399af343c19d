// The browser's engine from the page's side: one worker that stays between runs, ended to stop one.
import { api, ApiError, errorOf } from '../../../api/client';
import { decimalText } from '../config/config';
import { numberText, parametersJson } from '../config/parameters';
import { timeOf } from '../config/time_text';
import { stopped, type EngineEvents, type Job, type RunResult } from './job';
import type { WorkerJob, WorkerMessage } from './pyodide_worker';

let worker: Worker | undefined;

function theWorker(): Worker {
  worker ??= new Worker(new URL('./pyodide_worker.ts', import.meta.url), { type: 'module', name: 'kmill-pyodide' });
  return worker;
}

function endWorker(): void {
  worker?.terminate();
  worker = undefined;
}

/** A decimal as the ledger takes it: kmill.py reads an int exactly and a float by its shortest form, which is what was typed. */
export function jobText({ config, points }: Job): string {
  return `{"params":${parametersJson(config.window, config.parameters)},"initialBalance":${decimalText(config.initialBalance)},"feeRate":${decimalText(config.feeRate)},"slippage":${decimalText(config.slippage)},"priceCheck":${JSON.stringify(config.priceCheck)},"points":${points ?? 'null'}}`;
}

export function workerJob(job: Job): WorkerJob {
  const { config, last } = job;
  const begin = timeOf(config.from) ?? job.first;
  const first = Number.isNaN(job.first) ? begin : job.first;
  const end = Math.min(timeOf(config.to) ?? Infinity, Number.isNaN(last) ? Infinity : last + 1); // nothing is asked for beyond the series
  return {
    source: job.source,
    job: jobText(job),
    range: { symbol: config.symbol, interval: config.interval, begin, end, warmup: Number(numberText('int', config.warmup) ?? 0), first },
    fresh: `${first} ${last}`,
  };
}

/** What the server refuses, this engine refuses too. Where the server will not say (a token is needed), it runs unchecked: in this tab only. */
async function refuse(source: string, signal: AbortSignal): Promise<void> {
  const { data, error, response } = await api.POST('/api/v1/strategies/check', { body: { strategy: source }, signal });
  if (!data) {
    if (response.status === 401 || response.status === 403 || response.status === 503) return;
    throw errorOf(response.status, error);
  }
  const first = data.problems[0];
  if (first) throw new ApiError(422, first.message, 'strategy', 'strategy', first.line, first.column, data.problems);
}

function take(message: WorkerMessage, events: EngineEvents): RunResult | null {
  if (message.kind === 'stage') events.stage(message.stage);
  else if (message.kind === 'progress') events.progress(message.done, message.total);
  else if (message.kind === 'print') events.print(message.text);
  else if (message.kind === 'result') return JSON.parse(message.json) as RunResult;
  else throw message.status ? errorOf(message.status, message.body) : new ApiError(0, message.message);
  return null;
}

function ask(job: WorkerJob, events: EngineEvents, signal: AbortSignal): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const active = theWorker();
    const end = (act: () => void): void => {
      signal.removeEventListener('abort', stop);
      active.onmessage = active.onerror = null;
      act();
    };
    const stop = (): void => end(() => (endWorker(), reject(stopped())));
    signal.addEventListener('abort', stop);
    active.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
      try {
        const result = take(data, events);
        if (result) end(() => resolve(result));
      } catch (error) {
        end(() => reject(error as Error));
        if (data.kind === 'error' && data.status === 0) endWorker(); // what broke in it may have broken all of it
      }
    };
    active.onerror = (event) => end(() => (endWorker(), reject(new ApiError(0, event.message || 'The worker of the browser engine did not start; reload the page.', event.message ? '' : 'no_worker'))));
    active.postMessage(job);
  });
}

export async function runInBrowser(job: Job, events: EngineEvents, signal: AbortSignal): Promise<RunResult> {
  events.stage('waiting');
  await refuse(job.source, signal);
  if (signal.aborted) throw stopped();
  return ask(workerJob(job), events, signal);
}
