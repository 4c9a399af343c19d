// The frame of all pages: navigation, theme, language, unknown addresses, a server that goes away and comes back, live sweeps.
import path from 'node:path';
import { assert, pages, startSweep } from './harness.mjs';

const browserTest = pages('shell');

browserTest('the navigation leads to every page, and the address to the page again', async ({ page, open }) => {
  await open('/');
  await page.waitForURL('**/sweeps');
  for (const [link, address] of [['Playground', '/playground'], ['Data', '/data'], ['Docs', '/docs'], ['Sweeps', '/sweeps']]) {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: link, exact: true }).click();
    await page.waitForURL(`**${address}`);
    const current = page.getByRole('navigation', { name: 'Pages' }).locator('[aria-current=page]', { hasText: link });
    await current.waitFor();
    await page.reload();
    await current.waitFor();
    assert.equal(new URL(page.url()).pathname, address);
  }
});

browserTest('the keyboard reaches the content first, then the pages', async ({ page, open }) => {
  await open('/sweeps');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'content');
});

browserTest('the theme follows the system until one is chosen, and the choice stays', async ({ page, open }) => {
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  await open('/sweeps');
  assert.equal(await theme(), 'light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
  await page.getByRole('button', { name: 'Theme: as the system' }).click();
  assert.equal(await theme(), 'light');
  await page.reload();
  assert.equal(await theme(), 'light', 'after a reload');
  await page.getByRole('button', { name: 'Theme: light' }).click();
  assert.equal(await theme(), 'dark');
});

browserTest('the language is the chosen one, for good', async ({ page, open }) => {
  await open('/sweeps');
  await page.getByLabel('Language').selectOption('zh');
  await page.getByRole('link', { name: '数据', exact: true }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN');
  await page.reload();
  await page.getByRole('link', { name: '数据', exact: true }).waitFor();
});

browserTest('a Chinese browser gets Chinese pages', async ({ page, open, shot }) => {
  await open('/sweeps');
  await page.getByRole('link', { name: '参数寻优', exact: true }).waitFor();
  await shot('sweeps-zh');
}, { locale: 'zh-CN' });

browserTest('an unknown address says so and leads back', async ({ page, open }) => {
  await open('/no/such/page');
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await page.locator('.notice').getByRole('link', { name: 'Sweeps' }).click();
  await page.waitForURL('**/sweeps');
});

browserTest('a stopped server gives a banner, and the pages recover by themselves', async ({ page, open, server, allow, world }) => {
  allow(/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_SOCKET/);
  await open('/sweeps');
  const banner = page.getByText('The server does not answer.');
  assert.equal(await banner.count(), 0);
  await server.stop();
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Data', exact: true }).click(); // asks for something
  await banner.waitFor();
  await server.start();
  await banner.waitFor({ state: 'detached' });
  await page.getByText('GAPUSDT').first().waitFor(); // what failed meanwhile is shown now
  assert.ok(world.store);
});

browserTest('a sweep started elsewhere appears, counts its runs and ends, without a reload', async ({ page, open, server, world }) => {
  await open('/sweeps');
  assert.equal(await page.getByText('fresh', { exact: true }).count(), 0);
  const loaded = await page.evaluate(() => performance.timeOrigin);
  const words = ['--store', world.store, '--output', path.join(server.results, 'fresh.h5')];
  const sweep = await startSweep(path.join(world.folder, 'unfinished.yaml'), words, { runs: 1 });
  await page.getByText('fresh').first().waitFor();
  sweep.process.kill('SIGINT');
  assert.equal(await sweep.ended, 130);
  await page.waitForFunction(async () => {
    const { sweeps } = await (await fetch('/api/v1/sweeps')).json();
    return sweeps.some((one) => one.id === 'fresh' && one.state === 'interrupted');
  });
  assert.equal(await page.evaluate(() => performance.timeOrigin), loaded, 'the page was not loaded again');
});
