// `kmill serve` as a child: on a free port, which it keeps when it is stopped and started again.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import path from 'node:path';
import { environment, kmillBinary, source } from './world.mjs';

const startMs = 30_000;
const stopMs = 10_000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function listens(port) {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

export class Server {
  port = 0;
  #child;
  #ended;

  constructor({ folder, store, results, words = [] }) {
    Object.assign(this, { folder, store, results, words });
    this.logPath = path.join(folder, 'serve.log');
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }
  get pid() {
    return this.#child?.pid;
  }

  /** Starts it, if it does not run; resolves when it listens. */
  async start() {
    if (this.#child) return;
    const log = openSync(this.logPath, 'a');
    const begin = this.#log().length;
    const web = process.env.KMILL_WEB || path.join(source, 'frontend/dist');
    const words = ['serve', '--port', this.port, '--store', this.store, '--results', this.results, '--web', web, ...this.words];
    const child = spawn(kmillBinary, words.map(String), { cwd: this.folder, env: environment, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
    for (const until = Date.now() + startMs; Date.now() < until; await pause(20)) {
      const port = /https?:\/\/[^\s/]+:(\d+)/.exec(this.#log().slice(begin))?.[1];
      if (port && (await listens(Number(port)))) {
        this.port = Number(port);
        return;
      }
      if (child.exitCode !== null) break;
    }
    child.kill('SIGKILL');
    this.#child = undefined;
    throw new Error(`kmill serve does not listen: ${this.logTail()}`);
  }

  /** Stops it as a service manager does; that must end it with code 0. */
  async stop() {
    if (!this.#child) return;
    const child = this.#child;
    this.#child = undefined;
    child.kill('SIGTERM');
    const ended = await Promise.race([this.#ended, pause(stopMs).then(() => 'still running')]);
    if (ended === 0) return;
    child.kill('SIGKILL');
    throw new Error(`kmill serve ended with ${ended}: ${this.logTail()}`);
  }

  /** An answer of the API as JSON, past the browser. */
  async get(target) {
    const answer = await fetch(`${this.url}${target}`);
    if (!answer.ok) throw new Error(`GET ${target}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  #log() {
    try {
      return readFileSync(this.logPath, 'utf8');
    } catch {
      return '';
    }
  }
  logTail() {
    return this.#log().slice(-2000);
  }
}
