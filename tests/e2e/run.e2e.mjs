// One run: its figures and trades are those of the API, the chart goes where it is sent and stays quick on half a million klines.
import { readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { assert, kmill, pages, patience } from './harness.mjs';

const browserTest = pages('run');
const goneTest = pages('run without klines', { ownStore: true });

const get = async (server, address) => (await fetch(`${server.url}/api/v1${address}`)).json();
const seen = (page) => page.locator('.candles-seen');
const legend = (page) => page.locator('.candles-legend');
const chart = (page) => page.locator('.candles-frame');
const money = (value) => value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const minute = (text) => text.slice(0, 16).replace('T', ' ');

/** Until the chart shows bars. */
const drawn = (page) => page.waitForFunction(() => document.querySelector('.candles-legend strong') && !document.querySelector('.candles-notice'), undefined, { timeout: patience });

/** The two times of the range in view, ms. */
async function range(page) {
  const found = [...(await seen(page).innerText()).matchAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g)].map(([text]) => Date.parse(`${text.replace(' ', 'T')}Z`));
  assert.equal(found.length, 2);
  return { from: found[0], to: found[1], length: found[1] - found[0] };
}

// A trade a bar, of which nothing but the sparkline is kept.
const thin = `class Strategy(IStrategy):
    def run(self, context, kline, params):
        if context.position == 0:
            context.buy(kline.close, 0.01, kline.open_time)
        else:
            context.sell_all(kline.close, kline.open_time)
`;
const thinSweep = 'name: thin\nstrategy: thin.py\nsymbols: WAVEUSDT\nintervals: 1h\nparams: {a: [1, 2]}\nkeep: {equity: none, trades: none}\n';

/** Makes a result file in the server's folder and waits until the server has all of it. */
async function makeResult(server, world, name, sweep, strategy, code = 0) {
  writeFileSync(path.join(server.folder, `${name}.py`), strategy);
  writeFileSync(path.join(server.folder, `${name}.yaml`), sweep);
  await kmill(['run', path.join(server.folder, `${name}.yaml`), '--store', world.store, '--output', path.join(server.results, `${name}.h5`), '--progress', 'none', '--overwrite'], { code });
  for (let i = 0; i < 100 && (await get(server, `/sweeps/${name}`)).state !== 'complete'; i++) await new Promise((resolve) => setTimeout(resolve, 100));
}

browserTest('figures, place in the order and parameters are those of the API', async ({ page, open, server, shot }) => {
  const { best } = await get(server, '/sweeps/sma_cross');
  const second = (await get(server, '/sweeps/sma_cross/runs?sort=-profitRate&columns=run&limit=2')).rows[1][0];
  const run = await get(server, `/sweeps/sma_cross/runs/${second}`);
  await open(`/sweeps/sma_cross/runs/${best.run}`);
  await page.getByText('1 of 1,323').waitFor();
  await page.getByText('This is the best run of the sweep.').waitFor();
  await page.keyboard.press(']');
  await page.waitForURL(`**/runs/${second}`);
  await page.getByText('2 of 1,323').waitFor();
  const key = await page.locator('.run-key').innerText();
  for (const text of [`${money(run.metrics.profitRate * 100)} %`, money(run.metrics.finalBalance), String(run.metrics.totalTrades)]) assert.ok(key.includes(text), `${text} in ${key}`);
  const parameters = await page.locator('.run-params').innerText();
  for (const [name, value] of Object.entries(run.params)) assert.match(parameters, new RegExp(`${name}\\s+${value}`));
  const months = await page.locator('.run-months').innerText();
  for (const month of run.monthly_returns) assert.ok(months.includes(money(month.return * 100)), `${month.year}-${month.month}`);
  const metrics = await page.locator('.run-groups tr').count();
  assert.equal(metrics, Object.keys(run.metrics).length);
  await drawn(page);
  await shot('run');
  await shot('run-whole', { fullPage: true });
});

browserTest('the order and the filter of the address decide which run is next', async ({ page, open, server }) => {
  const query = 'sort=maxDrawdown,-profitRate&min.totalTrades=200';
  const { rows, total } = await get(server, `/sweeps/sma_cross/runs?${query}&columns=run&limit=3&offset=40`);
  await open(`/sweeps/sma_cross/runs/${rows[1][0]}?${query}`);
  await page.getByText(`42 of ${total.toLocaleString('en-US')}`).waitFor();
  await page.getByRole('link', { name: 'Previous run' }).click();
  await page.waitForURL((url) => url.pathname.endsWith(`/runs/${rows[0][0]}`) && url.search === `?${query}`);
  await page.getByText(`41 of ${total.toLocaleString('en-US')}`).waitFor();
});

