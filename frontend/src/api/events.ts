// One event stream for the browser, however many tabs: the tab that holds the lock keeps the stream open and passes every event on
// over a BroadcastChannel. Where locks are missing (plain http on another machine) each tab polls ?since= instead.
import { connection } from './connection';

export interface ServerEvent {
  id: string;
  event: string;
  data: unknown;
}
type Listener = (event: ServerEvent) => void;

const NAMES = ['sweep', 'sweep_removed', 'series', 'backtest', 'reset'];
const POLL_MS = 2000;

export class EventBus {
  private readonly listeners = new Set<Listener>();
  private channel: BroadcastChannel | undefined;
  private started = false;

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    this.start();
    return () => this.listeners.delete(listener);
  }

  private deliver(event: ServerEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  private start(): void {
    if (this.started) return;
    this.started = true;
    if (!('locks' in navigator) || !('BroadcastChannel' in globalThis) || !('EventSource' in globalThis)) {
      void this.poll();
      return;
    }
    this.channel = new BroadcastChannel('kmill-events');
    this.channel.onmessage = (message: MessageEvent<ServerEvent>) => this.deliver(message.data);
    // Held until this tab is closed; then the next one takes over.
    void navigator.locks.request('kmill-events', () => new Promise<never>(() => this.stream()));
  }

  private stream(): void {
    const source = new EventSource('/api/v1/events');
    for (const name of NAMES)
      source.addEventListener(name, (message: MessageEvent<string>) => {
        const event: ServerEvent = { id: message.lastEventId, event: name, data: JSON.parse(message.data) };
        this.deliver(event);
        this.channel?.postMessage(event);
      });
    // EventSource reconnects by itself unless the answer was an error: then it is made anew.
    source.onerror = () => {
      void connection.check();
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(() => this.stream(), POLL_MS);
    };
  }

  private async poll(): Promise<never> {
    let since = '';
    for (;;) {
      try {
        const answer = await fetch(`/api/v1/events?since=${since || '0'}`);
        if (answer.ok) {
          const body = (await answer.json()) as { last_id: string | number; events: ServerEvent[] };
          if (since) for (const event of body.events) this.deliver(event);
          since = String(body.last_id);
        }
      } catch {
        // The banner tells; the next round tries again.
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

export const events = new EventBus();
