// A strategy's own parameters: rows of name, kind and text. The text stays what was typed (2.0 stays a float), and becomes JSON,
// YAML or a Python value only when it is used. What a strategy asks for is found in its source, as suggestions.
export type ParameterKind = 'int' | 'float' | 'bool' | 'text';
export interface ParameterRow {
  name: string;
  kind: ParameterKind;
  text: string;
}

export const PARAMETER_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
export const WINDOW = 'klineWndSize';

/** Comments and docstrings as blanks, so that what is found is code; other strings stay. */
export function blankedComments(source: string): string {
  const pattern = /("""|''')[\s\S]*?(?:\1|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|#[^\n]*/g;
  return source.replace(pattern, (found, triple: string | undefined) =>
    triple !== undefined || found.startsWith('#') ? found.replace(/[^\n]/g, ' ') : found,
  );
}

/** The kind and text of a Python literal; null for anything else (an expression, a list). */
export function literal(text: string): Pick<ParameterRow, 'kind' | 'text'> | null {
  const plain = text.trim();
  if (plain === 'True' || plain === 'False') return { kind: 'bool', text: plain.toLowerCase() };
  const digits = plain.replace(/(?<=\d)_(?=\d)/g, '');
  if (/^[+-]?\d+$/.test(digits)) return { kind: 'int', text: digits.replace(/^\+/, '') };
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(digits)) return { kind: 'float', text: digits.replace(/^\+/, '') };
  const quoted = /^(['"])((?:(?!\1)[^\\])*)\1$/.exec(plain);
  return quoted ? { kind: 'text', text: quoted[2] ?? '' } : null;
}

/** Parameters that the source reads by params.get('name', default) or params['name'], in its order; the window is no own one. */
export function detectParameters(source: string): ParameterRow[] {
  const code = blankedComments(source);
  const found = new Map<string, ParameterRow>();
  const pattern = /\bparams\s*(?:\.\s*get\s*\(\s*(['"])(\w+)\1\s*(?:,\s*((?:'[^'\n]*'|"[^"\n]*"|[^,()'"\n])+))?|\[\s*(['"])(\w+)\4\s*\])/g;
  for (const match of code.matchAll(pattern)) {
    const name = match[2] ?? match[5] ?? '';
    if (name === WINDOW || !PARAMETER_NAME.test(name)) continue;
    const value = match[3] === undefined ? null : literal(match[3]);
    if (value) {
      if (!found.get(name)?.text) found.set(name, { name, ...value });
    } else if (!found.has(name)) found.set(name, { name, kind: 'float', text: '' });
  }
  return [...found.values()];
}

/** Suggestions that are not among the rows yet. */
export function missingParameters(source: string, rows: readonly ParameterRow[]): ParameterRow[] {
  const present = new Set(rows.map((row) => row.name));
  return detectParameters(source).filter((row) => !present.has(row.name));
}

/** A number as JSON and YAML read it, its kind kept: '.5' -> '0.5', '2' as float -> '2.0'; null: no number. */
export function numberText(kind: 'int' | 'float', text: string): string | null {
  const plain = text.trim();
  if (kind === 'int') {
    const match = /^([+-]?)0*(\d+)$/.exec(plain);
    if (!match) return null;
    const written = (match[1] === '-' && match[2] !== '0' ? '-' : '') + match[2];
    return BigInt.asIntN(64, BigInt(written)) === BigInt(written) ? written : null;
  }
  const match = /^([+-]?)0*(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(plain);
  if (!match || (!match[2] && !match[3] && !/\d/.test(plain.split(/[eE]/)[0] ?? ''))) return null;
  const [, sign, whole, fraction, exponent] = match;
  const written = `${sign === '-' ? '-' : ''}${whole || '0'}.${fraction || '0'}${exponent === undefined ? '' : `e${exponent}`}`;
  return Number.isFinite(Number(written)) ? written : null;
}

/** A row's value as JSON, which is YAML as well; null where the text does not fit the kind. */
export function valueText({ kind, text }: Pick<ParameterRow, 'kind' | 'text'>): string | null {
  if (kind === 'text') return JSON.stringify(text);
  if (kind === 'bool') return text === 'true' || text === 'false' ? text : null;
  return numberText(kind, text);
}

/** A row of a value that came as JSON; kind where the server knows better than JSON does (2 may be a float). */
export function rowOf(name: string, value: unknown, kind?: string): ParameterRow {
  if (typeof value === 'boolean') return { name, kind: 'bool', text: String(value) };
  if (typeof value === 'number') {
    const isInt = kind === 'int' || (kind !== 'float' && Number.isInteger(value));
    return isInt ? { name, kind: 'int', text: String(value) } : { name, kind: 'float', text: numberText('float', String(value)) ?? String(value) };
  }
  return { name, kind: 'text', text: value === null || value === undefined ? '' : String(value) };
}

/** {"fast":10,"k":2.0}, with the window first. */
export function parametersJson(window: string, rows: readonly ParameterRow[]): string {
  const members = [`${JSON.stringify(WINDOW)}:${numberText('int', window) ?? '50'}`];
  for (const row of rows) members.push(`${JSON.stringify(row.name)}:${valueText(row) ?? 'null'}`);
  return `{${members.join(',')}}`;
}
