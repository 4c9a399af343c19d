// The page's state lives in the address: a pasted link shows the same view, and the back button works.
import { useCallback } from 'react';
import { useNavigate, useSearchParams } from 'react-router';

export type Patch = Record<string, string | readonly string[] | null | undefined>;

/** Applies a patch: null, undefined and '' remove the parameter, a list sets it several times. */
export function patched(from: URLSearchParams, patch: Patch): URLSearchParams {
  const next = new URLSearchParams(from);
  for (const [name, value] of Object.entries(patch)) {
    next.delete(name);
    if (value === null || value === undefined || value === '') continue;
    for (const item of typeof value === 'string' ? [value] : value) next.append(name, item);
  }
  return next;
}

/** What the router calls for flushSync: an urgent update. Unlike ReactDOM's it may be asked for in an effect, too. */
export const urgently = (update: () => unknown): undefined => {
  update();
  return undefined;
};

export type ChangeParams = (next: (now: URLSearchParams) => URLSearchParams, options?: { replace?: boolean }) => void;

/**
 * The present query parameters and a way to change them; replace: no new entry in the history (sliders, typing). A change starts from
 * what the address says at that moment, so that two in one event both count, and is shown at once (flushSync with `urgently`: not as a
 * transition, which would give a checkbox its old state back for a moment).
 */
export function useUrlParams(): [URLSearchParams, ChangeParams] {
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const change = useCallback<ChangeParams>(
    (next, options = {}) => {
      const search = next(new URLSearchParams(window.location.search)).toString();
      void navigate({ search }, { replace: options.replace ?? false, preventScrollReset: true, flushSync: true });
    },
    [navigate],
  );
  return [params, change];
}

/** The same for patches of single parameters. */
export function useUrlState(): [URLSearchParams, (patch: Patch, options?: { replace?: boolean }) => void] {
  const [params, setParams] = useUrlParams();
  const change = useCallback(
    (patch: Patch, options?: { replace?: boolean }) => setParams((now) => patched(now, patch), options),
    [setParams],
  );
  return [params, change];
}
