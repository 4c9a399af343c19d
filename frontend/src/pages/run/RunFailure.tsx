import { useT } from '../../i18n';
import { time } from '../../parts/format';
import type { RunDetail } from './use_run';

interface Props {
  error: NonNullable<RunDetail['error']>;
  status: RunDetail['status'];
  goTo: (time: number) => void;
}

/** Why the run is not done. */
export function RunFailure({ error, status, goTo }: Props) {
  const t = useT();
  const { time: at } = error;
  return (
    <section className="notice error run-failure" role="alert">
      <h2>{t(`run.status.${status}`)}</h2>
      <p>
        <strong>{error.type}</strong>
        {error.message && `: ${error.message}`}
        {!!error.line && ` — ${t('run.error.line', { line: error.line })}`}
      </p>
      {at && (
        <p>
          {t('run.error.bar', { time: time(at) })}{' '}
          <button type="button" onClick={() => goTo(Date.parse(at))}>
            {t('run.error.show')}
          </button>
        </p>
      )}
      {error.traceback && (
        <pre tabIndex={0} aria-label={t('run.error.traceback')}>
          {error.traceback}
        </pre>
      )}
    </section>
  );
}
