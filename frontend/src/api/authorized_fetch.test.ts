import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { authorizedFetch } from './authorized_fetch';
import { isToken, tokenKeeper } from './token';

const RIGHT = 'right-right-right';
const WRONG = 'wrong-wrong-wrong';
const here = (path: string) => new URL(path, location.origin);

/** A server with the token RIGHT; tells what it was asked. */
function server() {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    const authorization = request.headers.get('Authorization');
    asked.push(`${request.method} ${new URL(request.url).pathname} ${authorization ?? '-'} ${await request.text()}`);
    const may = request.method === 'GET' || authorization === `Bearer ${RIGHT}`;
    return may ? Response.json({}) : Response.json({ detail: 'no' }, { status: 401 });
  });
  return asked;
}
const post = (path = '/api/v1/sweeps', signal?: AbortSignal) => authorizedFetch(new Request(here(path), { method: 'POST', body: 'body', signal: signal ?? null }));
const asking = () => vi.waitFor(() => expect(tokenKeeper.snapshot().asking).toBe('request'));

beforeEach(() => {
  tokenKeeper.forget();
  tokenKeeper.wanted(false);
});
afterEach(() => {
  tokenKeeper.close(false);
  vi.unstubAllGlobals();
  localStorage.clear();
  sessionStorage.clear();
});

test('reading goes without the token, changing with it', async () => {
  const asked = server();
  tokenKeeper.keep(RIGHT, false);
  await authorizedFetch(new Request(here('/api/v1/sweeps')));
  await post();
  expect(asked).toEqual(['GET /api/v1/sweeps - ', `POST /api/v1/sweeps Bearer ${RIGHT} body`]);
});

test('another server never gets it', async () => {
  const asked = server();
  tokenKeeper.keep(RIGHT, false);
  const answer = await authorizedFetch(new Request('http://elsewhere.example/api/v1/sweeps', { method: 'POST', body: 'x' }));
  expect(answer.status).toBe(401);
  expect(asked).toEqual(['POST /api/v1/sweeps - x']);
  expect(tokenKeeper.snapshot().asking).toBe(null);
});

test('a refused request waits for the token and is sent again, whole; a second one waits with it', async () => {
  const asked = server();
  const first = post();
  const second = post('/api/v1/backtests');
  await asking();
  await vi.waitFor(() => expect(asked.length).toBe(2));
  await Promise.resolve();
  tokenKeeper.keep(RIGHT, true);
  tokenKeeper.close(true);
  expect((await first).status).toBe(200);
  expect((await second).status).toBe(200);
  expect(asked.slice(2).sort()).toEqual([`POST /api/v1/backtests Bearer ${RIGHT} body`, `POST /api/v1/sweeps Bearer ${RIGHT} body`]);
  expect(localStorage.getItem('kmill.token')).toBe(RIGHT);
  expect(sessionStorage.getItem('kmill.token')).toBe(null);
});

test('whoever closes the dialog gets the refusal', async () => {
  const asked = server();
  const answer = post();
  await asking();
  tokenKeeper.close(false);
  expect((await answer).status).toBe(401);
  expect(asked.length).toBe(1);
});

test('a request that is given up waits no longer', async () => {
  server();
  const control = new AbortController();
  const answer = post('/api/v1/sweeps', control.signal);
  await asking();
  control.abort();
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
});

test('a kept token that the server refuses is forgotten, and said to be wrong', async () => {
  server();
  tokenKeeper.keep(WRONG, true);
  const answer = post();
  await asking();
  expect(tokenKeeper.snapshot()).toMatchObject({ token: null, isRejected: true, isWanted: true });
  expect(localStorage.getItem('kmill.token')).toBe(null);
  tokenKeeper.keep(RIGHT, false);
  tokenKeeper.close(true);
  expect((await answer).status).toBe(200);
  expect(tokenKeeper.snapshot().isRejected).toBe(false);
  expect(sessionStorage.getItem('kmill.token')).toBe(RIGHT);
});

test('the check while one types asks nobody, and is sent once in vain', async () => {
  const asked = server();
  expect((await post('/api/v1/strategies/check')).status).toBe(401);
  expect((await post('/api/v1/strategies/check')).status).toBe(401);
  expect(asked.length).toBe(1);
  expect(tokenKeeper.snapshot()).toMatchObject({ asking: null, isWanted: true });
  tokenKeeper.keep(RIGHT, false);
  expect((await post('/api/v1/strategies/check')).status).toBe(200);
});

test('what another tab keeps or forgets holds here', () => {
  localStorage.setItem('kmill.token', RIGHT);
  window.dispatchEvent(new StorageEvent('storage', { key: 'kmill.token' }));
  expect(tokenKeeper.value).toBe(RIGHT);
  localStorage.removeItem('kmill.token');
  window.dispatchEvent(new StorageEvent('storage', { key: 'kmill.token' }));
  expect(tokenKeeper.value).toBe(null);
});

test('a token is what the server takes as one', () => {
  expect(isToken('0123456789abcdef')).toBe(true);
  expect(isToken('0123456789abcde')).toBe(false);
  expect(isToken('0123456789abcde\n')).toBe(false);
  expect(isToken('0123456789 abcdef')).toBe(false);
  expect(isToken('密'.repeat(16))).toBe(false);
});
