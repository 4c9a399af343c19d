// `/playground?sweep=ID&run=N`: strategy, parameters, series, range and account of a sweep's run, so that running it gives the same
// trades. `?symbol=&interval=&from=&to=` fills in a series; `?strategy=FILE` opens an example.
import { api, data, type Schemas } from '../../api/client';
import { configOf, type PriceCheck, type RunConfig } from './config/config';
import { rowOf, WINDOW, type ParameterRow } from './config/parameters';
import { nextOpen, timeText } from './config/time_text';

type Sweep = Schemas['SweepDetail'];
type Run = Schemas['RunDetail'];

/** The value of a key of a sweep file, in a line of its own or within {}; comments do not count. */
export function yamlValue(yaml: string, key: string): string | null {
  const plain = yaml.replace(/(^|\s)#.*$/gm, '$1');
  const match = new RegExp(`(?:^|[\\s{,])["']?${key}["']?:[ \\t]*(?:"([^"]*)"|'([^']*)'|([^\\s,}#]+))`, 'm').exec(plain);
  return match ? (match[1] ?? match[2] ?? match[3] ?? null) : null;
}

/** The sweep file without its parameters: one of them may be called as a key of the account. */
export const withoutParams = (yaml: string): string => yaml.replace(/^(["']?)params\1:.*(?:\n(?![^\s#}]).*)*/m, '');

const CHECKS = new Set(['off', 'count', 'refuse']);

export function configOfRun(sweep: Sweep, run: Run): RunConfig {
  const yaml = withoutParams(sweep.spec);
  const kinds = new Map(sweep.parameters.map(({ name, type }) => [name, type]));
  const parameters: ParameterRow[] = [];
  let window = '50';
  for (const [name, value] of Object.entries(run.params)) {
    if (name === WINDOW) window = String(value);
    else parameters.push(rowOf(name, value, kinds.get(name)));
  }
  const check = yamlValue(yaml, 'price_check');
  const account = (key: string, otherwise: string) => yamlValue(yaml, key) ?? otherwise;
  return {
    ...configOf(null),
    symbol: run.symbol,
    interval: run.interval,
    from: run.from === null ? '' : timeText(Date.parse(run.from)),
    to: run.to === null ? '' : timeText(nextOpen(Date.parse(run.to), run.interval)),
    warmup: account('warmup', '0'),
    initialBalance: account('initial_balance', '10000'),
    feeRate: account('fee_rate', '0.001'),
    slippage: account('slippage_bp', '0'),
    priceCheck: check !== null && CHECKS.has(check) ? (check as PriceCheck) : 'count',
    window,
    parameters,
  };
}

export interface Prefill {
  source: string;
  name: string;
  config: RunConfig;
}

export async function prefillOfRun(id: string, n: number): Promise<Prefill> {
  const [sweep, run] = await Promise.all([
    data(api.GET('/api/v1/sweeps/{id}', { params: { path: { id } } })),
    data(api.GET('/api/v1/sweeps/{id}/runs/{n}', { params: { path: { id, n } } })),
  ]);
  return { source: sweep.strategy_source, name: `${sweep.name} #${n}`, config: configOfRun(sweep, run) };
}

/** What a link says of the configuration; null: nothing. */
export function configOfLink(query: URLSearchParams): Partial<RunConfig> | null {
  const patch: Partial<RunConfig> = {};
  for (const key of ['symbol', 'interval', 'from', 'to'] as const) {
    const value = query.get(key);
    if (value) patch[key] = value;
  }
  return Object.keys(patch).length ? patch : null;
}