browserTest('a click on a trade brings the chart to it; the last of them is reached by keys', async ({ page, open, server }) => {
  const { best } = await get(server, '/sweeps/sma_cross');
  const { trades, total } = await get(server, `/sweeps/sma_cross/runs/${best.run}/trades`);
  await open(`/sweeps/sma_cross/runs/${best.run}`);
  await drawn(page);
  const whole = await range(page);
  await page.locator('.run-trades tbody tr', { hasText: minute(trades[3].time) }).first().click();
  await legend(page).locator('strong', { hasText: minute(trades[3].time) }).waitFor();
  assert.ok((await legend(page).innerText()).includes(`Sell`), 'the legend names the trade');
  const close = await range(page);
  assert.ok(close.length < whole.length / 10, 'single bars can be seen');
  const at = Date.parse(trades[3].time);
  assert.ok(close.from < at && at < close.to);

  const table = page.getByRole('application', { name: /^Trades of the run/ });
  await table.focus();
  await page.keyboard.press('End');
  await page.locator('.run-trades tr[aria-selected=true]', { hasText: total.toLocaleString('en-US') }).waitFor();
  await page.locator('.run-trades tr[aria-selected=true]', { hasText: minute(trades.at(-1).time) }).waitFor();
  await page.keyboard.press('Enter');
  await legend(page).locator('strong', { hasText: minute(trades.at(-1).time) }).waitFor();
});

browserTest('wheel, drag, keys and a time move the chart; the legend has the figures of the klines', async ({ page, open, server }) => {
  await open('/sweeps/sma_cross/runs/0');
  await drawn(page);
  const whole = await range(page);
  const box = await chart(page).boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 120);
  for (let i = 0; i < 8; i++) await page.mouse.wheel(0, -120);
  await page.waitForTimeout(300);
  const zoomed = await range(page);
  assert.ok(zoomed.length < whole.length / 3, `${zoomed.length} of ${whole.length}`);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 200, box.y + 120, { steps: 10 });
  await page.mouse.up();
  await page.waitForTimeout(300);
  const dragged = await range(page);
  assert.ok(dragged.from < zoomed.from && Math.abs(dragged.length - zoomed.length) <= 3_600_000, 'moved by the drag, as long as before');

  await chart(page).focus();
  await page.keyboard.press('End');
  await page.waitForTimeout(300);
  assert.ok(Math.abs((await range(page)).to - whole.to) <= 3_600_000);
  await page.keyboard.press('0');
  await page.waitForTimeout(300);
  assert.deepEqual(await range(page), whole);

  const [kline] = (await get(server, '/kline/SYNTHUSDT/1h?start_time=2020-03-05T06:00:00Z&limit=1')).data;
  await page.getByLabel('Go to a time').fill('2020-03-05T07:00');
  await page.getByRole('button', { name: 'Go', exact: true }).click();
  await legend(page).locator('strong', { hasText: '2020-03-05 07:00' }).waitFor();
  const figures = await legend(page).innerText();
  for (const value of [kline.open, kline.high, kline.low, kline.close]) assert.ok(figures.includes(money(value)), `${money(value)} in ${figures}`);
  await page.keyboard.press('Tab');
  await chart(page).focus();
  await page.keyboard.press('Shift+ArrowRight');
  await legend(page).locator('strong', { hasText: '2020-03-05 08:00' }).waitFor();
});

browserTest('verify runs it again and finds every bit the same', async ({ page, open, server, world }) => {
  await makeResult(server, world, 'thin', thinSweep, thin);
  await open('/sweeps/thin/runs/0');
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.getByText('Run again: every bit is the same.').waitFor();
});

