// The page's state lives in the address: a pasted link shows the same view, and the back button works.
import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

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

/** The present query parameters and a way to change some; replace: no new entry in the history (sliders, typing). */
export function useUrlState(): [URLSearchParams, (patch: Patch, options?: { replace?: boolean }) => void] {
  const [params, setParams] = useSearchParams();
  const change = useCallback(
    (patch: Patch, options: { replace?: boolean } = {}) =>
      setParams((now) => patched(now, patch), { replace: options.replace ?? false, preventScrollReset: true }),
    [setParams],
  );
  return [params, change];
}
