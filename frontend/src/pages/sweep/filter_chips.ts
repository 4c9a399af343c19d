// Every bound and fixed value as a line that people read and can take away. (The condition and the statuses are always in view.)
import type { Schemas } from '../../api/client';
import { cellText, columnOf } from './run_columns';
import { withFixed, type SweepFilter } from './sweep_filter';

export interface Chip {
  key: string;
  text: string;
  clear: (now: SweepFilter) => Partial<SweepFilter>;
}

export function filterChips(filter: SweepFilter, detail: Schemas['SweepDetail'] | undefined): Chip[] {
  const bounds = Object.entries(filter.bounds).map(([name, { min, max }]): Chip => {
    const column = columnOf(name, detail);
    const text = (value: number) => cellText(column, value);
    const said = min !== undefined && max !== undefined ? (min === max ? `${name} = ${text(min)}` : `${text(min)} ≤ ${name} ≤ ${text(max)}`) : min !== undefined ? `${name} ≥ ${text(min)}` : `${name} ≤ ${text(max!)}`;
    return { key: `bound ${name}`, text: said, clear: ({ bounds: { [name]: _gone, ...rest } }) => ({ bounds: rest }) };
  });
  const fixed = Object.entries(filter.fixed).map(([name, value]): Chip => ({ key: `fixed ${name}`, text: `${name} = ${value}`, clear: (now) => ({ fixed: withFixed(now.fixed, name, undefined) }) }));
  return [...bounds, ...fixed];
}
