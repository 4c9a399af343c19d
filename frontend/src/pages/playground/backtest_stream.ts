// A backtest on the server: POST /backtests answers with events, and closing the connection or DELETE stops it.
import { authorizedFetch } from '../../api/authorized_fetch';
import { api, ApiError, errorOf } from '../../api/client';
import { requestText } from './config/config';
import { stopped, type EngineEvents, type Job, type RunResult } from './engine/job';
import { SseParser, type StreamEvent } from './engine/sse_parser';

async function open(body: string, signal: AbortSignal): Promise<Response> {
  const headers = { Accept: 'text/event-stream', 'Content-Type': 'application/json' };
  const response = await authorizedFetch(new Request('/api/v1/backtests', { method: 'POST', headers, body, signal }));
  if (!response.ok) throw errorOf(response.status, await response.json().catch(() => null));
  return response;
}

/** Takes one event; the result when it is that. An `error` event is thrown. */
export function takeEvent({ event, data }: StreamEvent, events: EngineEvents, onStart: (id: string) => void): RunResult | null {
  const body: unknown = JSON.parse(data);
  if (event === 'result') return body as RunResult;
  if (event === 'error') throw errorOf(200, body);
  if (event === 'started') onStart((body as { id: string }).id);
  if (event === 'progress') {
    const { bars, total } = body as { bars: number; total: number };
    events.stage('bars');
    events.progress(bars, total);
  }
  return null;
}

async function readResult(stream: ReadableStream<Uint8Array>, events: EngineEvents, onStart: (id: string) => void): Promise<RunResult> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const parser = new SseParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      for (const event of parser.push(decoder.decode(value, { stream: !done }))) {
        const result = takeEvent(event, events, onStart);
        if (result) return result;
      }
      if (done) throw new ApiError(0, 'The server closed the connection before the result; run it again.', 'cut_off');
    }
  } finally {
    void reader.cancel().catch(() => undefined); // it is over, or was stopped
  }
}

export async function runOnServer(job: Job, events: EngineEvents, signal: AbortSignal): Promise<RunResult> {
  let id = '';
  events.stage('waiting');
  try {
    const response = await open(requestText(job.source, job.config, job.points), signal);
    if (!response.body) throw new ApiError(0, 'This browser gives no stream of the answer; update it.', 'no_stream');
    return await readResult(response.body, events, (started) => (id = started));
  } catch (error) {
    if (!signal.aborted) throw error;
    if (id) void api.DELETE('/api/v1/backtests/{id}', { params: { path: { id } } }).catch(() => undefined); // it may be over already
    throw stopped();
  }
}
