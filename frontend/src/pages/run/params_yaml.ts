// Parameters as the `params:` of a sweep file.
export type ParamValue = number | string | boolean | null;
export type Params = Readonly<Record<string, ParamValue>>;

const PLAIN = /^[A-Za-z_][\w.-]*$/;
const WORDS = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** A text that YAML reads as the same text: quoted unless it is a plain word. */
const yamlText = (text: string): string => (PLAIN.test(text) && !WORDS.test(text) ? text : JSON.stringify(text));

function yamlValue(value: ParamValue): string {
  if (typeof value === 'string') return yamlText(value);
  // YAML 1.1 reads 1e-7 as a text: it wants the point.
  const text = String(value);
  return typeof value === 'number' && /^-?\d+e/.test(text) ? text.replace('e', '.0e') : text;
}

export function paramsYaml(params: Params): string {
  const lines = Object.entries(params).map(([name, value]) => `  ${yamlText(name)}: ${yamlValue(value)}`);
  return lines.length === 0 ? 'params: {}\n' : `params:\n${lines.join('\n')}\n`;
}

export interface ParamRow {
  name: string;
  value: ParamValue | undefined;
  best: ParamValue | undefined;
  differs: boolean;
}

/** This run's parameters beside those of the sweep's best run; those that differ first. */
export function paramRows(params: Params, best: Params | undefined): ParamRow[] {
  const names = [...new Set([...Object.keys(params), ...Object.keys(best ?? {})])];
  const rows = names.map((name) => ({ name, value: params[name], best: best?.[name], differs: best !== undefined && params[name] !== best[name] }));
  return [...rows.filter((row) => row.differs), ...rows.filter((row) => !row.differs)];
}
