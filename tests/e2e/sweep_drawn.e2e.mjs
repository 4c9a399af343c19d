// A sweep whose parameters were drawn at random, with filters of its own: a heatmap of ranges whose cells filter by them, and a table
// that begins with the best of what the sweep ranks. And sweeps without a run that is done, or without any run yet.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { assert, kmill, pages } from './harness.mjs';

const browserTest = pages('drawn sweeps');

const drawn = `name: drawn
strategy: moody.py
symbols: SYNTHUSDT
intervals: 1h
params:
  period: {integer: [5, 60]}
  fraction: {uniform: [0.1, 0.9]}
  mood: good
  klineWndSize: 80
method: random
trials: 120
seed: 5
filters: {min_trades: 800}
keep: {equity: none, trades: none}
`;
const bad = `name: bad
strategy: moody.py
symbols: SYNTHUSDT
intervals: 1h
params: {period: [5, 10, 15], fraction: 0.5, mood: bad, klineWndSize: 50}
`;

/** Runs a sweep file beside the server, whose results folder it goes to. */
async function sweep(server, world, name, text, code) {
  const file = path.join(world.folder, `${name}.yaml`);
  await writeFile(file, text);
  await kmill(['run', file, '--store', world.store, '--output', path.join(server.results, `${name}.h5`), '--progress', 'none', '--overwrite'], { code });
  for (const until = Date.now() + 10_000; (await get(server, name)).state !== 'complete'; await new Promise((resolve) => setTimeout(resolve, 100))) assert.ok(Date.now() < until, `${name} is not complete`);
}
const get = async (server, address) => (await fetch(`${server.url}/api/v1/sweeps/${address}`)).json();
const searchOf = (page) => new URL(page.url()).searchParams;

browserTest('the heatmap has ranges, a cell filters by them and is released again', async ({ page, open, server, world, shot }) => {
  await sweep(server, world, 'drawn', drawn, 0);
  await open('/sweeps/drawn?view=heatmap&ranked=false&min.period=10');
  const map = await get(server, 'drawn/heatmap?x=period&y=fraction&metric=profitRate&agg=max&min.period=10');
  assert.ok(map.x.edges.length <= 8 && map.y.edges.length <= 8, 'the root of half of the runs');
  const cells = page.getByRole('application', { name: /^Heatmap, highest profitRate, period against fraction/ });
  await cells.focus();
  for (const key of ['ArrowRight', 'ArrowUp', 'ArrowRight']) await page.keyboard.press(key); // the first key shows the cursor
  const [low, high] = [map.x.edges[1], map.x.edges[2] - 1];
  const [from, to] = [map.y.edges[1], map.y.edges[2]];
  assert.equal(await page.locator('.view-tooltip div').first().innerText(), `period ${low} … ${high}, fraction ${from} … ${to}`);
  await shot('heatmap-ranges');
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.searchParams.get('min.period') === String(low) && url.searchParams.get('max.period') === String(high) && url.searchParams.get('min.fraction') === String(from));
  await page.getByText(`${map.counts[1][1]} of 120 runs`).waitFor();
  await page.getByText(`${from} ≤ fraction < ${to}`).waitFor();
  await page.reload();
  await page.locator('.view-cell-chosen').waitFor();
  await page.getByRole('button', { name: 'Clear choice' }).click();
  await page.waitForURL((url) => url.searchParams.get('min.period') === '10' && !url.searchParams.has('max.period'));
  const region = page.getByRole('region', { name: 'Heatmap', exact: true });
  await region.getByLabel('Ranges').selectOption('at most 5');
  await page.waitForURL((url) => url.searchParams.get('hm.bins') === '5');
  await region.getByRole('button', { name: 'As a table' }).click();
  const coarse = await get(server, 'drawn/heatmap?x=period&y=fraction&metric=profitRate&agg=max&min.period=10&x_bins=5&y_bins=5');
  const full = coarse.counts.flat().filter((count) => count > 0).length;
  await region.getByText(`${full} of ${full} cells, the best first`).waitFor();
});

browserTest('the table begins with the best of what the sweep ranks, as kmill top does, and shows all when asked', async ({ page, open, server, world }) => {
  await sweep(server, world, 'drawn', drawn, 0);
  const file = path.join(server.results, 'drawn.h5');
  const top = async (...more) => JSON.parse(await kmill(['top', file, '--format', 'json', '--limit', 0, ...more])).map((row) => row.run);
  const [ranked, everything] = [await top(), await top('--where', '')];
  assert.ok(ranked.length > 0 && ranked[0] !== everything[0], 'runs with few trades would stand first');
  await open('/sweeps/drawn');
  await page.getByText(`${ranked.length} of 120 runs`).waitFor();
  const first = page.locator('.runs-row').first();
  await first.getByRole('link', { name: String(ranked[0]), exact: true }).waitFor();
  await page.getByRole('button', { name: "Sweep's filter: totalTrades ≥ 800", pressed: true }).click();
  await page.getByText('120 of 120 runs').waitFor();
  await first.getByRole('link', { name: String(everything[0]), exact: true }).waitFor();
  assert.equal(searchOf(page).get('ranked'), 'false');
  await page.goBack();
  await page.getByText(`${ranked.length} of 120 runs`).waitFor();
});

browserTest('a sweep of failures says so in every view', async ({ page, open, server, world }) => {
  await sweep(server, world, 'bad', bad, 1);
  for (const view of ['heatmap', 'parallel', 'distribution', 'importance', 'equity', 'scatter']) {
    await open(`/sweeps/bad?view=${view}`);
    await page.getByText("None of the sweep's runs is done.").first().waitFor();
  }
});

browserTest('a sweep that waits is no error', async ({ page, open, server, world }) => {
  const post = (name, period) =>
    fetch(`${server.url}/api/v1/sweeps`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        sweep: `name: ${name}\nstrategy: own.py\nsymbols: SYNTHUSDT\nintervals: 1m\nparams: {period: {range: [2, ${period}], step: 1}}\n`,
        strategy: 'class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        calculate_sma(self.kline_cache.get_closes(), params["period"])\n',
      }),
    });
  assert.equal((await post('long', 90)).status, 202);
  assert.equal((await post('waits', 3)).status, 202);
  await open('/sweeps/waits'); // by its address: the page knows nothing of it
  await page.getByText('queued').first().waitFor();
  for (const name of ['waits', 'long']) await fetch(`${server.url}/api/v1/sweeps/${name}`, { method: 'DELETE' });
});
