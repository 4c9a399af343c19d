// Parameters as the `params:` of a sweep file, and a run as a sweep file of its own.
import { configOfRun, yamlValue as specValue } from '../playground/prefill';
import { fixedRows, sweepName, sweepYaml } from '../playground/sweep/sweep_yaml';
import type { RunDetail, SweepDetail } from './use_run';

export type ParamValue = number | string | boolean | null;
export type Params = Readonly<Record<string, ParamValue>>;

const PLAIN = /^[A-Za-z_][\w.-]*$/;
const WORDS = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** A text that YAML reads as the same text: quoted unless it is a plain word. */
const yamlText = (text: string): string => (PLAIN.test(text) && !WORDS.test(text) ? text : JSON.stringify(text));

/** Names of the parameters that are floats: JSON has one kind of number, a strategy two. */
export type Floats = ReadonlySet<string>;
export const floatsOf = (sweep: Pick<SweepDetail, 'parameters'> | undefined): Floats => new Set(sweep?.parameters.filter(({ type }) => type === 'float').map(({ name }) => name));

function yamlValue(value: ParamValue, isFloat: boolean): string {
  if (typeof value === 'string') return yamlText(value);
  if (isFloat && Number.isInteger(value) && /^-?\d+$/.test(String(value))) return `${value}.0`;
  // YAML 1.1 reads 1e-7 as a text: it wants the point.
  const text = String(value);
  return typeof value === 'number' && /^-?\d+e/.test(text) ? text.replace('e', '.0e') : text;
}

export function paramsYaml(params: Params, floats: Floats = new Set()): string {
  const lines = Object.entries(params).map(([name, value]) => `  ${yamlText(name)}: ${yamlValue(value, floats.has(name))}`);
  return lines.length === 0 ? 'params: {}\n' : `params:\n${lines.join('\n')}\n`;
}

/** A sweep of this one run, as a file: its path of the strategy is the one that the sweep's file had. */
export function runSweepYaml(sweep: SweepDetail, run: RunDetail): string {
  const config = configOfRun(sweep, run);
  const rows = fixedRows(config);
  return sweepYaml({ name: sweepName(`${sweep.name}_run${run.run}`), strategy: specValue(sweep.spec, 'strategy') ?? sweep.strategy ?? 'strategy.py', rows, method: 'grid', trials: '', seed: '', rankBy: sweep.rank?.metric ?? 'profitRate', where: '' }, config);
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
