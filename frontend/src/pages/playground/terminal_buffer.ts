// What the terminal shows: lines, bounded, told to the page at most once a frame.
export type LineKind = 'out' | 'note' | 'warning' | 'error';
export interface TerminalLine {
  id: number;
  kind: LineKind;
  text: string;
}

const LINES_MAX = 5000;
const LINE_MAX = 2000;

export class TerminalBuffer {
  private lines: TerminalLine[] = [];
  private open = false; // the last line has no end yet
  private nextId = 0;
  private shown: readonly TerminalLine[] = [];
  private scheduled = false;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly limit = LINES_MAX,
    private readonly later: (act: () => void) => void = (act) => requestAnimationFrame(act),
  ) {}

  /** Printed text as it comes, cut anywhere. */
  print(text: string): void {
    if (!text) return;
    const parts = text.split('\n');
    const last = this.lines.at(-1);
    if (this.open && last) {
      this.lines[this.lines.length - 1] = { ...last, text: (last.text + (parts.shift() ?? '')).slice(0, LINE_MAX) };
    }
    const ended = text.endsWith('\n');
    if (ended && parts.at(-1) === '') parts.pop();
    for (const part of parts) this.add('out', part);
    this.open = !ended;
    this.changed();
  }

  say(kind: LineKind, text: string): void {
    this.open = false;
    for (const line of text.replace(/\n$/, '').split('\n')) this.add(kind, line);
    this.changed();
  }

  clear(): void {
    this.lines = [];
    this.open = false;
    this.changed();
  }

  private add(kind: LineKind, text: string): void {
    this.lines.push({ id: this.nextId++, kind, text: text.length > LINE_MAX ? `${text.slice(0, LINE_MAX)}…` : text });
    if (this.lines.length > this.limit) this.lines.splice(0, this.lines.length - this.limit);
  }

  private changed(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.later(() => {
      this.scheduled = false;
      this.shown = [...this.lines];
      for (const listener of this.listeners) listener();
    });
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  snapshot = (): readonly TerminalLine[] => this.shown;
}
