// The views beside the run table: what they show is what the API says, what is chosen in them becomes the filter in the address, and a
// pasted address shows the same again.
import { assert, pages } from './harness.mjs';

const browserTest = pages('sweep views');

const get = async (server, address) => (await fetch(`${server.url}/api/v1/sweeps/${address}`)).json();
const searchOf = (page) => new URL(page.url()).searchParams;
/** The runs that pass the filter of the address, as the API counts them. */
const passing = async (page, server, id) => {
  const query = [...searchOf(page)].filter(([name]) => /^(min\.|max\.|fixed\.|where$|status$)/.test(name));
  return (await get(server, `${id}/runs?limit=1&${new URLSearchParams(query)}`)).total;
};
/** The table's count is that of the API, for the filter that a view has set. */
async function countsAgree(page, server, id, all) {
  const total = await passing(page, server, id);
  await page.getByText(`${total.toLocaleString('en-US')} of ${all} runs`).waitFor();
  return total;
}
const view = (page, name) => page.getByRole('region', { name, exact: true });

/** Where an element is, after it was scrolled into the window. */
async function boxOf(element) {
  await element.scrollIntoViewIfNeeded();
  return element.boundingBox();
}

async function drag(page, from, to) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2);
  await page.mouse.move(to.x, to.y);
  await page.mouse.up();
}

browserTest('heatmap: the arrow keys go to a cell, Enter filters by it, its best run opens', async ({ page, open, server, shot }) => {
  await open('/sweeps/sma_cross?view=heatmap');
  const map = await get(server, 'sma_cross/heatmap?x=fast_period&y=slow_period&metric=profitRate&agg=max');
  const cells = page.getByRole('application', { name: /^Heatmap, highest profitRate, fast_period against slow_period/ });
  await cells.focus();
  await page.keyboard.press('ArrowRight'); // the first key shows the cursor, at the lowest of both
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowUp', 'PageUp', 'ArrowUp']) await page.keyboard.press(key);
  // Of 27 rows a page is three: 0 + 1 + 3 + 1.
  const [x, y] = [map.x.values[2], map.y.values[5]];
  assert.equal(await page.locator('.view-tooltip div').first().innerText(), `fast_period ${x}, slow_period ${y}`);
  await shot('heatmap');
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.searchParams.get('fixed.fast_period') === String(x) && url.searchParams.get('fixed.slow_period') === String(y));
  assert.equal(await countsAgree(page, server, 'sma_cross', '1,323'), map.counts[5][2]);
  await page.reload();
  await page.locator('.view-cell-chosen').waitFor();
  await page.getByRole('link', { name: `Open best run ${map.best_run[5][2]}` }).click();
  await page.waitForURL(`**/sweeps/sma_cross/runs/${map.best_run[5][2]}`);
  await page.goBack();
  await page.getByRole('button', { name: 'Clear choice' }).click();
  await page.getByText('1,323 of 1,323 runs').waitFor();
});

browserTest('heatmap: axes, figure and sliders are in the address; the list of cells begins with the best', async ({ page, open, server }) => {
  await open('/sweeps/mixed?view=heatmap');
  const heatmap = view(page, 'Heatmap');
  await heatmap.getByLabel('x', { exact: true }).selectOption('symbol');
  await heatmap.getByLabel('y', { exact: true }).selectOption('period');
  await heatmap.getByLabel('Figure of a cell').selectOption('mean');
  await heatmap.getByRole('slider', { name: 'fraction' }).press('End');
  await page.waitForURL((url) => url.searchParams.get('fixed.fraction') === '0.9');
  assert.equal(searchOf(page).get('hm.x'), 'symbol');
  assert.equal(searchOf(page).get('hm.agg'), 'mean');
  await heatmap.getByRole('button', { name: 'As a table' }).click();
  const map = await get(server, 'mixed/heatmap?x=symbol&y=period&metric=profitRate&agg=mean&fixed.fraction=0.9');
  const best = Math.max(...map.cells.flat());
  const row = map.cells.findIndex((cells) => cells.includes(best));
  const first = heatmap.locator('tbody tr').first();
  await first.getByText(`${(best * 100).toFixed(2)} %`).waitFor();
  assert.deepEqual((await first.locator('td').allInnerTexts()).slice(0, 2), [map.x.values[map.cells[row].indexOf(best)], String(map.y.values[row])]);
});

