// The fields under a column's name: at least and at most for figures, a value for texts.
import { useT } from '../../i18n';
import { boundText, parseBound } from './bound_text';
import { DraftInput } from './DraftInput';
import { isNumeric, type RunColumn } from './run_columns';
import { withBound, withFixed, type SweepFilter } from './sweep_filter';
import type { FilterPatch } from './use_sweep_filter';

interface Props {
  column: RunColumn;
  filter: SweepFilter;
  change: (patch: FilterPatch, options?: { replace?: boolean }) => void;
}

const UNIT_SIGN: Partial<Record<RunColumn['kind'], string>> = { ratio: ' %', duration: ' d', time: '' };

export function ColumnFilter({ column, filter, change }: Props) {
  const t = useT();
  if (column.kind === 'status') return <span className="runs-filter" />;
  if (isNumeric(column)) {
    const bound = Object.hasOwn(filter.bounds, column.name) ? filter.bounds[column.name] : undefined;
    const field = (side: 'min' | 'max', sign: string) => (
      <DraftInput
        value={boundText(column.kind, bound?.[side])}
        check={(text) => parseBound(column.kind, text) !== null}
        commit={(text) => {
          const value = parseBound(column.kind, text);
          if (value !== null) change((now) => ({ bounds: withBound(now.bounds, column.name, side, value) }), { replace: true });
        }}
        placeholder={`${sign}${UNIT_SIGN[column.kind] ?? ''}`}
        label={t(side === 'min' ? 'sweep.table.at_least' : 'sweep.table.at_most', { column: column.name })}
        className={bound?.[side] === undefined ? undefined : 'runs-set'}
      />
    );
    return (
      <span className="runs-filter">
        {field('min', '≥')}
        {field('max', '≤')}
      </span>
    );
  }
  const value = Object.hasOwn(filter.fixed, column.name) ? filter.fixed[column.name]! : '';
  const set = (text: string) => change((now) => ({ fixed: withFixed(now.fixed, column.name, text.trim()) }), { replace: true });
  const label = t('sweep.table.is', { column: column.name });
  return (
    <span className="runs-filter">
      {column.choices ? (
        <select value={value} aria-label={label} onChange={(event) => set(event.target.value)} className={value ? 'runs-set' : undefined}>
          <option value="">=</option>
          {(column.choices.includes(value) || !value ? column.choices : [value, ...column.choices]).map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <DraftInput value={value} check={() => true} commit={set} placeholder="=" label={label} className={value ? 'runs-set' : undefined} />
      )}
    </span>
  );
}
