// The table by keyboard: arrows, page, home and end move the active row, Enter opens it, the space bar takes it into the comparison.
import { useEffect, useState, type KeyboardEvent } from 'react';

interface Props {
  total: number;
  view: number;
  question: string; // another one: no row is active
  reveal: (row: number) => void;
  open: (row: number) => void;
  toggle: (row: number) => void;
}

/** The active row after a key; undefined: not a key of the table. */
export function movedRow(key: string, active: number | null, total: number, view: number): number | undefined {
  const page = Math.max(1, Math.floor(view) - 1);
  const to = { ArrowDown: (active ?? -1) + 1, ArrowUp: (active ?? 1) - 1, PageDown: (active ?? 0) + page, PageUp: (active ?? 0) - page, Home: 0, End: total - 1 }[key];
  return to === undefined || total === 0 ? undefined : Math.max(0, Math.min(total - 1, to));
}

export function useRunKeys({ total, view, question, reveal, open, toggle }: Props) {
  const [active, setActive] = useState<number | null>(null);
  useEffect(() => setActive(null), [question]);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = movedRow(event.key, active, total, view);
    if (to !== undefined) {
      setActive(to);
      reveal(to);
    } else if (event.key === 'Enter' && active !== null) open(active);
    else if (event.key === ' ' && active !== null) toggle(active);
    else if (event.key === 'Escape') setActive(null);
    else return;
    event.preventDefault();
  };
  return { active, onKeyDown };
}
