// Requests that run or change something carry the token. One that is refused for want of it waits while the user is asked, and is then
// sent again.
import { reportedFetch } from './connection';
import { tokenKeeper } from './token';

const CHECK = '/api/v1/strategies/check';

const isOwn = (url: URL): boolean => url.origin === globalThis.location.origin;
const changes = (request: Request): boolean => request.method !== 'GET' && request.method !== 'HEAD';

function withToken(request: Request, token: string | null): Request {
  const copy = request.clone();
  if (token !== null) copy.headers.set('Authorization', `Bearer ${token}`);
  return copy;
}

/** What is sent while one types: it asks nobody, and is not even tried where it is known to be in vain. */
async function sendQuietly(request: Request): Promise<Response> {
  const sent = tokenKeeper.value;
  if (sent === null && tokenKeeper.isWanted) return Response.json({ detail: 'a token is needed', error: { code: 'unauthorized' } }, { status: 401 });
  const answer = await reportedFetch(withToken(request, sent));
  if (answer.status === 401) tokenKeeper.refused(sent);
  return answer;
}

export async function authorizedFetch(request: Request): Promise<Response> {
  const url = new URL(request.url);
  if (!isOwn(url) || !changes(request)) return reportedFetch(request);
  if (url.pathname === CHECK) return sendQuietly(request);
  for (;;) {
    const sent = tokenKeeper.value;
    const answer = await reportedFetch(withToken(request, sent));
    if (answer.status !== 401) return answer;
    tokenKeeper.refused(sent);
    const hasOne = tokenKeeper.value !== null || (await tokenKeeper.ask(request.signal));
    request.signal.throwIfAborted();
    if (!hasOne) return answer;
  }
}

/** What the server says to a token, or to a request without one: 200 it may, 401 it may not. */
export async function tryToken(token: string | null): Promise<Response> {
  const body = JSON.stringify({ strategy: 'pass' }); // any text is an answer with problems, which is all that is needed here
  const request = new Request(new URL(CHECK, globalThis.location.origin), { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  return reportedFetch(withToken(request, token));
}