browserTest('parallel coordinates: a brush is a filter, on names a fixed value, a press frees the axis', async ({ page, open, server, shot }) => {
  await open('/sweeps/mixed?view=parallel');
  await view(page, 'Parallel coordinates').getByText('All 48 runs.').waitFor(); // the others have failed
  await shot('parallel');
  const grip = async (at) => {
    const box = await boxOf(page.locator('.view-axis-grip').nth(at));
    return (share) => ({ x: box.x + box.width / 2, y: box.y + box.height * (1 - share) });
  };
  const period = await grip(0); // 5 ... 40
  await drag(page, period(0.1), period(0.75)); // 8.5 ... 31.25: 10, 15, 20, 25, 30
  await page.waitForURL((url) => url.searchParams.get('min.period') === '9' && url.searchParams.get('max.period') === '31');
  assert.equal(await countsAgree(page, server, 'mixed', '96'), 60);
  await view(page, 'Parallel coordinates').getByText('All 30 runs.').waitFor();
  const mood = await grip(2); // bad below good
  await drag(page, mood(0.55), mood(0.95));
  await page.waitForURL((url) => url.searchParams.get('fixed.mood') === 'good');
  assert.equal(await countsAgree(page, server, 'mixed', '96'), 30);
  const at = period(0.4);
  await page.mouse.click(at.x, at.y);
  await page.waitForURL((url) => !url.searchParams.has('min.period') && url.searchParams.has('fixed.mood'));
});

browserTest('parallel coordinates by keyboard: arrows move a limit and go to the next axis, Delete frees; the same filter as a brush', async ({ page, open, server }) => {
  await open('/sweeps/mixed?view=parallel');
  await view(page, 'Parallel coordinates').getByText('All 48 runs.').waitFor();
  const focused = () => page.evaluate(() => document.activeElement.getAttribute('aria-label'));
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await page.locator('summary').filter({ hasText: 'Axes' }).focus();
  await press('Tab');
  assert.equal(await focused(), 'period, at least', 'the Tab key comes from the axes to the first limit');
  await press('ArrowUp'); // 5, 10, 15, ... 40
  await press('Tab');
  assert.equal(await focused(), 'period, at most');
  await press('ArrowDown', 'ArrowDown');
  await page.waitForURL((url) => url.searchParams.get('min.period') === '10' && url.searchParams.get('max.period') === '30');
  assert.equal(await page.getByRole('slider', { name: 'period, at most' }).getAttribute('aria-valuetext'), '30');
  assert.equal(await countsAgree(page, server, 'mixed', '96'), 60);
  await press('ArrowRight', 'ArrowRight'); // fraction, mood
  assert.equal(await focused(), 'mood');
  await press('ArrowUp', 'ArrowUp');
  await page.waitForURL((url) => url.searchParams.get('fixed.mood') === 'good');
  assert.equal(await countsAgree(page, server, 'mixed', '96'), 30);
  await page.reload();
  await page.locator('.view-axis-brush').nth(1).waitFor();
  const low = page.getByRole('slider', { name: 'period, at least' });
  assert.equal(await low.getAttribute('aria-valuenow'), '10', 'a pasted address has the limits');
  await low.focus();
  await press('Delete');
  await page.waitForURL((url) => !url.searchParams.has('min.period') && !url.searchParams.has('max.period') && url.searchParams.has('fixed.mood'));
  assert.equal(await focused(), 'period, at least');
  await press('ArrowRight', 'ArrowRight', 'Escape');
  await page.waitForURL((url) => !url.searchParams.has('fixed.mood'));
  // The pointer takes hold of a limit, too.
  const box = await boxOf(page.locator('.view-axis-grip').nth(0));
  await drag(page, { x: box.x + box.width / 2, y: box.y + box.height + 5 }, { x: box.x + box.width / 2, y: box.y + box.height * 0.5 }); // to 22.5
  await page.waitForURL((url) => url.searchParams.get('min.period') === '23' && !url.searchParams.has('max.period'));
});

