import { metrics } from 'virtual:docs';
import { useT } from '../../i18n';
import { missing } from '../../parts/format';
import { hasWords, metricText } from './docs_search';

/** Every metric with its unit and formula; of a search those that have its words, or all where none has. */
export function MetricFormulas({ words }: { words: readonly string[] }) {
  const t = useT();
  const found = metrics.filter((metric) => hasWords(metricText(t, metric), words));
  const better = { 1: t('docs.metrics.higher'), 0: missing, [-1]: t('docs.metrics.lower') } as const;
  return (
    <section>
      <h2 id="metrics">{t('docs.metrics')}</h2>
      <p>{t('docs.metrics.text')}</p>
      <p>{t('docs.metrics.notation')}</p>
      <div className="docs-table" tabIndex={0} role="group" aria-label={t('docs.metrics')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('docs.metrics.name')}</th>
              <th scope="col">{t('docs.metrics.meaning')}</th>
              <th scope="col">{t('docs.metrics.unit')}</th>
              <th scope="col">{t('docs.metrics.better')}</th>
              <th scope="col">{t('docs.metrics.formula')}</th>
            </tr>
          </thead>
          <tbody>
            {(found.length > 0 ? found : metrics).map((metric) => (
              <tr key={metric.name}>
                <td>
                  <code>{metric.name}</code>
                </td>
                <td>{t(`metric.${metric.name}`)}</td>
                <td>{metric.unit}</td>
                <td>{better[metric.better]}</td>
                <td lang="en">{metric.formula}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
