// The bearer token, for servers that let nobody run or change anything without one. It is kept in this tab, or in this browser if that is
// wished, and goes only to the pages' own server (authorized_fetch.ts). When a request is refused for want of it, the shell asks for it.
import { useSyncExternalStore } from 'react';
import { remember, remembered } from '../app/remember';

const KEY = 'token';
/** What the server takes as a token; anything else is none, and could break the header. */
const TOKEN = /^[A-Za-z0-9._~+/=-]{16,512}$/;
export const isToken = (text: string): boolean => TOKEN.test(text);

export interface TokenState {
  token: string | null;
  inBrowser: boolean; // kept when the tab is closed
  isWanted: boolean; // the server has refused something for want of one
  isRejected: boolean; // the one that was kept here is not, or no longer, the server's
  asking: 'request' | 'user' | null; // who has the dialog open: a refused request that waits, or the user
}

function kept(): Pick<TokenState, 'token' | 'inBrowser'> {
  const session = remembered(KEY, 'session');
  const token = session ?? remembered(KEY);
  return token && isToken(token) ? { token, inBrowser: session === null } : { token: null, inBrowser: false };
}

class TokenKeeper {
  private state: TokenState = { ...kept(), isWanted: false, isRejected: false, asking: null };
  private readonly listeners = new Set<() => void>();
  private waiting: ((given: boolean) => void)[] = [];

  constructor() {
    // Another tab has set or forgotten it. (key is null when all is cleared.)
    globalThis.addEventListener?.('storage', ({ key }: StorageEvent) => {
      if (key === null || key === `kmill.${KEY}`) this.change(kept());
    });
  }

  get value(): string | null {
    return this.state.token;
  }
  get isWanted(): boolean {
    return this.state.isWanted;
  }

  /** Takes a token that the server has accepted. */
  keep(token: string, inBrowser: boolean): void {
    remember(KEY, inBrowser ? null : token, 'session');
    remember(KEY, inBrowser ? token : null);
    this.change({ token, inBrowser, isRejected: false });
  }
  forget(): void {
    remember(KEY, null, 'session');
    remember(KEY, null);
    this.change({ token: null, inBrowser: false });
  }

  /** The server refused a request that was sent with this one, or with none. */
  refused(sent: string | null): void {
    const isRejected = sent !== null && sent === this.state.token;
    if (isRejected) this.forget();
    this.change({ isWanted: true, isRejected: isRejected || this.state.isRejected });
  }
  wanted(isWanted: boolean): void {
    this.change({ isWanted });
  }

  /** Opens the dialog, or waits for the one that is open: true when a token was accepted, false when it was closed without. */
  ask(signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      signal?.addEventListener('abort', () => resolve(false), { once: true });
      this.waiting.push(resolve);
      this.change({ asking: 'request' });
    });
  }
  open(): void {
    this.change({ asking: 'user' });
  }
  close(given: boolean): void {
    const waiting = this.waiting;
    this.waiting = [];
    this.change({ asking: null });
    for (const resolve of waiting) resolve(given);
  }

  private change(patch: Partial<TokenState>): void {
    this.state = { ...this.state, ...patch };
    for (const listener of this.listeners) listener();
  }
  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  snapshot = (): TokenState => this.state;
}

export const tokenKeeper = new TokenKeeper();
export const useToken = (): TokenState => useSyncExternalStore(tokenKeeper.subscribe, tokenKeeper.snapshot);
