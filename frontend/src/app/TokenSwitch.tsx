import { lazy, Suspense } from 'react';
import { tokenKeeper, useToken, type TokenState } from '../api/token';
import { useT } from '../i18n';

const TokenDialog = lazy(() => import('./TokenDialog'));

function stateOf({ token, inBrowser, isWanted }: TokenState) {
  if (token !== null) return inBrowser ? 'browser' : 'tab';
  return isWanted ? 'wanted' : 'none';
}

/** A lock in the frame of the pages, and the dialog that asks for the token: from the lock, or when a request was refused without one. */
export function TokenSwitch() {
  const t = useT();
  const token = useToken();
  const state = stateOf(token);
  const label = t('shell.token', { state: t(`shell.token.${state}`) });
  return (
    <>
      <button type="button" className="quiet token-switch" data-state={state} onClick={() => tokenKeeper.open()} title={label} aria-label={label}>
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          <rect x="3" y="7" width="10" height="7.5" rx="1.5" fill="currentColor" />
          <path d={token.token === null ? 'M5.5 7V4.5a2.5 2.5 0 0 1 4.6-1.3' : 'M5.5 7V4.5a2.5 2.5 0 0 1 5 0V7'} fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
        </svg>
      </button>
      {token.asking && (
        <Suspense fallback={null}>
          <TokenDialog />
        </Suspense>
      )}
    </>
  );
}