browserTest('distribution: a drag over the histogram keeps its runs, and the figures are those of the API', async ({ page, open, server, shot }) => {
  await open('/sweeps/sma_cross?view=distribution&metric=maxDrawdown');
  const answer = await get(server, 'sma_cross/distribution?metric=maxDrawdown');
  const facts = await page.locator('.view-facts').innerText();
  for (const value of [answer.mean, answer.quantiles['0.5'], answer.maximum]) assert.ok(facts.includes(`${(value * 100).toFixed(2)} %`), `${value} in ${facts}`);
  await page.locator('.view-brush canvas').waitFor();
  await shot('distribution');
  const box = await boxOf(page.locator('.view-brush'));
  await drag(page, { x: box.x + box.width * 0.4, y: box.y + box.height * 0.5 }, { x: box.x + box.width * 0.6, y: box.y + box.height * 0.6 });
  await page.waitForURL((url) => url.searchParams.has('min.maxDrawdown') && url.searchParams.has('max.maxDrawdown'));
  const inside = await countsAgree(page, server, 'sma_cross', '1,323');
  assert.ok(inside > 0 && inside < 1323, String(inside));
  await page.getByRole('button', { name: 'Whole range' }).click();
  await page.getByText('1,323 of 1,323 runs').waitFor();
});

browserTest('importance: every parameter that varies, the one that matters most first, and the way to its heatmap', async ({ page, open, server, shot }) => {
  await open('/sweeps/mixed?view=importance');
  const { parameters } = await get(server, 'mixed/importance');
  const rows = view(page, 'Parameter importance').locator('tbody tr');
  await rows.first().waitFor();
  assert.deepEqual(await rows.locator('th').allInnerTexts(), parameters.map((one) => one.name));
  assert.ok((await rows.first().innerText()).includes(`${(parameters[0].share * 100).toFixed(1)} %`));
  await shot('importance');
  await page.getByRole('button', { name: `Heatmap of ${parameters[0].name} and ${parameters[1].name}` }).click();
  await page.waitForURL((url) => url.searchParams.get('view') === 'heatmap' && url.searchParams.get('hm.x') === parameters[0].name && url.searchParams.get('hm.y') === parameters[1].name);
});

browserTest('equity: the first runs of the table with buy and hold, or those that are compared', async ({ page, open, server, shot }) => {
  await open('/sweeps/sma_cross?view=equity');
  const names = async () => (await page.locator('.view-lines li .name').allInnerTexts()).map((text) => text.split(' ').slice(0, 2).join(' '));
  const { rows } = await get(server, 'sma_cross/runs?columns=run,profitRate&limit=10&status=done');
  await page.getByText('Return on the initial balance').waitFor();
  await page.locator('.view-lines li').nth(10).waitFor();
  assert.deepEqual((await names()).slice(1), rows.map(([run]) => `Run ${run}`));
  const ends = await page.locator('.view-lines li .number').allInnerTexts();
  // The last bar's equity is what the run ends with.
  assert.equal(ends[1], `${(rows[0][1] * 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })} %`);
  await shot('equity');
  await open(`/sweeps/sma_cross?view=equity&compare=${rows[3][0]},${rows[1][0]}`);
  await page.locator('.view-lines li').nth(2).waitFor();
  assert.deepEqual((await names()).slice(1), [`Run ${rows[3][0]}`, `Run ${rows[1][0]}`]);
  await page.locator('.view-lines a').first().press('Enter');
  await page.waitForURL(`**/runs/${rows[3][0]}`);
});

browserTest('scatter: a rectangle keeps its runs', async ({ page, open, server, shot }) => {
  await open('/sweeps/sma_cross?view=scatter&sc.colour=profitRate');
  await page.locator('.view-brush canvas').waitFor();
  await shot('scatter');
  const box = await boxOf(page.locator('.view-brush'));
  await drag(page, { x: box.x + box.width * 0.3, y: box.y + box.height * 0.2 }, { x: box.x + box.width * 0.7, y: box.y + box.height * 0.6 });
  await page.waitForURL((url) => ['min.maxDrawdown', 'max.maxDrawdown', 'min.profitRate', 'max.profitRate'].every((name) => url.searchParams.has(name)));
  const inside = await countsAgree(page, server, 'sma_cross', '1,323');
  assert.ok(inside < 1323, String(inside));
});

