// The list of sweeps: what there is, what is looked for, a sweep that is posted, cancelled and resumed while the page looks on.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { assert, pages } from './harness.mjs';

const browserTest = pages('sweeps');
const empty = mkdtempSync(path.join(os.tmpdir(), 'kmill-e2e-none-'));
after(() => rmSync(empty, { recursive: true, force: true }));
const emptyTest = pages('sweeps of an empty folder', { results: empty });

const row = (page, id) => page.locator(`tr[data-sweep="${id}"]`);
const names = (page) => page.locator('tr[data-sweep]').evaluateAll((rows) => rows.map((one) => one.dataset.sweep));

/** The rows follow the address a moment later. */
async function rowsBecome(page, pick, expected) {
  let seen;
  for (let tries = 0; tries < 50; tries++) {
    seen = pick(await names(page));
    if (JSON.stringify(seen) === JSON.stringify(expected)) return;
    await page.waitForTimeout(100);
  }
  assert.deepEqual(seen, expected);
}

browserTest('every sweep has its state, runs, failures and the best run with its parameters', async ({ page, open, server, shot }) => {
  await open('/sweeps');
  const { sweeps } = await (await fetch(`${server.url}/api/v1/sweeps`)).json();
  assert.deepEqual((await names(page)).sort(), sweeps.map((one) => one.id).sort());
  const cross = await row(page, 'sma_cross').innerText();
  const best = sweeps.find((one) => one.id === 'sma_cross').best;
  for (const text of ['complete', '1,323', 'profitRate', `${(best.value * 100).toFixed(2)} %`, `fast_period ${best.params.fast_period}`, 'sma_cross.py', 'SYNTHUSDT 1h'])
    assert.ok(cross.includes(text), `${text} in ${cross}`);
  assert.ok((await row(page, 'mixed').innerText()).includes('48'), 'the runs in a bad mood have failed');
  assert.ok((await row(page, 'unfinished').innerText()).includes('interrupted'));
  await shot('sweeps');
});

browserTest('search, state and order are in the address, and a reload shows the same', async ({ page, open }) => {
  await open('/sweeps');
  await page.getByRole('searchbox').fill('moody');
  await page.waitForURL('**/sweeps?q=moody');
  await rowsBecome(page, (all) => all.sort(), ['mixed', 'unfinished']);
  await page.getByRole('button', { name: 'interrupted' }).click();
  await rowsBecome(page, (all) => all, ['unfinished']);
  await page.reload();
  await row(page, 'unfinished').waitFor();
  await rowsBecome(page, (all) => all, ['unfinished']);
  await page.getByRole('searchbox').fill('nothing like it');
  await page.getByText('No sweep matches').waitFor();
  await page.getByRole('button', { name: 'Clear all filters' }).click();
  await row(page, 'mixed').waitFor();
  await page.getByRole('button', { name: 'Runs', exact: true }).click();
  await page.waitForURL('**/sweeps?sort=-runs');
  await rowsBecome(page, (all) => all[0], 'sma_cross');
});

browserTest('a posted sweep shows its progress, is cancelled and resumed', async ({ page, open, server }) => {
  await open('/sweeps');
  const strategy = `class Strategy(IStrategy):
    def run(self, context, kline, params):
        closes = self.kline_cache.get_closes()
        if len(closes) > params['a'] and closes[-1] > closes[-params['a']] and context.position == 0:
            context.buy(kline.close, 0.001, kline.open_time)
`;
  const sweep = `name: posted\nstrategy: mine.py\nsymbols: [SYNTHUSDT]\nintervals: [1h]\nthreads: 1\nparams:\n  a: {range: [2, 40], step: 1}\n  b: {range: [1, 400], step: 1}\n  klineWndSize: 50\n`;
  const posted = await fetch(`${server.url}/api/v1/sweeps`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sweep, strategy }) });
  assert.equal(posted.status, 202, await posted.clone().text());
  const done = async () => (await (await fetch(`${server.url}/api/v1/sweeps/posted`)).json()).done;

  await row(page, 'posted').getByText('running').waitFor();
  await row(page, 'posted').getByText(/runs\/s/).waitFor();
  await page.waitForFunction(() => document.querySelector('tr[data-sweep=posted] progress')?.value > 0);
  await row(page, 'posted').getByRole('button', { name: 'Cancel' }).click();
  await row(page, 'posted').getByText('interrupted').waitFor();
  const before = await done();
  assert.ok(before > 0 && before < 39 * 400, `${before} runs`);

  await row(page, 'posted').getByRole('link', { name: 'posted' }).click();
  await page.getByRole('heading', { name: 'posted' }).waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.locator('.sweep-head .state-running, .sweep-head .state-complete').waitFor();
  await page.waitForFunction((was) => Number(/^[\d,]+/.exec(document.querySelector('.sweep-head .progress-text')?.textContent ?? '')?.[0].replaceAll(',', '')) > was, before);
  await page.waitForFunction((was) => Number(document.querySelector('.filter-count')?.textContent?.replaceAll(',', '').split(' ')[0]) > was, before); // the table follows
  await fetch(`${server.url}/api/v1/sweeps/posted`, { method: 'DELETE' });
});

emptyTest('nothing yet: how to start is said', async ({ page, open, shot }) => {
  await open('/sweeps');
  await page.getByRole('heading', { name: 'No sweeps yet' }).waitFor();
  assert.ok((await page.locator('.how-to-start code').innerText()).startsWith('kmill run '));
  await shot('sweeps-empty');
  await page.getByRole('link', { name: 'open the playground' }).click();
  await page.waitForURL('**/playground');
});
