// The scrolled element of the run table, by the arithmetic of row_window.ts.
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { anchored, elementRows, revealed, ROW_HEIGHT, scrolled, type Scroll } from './row_window';
import type { RowRange } from './use_run_pages';

const AHEAD = 12; // rows drawn beyond the view
const STEP = 4; // rows scrolled until they are drawn anew
const REST_MS = 140;

export interface RowWindow {
  drawn: RowRange;
  base: number; // a row's place: (index - base) * ROW_HEIGHT
  height: number; // of the element that holds the rows, px
  view: number; // rows in view
  reveal: (row: number) => void;
  toTop: () => void;
}

interface Drawn extends RowRange {
  base: number;
}
const sameDrawn = (a: Drawn, b: Drawn): boolean => a.first === b.first && a.last === b.last && a.base === b.base;

function drawnAt(at: Scroll, view: number, total: number): Drawn {
  const row = at.base + at.top;
  const first = Math.max(0, Math.floor((row - AHEAD) / STEP) * STEP);
  return { first, last: Math.min(total, Math.ceil((row + view + AHEAD) / STEP) * STEP), base: at.base };
}

/** `headHeight`: px of the sticky header within the element. */
export function useRowWindow(holder: RefObject<HTMLElement | null>, total: number, headHeight: number): RowWindow {
  const scroll = useRef<Scroll>({ base: 0, top: 0 });
  const [view, setView] = useState(20);
  const [drawn, setDrawn] = useState<Drawn>({ first: 0, last: 40, base: 0 });
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const size = useRef({ total, view });
  size.current = { total, view };

  const show = useCallback((at: Scroll) => {
    scroll.current = at;
    const next = drawnAt(at, size.current.view, size.current.total);
    setDrawn((now) => (sameDrawn(now, next) ? now : next));
  }, []);
  /** Puts the element there; the event that follows finds nothing new. */
  const place = useCallback(
    (at: Scroll) => {
      show(at);
      if (holder.current) holder.current.scrollTop = at.top * ROW_HEIGHT;
    },
    [holder, show],
  );

  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const measure = () => setView(Math.max(1, (element.clientHeight - headHeight) / ROW_HEIGHT));
    const moved = () => {
      show(scrolled(scroll.current, element.scrollTop / ROW_HEIGHT, size.current.total, size.current.view));
      clearTimeout(rest.current);
      rest.current = setTimeout(() => {
        const { total: rows, view: seen } = size.current;
        const target = anchored(scroll.current.base + scroll.current.top, rows, seen);
        if (target.base !== scroll.current.base) place(target);
      }, REST_MS);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    element.addEventListener('scroll', moved, { passive: true });
    return () => {
      observer.disconnect();
      clearTimeout(rest.current);
      element.removeEventListener('scroll', moved);
    };
  }, [holder, headHeight, place, show]);

  // Another number of rows, or another height: what is drawn follows, and the place stays within them.
  useLayoutEffect(() => {
    const at = scroll.current;
    const within = anchored(at.base + at.top, total, view);
    if (at.base + at.top > within.base + within.top || within.base !== at.base) place(within);
    else show(at);
  }, [total, view, place, show]);

  const reveal = useCallback(
    (row: number) => {
      const to = revealed(scroll.current, row, size.current.total, Math.floor(size.current.view));
      if (to) place(to);
    },
    [place],
  );
  const toTop = useCallback(() => place({ base: 0, top: 0 }), [place]);
  return { drawn, base: drawn.base, height: elementRows(total) * ROW_HEIGHT, view, reveal, toTop };
}
