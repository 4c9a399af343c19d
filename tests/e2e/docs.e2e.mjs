// The Docs page: the strategy API as strategies/README.md has it, the metrics, the server's contract.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { assert, pages, source } from './harness.mjs';

const browserTest = pages('docs');

browserTest('the page has every section of the file, and its contents lead there', async ({ page, open, shot }) => {
  const file = await readFile(path.join(source, 'strategies/README.md'), 'utf8');
  const titles = [...file.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
  assert.ok(titles.length > 10);
  await open('/docs');
  const shown = await page.locator('.docs-text h2').evaluateAll((list) => list.map((heading) => heading.firstChild?.textContent));
  assert.deepEqual(shown, [...titles, 'Metrics', 'The API of the server']);
  await shot('docs');
  await page.getByRole('navigation', { name: 'Contents' }).getByRole('link', { name: 'Indicators' }).click();
  assert.equal(new URL(page.url()).hash, '#indicators');
  const top = await page.locator('#indicators').evaluate((heading) => heading.getBoundingClientRect().top);
  assert.ok(top >= 0 && top < 150, `the heading is at ${top}`);
});

browserTest('a link to a section opens there, and links inside the text work', async ({ page, open }) => {
  await open('/docs#trade-records');
  await page.waitForFunction(() => window.scrollY > 500);
  await open('/docs');
  await page.locator('.docs-text a[href="#trade-records"]').first().click();
  await page.waitForFunction(() => window.scrollY > 500);
});

browserTest('in Chinese it is the Chinese text, at the same anchors; only the language that is read is loaded', async ({ page, open, shot }) => {
  const file = await readFile(path.join(source, 'strategies/README.zh.md'), 'utf8');
  const titles = [...file.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
  const scripts = [];
  page.on('response', (answer) => /\.js$/.test(answer.url()) && scripts.push(answer.text()));
  const texts = async () => (await Promise.all(scripts)).filter((script) => script.includes('#trade-records')).length;
  await open('/docs#indicators');
  await page.locator('.docs-text h2', { hasText: 'Indicators' }).waitFor();
  assert.equal(await texts(), 1);
  await page.getByLabel('Language').selectOption('zh');
  await page.locator('#indicators', { hasText: '指标函数' }).waitFor();
  assert.equal(await texts(), 2);
  const shown = await page.locator('.docs-text h2').evaluateAll((list) => list.map((heading) => heading.firstChild?.textContent));
  assert.deepEqual(shown.slice(0, titles.length), titles);
  await shot('docs-chinese');
  await page.getByRole('navigation', { name: '目录' }).getByRole('link', { name: '交易记录' }).click();
  assert.equal(new URL(page.url()).hash, '#trade-records');
  const top = await page.locator('#trade-records').evaluate((heading) => heading.getBoundingClientRect().top);
  assert.ok(top >= 0 && top < 150, `the heading is at ${top}`);
  await page.getByLabel('在本页查找').fill('滑点 价格检查');
  await page.locator('.docs-text h2', { hasText: '金额是精确的' }).waitFor();
  assert.equal(await page.locator('.docs-text h2').count(), 1);
  await page.waitForFunction(() => CSS.highlights.get('docs-found')?.size === 2);
  await page.reload();
  await page.locator('.docs-text h2', { hasText: '金额是精确的' }).waitFor();
  assert.equal(await page.locator('.docs-text [lang="zh-CN"]').count(), 1);
});

browserTest('a search shows the sections with its words, marks them, and stands in the address', async ({ page, open }) => {
  await open('/docs');
  await page.getByLabel('Find on this page').fill('sortino');
  await page.getByText('Sections found: 1').waitFor();
  assert.deepEqual(await page.locator('.docs-text tbody tr td:first-child').allInnerTexts(), ['sortino']);
  assert.equal(await page.evaluate(() => CSS.highlights.get('docs-found')?.size), 2); // its name, and its meaning: Sortino ratio
  assert.equal(new URL(page.url()).search, '?q=sortino');
  await page.reload();
  await page.getByText('Sections found: 1').waitFor();
  await page.getByLabel('Find on this page').fill('no such thing at all');
  await page.getByText('Nothing on this page has these words').waitFor();
});

browserTest('the contract, health and counters that it links are there', async ({ page, open, server }) => {
  await open('/docs');
  const links = await page.locator('section:has(#server) a').evaluateAll((list) => list.map((link) => link.getAttribute('href')));
  assert.equal(links.length, 3);
  for (const link of links) assert.equal((await fetch(server.url + link)).status, 200, link);
});

browserTest('on a phone it is one column, and nothing is wider than the screen', async ({ page, open, shot }) => {
  await open('/docs');
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
  await shot('docs-phone');
}, { viewport: { width: 390, height: 844 } });
