// The page of the store's series, and of one series.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { assert, kmill, pages } from './harness.mjs';

const browserTest = pages('data', { ownStore: true });

const column = (page, name) => page.locator(`.data-table td[data-label="${name}"]`).allInnerTexts();

browserTest('every series is listed with its range and faults', async ({ page, open, server, shot }) => {
  await open('/data');
  const { series } = await server.get('/api/v1/series');
  assert.equal(await page.locator('.data-table tbody tr').count(), series.length);
  const gap = page.getByRole('row', { name: /GAPUSDT/ });
  // 500 candles less 3 and 1, made by world.mjs.
  assert.deepEqual(await gap.locator('td').allInnerTexts(), ['GAPUSDT', '1h', '2024-01-01 00:00', '2024-01-21 19:00', '496', '2', '4', '1', '0', 'csv: GAPUSDT-1h.csv']);
  await shot('data');
});

browserTest('headings sort, the search filters, and the address keeps both', async ({ page, open }) => {
  await open('/data');
  await page.getByRole('button', { name: 'Candles' }).click();
  const counts = (await column(page, 'Candles')).map((text) => Number(text.replaceAll(',', '')));
  assert.deepEqual(counts, counts.toSorted((a, b) => b - a));
  assert.equal(counts[0], 525_600);
  await page.getByLabel('Search symbol, interval, source').fill('synthusdt');
  await page.getByText(/^3 of \d+ series$/).waitFor();
  assert.equal(new URL(page.url()).search, '?sort=-count&q=synthusdt');
  await page.reload();
  await page.getByText(/^3 of \d+ series$/).waitFor();
  assert.deepEqual(await column(page, 'Interval'), ['1m', '1h', '1d']);
  await page.getByLabel('Search symbol, interval, source').fill('nothing like it');
  await page.getByRole('button', { name: 'Clear the search' }).click();
  assert.equal(new URL(page.url()).search, '?sort=-count');
});

browserTest('a nonsensical address shows the list all the same', async ({ page, open }) => {
  await open('/data?sort=-nonsense&q=%25%5B');
  await page.getByText('No series has all these words').waitFor();
});

browserTest('a series has its facts, chart, gaps and findings, and a gap leads into the chart', async ({ page, open, shot }) => {
  await open('/data');
  await page.getByRole('link', { name: 'GAPUSDT' }).click();
  await page.waitForURL('**/data/GAPUSDT/1h');
  await page.locator('.data-chart canvas').first().waitFor();
  const gaps = page.getByRole('region', { name: 'Gaps' });
  assert.deepEqual(await gaps.locator('tbody td').allInnerTexts(), ['2024-01-05 03:00', '2024-01-05 07:00', '3', '2024-01-13 11:00', '2024-01-13 13:00', '1']);
  const odd = page.getByRole('region', { name: 'Check report' });
  assert.deepEqual(await odd.locator('tbody td').allInnerTexts(), ['odd', '2024-01-09 08:00', 'high is below open or close']);
  await shot('series');
  await page.mouse.move(640, 10); // not over the chart, which would point at another candle
  await odd.getByRole('button', { name: 'Show the candle of 2024-01-09 08:00 in the chart' }).press('Enter');
  // Candle 200 of world.mjs opens at 100 + (200 % 40) / 4 = 100, its high is 97 and its close 100.5.
  await page.locator('.candles', { hasText: '2024-01-09 08:00' }).waitFor();
  const legend = await page.locator('.candles').innerText();
  for (const figure of ['100.00', '97.00', '98.50', '100.50']) assert.ok(legend.includes(figure), `${figure} in ${legend}`);
});

browserTest('an unknown series says so', async ({ page, open, allow }) => {
  allow(/\/api\/v1\/series\/NOSUCH\/1h/, /status of 40[04]/);
  await open('/data/NOSUCH/1h');
  await page.getByRole('heading', { name: 'There is no series NOSUCH 1h' }).waitFor();
});

browserTest('a series that is imported appears without a reload, and one that grows shows it', async ({ page, open, server }) => {
  await open('/data?q=newusdt');
  await page.getByText('No series has all these words').waitFor();
  const file = path.join(server.folder, 'NEWUSDT-1d.csv');
  const row = (day) => `${Date.UTC(2024, 0, 1 + day)},10,11,9,10.5,100\n`;
  await writeFile(file, [0, 1, 2].map(row).join(''));
  await kmill(['import', 'csv', file, '--store', server.store]);
  await page.getByRole('link', { name: 'NEWUSDT' }).waitFor();
  assert.deepEqual(await column(page, 'Candles'), ['3']);
  await writeFile(file, [0, 1, 2, 3, 4].map(row).join(''));
  await kmill(['import', 'csv', file, '--store', server.store]);
  await page.locator('.data-table td[data-label="Candles"]', { hasText: '5' }).waitFor();
});

browserTest('on a phone the table is a list, and nothing is wider than the screen', async ({ page, open }) => {
  for (const address of ['/data', '/data/GAPUSDT/1h']) {
    await open(address);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, address);
  }
}, { viewport: { width: 390, height: 844 } });
