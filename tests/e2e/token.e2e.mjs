// A server with a token: looking needs none, whatever runs or changes something asks for it once, and goes on with it.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { assert, pages } from './harness.mjs';

const TOKEN = 'correct-horse-battery-staple';
const folder = mkdtempSync(path.join(os.tmpdir(), 'kmill-e2e-token-'));
after(() => rm(folder, { recursive: true }));
writeFileSync(path.join(folder, 'token'), TOKEN);
const browserTest = pages('token', { serve: ['--token-file', path.join(folder, 'token')] });
const openServer = pages('token (a server without one)');

const refusals = [/refused: 401/, /status of 401/];
const lock = (page) => page.getByRole('button', { name: /^Token: / });
const dialog = (page) => page.getByRole('dialog', { name: 'Token of the server' });
const field = (page) => dialog(page).getByLabel('Token', { exact: true });
async function give(page, token, { inBrowser = false } = {}) {
  await field(page).fill(token);
  await dialog(page).getByLabel('Remember in this browser').setChecked(inBrowser);
  await page.keyboard.press('Enter');
}
const keepToken = (page) => page.addInitScript((token) => localStorage.setItem('kmill.token', token), TOKEN);

const strategy = `class Strategy(IStrategy):
    def run(self, context, kline, params):
        if context.position == 0:
            context.buy(kline.close, 0.001, kline.open_time)
`;
const slowStrategy = strategy.replace('        if', '        sum(range(2000))\n        if'); // half a million bars of it take many seconds
const openPlayground = async (page, open, interval, source = strategy) => {
  const config = { symbol: 'SYNTHUSDT', interval, from: '2020-01-01', to: '', warmup: '0', initialBalance: '10000', feeRate: '0.001', slippage: '0', priceCheck: 'count', window: '50', parameters: [] };
  await page.addInitScript((text) => localStorage.setItem('kmill.playground.draft', text), JSON.stringify({ name: '', source, base: source, engine: 'server', config }));
  await open('/playground');
  await page.locator('.cm-content').waitFor();
};
const runButton = (page) => page.getByRole('button', { name: 'Run', exact: true });
const post = (server, target, body) => fetch(`${server.url}/api/v1${target}`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` }, body: JSON.stringify(body) });

browserTest('a backtest asks for the token, tells a wrong one, and goes on with the right one', async ({ page, open, allow, shot }) => {
  allow(...refusals);
  await openPlayground(page, open, '1h');
  await page.getByRole('button', { name: 'Token: this server wants one' }).waitFor(); // told by the check, before anything is run
  assert.equal(await dialog(page).count(), 0, 'typing asks nobody');
  await runButton(page).click();
  await dialog(page).getByText('This server runs and changes nothing without its token').waitFor();
  assert.equal(await field(page).evaluate((element) => element === document.activeElement), true, 'the field has the focus');
  await give(page, 'not-the-right-token');
  await dialog(page).getByRole('alert').getByText('That token is wrong.').waitFor();
  await shot('token');
  await give(page, TOKEN);
  await dialog(page).waitFor({ state: 'detached' });
  await page.locator('[data-figure=finalBalance]').waitFor();
  await page.getByRole('button', { name: 'Token: kept in this tab' }).waitFor();

  await page.reload();
  await page.locator('.cm-content').waitFor();
  await runButton(page).click();
  await page.locator('[data-figure=finalBalance]').waitFor();
  assert.equal(await page.evaluate(() => localStorage.getItem('kmill.token')), null);
});

browserTest('whoever closes the dialog is told why nothing ran', async ({ page, open, allow }) => {
  allow(...refusals);
  await openPlayground(page, open, '1h');
  await runButton(page).click();
  await dialog(page).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('log', { name: 'Output of the run' }).getByText('lets nobody run or change anything without its token').waitFor();
  await runButton(page).waitFor();
});

browserTest('the progress of a backtest comes, and stopping it stops it on the server', async ({ page, open, server }) => {
  await keepToken(page);
  await openPlayground(page, open, '1m', slowStrategy);
  await runButton(page).click();
  await page.waitForFunction(() => document.querySelector('.playground progress')?.value > 0);
  const deleted = page.waitForResponse((answer) => answer.request().method() === 'DELETE');
  await page.getByRole('button', { name: 'Stop' }).click();
  assert.ok([204, 404].includes((await deleted).status()));
  await runButton(page).waitFor();
  await page.waitForFunction(async () => (await (await fetch('/api/v1/backtests')).json()).backtests.length === 0);
  assert.ok(server.pid);
});

browserTest('a sweep is started, cancelled and resumed, and a run verified', async ({ page, open, server }) => {
  await keepToken(page);
  await open('/sweeps');
  const sweep = 'name: posted\nstrategy: mine.py\nsymbols: [SYNTHUSDT]\nintervals: [1h]\nthreads: 1\nparams:\n  a: {range: [2, 40], step: 1}\n  b: {range: [1, 400], step: 1}\n';
  assert.equal((await post(server, '/sweeps', { sweep, strategy })).status, 202);
  const row = page.locator('tr[data-sweep=posted]');
  await page.waitForFunction(() => document.querySelector('tr[data-sweep=posted] progress')?.value > 0);
  await row.getByRole('button', { name: 'Cancel' }).click();
  await row.getByText('interrupted').waitFor();
  await row.getByRole('button', { name: 'Resume' }).click();
  await row.getByText('running').waitFor();
  await row.getByRole('button', { name: 'Cancel' }).click();
  await row.getByText('interrupted').waitFor();
  await open('/sweeps/sma_cross/runs/0');
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.getByText('Run again: every bit is the same.').waitFor();
});

browserTest('"make a sweep of it" asks above its own dialog', async ({ page, open, allow }) => {
  allow(...refusals);
  await openPlayground(page, open, '1d');
  await page.getByRole('button', { name: 'Make a sweep of it' }).click();
  await page.getByRole('button', { name: 'Start the sweep' }).click();
  await give(page, TOKEN);
  await page.waitForURL('**/sweeps/*');
});

browserTest('the lock keeps a token in the browser, and forgets it', async ({ page, context, open, allow }) => {
  allow(...refusals);
  await open('/sweeps');
  await page.getByRole('button', { name: 'Token: none' }).click();
  await page.getByRole('button', { name: 'Token: this server wants one' }).waitFor({ state: 'attached' });
  await give(page, TOKEN, { inBrowser: true });
  await page.getByRole('button', { name: 'Token: kept in this browser' }).waitFor();
  const other = await context.newPage();
  await other.goto('/sweeps');
  await other.getByRole('button', { name: 'Token: kept in this browser' }).click();
  await dialog(other).getByRole('button', { name: 'Forget it' }).click();
  await page.getByRole('button', { name: 'Token: this server wants one' }).waitFor(); // the first tab hears of it
  assert.equal(await page.evaluate(() => localStorage.getItem('kmill.token')), null);
});

browserTest('a token that is no longer the right one is asked for anew', async ({ page, open, allow }) => {
  allow(...refusals);
  await page.addInitScript(() => localStorage.setItem('kmill.token', 'the-token-of-last-week'));
  await openPlayground(page, open, '1h');
  await runButton(page).click();
  await dialog(page).getByText('The token that was kept here is not the server’s').waitFor();
  await give(page, TOKEN);
  await page.locator('[data-figure=finalBalance]').waitFor();
});

openServer('says that it wants none', async ({ page, open }) => {
  await open('/sweeps');
  await lock(page).click();
  await dialog(page).getByText('This server has no token and wants none').waitFor();
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
  assert.equal(await lock(page).evaluate((element) => element === document.activeElement), true, 'the focus is where it was');
});
