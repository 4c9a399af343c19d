import { matchRoutes } from 'react-router';
import { expect, test } from 'vitest';
import { pageAt, pageRoutes } from './page_files';

test('an address has its page and what that asks first', () => {
  expect(pageAt('/')).toEqual({ page: 'sweeps', first: { target: '/api/v1/sweeps', key: ['sweeps'] } });
  expect(pageAt('/sweeps/')).toEqual(pageAt('/'));
  expect(pageAt('/sweeps/sma%20cross')).toEqual({ page: 'sweep', first: { target: '/api/v1/sweeps/sma%20cross', key: ['sweep', 'sma cross'] } });
  expect(pageAt('/sweeps/a.b/runs/12')).toEqual({ page: 'run', first: { target: '/api/v1/sweeps/a.b/runs/12', key: ['run', 'a.b', 12] } });
  expect(pageAt('/sweeps/a/runs/first')).toEqual({ page: 'run', first: null });
  expect(pageAt('/sweeps/a/runs/007')).toEqual(pageAt('/sweeps/a/runs/7'));
  expect(pageAt('/data/BTCUSDT/1h')).toEqual({ page: 'series', first: { target: '/api/v1/series/BTCUSDT/1h', key: ['series', 'BTCUSDT', '1h'] } });
  expect(pageAt('/docs')).toEqual({ page: 'docs', first: null });
});

test('what is no page, or is written badly, is none', () => {
  expect(pageAt('/no/such/page')).toBe(null);
  expect(pageAt('/sweeps//runs/1')).toBe(null);
  expect(pageAt('/sweeps/a/runs')).toBe(null);
  expect(pageAt('/sweeps/%zz')?.page).toBe('sweep');
});

test('it finds the same page as the router', () => {
  const routes = pageRoutes.map(({ path, page }) => ({ path, id: page }));
  for (const address of ['/sweeps', '/sweeps/x', '/sweeps/x/', '/sweeps/x/runs/1', '/sweeps/x/runs', '/playground', '/data', '/data/A/1h', '/data/A', '/docs', '/docs/x', '/elsewhere'])
    expect(pageAt(address)?.page, address).toBe(matchRoutes(routes, address)?.at(-1)?.route.id);
});
