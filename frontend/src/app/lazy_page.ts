// A page (or its text) as a file of its own, fetched when it is first opened. While the server is away that cannot succeed: the banner tells, and the
// page comes by itself when the server is back. After an upgrade the files have other names: then everything is loaded anew, once.
import { lazy, type ComponentType } from 'react';
import { connection } from '../api/connection';

type Module = { default: ComponentType };
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

export const lazyPage = (load: () => Promise<Module>) => lazy(() => loadFile(load));
