// The draft and the strategies of this browser as state: every change is kept at once, another tab's strategies appear here too.
import { useCallback, useEffect, useRef, useState } from 'react';
import { useT } from '../../../i18n';
import { emptyDraft, freeName, keepDraft, keepStrategies, readDraft, readStrategies, renamed, rescued, withoutStrategy, withStrategy, type Draft, type SavedStrategy } from './library';

const PAUSE_MS = 250;

/** What becomes different; a function is given the draft as it is then. */
export type Change = Partial<Draft> | ((now: Draft) => Partial<Draft>);

export interface Workspace {
  draft: Draft;
  isNew: boolean; // nothing was kept from before
  list: readonly SavedStrategy[];
  keeps: boolean; // false: the browser refuses to keep anything
  rescuedName: string; // what the last replaced draft was kept as
  change: (patch: Change) => void;
  /** Another source in the place of the draft, which is kept first if it would be lost. */
  replace: (patch: Partial<Draft> & { source: string }) => void;
  save: (name: string) => void;
  remove: (name: string) => void;
  rename: (name: string, next: string) => boolean;
}

export function useWorkspace(): Workspace {
  const t = useT();
  const [draft, setDraft] = useState<Draft>(() => readDraft() ?? emptyDraft);
  const [isNew] = useState(() => readDraft() === null);
  const [list, setList] = useState<SavedStrategy[]>(readStrategies);
  const [keeps, setKeeps] = useState(true);
  const [rescuedName, setRescued] = useState('');
  const latest = useRef(draft);
  const touched = useRef(false);

  useEffect(() => {
    latest.current = draft;
    if (!touched.current) return;
    const timer = setTimeout(() => setKeeps(keepDraft(draft)), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft]);

  useEffect(() => {
    const flush = () => touched.current && keepDraft(latest.current);
    const read = (event: StorageEvent) => event.key === 'kmill.playground.strategies' && setList(readStrategies());
    window.addEventListener('pagehide', flush);
    document.addEventListener('visibilitychange', flush);
    window.addEventListener('storage', read);
    return () => {
      flush();
      window.removeEventListener('pagehide', flush);
      document.removeEventListener('visibilitychange', flush);
      window.removeEventListener('storage', read);
    };
  }, []);

  const change = useCallback((patch: Change) => {
    touched.current = true;
    setDraft((now) => ({ ...now, ...(typeof patch === 'function' ? patch(now) : patch) }));
  }, []);
  const store = useCallback((next: SavedStrategy[]) => {
    setList(next);
    setKeeps(keepStrategies(next));
  }, []);
  const replace = useCallback(
    (patch: Partial<Draft> & { source: string }) => {
      const lost = rescued(latest.current, readStrategies(), t('playground.draft'), new Date());
      if (lost) store(withStrategy(readStrategies(), lost));
      setRescued(lost?.name ?? '');
      change({ base: patch.source, name: '', ...patch });
    },
    [change, store, t],
  );
  const save = useCallback(
    (name: string) => {
      const { source, config } = latest.current;
      store(withStrategy(readStrategies(), { name, source, config, savedAt: new Date().toISOString(), automatic: false }));
      change({ name, base: source });
      setRescued('');
    },
    [change, store],
  );
  const remove = useCallback((name: string) => store(withoutStrategy(readStrategies(), name)), [store]);
  const rename = useCallback(
    (name: string, next: string) => {
      const known = readStrategies();
      if (freeName(known, next.trim()) !== next.trim() || !next.trim()) return false;
      store(renamed(known, name, next));
      if (latest.current.name === name) change({ name: next.trim() });
      return true;
    },
    [change, store],
  );
  return { draft, isNew, list, keeps, rescuedName, change, replace, save, remove, rename };
}
