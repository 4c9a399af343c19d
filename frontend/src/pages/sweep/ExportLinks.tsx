import { useT } from '../../i18n';
import type { RunQuery } from './sweep_filter';

interface Props {
  id: string;
  runs: RunQuery;
  columns: readonly string[] | null;
}

/** Address of a download of the runs that pass, in the present order. */
export function exportAddress(id: string, runs: RunQuery, columns: readonly string[] | null, format: 'csv' | 'json'): string {
  const query = new URLSearchParams({ format });
  for (const [name, value] of Object.entries(runs)) query.set(name, String(value));
  if (columns) query.set('columns', ['run', 'status', ...columns.filter((name) => name !== 'run' && name !== 'status')].join(','));
  return `/api/v1/sweeps/${encodeURIComponent(id)}/export?${query}`;
}

export function ExportLinks({ id, runs, columns }: Props) {
  const t = useT();
  return (
    <span className="row sweep-export" role="group" aria-label={t('sweep.export.label')}>
      {(['csv', 'json'] as const).map((format) => (
        <a key={format} className="button" href={exportAddress(id, runs, columns, format)} download title={t('sweep.export.hint')}>
          {format.toUpperCase()}
        </a>
      ))}
    </span>
  );
}
