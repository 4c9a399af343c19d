// Calls of the server's API, typed by openapi.yaml (schema.d.ts is generated from it: npm run api).
import createClient from 'openapi-fetch';
import { connection } from './connection';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

/** An answer of the server that is an error, in its one format; or no answer (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code: string = '',
    readonly field: string | null = null,
    readonly line: number | null = null,
    readonly column: number | null = null,
    readonly problems: readonly Problem[] = [],
  ) {
    super(message);
    this.name = 'ApiError';
  }
}
export interface Problem {
  line: number | null;
  column: number | null;
  message: string;
}

interface ErrorBody {
  detail?: unknown;
  error?: { code?: string; field?: string | null; line?: number | null; column?: number | null };
  problems?: Problem[];
}

export function errorOf(status: number, body: unknown): ApiError {
  const { detail, error, problems } = (typeof body === 'object' && body !== null ? body : {}) as ErrorBody;
  const message = typeof detail === 'string' ? detail : `HTTP ${status}`;
  return new ApiError(status, message, error?.code, error?.field ?? null, error?.line ?? null, error?.column ?? null, problems);
}

export function errorText(error: unknown): string {
  if (error instanceof Error) return error.message;
  return String(error);
}

/** fetch that tells connection whether the server answers at all. */
export async function watchedFetch(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request);
    connection.report(answer.status !== 502 || answer.headers.has('content-type'));
    return answer;
  } catch (error) {
    if (!request.signal.aborted) connection.report(false);
    throw error;
  }
}

export const api = createClient<paths>({ baseUrl: '/', fetch: watchedFetch });

/** The data of an answer, or its error thrown as ApiError. */
export async function data<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data: value, error, response } = await answer;
  if (error !== undefined || value === undefined) throw errorOf(response.status, error);
  return value;
}
