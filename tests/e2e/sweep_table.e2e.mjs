// The runs of a sweep: order, filters, columns, keyboard, comparison, download; everything is in the address. What the table shows is
// held against what the API says.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { promisify } from 'node:util';
import { assert, pages, source } from './harness.mjs';

const browserTest = pages('sweep table');

const runsOf = async (server, id, query = '') => (await fetch(`${server.url}/api/v1/sweeps/${id}/runs?${query}`)).json();
const shownRuns = (page, count) => page.locator('.runs-row').evaluateAll((rows, n) => rows.map((row) => [Number(row.getAttribute('aria-rowindex')), Number(row.querySelector('.runs-run a')?.textContent)]).sort((a, b) => a[0] - b[0]).slice(0, n).map(([, run]) => run), count);
const rowsAre = async (page, expected) => {
  await page.waitForFunction((runs) => {
    const rows = [...document.querySelectorAll('.runs-row')].map((row) => [Number(row.getAttribute('aria-rowindex')), Number(row.querySelector('.runs-run a')?.textContent)]).sort((a, b) => a[0] - b[0]);
    return !document.querySelector('.runs-stale') && runs.every((run, at) => rows[at]?.[1] === run);
  }, expected).catch(async (error) => {
    assert.deepEqual(await shownRuns(page, expected.length), expected);
    throw error;
  });
};
const first = (answer, count = 8) => answer.rows.slice(0, count).map((row) => row[answer.columns.indexOf('run')]);
const sortButton = (page, name) => page.getByRole('columnheader', { name: new RegExp(`^${name}\\b`) }).getByRole('button');

browserTest('the rows stand in the order of the sweep, with curves', async ({ page, open, server, shot }) => {
  await open('/sweeps/sma_cross');
  await rowsAre(page, first(await runsOf(server, 'sma_cross')));
  await page.getByText('1,323 of 1,323 runs').waitFor();
  await page.locator('.runs-row svg').nth(10).waitFor();
  await shot('sweep');
});

browserTest('a click sorts, shift adds keys, and the link shows it again', async ({ page, open, server }) => {
  await open('/sweeps/sma_cross');
  await sortButton(page, 'totalTrades').click();
  await page.waitForURL('**?sort=-totalTrades');
  await sortButton(page, 'fast_period').click({ modifiers: ['Shift'] });
  await sortButton(page, 'maxDrawdown').click({ modifiers: ['Shift'] });
  await page.waitForURL((url) => url.searchParams.get('sort') === '-totalTrades,fast_period,maxDrawdown');
  const expected = first(await runsOf(server, 'sma_cross', 'sort=-totalTrades,fast_period,maxDrawdown'));
  await rowsAre(page, expected);
  assert.equal(await page.getByRole('columnheader', { name: /^maxDrawdown/ }).locator('.runs-order').innerText(), '↑3');
  await page.goto(page.url());
  await rowsAre(page, expected);
});

browserTest('bounds, a condition and fixed values make one filter, each can be taken away', async ({ page, open, server }) => {
  await open('/sweeps/mixed');
  await page.getByText('96 of 96 runs').waitFor();
  await page.getByLabel('period at least').fill('20');
  await page.getByLabel('symbol is').selectOption('WAVEUSDT');
  await page.getByLabel('Condition').fill('fraction > 0.3');
  await page.getByLabel('Condition').press('Enter');
  await page.getByRole('button', { name: /^done/ }).click();
  // periods 20 to 40, two fractions, one symbol, a good mood
  await page.getByText('10 of 96 runs').waitFor();
  const query = new URL(page.url()).searchParams;
  assert.deepEqual(Object.fromEntries(query), { where: 'fraction > 0.3', 'min.period': '20', 'fixed.symbol': 'WAVEUSDT', status: 'done' });
  await rowsAre(page, first(await runsOf(server, 'mixed', query)));
  await page.getByRole('button', { name: 'Remove: period ≥ 20' }).click();
  await page.getByText('16 of 96 runs').waitFor();
  await page.getByRole('button', { name: 'Clear all filters' }).click();
  await page.getByText('96 of 96 runs').waitFor();
});

browserTest('a ratio is bounded in percent', async ({ page, open, server }) => {
  await open('/sweeps/sma_cross');
  await page.getByLabel('maxDrawdown at most').fill('30%');
  await page.getByLabel('maxDrawdown at most').press('Enter');
  await page.waitForURL((url) => url.searchParams.get('max.maxDrawdown') === '0.3');
  const { total } = await runsOf(server, 'sma_cross', 'max.maxDrawdown=0.3');
  assert.ok(total > 0 && total < 1323, `${total}`);
  await page.getByText(`${total.toLocaleString('en-US')} of 1,323 runs`).waitFor();
});

