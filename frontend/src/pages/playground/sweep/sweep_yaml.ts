// From a configuration to the sweep file of it, as a person would write it.
import { numberText, valueText, WINDOW, type ParameterKind } from '../config/parameters';
import { decimalText, type RunConfig } from '../config/config';
import { serverTime } from '../config/time_text';

export type RangeKind = 'fixed' | 'range' | 'list';
export interface SweepRow {
  name: string;
  kind: ParameterKind;
  mode: RangeKind;
  value: string; // fixed
  low: string;
  high: string;
  step: string;
  list: string; // values with commas between
}
export interface SweepPlan {
  name: string;
  strategy: string; // file name, for people: the source comes along
  rows: SweepRow[];
  method: 'grid' | 'random';
  trials: string;
  seed: string;
  rankBy: string;
  where: string;
}

const tidy = (value: number): string => String(Number(value.toPrecision(6)));

/** A step of 1, 2 or 5 times a power of ten that makes about `parts` of a span. */
export function roundStep(span: number, parts: number): number {
  const raw = span / parts;
  if (!(raw > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find((f) => f * power >= raw * 0.999) ?? 10;
  return Number((factor * power).toPrecision(6));
}

const PARTS = 8;

/** From half the value to twice it, a share of 1 to 1 at most, in round steps from the value itself, so that it is among them; texts and truth values as lists. */
export function suggestedRow(name: string, kind: ParameterKind, text: string): SweepRow {
  const row: SweepRow = { name, kind, mode: 'fixed', value: text, low: '', high: '', step: '', list: text };
  if (kind === 'bool') return { ...row, list: 'true, false' };
  if (kind === 'text') return row;
  const value = Number(text) || 1;
  const isShare = value > 0.5 && value <= 1 && kind === 'float';
  const ends = [value / 2, isShare ? 1 : value * 2].sort((a, b) => a - b) as [number, number];
  const round = roundStep(ends[1] - ends[0], PARTS);
  const step = kind === 'int' ? Math.max(1, Math.round(round)) : round;
  const down = Math.min(Math.ceil((value - ends[0]) / step - 1e-9), value > 0 ? Math.ceil(value / step - 1e-9) - 1 : Infinity); // a size stays above 0
  const up = (isShare ? Math.floor : Math.ceil)((ends[1] - value) / step + (isShare ? 1e-9 : -1e-9));
  return { ...row, low: tidy(value - down * step), high: tidy(value + up * step), step: tidy(step) };
}

/** The window, longer where a range goes beyond it of a whole number that fits now: runs whose indicators never fit do nothing. */
function suggestedWindow(window: string, rows: readonly SweepRow[]): string {
  const present = Number(window);
  const highs = rows.filter((row) => row.kind === 'int' && row.mode === 'range' && Number(row.value) <= present).map((row) => Number(row.high));
  const longest = Math.max(0, ...highs);
  return longest >= present ? String(longest + 1) : window;
}

export function suggestedRows(config: RunConfig): SweepRow[] {
  const rows = config.parameters.map((row): SweepRow => {
    const suggested = suggestedRow(row.name, row.kind, row.text);
    const isSize = (row.kind === 'int' || row.kind === 'float') && Number(row.text) !== 0; // around 0 there is nothing to suggest
    return isSize ? { ...suggested, mode: 'range' } : suggested;
  });
  return [...rows, { ...suggestedRow(WINDOW, 'int', suggestedWindow(config.window, rows)), mode: 'fixed' }];
}

/** The parameters as they are, the window among them. */
export const fixedRows = ({ parameters, window }: RunConfig): SweepRow[] =>
  [...parameters, { name: WINDOW, kind: 'int' as const, text: window }].map(({ name, kind, text }) => ({ ...suggestedRow(name, kind, text), mode: 'fixed' }));

const scalar = (kind: ParameterKind, text: string): string | null => valueText({ kind, text });
const bound = (kind: ParameterKind, text: string): string | null => (kind === 'int' ? (numberText('int', text) ?? numberText('float', text)) : numberText('float', text));

/** The values of a list as they were typed. */
export const listItems = (text: string): string[] => text.split(',').map((item) => item.trim()).filter((item) => item !== '');

/** A row's value in the file; null where it is not complete. */
export function rowYaml(row: SweepRow): string | null {
  if (row.mode === 'fixed') return scalar(row.kind, row.value);
  if (row.mode === 'list') {
    const items = listItems(row.list).map((item) => scalar(row.kind, item));
    return items.length && items.every((item) => item !== null) ? `[${items.join(', ')}]` : null;
  }
  const parts = [row.low, row.high, row.step].map((text) => bound(row.kind, text));
  if (parts.some((part) => part === null) || Number(row.step) <= 0 || Number(row.low) > Number(row.high)) return null;
  return `{range: [${parts[0]}, ${parts[1]}], step: ${parts[2]}}`;
}

/** What a plain word can be in YAML; all else is quoted. */
const word = (text: string): string => (/^[A-Za-z][\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text) ? text : JSON.stringify(text));

function accountYaml(config: RunConfig): string[] {
  const lines = ['account:', `  initial_balance: ${decimalText(config.initialBalance)}`, `  fee_rate: ${decimalText(config.feeRate)}`];
  if (Number(config.slippage) > 0) lines.push(`  slippage_bp: ${decimalText(config.slippage)}`);
  if (config.priceCheck !== 'count') lines.push(`  price_check: ${word(config.priceCheck)}`);
  return lines;
}

function rangeYaml(config: RunConfig): string[] {
  const from = serverTime(config.from);
  const to = serverTime(config.to);
  const lines = [`symbols: [${word(config.symbol)}]`, `intervals: [${config.interval}]`];
  if (from) lines.push(`from: ${shortTime(from)}`);
  if (to) lines.push(`to: ${shortTime(to)}`);
  if (Number(config.warmup) > 0) lines.push(`warmup: ${numberText('int', config.warmup) ?? '0'}`);
  return lines;
}
const shortTime = (text: string): string => text.replace('T00:00:00Z', '').replace('Z', '');

export function sweepYaml(plan: SweepPlan, config: RunConfig): string {
  const lines = [`name: ${word(plan.name)}`, `strategy: ${word(plan.strategy)}`, ...rangeYaml(config), '', ...accountYaml(config), '', 'params:'];
  for (const row of plan.rows) lines.push(`  ${word(row.name)}: ${rowYaml(row) ?? ''}`);
  const conditions = plan.where.split('\n').map((text) => text.trim()).filter(Boolean);
  if (conditions.length) lines.push('where:', ...conditions.map((text) => `  - ${text}`));
  lines.push('', `method: ${plan.method}`);
  if (plan.method === 'random') lines.push(`trials: ${numberText('int', plan.trials) ?? ''}`, `seed: ${numberText('int', plan.seed) ?? '0'}`);
  lines.push(`rank_by: {metric: ${word(plan.rankBy)}}`);
  return `${lines.join('\n')}\n`;
}

/** A name that a sweep may have, of any text. */
export function sweepName(text: string): string {
  const plain = text.replace(/\.py$/, '').replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[._-]+|[._-]+$/g, '').slice(0, 80);
  return plain || 'playground';
}