browserTest('export, YAML and the way to the playground', async ({ page, context, open, server }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
  const { best } = await get(server, '/sweeps/sma_cross');
  await open(`/sweeps/sma_cross/runs/${best.run}`);
  await page.getByText('Export', { exact: true }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Trades · CSV' }).click()]);
  const wanted = await (await fetch(`${server.url}/api/v1/sweeps/sma_cross/export?what=trades&format=csv&run=${best.run}`)).text();
  assert.equal(readFileSync(await download.path(), 'utf8'), wanted);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.run-export').getAttribute('open'), null);

  await page.getByRole('button', { name: 'Copy as YAML' }).click();
  await page.getByText('Copied').waitFor();
  const yaml = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(yaml, `params:\n${Object.entries(best.params).map(([name, value]) => `  ${name}: ${value}\n`).join('')}`);

  const again = await page.getByRole('link', { name: 'Run it again' }).getAttribute('href');
  assert.equal(again, `/playground?sweep=sma_cross&run=${best.run}`);
});

// Trades differently with an int where a float belongs, refuses to trade without fees in its amount.
const kinds = `class Strategy(IStrategy):
    def run(self, context, kline, params):
        if context.position == 0 and len(self.kline_cache) > 5:
            context.buy(kline.close, float(context.balance / kline.close) * params['share'] * (0.5 if type(params['k']) is float else 0.25), kline.open_time)
`;
const kindsSweep = `name: kinds
strategy: kinds.py
symbols: WAVEUSDT
intervals: 1h
from: 2020-01-03T05:00
warmup: 3
account: {initial_balance: 555.5, fee_rate: 0.002, slippage_bp: 2}
params: {k: [1.0, 2.0], share: [1.0, 2.0], klineWndSize: 6}
`;
browserTest('a run copied as a sweep file gives the run again', async ({ page, context, open, server, world }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
  await makeResult(server, world, 'kinds', kindsSweep, kinds);
  const { rows } = await get(server, '/sweeps/kinds/runs?columns=run,k,share,profitRate,totalTrades&limit=10');
  const [run, , , profitRate] = rows.find(([, k, share]) => k === 2 && share === 1);
  await open(`/sweeps/kinds/runs/${run}`);
  await page.getByRole('button', { name: 'Copy as sweep file' }).click();
  await page.getByText('Copied').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^ {2}k: 2\.0$/m);
  await makeResult(server, world, 'kinds_copied', copied.replace(/^name: .*$/m, 'name: kinds_copied'), kinds);
  const again = await get(server, '/sweeps/kinds_copied/runs?columns=run,profitRate&limit=10');
  assert.deepEqual(again.rows, [[0, profitRate]]);

  const [refused, , , , trades] = rows.find(([, k, share]) => k === 2 && share === 2);
  assert.equal(trades, 0);
  await open(`/sweeps/kinds/runs/${refused}`);
  await page.getByText(/^No trades: all [\d,]+ orders were refused/).waitFor();
});

browserTest('a failed run shows its error, and the line in the strategy', async ({ page, open, server, shot }) => {
  const { rows } = await get(server, '/sweeps/mixed/runs?status=failed&columns=run&limit=1');
  await open(`/sweeps/mixed/runs/${rows[0][0]}`);
  await page.getByRole('alert').getByText('ValueError: in a bad mood — line 4 of the strategy').waitFor();
  assert.ok((await page.getByLabel('Traceback').innerText()).includes("raise ValueError('in a bad mood')"));
  assert.equal((await page.locator('.run-line-error').innerText()).trim(), "raise ValueError('in a bad mood')");
  assert.equal(await page.locator('.run-key').count(), 0);
  await page.getByText('A run that did not get to its end keeps no trades.').waitFor();
  await shot('run-failed');
});

browserTest('what a strategy printed is shown', async ({ page, open, server }) => {
  const { rows } = await get(server, '/sweeps/mixed/runs?status=done&columns=run&limit=1');
  const run = await get(server, `/sweeps/mixed/runs/${rows[0][0]}`);
  await open(`/sweeps/mixed/runs/${rows[0][0]}`);
  const shown = await page.getByLabel('Printed by the strategy').innerText();
  assert.equal(shown.trim(), run.log.trim());
});

browserTest('a run that is not there', async ({ page, open, allow }) => {
  allow(/404/);
  await open('/sweeps/sma_cross/runs/99999');
  await page.getByRole('heading', { name: 'There is no such run' }).waitFor();
  await open('/sweeps/sma_cross/runs/first');
  await page.getByRole('link', { name: 'Back to the runs of sma_cross' }).click();
  await page.waitForURL('**/sweeps/sma_cross');
});

browserTest('a run of which only the sparkline was kept', async ({ page, open, server, world }) => {
  await makeResult(server, world, 'thin', thinSweep, thin);
  await open('/sweeps/thin/runs/1');
  await page.getByText('Of this run only a small equity curve was kept').waitFor();
  await page.getByText('The 4,000 trades were not kept').waitFor();
  await drawn(page);
  await page.getByText(/Equity between [\d,.]+ and [\d,.]+/).waitFor();
});

goneTest('a run whose klines the store has others of by now says so', async ({ page, open, server, allow }) => {
  allow(/ERR_CONNECTION_REFUSED/); // while the server is stopped
  const notice = page.getByText('These are not the candles of this run');
  await open('/sweeps/sma_cross/runs/0');
  await drawn(page);
  await page.waitForLoadState('networkidle');
  assert.equal(await notice.count(), 0);
  await server.stop();
  await kmill(['synth', '--store', server.store, '--bars', '8760', '--seed', '43', '--replace']);
  await server.start();
  await open('/sweeps/sma_cross/runs/0');
  await notice.waitFor();
  await drawn(page);
});

