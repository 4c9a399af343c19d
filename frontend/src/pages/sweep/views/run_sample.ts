// Views that draw a mark a run cannot draw a million. They take the best runs and an even sample of the others: those whose number,
// times a constant, leaves a small remainder. The constant is the golden section of the modulus, so the remainders of neighbours lie
// far apart and the sample follows no step of the grid; it is the same one each time, and the server picks it.
import type { RunQuery } from '../sweep_filter';

export const PAGE = 1000; // rows the API gives at most
const MODULUS = 100_003;
const FACTOR = 61_805;

/** Whether a run is in the sample of `share` of all: the condition's arithmetic, for the tests of it. */
export const isSampled = (run: number, share: number): boolean => (run * FACTOR) % MODULUS < Math.floor(share * MODULUS);

/** The filter's condition and that of the sample. */
export function sampleWhere(where: string | undefined, share: number): string {
  const sample = `run * ${FACTOR} % ${MODULUS} < ${Math.floor(share * MODULUS)}`;
  return where?.trim() ? `(${where}) and ${sample}` : sample;
}

export interface SampleStep {
  query: RunQuery;
  offset: number;
  limit: number;
}

const pages = (query: RunQuery, rows: number, from = 0): SampleStep[] => {
  const steps: SampleStep[] = [];
  for (let offset = from; offset < rows; offset += PAGE) steps.push({ query, offset, limit: Math.min(PAGE, rows - offset) });
  return steps;
};

/** Only runs that are done have metrics; the order is the sweep's rank, whatever the table is sorted by. */
export function doneQuery(query: RunQuery): RunQuery {
  const { sort: _order, ...rest } = query;
  return { ...rest, status: 'done' };
}

/** The first request: its answer tells how many runs pass. */
export const firstStep = (query: RunQuery, most: number, best: number): SampleStep => ({ query: doneQuery(query), offset: 0, limit: Math.min(PAGE, Math.max(best, Math.min(most, PAGE))) });

/** What else to ask for when `total` runs pass, `most` can be drawn, and the first step is there. */
export function furtherSteps(query: RunQuery, total: number, most: number, best: number): SampleStep[] {
  const done = doneQuery(query);
  if (total <= most) return pages(done, total, firstStep(query, most, best).limit);
  const sample = most - best;
  return pages({ ...done, where: sampleWhere(done.where, sample / total), sort: 'run' }, sample);
}
