// What a page shows while there is nothing to show.
import type { ReactNode } from 'react';
import { errorText } from '../api/client';
import { useT } from '../i18n';

export function Loading() {
  const t = useT();
  return (
    <div className="loading" role="status">
      {t('state.loading')}
    </div>
  );
}

export function Empty({ title, children }: { title?: string; children?: ReactNode }) {
  const t = useT();
  return (
    <div className="notice">
      <h2>{title ?? t('state.empty')}</h2>
      {children}
    </div>
  );
}

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useT();
  return (
    <div className="notice error" role="alert">
      <h2>{t('state.error')}</h2>
      <p>{errorText(error)}</p>
      {retry && (
        <button type="button" onClick={retry}>
          {t('state.retry')}
        </button>
      )}
    </div>
  );
}