goneTest('a run whose klines are no longer in the store', async ({ page, open, server, allow }) => {
  allow(/404/);
  await server.stop();
  await rm(path.join(server.store, 'SYNTHUSDT'), { recursive: true });
  await server.start();
  await open('/sweeps/sma_cross/runs/0');
  await page.getByRole('heading', { name: 'No candles to show' }).waitFor();
  await page.locator('.run-groups').waitFor();
});

browserTest('a pan over 525,600 klines keeps 50 frames a second, and memory is bounded', async ({ page, context, open, server, world, t }) => {
  const strategy = `class Strategy(IStrategy):
    def run(self, context, kline, params):
        minute = len(self.kline_cache.get_closes())
        if context.position == 0 and kline.close < kline.open:
            context.buy(kline.close, 0.01, kline.open_time)
        elif context.position > 0 and kline.close > kline.open * (1 + params['gain']):
            context.sell_all(kline.close, kline.open_time)
`;
  await makeResult(server, world, 'minutes', 'name: minutes\nstrategy: minutes.py\nsymbols: SYNTHUSDT\nintervals: 1m\nparams: {gain: [0.002, 0.004]}\nkeep: {equity: all, trades: all}\n', strategy);
  await open('/sweeps/minutes/runs/1');
  await drawn(page);
  assert.equal((await get(server, '/sweeps/minutes/runs/1')).metrics.bars, 525_600);

  const cdp = await context.newCDPSession(page);
  const heap = async () => {
    await cdp.send('HeapProfiler.collectGarbage');
    return (await cdp.send('Runtime.getHeapUsage')).usedSize / 2 ** 20;
  };
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const cpuSeconds = async () => (await cdp.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value;
  /**
   * Frames a second that the browser drew, by its own trace, while the chart was dragged to the past for some seconds. The drag's steps
   * are made in the page, one before each frame, so that this process does not set the pace.
   */
  async function pan(seconds) {
    const drawnAt = [];
    const complete = new Promise((resolve) => cdp.once('Tracing.tracingComplete', resolve));
    const collect = ({ value }) => drawnAt.push(...value.filter(({ name }) => name === 'DrawFrame').map(({ ts }) => ts));
    cdp.on('Tracing.dataCollected', collect);
    await cdp.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline.frame', 'devtools.timeline.frame'] } });
    const cpuBefore = await cpuSeconds();
    await page.evaluate(
      (ms) =>
        new Promise((done) => {
          const holder = document.querySelector('.candles-holder');
          const { left, top, width } = holder.getBoundingClientRect();
          const send = (to, kind, x) => to.dispatchEvent(new PointerEvent(kind, { pointerId: 1, button: 0, clientX: left + x, clientY: top + 150, bubbles: true }));
          const end = performance.now() + ms;
          let x = 40;
          send(holder, 'pointerdown', x);
          const step = () => {
            if (x > width - 120) {
              send(window, 'pointerup', x);
              x = 40;
              send(holder, 'pointerdown', x);
            }
            send(window, 'pointermove', (x += 12));
            if (performance.now() < end) requestAnimationFrame(step);
            else {
              send(window, 'pointerup', x);
              done();
            }
          };
          requestAnimationFrame(step);
        }),
      seconds * 1000,
    );
    await cdp.send('Tracing.end');
    await complete;
    cdp.off('Tracing.dataCollected', collect);
    return { rate: drawnAt.length / seconds, cpu: (1000 * ((await cpuSeconds()) - cpuBefore)) / drawnAt.length };
  }

  for (const span of ['1 day', '30 days']) {
    await page.getByRole('button', { name: span, exact: true }).click();
    await chart(page).focus();
    await page.keyboard.press('End');
    await page.waitForTimeout(1000);
    const before = await heap();
    const start = await range(page);
    let [rate, cpu] = [0, 0];
    for (let tries = 0; tries < 3 && rate < 50; tries++) {
      const found = await pan(4);
      if (found.rate > rate) ({ rate, cpu } = found);
    }
    const after = await heap();
    const moved = (start.from - (await range(page)).from) / start.length;
    t.diagnostic(`pan, ${span} in view: ${rate.toFixed(1)} frames/s, ${cpu.toFixed(1)} ms of the main thread’s CPU a frame, ${moved.toFixed(1)} views far, heap ${before.toFixed(1)} -> ${after.toFixed(1)} MiB`);
    assert.ok(moved > 0.5, 'the chart was moved');
    // A machine that is busy with others gives the page a part of a core: then what a frame costs is judged.
    const busy = os.loadavg()[0] > 1.5 * os.availableParallelism();
    assert.ok(rate >= 50 || (busy && cpu < 14), `${rate} frames a second, ${cpu} ms of CPU each`);
    assert.ok(after < before + 24 && after < 96, `${before} -> ${after} MiB`);
  }
});
