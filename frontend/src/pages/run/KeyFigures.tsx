import { useT } from '../../i18n';
import { metricLabel } from '../../parts/metric_label';
import { KEY_METRICS } from './metric_groups';
import { metricValue } from './metric_value';
import type { RunDetail, SweepDetail } from './use_run';

/** The figures one looks at first. */
export function KeyFigures({ run, sweep }: { run: RunDetail; sweep: SweepDetail | undefined }) {
  const t = useT();
  return (
    <dl className="run-key">
      {KEY_METRICS.map((name) => {
        const { text, tone } = metricValue(run.metrics, name);
        return (
          <div key={name} title={sweep?.metrics.find((column) => column.name === name)?.formula}>
            <dt>
              {name} <span className="run-label">{metricLabel(t, name)}</span>
            </dt>
            <dd className={tone}>{text}</dd>
          </div>
        );
      })}
    </dl>
  );
}
