import { useT } from '../../../i18n';
import { rowYaml, type RangeKind, type SweepRow } from './sweep_yaml';

interface Props {
  rows: readonly SweepRow[];
  onChange: (rows: SweepRow[]) => void;
}
const modes: readonly RangeKind[] = ['fixed', 'range', 'list'];

function Values({ row, change }: { row: SweepRow; change: (patch: Partial<SweepRow>) => void }) {
  const t = useT();
  const input = (key: 'value' | 'low' | 'high' | 'step' | 'list', label: string) => (
    <input className="mono" aria-label={`${row.name}: ${label}`} title={label} placeholder={label} value={row[key]} onChange={(event) => change({ [key]: event.target.value })} />
  );
  if (row.mode === 'fixed') return input('value', t('playground.sweep.value'));
  if (row.mode === 'list') return input('list', t('playground.sweep.list'));
  return (
    <>
      {input('low', t('playground.sweep.low'))}
      {input('high', t('playground.sweep.high'))}
      {input('step', t('playground.sweep.step'))}
    </>
  );
}

/** How each parameter varies. */
export function SweepRows({ rows, onChange }: Props) {
  const t = useT();
  return (
    <ul className="playground-sweep-rows">
      {rows.some((row) => row.mode === 'range') && (
        <li className="playground-sweep-head" aria-hidden="true">
          <span>{t('playground.sweep.parameter')}</span>
          <span />
          <div className="playground-sweep-values">
            <span>{t('playground.sweep.low')}</span>
            <span>{t('playground.sweep.high')}</span>
            <span>{t('playground.sweep.step')}</span>
          </div>
        </li>
      )}
      {rows.map((row, i) => {
        const change = (patch: Partial<SweepRow>) => onChange(rows.with(i, { ...row, ...patch }));
        const numeric = row.kind === 'int' || row.kind === 'float';
        return (
          <li key={row.name} data-bad={rowYaml(row) === null ? 'true' : undefined}>
            <span className="mono">{row.name}</span>
            <select aria-label={t('playground.sweep.mode', { name: row.name })} value={row.mode} onChange={(event) => change({ mode: event.target.value as RangeKind })}>
              {modes.filter((mode) => numeric || mode !== 'range').map((mode) => (
                <option key={mode} value={mode}>
                  {t(`playground.sweep.mode.${mode}`)}
                </option>
              ))}
            </select>
            <div className="playground-sweep-values">
              <Values row={row} change={change} />
            </div>
            {rowYaml(row) === null && <span className="playground-problem">{t('playground.sweep.bad_row')}</span>}
          </li>
        );
      })}
    </ul>
  );
}