browserTest('a condition that cannot be read is said at its field, and the rows stay', async ({ page, open, allow }) => {
  allow(/400/);
  await open('/sweeps/sma_cross');
  await page.locator('.runs-row .runs-run a').first().waitFor();
  await page.getByLabel('Condition').fill('totalTrades >< 3');
  await page.getByLabel('Condition').press('Enter');
  const alert = page.getByRole('alert');
  await alert.waitFor();
  assert.match(await alert.innerText(), /^Column \d+: /);
  assert.equal(await page.getByLabel('Condition').getAttribute('aria-invalid'), 'true');
  assert.ok((await page.locator('.runs-row .runs-run a').count()) > 5);
});

browserTest('an address with mistakes is said, and the table can be reset', async ({ page, open, allow }) => {
  allow(/400/);
  await open('/sweeps/sma_cross?sort=nothing&min.alpha=x&view=pie&status=odd&columns=fast_period');
  await page.getByRole('button', { name: 'Reset the table' }).click();
  await page.locator('.runs-row .runs-run a').first().waitFor();
});

browserTest('columns are chosen by name; those with one value are hidden until asked for', async ({ page, open }) => {
  await open('/sweeps/sma_cross');
  await page.locator('.runs-row .runs-run a').first().waitFor();
  assert.equal(await page.getByRole('columnheader', { name: /^klineWndSize/ }).count(), 0);
  await page.getByRole('button', { name: /^Columns/ }).click();
  await page.getByRole('checkbox', { name: 'Hide columns with one value' }).uncheck();
  await page.getByRole('columnheader', { name: /^klineWndSize/ }).waitFor();
  await page.getByLabel('Search columns').fill('omega');
  await page.getByRole('checkbox', { name: 'omega' }).check();
  await page.keyboard.press('Escape');
  await page.getByRole('columnheader', { name: /^omega/ }).waitFor();
  assert.ok(new URL(page.url()).searchParams.get('columns').split(',').includes('omega'));
});

