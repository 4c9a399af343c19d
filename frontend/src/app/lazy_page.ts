// A page (or its text) as a file of its own, fetched when it is first opened. While the server is away that cannot succeed: the banner tells, and the
// page comes by itself when the server is back. After an upgrade the files have other names: then everything is loaded anew, once.
import { lazy } from 'react';
import { connection } from '../api/connection';
import { fetchPage, loadedPage } from './first_load';
import type { PageModule, PageName } from './page_files';

const RELOADED = 'kmill.reloaded';
const RELOAD_AGAIN_MS = 10_000;

/** Loads the whole page anew, unless that was just tried. */
function reload(): boolean {
  try {
    if (Date.now() - Number(sessionStorage.getItem(RELOADED)) < RELOAD_AGAIN_MS) return false;
    sessionStorage.setItem(RELOADED, String(Date.now()));
  } catch {
    return false;
  }
  window.location.reload();
  return true;
}

export async function loadFile<File>(load: () => Promise<File>): Promise<File> {
  for (;;) {
    try {
      return await load();
    } catch (error) {
      if (await connection.check()) {
        if (reload()) return new Promise<never>(() => undefined);
        throw error;
      }
      await connection.whenOnline();
    }
  }
}

/** A thenable that calls back at once: React then draws a page that is there already without "Loading…" before it. */
const atOnce = (module: PageModule) => ({ then: (take: (module: PageModule) => void) => take(module) }) as Promise<PageModule>;

export const lazyPage = (page: PageName) =>
  lazy(() => {
    const module = loadedPage(page);
    return module ? atOnce(module) : loadFile(() => fetchPage(page));
  });
