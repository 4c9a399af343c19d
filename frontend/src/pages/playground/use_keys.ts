// Ctrl or Cmd with Enter runs, with S saves, Escape stops.
import { useEffect, useRef } from 'react';

interface Keys {
  run: () => void;
  save: () => void;
  stop: () => void;
  isRunning: boolean;
  isBlocked: boolean; // a dialog is open: it has the keys
}

export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const now = latest.current;
      if (now.isBlocked) return;
      const mod = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      if (mod && event.key === 'Enter') now.run();
      else if (mod && event.key.toLowerCase() === 's') now.save();
      else if (event.key === 'Escape' && now.isRunning && !event.defaultPrevented) now.stop();
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
