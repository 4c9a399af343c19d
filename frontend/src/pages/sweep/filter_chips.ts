// Every bound and fixed value as a line that people read and can take away, and every key of the order whose column is not in the
// table. (The condition and the statuses are always in view.)
import type { Schemas } from '../../api/client';
import { boundText } from './bound_text';
import { columnOf } from './run_columns';
import { withFixed, type SweepFilter } from './sweep_filter';

export interface Chip {
  key: string;
  text: string;
  clear: (now: SweepFilter) => Partial<SweepFilter>;
}

/** What a run has to be like for the sweep to rank it, or null when it ranks all. */
export const rankingFilter = (detail: Pick<Schemas['SweepDetail'], 'provenance'> | undefined): string | null =>
  detail?.provenance?.rank_where?.replaceAll('>=', '≥').replaceAll('<=', '≤').replaceAll(' and ', ', ') || null;

export function filterChips(filter: SweepFilter, detail: Schemas['SweepDetail'] | undefined, shown: readonly string[]): Chip[] {
  const bounds = Object.entries(filter.bounds).map(([name, { min, max }]): Chip => {
    const { kind } = columnOf(name, detail);
    const text = (value: number) => boundText(kind, value) + (kind === 'ratio' ? ' %' : '');
    const atMost = (value: number) => (text(value).startsWith('<') ? `< ${text(value).slice(1)}` : `≤ ${text(value)}`);
    const said = min !== undefined && max !== undefined ? (min === max ? `${name} = ${text(min)}` : `${text(min)} ≤ ${name} ${atMost(max)}`) : min !== undefined ? `${name} ≥ ${text(min)}` : `${name} ${atMost(max!)}`;
    return { key: `bound ${name}`, text: said, clear: ({ bounds: { [name]: _gone, ...rest } }) => ({ bounds: rest }) };
  });
  const fixed = Object.entries(filter.fixed).map(([name, value]): Chip => ({ key: `fixed ${name}`, text: `${name} = ${value}`, clear: (now) => ({ fixed: withFixed(now.fixed, name, undefined) }) }));
  const hiddenKeys = shown.length === 0 ? [] : filter.sort.filter((key) => !shown.includes(key.column));
  const order = hiddenKeys.map(({ column, descending }): Chip => ({
    key: `sort ${column}`,
    text: `${descending ? '↓' : '↑'}${filter.sort.length > 1 ? filter.sort.findIndex((key) => key.column === column) + 1 : ''} ${column}`,
    clear: ({ sort }) => ({ sort: sort.filter((key) => key.column !== column) }),
  }));
  return [...order, ...bounds, ...fixed];
}
