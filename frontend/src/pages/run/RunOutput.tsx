import { useT } from '../../i18n';
import type { RunDetail } from './use_run';

/** What the engine warned of and what the strategy printed. */
export function RunOutput({ run }: { run: RunDetail }) {
  const t = useT();
  return (
    <>
      {run.warnings.length > 0 && (
        <section className="stack">
          <h2>{t('run.warnings')}</h2>
          <ul className="run-warnings">
            {run.warnings.map((warning, i) => (
              <li key={i}>{warning}</li>
            ))}
          </ul>
        </section>
      )}
      {run.log && (
        <section className="stack">
          <h2>{t('run.log')}</h2>
          <pre className="run-code" tabIndex={0} aria-label={t('run.log')}>
            {run.log}
          </pre>
        </section>
      )}
    </>
  );
}