browserTest('the keyboard goes through the rows, selects and opens', async ({ page, open, server }) => {
  const { rows, columns } = await runsOf(server, 'sma_cross', 'limit=3');
  const run = rows[2][columns.indexOf('run')];
  await open('/sweeps/sma_cross');
  await page.locator('.runs-row .runs-run a').first().waitFor();
  await page.getByRole('grid').focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'Space']) await page.keyboard.press(key);
  await page.waitForURL(`**?compare=${run}`);
  await page.keyboard.press('End');
  await page.locator('#run-row-1322 .runs-run a').waitFor();
  const [seen, table] = [await page.locator('#run-row-1322').boundingBox(), await page.getByRole('grid').boundingBox()];
  assert.ok(seen.y + seen.height <= table.y + table.height + 1, 'the last row is in view');
  const last = await page.locator('#run-row-1322 .runs-run a').innerText();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/sweeps/sma_cross/runs/${last}`);
  await page.goBack();
  await page.waitForURL(`**?compare=${run}`);
});

browserTest('two runs side by side: what differs', async ({ page, open }) => {
  await open('/sweeps/sma_cross?compare=0,5');
  await page.getByRole('button', { name: 'Figures' }).click();
  const figures = page.locator('.compare-figures');
  await figures.getByRole('rowheader', { name: 'slow_period' }).waitFor();
  assert.equal(await figures.getByRole('rowheader', { name: 'klineWndSize' }).count(), 0);
  await figures.getByRole('checkbox').uncheck();
  await figures.getByRole('rowheader', { name: 'klineWndSize' }).waitFor();
});

browserTest('the download has the rows of the filter', async ({ page, open, server }) => {
  await open('/sweeps/sma_cross?min.fast_period=50&sort=-sharpe&columns=fast_period,sharpe');
  const link = page.getByRole('link', { name: 'CSV' });
  await link.waitFor();
  const [header, ...lines] = (await (await fetch(new URL(await link.getAttribute('href'), server.url))).text()).trim().split('\n');
  assert.equal(header.trim(), 'run,status,fast_period,sharpe');
  const answer = await runsOf(server, 'sma_cross', 'min.fast_period=50&sort=-sharpe&limit=1000');
  assert.equal(lines.length, answer.total);
  assert.deepEqual(lines.slice(0, 8).map((line) => Number(line.split(',')[0])), first(answer));
});

browserTest('where it comes from is one click away', async ({ page, open, server }) => {
  await open('/sweeps/sma_cross');
  await page.getByRole('button', { name: 'Provenance' }).click();
  const detail = await (await fetch(`${server.url}/api/v1/sweeps/sma_cross`)).json();
  await page.getByText(detail.provenance.strategy_sha256).waitFor();
  assert.equal(await page.getByLabel('Sweep file').textContent(), detail.spec);
});

browserTest('on a phone the page is no wider than the phone', async ({ page, open, shot }) => {
  await open('/sweeps/sma_cross');
  await page.locator('.runs-row svg').first().waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  await shot('sweep-phone', { fullPage: true });
}, { viewport: { width: 390, height: 844 } });

// A million runs, where the generator of such files is built (bench/make_result.c; KMILL_MAKE_RESULT names it).
const generator = process.env.KMILL_MAKE_RESULT ?? path.join(path.dirname(process.env.KMILL ?? path.join(source, 'build/release/bin/kmill')), '../bench/make_result');
if (existsSync(generator)) {
  const results = mkdtempSync(path.join(os.tmpdir(), 'kmill-e2e-million-'));
  after(() => rmSync(results, { recursive: true, force: true }));
  const millionTest = pages('a million runs', { results });
  let making;
  const made = () => (making ??= promisify(execFile)(generator, [path.join(results, 'million.h5')]));

  millionTest('are there within a second, and only the rows in view are', async ({ page, open, t }) => {
    await made();
    await open('/sweeps/million');
    await page.locator('.runs-row .runs-run a').first().waitFor(); // the server knows the file from now on
    const times = [];
    for (let i = 0; i < 3; i++) {
      await open('/sweeps');
      const begin = Date.now();
      await page.locator('tr[data-sweep=million] a').first().click();
      await page.locator('.runs-row .runs-run a').first().waitFor();
      times.push(Date.now() - begin);
    }
    // A second of a machine that is not shared; with more work than cores each of us gets a part of them.
    const share = Math.max(1, os.loadavg()[0] / os.cpus().length);
    t.diagnostic(`navigation to rows: ${times.join(', ')} ms; load a core ${share.toFixed(1)}`);
    assert.ok(Math.min(...times) < 1000 * share, `${times} ms`);
    assert.ok((await page.locator('.runs-row').count()) < 80);
  });

  millionTest('scroll smoothly, and the scrollbar reaches each of them', async ({ page, open, t }) => {
    await made();
    await open('/sweeps/million');
    await page.locator('.runs-row .runs-run a').first().waitFor();
    const box = await page.getByRole('grid').boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    // What the page itself does on its main thread (script, style, layout), in CPU time: wall time would be that of the other users of
    // the machine. A step moves five rows and takes several frames.
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const work = ['ScriptDuration', 'LayoutDuration', 'RecalcStyleDuration'];
    const cpu_ms = async () => (await session.send('Performance.getMetrics')).metrics.reduce((sum, { name, value }) => sum + (work.includes(name) ? 1000 * value : 0), 0);
    const rowAtTop = () => page.locator('.runs-row').evaluateAll((rows) => Math.min(...rows.map((one) => Number(one.getAttribute('aria-rowindex')))));
    const steps = 100;
    const before = await cpu_ms();
    for (let i = 0; i < steps; i++) {
      await page.mouse.wheel(0, 150);
      await page.waitForTimeout(16);
    }
    await page.waitForTimeout(300);
    const each = ((await cpu_ms()) - before) / steps;
    t.diagnostic(`scrolling by five rows: ${each.toFixed(1)} ms of CPU`);
    assert.ok((await rowAtTop()) > 400, 'it has scrolled');
    assert.ok(each < 25, `${each} ms of CPU for a step`);

    const visible = () =>
      page.evaluate(() => {
        const frame = document.querySelector('.runs-scroll').getBoundingClientRect();
        const head = document.querySelector('.runs-head').getBoundingClientRect().bottom;
        const rows = [...document.querySelectorAll('.runs-row')].filter((row) => row.getBoundingClientRect().bottom > head + 1 && row.getBoundingClientRect().top < frame.bottom - 1);
        return { numbers: rows.map((row) => Number(row.getAttribute('aria-rowindex')) - 2).sort((a, b) => a - b), whole: rows.every((row) => row.querySelector('.runs-run a')) };
      });
    for (const [share, expected] of [[0.5, 500_000], [1, 999_999], [0, 0]]) {
      await page.getByRole('grid').evaluate((grid, part) => grid.scrollTo(0, (grid.scrollHeight - grid.clientHeight) * part), share);
      await page.waitForTimeout(300);
      await page.waitForFunction(() => [...document.querySelectorAll('.runs-row')].every((row) => row.querySelector('.runs-run a')));
      const { numbers, whole } = await visible();
      assert.ok(whole, 'every row in view has arrived');
      assert.ok(numbers[0] <= expected && numbers.at(-1) >= expected, `${numbers[0]} … ${numbers.at(-1)} for ${expected}`);
    }
  });
}
