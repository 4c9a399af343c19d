import { expect, test } from 'vitest';
import type { Schemas } from '../../api/client';
import { configOfLink, configOfRun, withoutParams, yamlValue } from './prefill';

test('a value of a sweep file, in block or flow style, and not of a comment', () => {
  const yaml = '# fee_rate: 9\naccount: {initial_balance: 5000, fee_rate: 0.002}   # slippage_bp: 3\nprice_check: "off"\nlow_fee_rate: 1\n';
  expect([yamlValue(yaml, 'fee_rate'), yamlValue(yaml, 'initial_balance'), yamlValue(yaml, 'slippage_bp'), yamlValue(yaml, 'price_check')]).toEqual(['0.002', '5000', null, 'off']);
});

test('a parameter that is called as a key of the account is not taken for it', () => {
  const rest = 'name: x\naccount:\n  fee_rate: 0.002\n';
  for (const params of ['params:\n  warmup: [10, 20]\n# between\n\n  fee_rate: {range: [1, 2]}\n', 'params: {warmup: 5, fee_rate: 1}\n', 'params: {\n  warmup: 5,\n  fee_rate: 1\n}\n', '"params":\n    fee_rate: 3\n']) {
    for (const yaml of [params + rest, rest + params]) expect([yamlValue(withoutParams(yaml), 'fee_rate'), yamlValue(withoutParams(yaml), 'warmup'), yamlValue(withoutParams(yaml), 'name')]).toEqual(['0.002', null, 'x']);
  }
});

test('a run becomes the configuration that gives it again', () => {
  const sweep = {
    spec: 'account:\n  initial_balance: 500.5\n  fee_rate: 0.002\nwarmup: 30\n',
    parameters: [{ name: 'k', type: 'float' }, { name: 'n', type: 'int' }],
  } as unknown as Schemas['SweepDetail'];
  const run = { symbol: 'ETHUSDT', interval: '1h', from: '2024-01-01T00:00:00+00:00', to: '2024-01-31T23:00:00+00:00', params: { k: 2, n: 7, klineWndSize: 60 } } as unknown as Schemas['RunDetail'];
  expect(configOfRun(sweep, run)).toEqual({
    symbol: 'ETHUSDT', interval: '1h', from: '2024-01-01', to: '2024-02-01', warmup: '30', initialBalance: '500.5', feeRate: '0.002', slippage: '0', priceCheck: 'count', window: '60',
    parameters: [{ name: 'k', kind: 'float', text: '2.0' }, { name: 'n', kind: 'int', text: '7' }],
  });
});

test('a link may say the series', () => {
  expect(configOfLink(new URLSearchParams('symbol=A&interval=1d'))).toEqual({ symbol: 'A', interval: '1d' });
  expect(configOfLink(new URLSearchParams('x=1'))).toBeNull();
});
