// Calls of the server's API, typed by openapi.yaml (schema.d.ts is generated from it: npm run api).
import createClient from 'openapi-fetch';
import { errorOf } from './api_error';
import { authorizedFetch } from './authorized_fetch';
import type { components, paths } from './schema';

export { ApiError, errorOf, errorText, type Problem } from './api_error';

export type Schemas = components['schemas'];

export const api = createClient<paths>({ baseUrl: '/', fetch: authorizedFetch });

/** The data of an answer, or its error thrown as ApiError. */
export async function data<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data: value, error, response } = await answer;
  if (error !== undefined || value === undefined) throw errorOf(response.status, error);
  return value;
}

/** The same of an answer that was fetched without "api". */
export async function jsonOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok || body === null) throw errorOf(response.status, body);
  return body;
}
