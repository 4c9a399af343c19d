import { useT } from '../../../i18n';
import * as format from '../../../parts/format';
import type { RunSample } from './use_run_sample';

/** Says how many of the runs are drawn, and which; and what can be done in the view. */
export function SampleNote({ sample, metric, hint }: { sample: RunSample; metric: string; hint: string }) {
  const t = useT();
  const shown = format.count(sample.rows.length);
  const all = sample.rows.length >= sample.total;
  const says = all ? t('views.sample.all', { shown }) : t('views.sample.some', { shown, total: format.count(sample.total), best: format.count(sample.best), metric });
  return <p className="view-note">{`${says} ${hint}`}</p>;
}
