// The pages, each a file of its own that is fetched when it is first needed, and which of them an address shows.
import type { ComponentType } from 'react';

export type PageModule = { default: ComponentType };

export const pageFiles = {
  sweeps: (): Promise<PageModule> => import('../pages/sweeps/SweepsPage'),
  sweep: (): Promise<PageModule> => import('../pages/sweep/SweepPage'),
  run: (): Promise<PageModule> => import('../pages/run/RunPage'),
  playground: (): Promise<PageModule> => import('../pages/playground/PlaygroundPage'),
  data: (): Promise<PageModule> => import('../pages/data/DataPage'),
  series: (): Promise<PageModule> => import('../pages/data/SeriesPage'),
  docs: (): Promise<PageModule> => import('../pages/docs/DocsPage'),
} as const;
export type PageName = keyof typeof pageFiles;

/** What a page asks the API for at once, and the key under which it looks for the answer. */
export interface FirstQuestion {
  target: string;
  key: readonly unknown[];
}
type Names = Readonly<Record<string, string>>; // the parts of an address that a route names, decoded

interface PageRoute {
  path: string; // as the router has it
  page: PageName;
  first?: (names: Names) => FirstQuestion | null;
}
const call = (...parts: (string | undefined)[]): string => ['/api/v1', ...parts.map((part) => encodeURIComponent(part ?? ''))].join('/');
/** What is no number is no run: the page says so without asking. */
const runOf = ({ id, run = '' }: Names): FirstQuestion | null => (/^\d{1,15}$/.test(run) ? { target: call('sweeps', id, 'runs', String(Number(run))), key: ['run', id, Number(run)] } : null);
const series = (): FirstQuestion => ({ target: call('series'), key: ['series'] });

export const pageRoutes: readonly PageRoute[] = [
  { path: 'sweeps', page: 'sweeps', first: () => ({ target: call('sweeps'), key: ['sweeps'] }) },
  { path: 'sweeps/:id', page: 'sweep', first: ({ id }) => ({ target: call('sweeps', id), key: ['sweep', id] }) },
  { path: 'sweeps/:id/runs/:run', page: 'run', first: runOf },
  { path: 'playground', page: 'playground', first: series },
  { path: 'data', page: 'data', first: series },
  { path: 'data/:symbol/:interval', page: 'series', first: ({ symbol, interval }) => ({ target: call('series', symbol, interval), key: ['series', symbol, interval] }) },
  { path: 'docs', page: 'docs' },
];

function namesIn(path: string, parts: readonly string[]): Names | null {
  const wanted = path.split('/');
  if (wanted.length !== parts.length) return null;
  const names: Record<string, string> = {};
  for (const [i, name] of wanted.entries()) {
    const part = parts[i] ?? '';
    if (!name.startsWith(':')) {
      if (name !== part) return null;
    } else if (part === '') return null;
    else names[name.slice(1)] = part;
  }
  return names;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // the router says what it makes of it
  }
}

/** The page of an address and its first question; null where there is none. */
export function pageAt(pathname: string): { page: PageName; first: FirstQuestion | null } | null {
  const parts = (pathname === '/' ? '/sweeps' : pathname).replace(/\/$/, '').slice(1).split('/').map(decoded);
  for (const { path, page, first } of pageRoutes) {
    const names = namesIn(path, parts);
    if (names) return { page, first: first?.(names) ?? null };
  }
  return null;
}
