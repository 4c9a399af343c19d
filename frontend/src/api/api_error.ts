// What went wrong with a call, and how it is told. The server's texts are English: what is the same each time is said in the reader's
// language by the error's code; what carries names, lines or values stands behind a few words on the kind of mistake.
import { presentTranslate, type Key } from '../i18n';
import { errors } from '../i18n/en/errors';

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

/** What fetch throws when nobody answers, as the browsers word it. */
const isUnreachable = (error: Error): boolean => error instanceof TypeError && /^(Failed to fetch|Load failed|NetworkError when)/.test(error.message);

const keyOf = (code: string): Key | null => (Object.hasOwn(errors, `error.${code}`) ? (`error.${code}` as Key) : null);

/** An error as people read it, in the language of the pages. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const key = error instanceof ApiError ? keyOf(error.code) : isUnreachable(error) ? 'error.unreachable' : null;
  return key ? presentTranslate()(key, { detail: error.message }) : error.message;
}
