// Server-sent events out of the pieces in which a stream arrives. EventSource cannot POST, so a backtest's events come by fetch.
export interface StreamEvent {
  event: string;
  data: string;
}

/** push() takes text as it comes, cut anywhere, and gives the events that it completed. A new line is \n, \r\n or \r. */
export class SseParser {
  private parts: string[] = []; // of the line that is not whole yet
  private event = '';
  private data: string[] = [];
  private afterReturn = false;

  push(text: string): StreamEvent[] {
    const done: StreamEvent[] = [];
    let from = this.afterReturn && text.startsWith('\n') ? 1 : 0;
    if (text.length) this.afterReturn = false;
    const ends = /\r\n|\r|\n/g;
    ends.lastIndex = from;
    for (let end = ends.exec(text); end; end = ends.exec(text)) {
      this.parts.push(text.slice(from, end.index));
      this.line(this.parts.join(''), done);
      this.parts = [];
      from = end.index + end[0].length;
      this.afterReturn = end[0] === '\r' && from === text.length;
    }
    if (from < text.length) this.parts.push(text.slice(from));
    return done;
  }

  private line(line: string, done: StreamEvent[]): void {
    if (line === '') {
      if (this.data.length) done.push({ event: this.event || 'message', data: this.data.join('\n') });
      this.event = '';
      this.data = [];
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') this.data.push(value);
    else if (field === 'event') this.event = value;
  }
}
