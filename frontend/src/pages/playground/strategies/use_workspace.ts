// The draft and the strategies of this browser as state: every change is kept at once, another tab's strategies appear here too.
import { useCallback, useEffect, useRef, useState } from 'react';
import { useT } from '../../../i18n';
import { emptyDraft, freeName, keepDraft, keepStrategies, ofOtherTab, readDraft, readStrategies, renamed, rescued, withoutStrategy, withStrategy, type Draft, type SavedStrategy } from './library';

const PAUSE_MS = 250;

/** What becomes different; a function is given the draft as it is then. */
export type Change = Partial<Draft> | ((now: Draft) => Partial<Draft>);

export interface Workspace {
  draft: Draft;
  isNew: boolean; // nothing was kept from before
  list: readonly SavedStrategy[];
  keeps: boolean; // false: the browser refuses to keep the draft or the strategies
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
  const [keeps, setKeeps] = useState({ draft: true, list: true });
  const [rescuedName, setRescued] = useState('');
  const latest = useRef(draft);
  const touched = useRef(false);
  const [begun] = useState(draft.source);
  const unkept = useRef<SavedStrategy[]>(null); // the list as it is here, where the browser does not take it

  const known = useCallback(() => unkept.current ?? readStrategies(), []);
  const store = useCallback((next: SavedStrategy[]): boolean => {
    const kept = keepStrategies(next);
    unkept.current = kept ? null : next;
    setList(next);
    setKeeps((now) => ({ ...now, list: kept }));
    return kept;
  }, []);
  const keepNow = useCallback(
    (now: Draft) => {
      const other = ofOtherTab(now, begun, known(), t('playground.draft'));
      if (other) store(withStrategy(known(), other));
      else if (unkept.current) store(unkept.current); // there may be room again
      const kept = keepDraft(now);
      setKeeps((before) => ({ ...before, draft: kept }));
    },
    [begun, known, store, t],
  );

  useEffect(() => {
    latest.current = draft;
    if (!touched.current) return;
    const timer = setTimeout(() => keepNow(draft), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft, keepNow]);

  useEffect(() => {
    const flush = () => touched.current && keepNow(latest.current);
    const read = (event: StorageEvent) => event.key === 'kmill.playground.strategies' && !unkept.current && setList(readStrategies());
    window.addEventListener('pagehide', flush);
    document.addEventListener('visibilitychange', flush);
    window.addEventListener('storage', read);
    return () => {
      flush();
      window.removeEventListener('pagehide', flush);
      document.removeEventListener('visibilitychange', flush);
      window.removeEventListener('storage', read);
    };
  }, [keepNow]);

  const change = useCallback((patch: Change) => {
    touched.current = true;
    setDraft((now) => ({ ...now, ...(typeof patch === 'function' ? patch(now) : patch) }));
  }, []);
  const replace = useCallback(
    (patch: Partial<Draft> & { source: string }) => {
      const lost = rescued(latest.current, known(), t('playground.draft'), new Date());
      if (lost) store(withStrategy(known(), lost));
      setRescued(lost?.name ?? '');
      change({ base: patch.source, name: '', ...patch });
    },
    [change, known, store, t],
  );
  const save = useCallback(
    (name: string) => {
      const { source, config } = latest.current;
      const kept = store(withStrategy(known(), { name, source, config, savedAt: new Date().toISOString(), automatic: false }));
      change(kept ? { name, base: source } : { name });
      setRescued('');
    },
    [change, known, store],
  );
  const remove = useCallback((name: string) => void store(withoutStrategy(known(), name)), [known, store]);
  const rename = useCallback(
    (name: string, next: string) => {
      const present = known();
      if (freeName(present, next.trim()) !== next.trim() || !next.trim()) return false;
      store(renamed(present, name, next));
      if (latest.current.name === name) change({ name: next.trim() });
      return true;
    },
    [change, known, store],
  );
  return { draft, isNew, list, keeps: keeps.draft && keeps.list, rescuedName, change, replace, save, remove, rename };
}
