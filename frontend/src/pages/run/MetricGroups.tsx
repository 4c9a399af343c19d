import { useState } from 'react';
import { useT } from '../../i18n';
import { metricLabel } from '../../parts/metric_label';
import { METRIC_GROUPS } from './metric_groups';
import { metricValue } from './metric_value';
import type { RunDetail, SweepDetail } from './use_run';

/** All metrics, in groups; each with its formula, in a tooltip or, on demand, in print. */
export function MetricGroups({ run, sweep }: { run: RunDetail; sweep: SweepDetail | undefined }) {
  const t = useT();
  const [formulas, showFormulas] = useState(false);
  const formula = new Map(sweep?.metrics.map((column) => [column.name, column.formula]));
  return (
    <section className="stack">
      <div className="row spread">
        <h2>{t('run.metrics')}</h2>
        <label className="row">
          <input type="checkbox" checked={formulas} onChange={(event) => showFormulas(event.target.checked)} /> {t('run.formulas')}
        </label>
      </div>
      <div className="run-groups">
        {METRIC_GROUPS.map(({ title, metrics }) => (
          <table key={title} className="run-group">
            <caption>{t(title)}</caption>
            <tbody>
              {metrics.map((name) => {
                const { text, tone } = metricValue(run.metrics, name);
                return (
                  <tr key={name} title={formula.get(name)}>
                    <th scope="row">
                      {name} <span className="run-label">{metricLabel(t, name)}</span>
                      {formulas && <small className="run-formula">{formula.get(name)}</small>}
                    </th>
                    <td className={`number ${tone}`}>{text}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        ))}
      </div>
    </section>
  );
}
