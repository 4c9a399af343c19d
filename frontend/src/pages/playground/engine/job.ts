// What both engines take and give: the server's, and the browser's.
import type { Schemas } from '../../../api/client';
import type { RunConfig } from '../config/config';

export type EngineName = 'server' | 'browser';
export type Trade = Schemas['Trade'];
export type EquityPoint = Schemas['EquityPoint'];
export type RunError = Schemas['RunError'];

export interface Job {
  source: string;
  config: RunConfig;
  points: number | null; // equity points in the answer; null: every bar
  first: number; // open times of the series' first and last kline, ms
  last: number;
}

/** The server's answer; the browser's has the document's figures and no others. */
export type RunResult = Partial<Schemas['Metrics']> & {
  status: Schemas['RunStatus'];
  error?: RunError;
  log: string;
  warnings: string[];
  trades: Trade[];
  equityCurve: EquityPoint[];
};

export type Stage = 'waiting' | 'python' | 'klines' | 'bars';
export interface EngineEvents {
  stage: (stage: Stage) => void;
  progress: (done: number, total: number) => void;
  print: (text: string) => void;
}
/** Gives the result, also of a run that failed; throws ApiError where there is none, and AbortError when stopped. */
export type Engine = (job: Job, events: EngineEvents, signal: AbortSignal) => Promise<RunResult>;

export const stopped = (): DOMException => new DOMException('stopped', 'AbortError');
export const isStopped = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';
