import { afterEach, expect, test, vi } from 'vitest';
import { ApiError } from '../../api/client';
import { defaultConfig } from './config/config';
import { runOnServer } from './backtest_stream';
import type { EngineEvents, Job } from './engine/job';

afterEach(() => vi.unstubAllGlobals());

const job: Job = { source: 'x', config: { ...defaultConfig, symbol: 'A', interval: '1h' }, points: null, first: 0, last: 1 };

function listen() {
  const heard: unknown[] = [];
  const events: EngineEvents = { stage: (stage) => heard.push(stage), progress: (done, total) => heard.push([done, total]), print: (text) => heard.push(text) };
  return { heard, events };
}

/** A server whose stream is given by hand. */
function server(status = 200) {
  const asked: { method: string; path: string; body: string }[] = [];
  let control: ReadableStreamDefaultController<Uint8Array> | undefined;
  const fetch = async (request: Request) => {
    asked.push({ method: request.method, path: new URL(request.url).pathname, body: await request.text() });
    if (request.method === 'DELETE') return new Response(null, { status: 204 });
    if (status !== 200) return Response.json({ detail: 'no', error: { code: 'invalid', field: 'feeRate', line: null, column: null } }, { status });
    const body = new ReadableStream<Uint8Array>({ start: (made) => void (control = made) });
    request.signal.addEventListener('abort', () => control?.error(new DOMException('aborted', 'AbortError')));
    return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
  };
  vi.stubGlobal('fetch', fetch);
  const send = (piece: string | Uint8Array<ArrayBuffer>) => control?.enqueue(typeof piece === 'string' ? new TextEncoder().encode(piece) : piece);
  return { asked, send, close: () => control?.close(), ready: () => vi.waitFor(() => expect(control).toBeDefined()) };
}

test('progress is told, and the result comes out, also where a letter is cut in two', async () => {
  const { asked, send, ready } = server();
  const { heard, events } = listen();
  const running = runOnServer(job, events, new AbortController().signal);
  await ready();
  send('event: started\ndata: {"id": "a1"}\n\nevent: progress\ndata: {"bars":5,"total":10}\n\n');
  const bytes = new TextEncoder().encode('event: result\ndata: {"status":"done","log":"é"}\n\n');
  const cut = bytes.indexOf(0xc3) + 1; // é is c3 a9
  send(bytes.slice(0, cut));
  send(bytes.slice(cut));
  expect(await running).toEqual({ status: 'done', log: 'é' });
  expect(heard).toEqual(['waiting', 'bars', [5, 10]]);
  expect(asked[0]).toMatchObject({ method: 'POST', path: '/api/v1/backtests' });
  expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ strategy: 'x', symbol: 'A' });
});

test('an error event is thrown with its place', async () => {
  const { send, ready } = server();
  const running = runOnServer(job, listen().events, new AbortController().signal);
  await ready();
  send('event: error\ndata: {"detail":"bad","error":{"code":"strategy","field":"strategy","line":6,"column":2},"problems":[]}\n\n');
  await expect(running).rejects.toMatchObject({ message: 'bad', field: 'strategy', line: 6, column: 2 });
});

test('a refused request is an error of its field', async () => {
  server(400);
  await expect(runOnServer(job, listen().events, new AbortController().signal)).rejects.toEqual(new ApiError(400, 'no', 'invalid', 'feeRate'));
});

test('a stream that ends before the result is an error', async () => {
  const { send, close, ready } = server();
  const running = runOnServer(job, listen().events, new AbortController().signal);
  await ready();
  send('event: started\ndata: {"id": "a1"}\n\n');
  close();
  await expect(running).rejects.toThrow('closed the connection before the result');
});

test('stopping deletes the backtest and says that it was stopped', async () => {
  const { asked, send, ready } = server();
  const control = new AbortController();
  const { heard, events } = listen();
  const running = runOnServer(job, events, control.signal);
  await ready();
  send('event: started\ndata: {"id": "a1"}\n\nevent: progress\ndata: {"bars":1,"total":2}\n\n');
  await vi.waitFor(() => expect(heard).toContain('bars'));
  control.abort();
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  await vi.waitFor(() => expect(asked.at(-1)).toMatchObject({ method: 'DELETE', path: '/api/v1/backtests/a1' }));
});
