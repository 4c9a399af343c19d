// The server's check of the source while it is written: problems as marks. Off while the server does not answer, and where it
// lets nobody check without a token.
import { useEffect, useState } from 'react';
import { api } from '../../api/client';
import { useConnection } from '../../api/connection';
import type { Mark } from './editor/marks';

const PAUSE_MS = 500;
const none: readonly Mark[] = [];

export function useCheck(source: string): readonly Mark[] {
  const online = useConnection();
  const [found, setFound] = useState<{ source: string; marks: readonly Mark[] }>({ source: '', marks: none });
  useEffect(() => {
    if (!online || !source.trim()) {
      setFound({ source, marks: none });
      return;
    }
    const control = new AbortController();
    const timer = setTimeout(() => {
      api.POST('/api/v1/strategies/check', { body: { strategy: source }, signal: control.signal }).then(
        ({ data }) => setFound({ source, marks: data ? data.problems.map((problem): Mark => ({ ...problem, severity: 'error' })) : none }),
        () => undefined, // the banner tells; the next change asks again
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [source, online]);
  return found.marks;
}
