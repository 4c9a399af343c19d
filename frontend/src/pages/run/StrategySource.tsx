import { useT } from '../../i18n';
import { CopyButton } from '../../parts/CopyButton';

/** The strategy as it was run; the line of an error is marked and the source open then. */
export function StrategySource({ name, source, line }: { name: string; source: string; line: number | null }) {
  const t = useT();
  const lines = source.replace(/\n$/, '').split('\n');
  return (
    <details className="run-source" open={line !== null && line > 0}>
      <summary>
        <h2>{t('run.strategy')}</h2> <span className="soft mono">{name}</span>
      </summary>
      <div className="row run-source-actions">
        <CopyButton text={source} />
      </div>
      <ol className="run-code run-lines" tabIndex={0} aria-label={t('run.strategy')}>
        {lines.map((text, i) => (
          <li key={i} className={i + 1 === line ? 'run-line-error' : undefined} aria-current={i + 1 === line ? 'true' : undefined}>
            <code>{text || ' '}</code>
          </li>
        ))}
      </ol>
    </details>
  );
}
