// What the run said: prints, warnings, errors with their traceback. Follows its end until somebody scrolls up.
import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { useT } from '../../i18n';
import type { TerminalBuffer, TerminalLine } from './terminal_buffer';

interface Props {
  buffer: TerminalBuffer;
  onLine: (line: number) => void;
}
const NEAR_END = 24; // pixels
const SHOWN_MAX = 2000;

/** `line 12` of the strategy becomes a way to it. */
function withPlaces(text: string, onLine: (line: number) => void): ReactNode {
  const place = /(?:strategy\.py", line |\bline )(\d+)/.exec(text);
  if (!place) return text;
  const from = place.index + place[0].length - (place[1]?.length ?? 0);
  return (
    <>
      {text.slice(0, from)}
      <button type="button" className="playground-place" onClick={() => onLine(Number(place[1]))}>
        {place[1]}
      </button>
      {text.slice(from + (place[1]?.length ?? 0))}
    </>
  );
}

function Line({ line, onLine }: { line: TerminalLine; onLine: (line: number) => void }) {
  return <div className={`playground-line ${line.kind}`}>{line.kind === 'error' ? withPlaces(line.text, onLine) : line.text || '\u00a0'}</div>;
}

export function Terminal({ buffer, onLine }: Props) {
  const t = useT();
  const lines = useSyncExternalStore(buffer.subscribe, buffer.snapshot);
  const box = useRef<HTMLDivElement>(null);
  const [follows, setFollows] = useState(true);
  useEffect(() => {
    if (follows && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines, follows]);
  const hidden = Math.max(0, lines.length - SHOWN_MAX);
  return (
    <section className="playground-terminal" aria-label={t('playground.terminal')}>
      <header>
        <h2>{t('playground.terminal')}</h2>
        <button type="button" className="quiet" disabled={lines.length === 0} onClick={() => buffer.clear()}>
          {t('playground.terminal.clear')}
        </button>
      </header>
      <div
        className="playground-lines"
        ref={box}
        role="log"
        aria-live="polite"
        tabIndex={0}
        aria-label={t('playground.terminal.output')}
        onScroll={({ currentTarget: element }) => setFollows(element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END)}
      >
        {lines.length === 0 && <div className="soft">{t('playground.terminal.empty')}</div>}
        {hidden > 0 && <div className="soft">{t('playground.terminal.hidden', { count: hidden })}</div>}
        {lines.slice(hidden).map((line) => (
          <Line key={line.id} line={line} onLine={onLine} />
        ))}
      </div>
    </section>
  );
}
