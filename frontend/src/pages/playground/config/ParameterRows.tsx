// The strategy's own parameters: a row each, and what its source asks for and has no row yet as suggestions.
import { useT } from '../../../i18n';
import { parameterField, type FieldProblems } from './config';
import { missingParameters, type ParameterKind, type ParameterRow } from './parameters';

interface Props {
  source: string;
  rows: readonly ParameterRow[];
  problems: FieldProblems;
  onChange: (rows: ParameterRow[]) => void;
}
const kinds: readonly ParameterKind[] = ['int', 'float', 'bool', 'text'];

interface RowProps {
  row: ParameterRow;
  problem: string | undefined;
  onChange: (row: ParameterRow) => void;
  onRemove: () => void;
}

function ValueInput({ row, problem, onChange }: Omit<RowProps, 'onRemove'>) {
  const t = useT();
  const label = t('playground.parameter.value', { name: row.name });
  if (row.kind !== 'bool') return <input aria-label={label} className="mono" value={row.text} aria-invalid={problem ? true : undefined} inputMode={row.kind === 'text' ? 'text' : 'decimal'} onChange={(event) => onChange({ ...row, text: event.target.value })} />;
  return (
    <select aria-label={label} value={row.text} aria-invalid={problem ? true : undefined} onChange={(event) => onChange({ ...row, text: event.target.value })}>
      {row.text !== 'true' && row.text !== 'false' && <option value={row.text} />}
      <option value="true">true</option>
      <option value="false">false</option>
    </select>
  );
}

function Row({ row, problem, onChange, onRemove }: RowProps) {
  const t = useT();
  return (
    <li>
      <div className="playground-parameter">
        <input aria-label={t('playground.parameter.name')} className="mono" value={row.name} spellCheck={false} aria-invalid={problem ? true : undefined} onChange={(event) => onChange({ ...row, name: event.target.value })} />
        <select aria-label={t('playground.parameter.kind', { name: row.name })} value={row.kind} onChange={(event) => onChange({ ...row, kind: event.target.value as ParameterKind })}>
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {t(`playground.kind.${kind}`)}
            </option>
          ))}
        </select>
        <ValueInput row={row} problem={problem} onChange={onChange} />
        <button type="button" className="quiet" aria-label={t('playground.parameter.remove', { name: row.name })} title={t('playground.parameter.remove', { name: row.name })} onClick={onRemove}>
          ×
        </button>
      </div>
      {problem && <span className="playground-problem">{problem}</span>}
    </li>
  );
}

export function ParameterRows({ source, rows, problems, onChange }: Props) {
  const t = useT();
  const missing = missingParameters(source, rows);
  return (
    <fieldset className="playground-parameters">
      <legend>{t('playground.parameters')}</legend>
      {rows.length === 0 && missing.length === 0 && <p className="soft">{t('playground.parameters.none')}</p>}
      <ul>
        {rows.map((row, i) => (
          <Row key={i} row={row} problem={problems[parameterField(row, i)]} onChange={(next) => onChange(rows.with(i, next))} onRemove={() => onChange(rows.filter((_, at) => at !== i))} />
        ))}
      </ul>
      <div className="row">
        {missing.map((row) => (
          <button key={row.name} type="button" className="playground-chip mono" title={t('playground.parameter.suggested')} onClick={() => onChange([...rows, row])}>
            + {row.name}
            {row.text && ` = ${row.text}`}
          </button>
        ))}
        <button type="button" className="playground-chip" onClick={() => onChange([...rows, { name: '', kind: 'float', text: '' }])}>
          {t('playground.parameter.add')}
        </button>
      </div>
    </fieldset>
  );
}
