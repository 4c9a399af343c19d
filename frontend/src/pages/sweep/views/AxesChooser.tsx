import { useT } from '../../../i18n';
import { withAxis } from './parallel_model';
import type { Columns } from './view_columns';

/** Which columns are axes. */
export function AxesChooser({ columns, shown, onChange }: { columns: Columns; shown: readonly string[]; onChange: (names: string[]) => void }) {
  const t = useT();
  const all = [...columns.inputs, ...columns.metrics.filter((metric) => metric.varies && metric.name !== columns.rank.name), columns.rank].map((column) => column.name);
  return (
    <details>
      <summary>{t('views.axes', { count: shown.length })}</summary>
      <div className="view-chooser" role="group" aria-label={t('views.axes', { count: shown.length })}>
        {all.map((name) => (
          <label key={name}>
            <input type="checkbox" checked={shown.includes(name)} onChange={(event) => onChange(withAxis(shown, all, name, event.target.checked))} />
            {name}
          </label>
        ))}
      </div>
    </details>
  );
}
