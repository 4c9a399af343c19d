// Problems as marks: what the server's check finds, and where a run failed.
import type { Diagnostic } from '@codemirror/lint';
import type { Text } from '@codemirror/state';

export interface Mark {
  line: number | null; // 1-based; null or 0: not known
  column: number | null; // 1-based, in characters
  message: string;
  severity: 'error' | 'warning';
}

/** From the column to the end of its word, or the whole line where no column is known; a place beyond the text is its last line. */
export function diagnosticOf(doc: Text, { line, column, message, severity }: Mark): Diagnostic {
  const number = Math.min(Math.max(line ?? 1, 1), doc.lines);
  const { from, to, text } = doc.line(number);
  const indent = text.length - text.trimStart().length;
  // Columns count characters, the document counts UTF-16 units.
  const units = column ? [...text].slice(0, column - 1).join('').length : indent;
  const start = Math.min(units, text.length);
  const word = /^[\p{L}\p{N}_]+|^./u.exec(text.slice(start))?.[0].length ?? 0;
  const end = column ? start + word : text.trimEnd().length;
  return { from: from + start, to: Math.min(to, from + Math.max(end, start)), severity, message };
}
