// One value that changes often, up to every frame, and is shown by one small component: the chart around it is not rendered anew, and
// the component not more often than one can read.
import { useSyncExternalStore } from 'react';

export interface Cell<T> {
  get: () => T;
  set: (value: T) => void;
  subscribe: (listener: () => void) => () => void;
}

/** Listeners hear of a change at once, but not of the next one within `pause` ms: of the last of those when the pause is over. */
export function makeCell<T>(initial: T, pause = 0): Cell<T> {
  let shown = initial;
  let value = initial;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = -Infinity;
  const listeners = new Set<() => void>();
  const tell = () => {
    timer = undefined;
    last = performance.now();
    shown = value;
    for (const listener of listeners) listener();
  };
  return {
    get: () => shown,
    set(next) {
      value = next;
      const wait = last + pause - performance.now();
      if (wait <= 0) {
        clearTimeout(timer);
        tell();
      } else timer ??= setTimeout(tell, wait);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const useCell = <T,>(cell: Cell<T>): T => useSyncExternalStore(cell.subscribe, cell.get);
