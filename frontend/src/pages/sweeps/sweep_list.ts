// Which sweeps the list shows, and in which order: from the page's address.
import type { Schemas } from '../../api/client';
import { listSortOf } from '../../parts/list_sort';
import { metricUnit } from '../../parts/metric_units';
import { hasWords } from '../../parts/SearchField';
import { elapsedSeconds } from './sweep_times';

type Summary = Schemas['SweepSummary'];
export type SweepState = Schemas['SweepState'];
export const STATES: readonly SweepState[] = ['running', 'queued', 'complete', 'interrupted', 'failed', 'damaged'];

/** Name, strategy, symbol, interval or the best run's parameters have every word of the search. */
export function isFound(sweep: Summary, search: string): boolean {
  const text = [sweep.id, sweep.name, sweep.strategy ?? '', ...sweep.series.map((s) => `${s.symbol} ${s.interval}`), ...Object.keys(sweep.best?.params ?? {})].join(' ');
  return hasWords(text, search);
}

export function stateCounts(sweeps: readonly Summary[]): ReadonlyMap<SweepState, number> {
  const counts = new Map<SweepState, number>();
  for (const { state } of sweeps) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}

/** What a column sorts by; undefined values come last in either direction. */
export const sortValues = {
  name: (sweep: Summary) => sweep.name.toLowerCase(),
  state: (sweep: Summary) => STATES.indexOf(sweep.state),
  runs: (sweep: Summary) => sweep.done,
  failed: (sweep: Summary) => sweep.failed,
  best: (sweep: Summary) => sweep.best?.value,
  started: (sweep: Summary) => (sweep.started_at ? Date.parse(sweep.started_at) : undefined),
  duration: (sweep: Summary) => elapsedSeconds(sweep, Date.now()) ?? undefined,
} as const;
export type SortColumn = keyof typeof sortValues;
export const sweepSortOf = (text: string | null) => listSortOf(text, sortValues);

export const bestUnit = (sweep: Summary) => (sweep.rank ? metricUnit(sweep.rank.metric) : undefined);
