// Whether the server answers. Every call reports; while it does not, /health is asked until it does, and then everything
// shown is fetched anew.
import { useSyncExternalStore } from 'react';
import { queryClient } from './query_client';

const RETRY_MS = 2000;

class Connection {
  private online = true;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();

  report(answers: boolean): void {
    if (answers === this.online) return;
    this.online = answers;
    if (answers) void queryClient.invalidateQueries();
    else this.askAgain();
    for (const listener of this.listeners) listener();
  }

  /** Asks the server whether it is there, and tells everyone. */
  async check(): Promise<boolean> {
    const answers = await fetch('/health', { cache: 'no-store' }).then(
      (answer) => answer.ok,
      () => false,
    );
    this.report(answers);
    return answers;
  }

  /** Resolves when the server answers; at once if it does. */
  async whenOnline(): Promise<void> {
    if (this.online) return;
    await new Promise<void>((resolve) => {
      const stop = this.subscribe(() => {
        if (!this.online) return;
        stop();
        resolve();
      });
    });
  }

  private askAgain(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.check().then((answers) => answers || this.askAgain()), RETRY_MS);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  isOnline = (): boolean => this.online;
}

export const connection = new Connection();
export const useConnection = (): boolean => useSyncExternalStore(connection.subscribe, connection.isOnline);

/** fetch that tells connection whether the server answers at all. */
export async function reportedFetch(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request);
    connection.report(answer.status !== 502 || answer.headers.has('content-type'));
    return answer;
  } catch (error) {
    if (!request.signal.aborted) connection.report(false);
    throw error;
  }
}
