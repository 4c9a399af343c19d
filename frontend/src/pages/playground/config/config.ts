// What a backtest is configured with. Every figure is the text that was typed; problems stand at the field, under the name that the
// server's errors use for it.
import type { Key } from '../../../i18n';
import { numberText, PARAMETER_NAME, parametersJson, valueText, WINDOW, type ParameterRow } from './parameters';
import { intervalMs, serverTime, timeOf } from './time_text';

export type PriceCheck = 'off' | 'count' | 'refuse';
export interface RunConfig {
  symbol: string;
  interval: string;
  from: string;
  to: string;
  warmup: string;
  initialBalance: string;
  feeRate: string;
  slippage: string;
  priceCheck: PriceCheck;
  window: string;
  parameters: ParameterRow[];
}
/** Field (as in the server's errors) -> what is wrong with it. */
export type FieldProblems = Partial<Record<string, string>>;
export type ProblemKeys = Partial<Record<string, Key>>;

export const defaultConfig: RunConfig = {
  symbol: '', interval: '', from: '', to: '', warmup: '0', initialBalance: '10000', feeRate: '0.001', slippage: '0', priceCheck: 'count', window: '50', parameters: [],
};

const isPriceCheck = (value: unknown): value is PriceCheck => value === 'off' || value === 'count' || value === 'refuse';
const KINDS = new Set(['int', 'float', 'bool', 'text']);

function isRow(value: unknown): value is ParameterRow {
  if (typeof value !== 'object' || value === null) return false;
  const row = value as Partial<Record<keyof ParameterRow, unknown>>;
  return typeof row.name === 'string' && typeof row.text === 'string' && KINDS.has(String(row.kind));
}

/** A configuration of anything that was kept: what is not right in it is the default. */
export function configOf(value: unknown): RunConfig {
  const kept = (typeof value === 'object' && value !== null ? value : {}) as Partial<Record<keyof RunConfig, unknown>>;
  const text = (key: Exclude<keyof RunConfig, 'parameters' | 'priceCheck'>): string => {
    const found = kept[key];
    return typeof found === 'string' ? found : defaultConfig[key];
  };
  return {
    symbol: text('symbol'), interval: text('interval'), from: text('from'), to: text('to'), warmup: text('warmup'),
    initialBalance: text('initialBalance'), feeRate: text('feeRate'), slippage: text('slippage'), window: text('window'),
    priceCheck: isPriceCheck(kept.priceCheck) ? kept.priceCheck : defaultConfig.priceCheck,
    parameters: Array.isArray(kept.parameters) ? kept.parameters.filter(isRow) : [],
  };
}

function inRange(text: string, low: number, high: number, openLow = false): boolean {
  const number = numberText('float', text);
  if (number === null) return false;
  const value = Number(number);
  return (openLow ? value > low : value >= low) && value < high;
}
const isCount = (text: string, least: number): boolean => {
  const number = numberText('int', text);
  return number !== null && Number(number) >= least && Number(number) <= 2_000_000_000;
};

function timeProblems({ from, to }: RunConfig, problems: ProblemKeys): void {
  if (from && timeOf(from) === null) problems['start_time'] = 'playground.bad.time';
  if (to && timeOf(to) === null) problems['end_time'] = 'playground.bad.time';
  const begin = from ? timeOf(from) : null;
  const end = to ? timeOf(to) : null;
  if (begin !== null && end !== null && begin >= end) problems['end_time'] = 'playground.bad.order';
}

/** What can be said without the server; it has the last word. */
export function configProblems(config: RunConfig): ProblemKeys {
  const problems: ProblemKeys = {};
  if (!config.symbol) problems['symbol'] = 'playground.bad.symbol';
  if (!config.interval) problems['interval'] = 'playground.bad.interval';
  timeProblems(config, problems);
  if (!isCount(config.warmup, 0)) problems['warmup'] = 'playground.bad.count0';
  if (!inRange(config.initialBalance, 0, Infinity, true)) problems['initialBalance'] = 'playground.bad.positive';
  if (!inRange(config.feeRate, 0, 1)) problems['feeRate'] = 'playground.bad.rate';
  if (!inRange(config.slippage, 0, 10_000)) problems['slippage_bp'] = 'playground.bad.slippage';
  if (!isCount(config.window, 1)) problems[`strategyParams.${WINDOW}`] = 'playground.bad.count1';
  const seen = new Set<string>([WINDOW]);
  config.parameters.forEach((row, i) => {
    const field = parameterField(row, i);
    if (!PARAMETER_NAME.test(row.name)) problems[field] = 'playground.bad.name';
    else if (seen.has(row.name)) problems[field] = 'playground.bad.twice';
    else if (valueText(row) === null) problems[field] = row.kind === 'int' ? 'playground.bad.int' : 'playground.bad.number';
    seen.add(row.name);
  });
  return problems;
}

/** The name of a parameter's problems; of one without a name, its place. */
export const parameterField = (row: ParameterRow, index: number): string => (PARAMETER_NAME.test(row.name) ? `strategyParams.${row.name}` : `#${index}`);

/** A decimal of the account as it was typed, so that it stays exact. */
export const decimalText = (text: string): string => numberText('int', text) ?? numberText('float', text) ?? '0';

/** The body of POST /backtests, written by hand: numbers keep their digits and their kind. */
export function requestText(source: string, config: RunConfig, points: number | null): string {
  const quoted: [string, string | null][] = [['strategy', source], ['symbol', config.symbol], ['interval', config.interval], ['start_time', serverTime(config.from)], ['end_time', serverTime(config.to)], ['price_check', config.priceCheck]];
  const members = quoted.filter(([, value]) => value !== null).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  members.push(`"warmup":${numberText('int', config.warmup) ?? '0'}`);
  members.push(`"initialBalance":${decimalText(config.initialBalance)}`, `"feeRate":${decimalText(config.feeRate)}`, `"slippage_bp":${decimalText(config.slippage)}`);
  members.push(`"strategyParams":${parametersJson(config.window, config.parameters)}`);
  if (points !== null) members.push(`"points":${points}`);
  return `{${members.join(',')}}`;
}

/** How many bars a range has at most, of a series from firstMs to lastMs. */
export function barsOf(config: RunConfig, firstMs: number, lastMs: number): number {
  const step = intervalMs(config.interval);
  if (!step) return 0;
  const begin = Math.max(firstMs, timeOf(config.from) ?? firstMs);
  const end = Math.min(lastMs + step, timeOf(config.to) ?? Infinity);
  return Math.max(0, Math.ceil((end - begin) / step));
}