browserTest('distribution and scatter by keyboard: sliders below the chart set the range, also when no run is left', async ({ page, open, server }) => {
  await open('/sweeps/sma_cross?view=distribution&metric=totalTrades');
  const { minimum, maximum } = (await get(server, 'sma_cross')).metrics.find((one) => one.name === 'totalTrades');
  const low = page.getByRole('slider', { name: 'totalTrades, at least' });
  assert.deepEqual([await low.getAttribute('aria-valuemin'), await low.getAttribute('aria-valuenow')], [String(minimum), String(minimum)]);
  await low.focus();
  for (const key of ['PageUp', 'PageUp', 'ArrowRight', 'ArrowLeft']) await page.keyboard.press(key);
  await page.waitForURL((url) => Number(url.searchParams.get('min.totalTrades')) > minimum && !url.searchParams.has('max.totalTrades'));
  const some = await countsAgree(page, server, 'sma_cross', '1,323');
  assert.ok(some > 0 && some < 1323, String(some));
  await page.keyboard.press('Tab'); // the other limit
  await page.keyboard.press('Home'); // down to the first one, not past it
  await page.waitForURL((url) => url.searchParams.get('max.totalTrades') === url.searchParams.get('min.totalTrades'));
  await page.keyboard.press('Delete');
  await page.getByText('1,323 of 1,323 runs').waitFor();
  assert.equal(searchOf(page).has('min.totalTrades'), false);

  await open('/sweeps/sma_cross?view=scatter');
  for (const [name, keys] of [['maxDrawdown, at most', ['PageDown', 'PageDown']], ['profitRate, at least', ['PageUp', 'PageUp', 'PageUp']]]) {
    await page.getByRole('slider', { name }).focus();
    for (const key of keys) await page.keyboard.press(key);
  }
  await page.waitForURL((url) => url.searchParams.has('max.maxDrawdown') && url.searchParams.has('min.profitRate'));
  assert.ok((await countsAgree(page, server, 'sma_cross', '1,323')) < 1323);
  assert.equal(Number(await page.getByRole('slider', { name: 'maxDrawdown, at most' }).getAttribute('aria-valuenow')), Number(searchOf(page).get('max.maxDrawdown')));
  await page.keyboard.press('End'); // the best run only
  await page.waitForURL((url) => Number(url.searchParams.get('min.profitRate')) > 0.4);
  await page.getByRole('slider', { name: 'maxDrawdown, at most' }).press('Home'); // and no run has both
  await view(page, 'Scatter').getByText('No run to show').waitFor();
  await page.getByRole('slider', { name: 'profitRate, at least' }).press('Escape');
  await page.waitForURL((url) => !url.searchParams.has('min.profitRate'));
});

browserTest('addresses with mistakes show what they can', async ({ page, open }) => {
  for (const [name, query] of [
    ['Heatmap', 'view=heatmap&hm.x=nope&hm.y=%5B&hm.agg=best&metric=none'],
    ['Parallel coordinates', 'view=parallel&pc.axes=,,nope'],
    ['Distribution', 'view=distribution&di.bins=minus&metric=%3Cb%3E'],
    ['Scatter', 'view=scatter&sc.x=nope&sc.y=&sc.colour=%F0%9F%98%80'],
    ['Equity', 'view=equity&eq.top=ten&compare=x'],
  ]) {
    await open(`/sweeps/mixed?${query}`);
    await view(page, name).locator('.view-answer').waitFor();
  }
});

browserTest('views say why there is nothing when the filter leaves out what is done', async ({ page, open }) => {
  await open('/sweeps/mixed?view=heatmap&status=failed');
  await page.getByText('Allow done runs in the status filter.').waitFor();
});
