// Runs side by side: a row for every parameter and metric, which of them differ, and where one is the best.
import type { Schemas } from '../../api/client';
import { metric, time, value } from '../../parts/format';
import { metricUnit } from '../../parts/metric_units';

type Run = Schemas['RunDetail'];

export interface ComparedRow {
  name: string;
  isParameter: boolean;
  texts: readonly string[]; // one a run
  differs: boolean;
  best: number | null; // index of the run; null: neither is better, or several are
}

type Better = -1 | 0 | 1;

function bestOf(better: Better, values: readonly unknown[]): number | null {
  if (better === 0) return null;
  const numbers = values.map((v) => (typeof v === 'number' ? v : null));
  const present = numbers.filter((v) => v !== null);
  const top = better < 0 ? Math.min(...present) : Math.max(...present);
  return present.filter((v) => v === top).length === 1 ? numbers.indexOf(top) : null;
}

const metricText = (name: string, cell: unknown): string => (typeof cell === 'string' ? time(cell) : metric(name, metricUnit(name), typeof cell === 'number' ? cell : null));

function rowOf(name: string, values: readonly unknown[], better: Better | null): ComparedRow {
  const isParameter = better === null;
  const differs = values.some((v) => v !== values[0]);
  return { name, isParameter, differs, texts: values.map((v) => (isParameter ? value(v) : metricText(name, v))), best: better === null || !differs ? null : bestOf(better, values) };
}

export function comparedRows(runs: readonly Run[], metrics: readonly Pick<Schemas['MetricColumn'], 'name' | 'better'>[]): ComparedRow[] {
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.params)))];
  return [
    rowOf('symbol', runs.map((run) => run.symbol), null),
    rowOf('interval', runs.map((run) => run.interval), null),
    ...names.map((name) => rowOf(name, runs.map((run) => run.params[name]), null)),
    ...metrics.map(({ name, better }) => rowOf(name, runs.map((run) => run.metrics[name]), better)),
  ];
}
