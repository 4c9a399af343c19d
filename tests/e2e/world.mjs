// What the browser tests look at: a store and result files made by kmill itself, once for all test files.
//
//   klines/   SYNTHUSDT 1h (a year), 1d, 1m (525,600 candles); WAVEUSDT 1h; GAPUSDT 1h with two gaps and an impossible
//             candle; BTCUSDT 1h and 1d, ETHUSDT 1d where the folder KMILL_DATA or ../shared/data has them
//   results/  sma_cross    the sweep of script/demo: 1,323 runs
//             mixed        two symbols, a text, a float and a constant parameter; every run of mood=bad fails at line 4
//             unfinished   a sweep that was interrupted: only its journal is there
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

export const source = path.resolve(import.meta.dirname, '../..');
export const kmillBinary = process.env.KMILL || path.join(source, 'build/release/bin/kmill');
export const dataFolder = process.env.KMILL_DATA || path.join(source, '../shared/data');

// What the caller's environment must not decide.
const unset = ['DATABASE_URL', 'REDIS_URL', 'RATE_LIMIT_PER_SECOND', 'RATE_LIMIT_PER_MINUTE', 'CORS_ORIGINS', 'DEBUG', 'KMILL_TOKEN', 'KMILL_STORE'];
export const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !unset.includes(name)));

/** Runs kmill to its end and returns what it printed; any other exit code than `code` is an error. */
export async function kmill(words, { code = 0, cwd } = {}) {
  const done = await promisify(execFile)(kmillBinary, words.map(String), { env: environment, cwd, maxBuffer: 1 << 26 }).then(
    (result) => ({ ...result, code: 0 }),
    (error) => error,
  );
  if (done.code !== code) throw new Error(`kmill ${words.join(' ')}: exit ${done.code}, expected ${code}\n${done.stdout}${done.stderr}`);
  return done.stdout;
}

const moody = `class Strategy(IStrategy):
    def run(self, context, kline, params):
        if params['mood'] == 'bad':
            raise ValueError('in a bad mood')
        closes = self.kline_cache.get_closes()
        average = calculate_sma(closes, params['period'])
        if average is None:
            return
        if context.position == 0 and kline.close > average:
            print('in at', kline.open_time)
            context.buy(kline.close, float(context.balance / kline.close) * params['fraction'], kline.open_time)
        elif context.position > 0 and kline.close < average:
            context.sell_all(kline.close, kline.open_time)
`;
const mixedSweep = `name: mixed
strategy: moody.py
symbols: [SYNTHUSDT, WAVEUSDT]
intervals: 1h
params:
  period: {range: [5, 40], step: 5}
  fraction: [0.25, 0.5, 0.9]
  mood: [good, bad]
  klineWndSize: 50
keep: {equity: {top: 20}, trades: all}
`;
const unfinishedSweep = `name: unfinished
strategy: moody.py
symbols: SYNTHUSDT
intervals: 1m
params: {period: {range: [2, 200], step: 1}, fraction: [0.5], mood: good, klineWndSize: 200}
`;

/** Hourly candles from 2024-01-01 with candles 100..102 and 300 missing, and one whose high lies under its close. */
export function gapRows() {
  const rows = [];
  for (let i = 0; i < 500; i++) {
    if ((i >= 100 && i <= 102) || i === 300) continue;
    const price = 100 + (i % 40) / 4;
    const high = i === 200 ? price - 3 : price + 2;
    rows.push([Date.UTC(2024, 0, 1) + i * 3_600_000, price, high, price - 1.5, price + 0.5, 10 + (i % 7)].join(','));
  }
  return rows.join('\n') + '\n';
}

async function makeStore(folder) {
  const store = path.join(folder, 'klines');
  const synth = (symbol, interval, bars, seed) =>
    kmill(['synth', '--store', store, '--symbol', symbol, '--interval', interval, '--bars', bars, '--seed', seed]);
  await synth('SYNTHUSDT', '1h', 8760, 42);
  await synth('SYNTHUSDT', '1d', 1200, 7);
  await synth('SYNTHUSDT', '1m', 525_600, 11);
  await synth('WAVEUSDT', '1h', 4000, 5);
  await writeFile(path.join(folder, 'GAPUSDT-1h.csv'), gapRows());
  await kmill(['import', 'csv', path.join(folder, 'GAPUSDT-1h.csv'), '--store', store]);
  for (const name of ['BTCUSDT-1h.csv.gz', 'BTCUSDT-1d.csv', 'ETHUSDT-1d.csv']) {
    const file = path.join(dataFolder, name);
    if (existsSync(file)) await kmill(['import', 'csv', file, '--store', store]);
  }
}

/** Starts a sweep and resolves as soon as some of its runs are done: {process, ended}. */
export async function startSweep(file, words, { runs = 2 } = {}) {
  const child = spawn(kmillBinary, ['run', file, '--json', ...words].map(String), { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const lines = createInterface({ input: child.stdout });
  await new Promise((resolve, reject) => {
    void ended.then((code) => reject(new Error(`kmill run ${file} ended with ${code} before its first runs`)));
    lines.on('line', (line) => {
      const event = JSON.parse(line);
      if (typeof event.done === 'number' && event.done >= runs) resolve();
    });
  });
  return { process: child, ended };
}

async function makeResults(folder) {
  const results = path.join(folder, 'results');
  const store = path.join(folder, 'klines');
  await mkdir(results, { recursive: true });
  await writeFile(path.join(folder, 'moody.py'), moody);
  await writeFile(path.join(folder, 'mixed.yaml'), mixedSweep);
  await writeFile(path.join(folder, 'unfinished.yaml'), unfinishedSweep);
  const run = (file, name, code) =>
    kmill(['run', file, '--store', store, '--output', path.join(results, `${name}.h5`), '--progress', 'none'], { code });
  await run(path.join(source, 'configs/sma_cross.yaml'), 'sma_cross', 0);
  await run(path.join(folder, 'mixed.yaml'), 'mixed', 1);
  const sweep = await startSweep(path.join(folder, 'unfinished.yaml'), ['--store', store, '--output', path.join(results, 'unfinished.h5')]);
  sweep.process.kill('SIGINT');
  await sweep.ended;
}

/** Makes the world in `folder`, whole or not at all. */
export async function makeWorld(folder) {
  const stage = `${folder}.stage`;
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { recursive: true });
  await makeStore(stage);
  await makeResults(stage);
  await rm(folder, { recursive: true, force: true });
  await rename(stage, folder);
}

/** A copy of the results for a server that may change them. */
export const copyFolder = (from, to) => cp(from, to, { recursive: true });

if (process.argv[1] === import.meta.filename) await makeWorld(path.resolve(process.argv[2]));
