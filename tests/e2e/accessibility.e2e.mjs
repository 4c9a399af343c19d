// Who cannot see the pages well, or has no mouse: axe-core's rules of WCAG 2.1 A and AA on every page, in both themes, on a desktop and
// on a phone; and a walk through every page with the Tab key. No rule is switched off.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { assert, pages, source } from './harness.mjs';

const axeSource = readFileSync(createRequire(path.join(source, 'frontend/package.json')).resolve('axe-core/axe.min.js'), 'utf8');
const browserTest = pages('accessibility', { serve: ['--strategies', path.join(source, 'strategies')] });
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
const SIZES = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
];

const region = (name) => (page) => page.getByRole('region', { name, exact: true }).locator('.view-answer').waitFor();
const chart = (page) => page.locator('.candles-holder canvas').first().waitFor();
const editor = (page) => page.locator('.cm-content').first().waitFor();
const draft = {
  name: '', base: '', engine: 'server', source: 'class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        print(kline.close)\n        context.buy(kline.close, 0.1, kline.open_time)\n',
  config: { symbol: 'SYNTHUSDT', interval: '1h', from: '2020-01-01', to: '2020-01-10', warmup: '0', initialBalance: '10000', feeRate: '0.001', slippage: '0', priceCheck: 'count', window: '50', parameters: [] },
};
async function runOnce(page) {
  await editor(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('[data-figure=finalBalance]').waitFor();
  await chart(page);
}

/** Every page: [name, address, what is waited for or done before it is looked at]. */
const PAGES = [
  ['sweeps', '/sweeps', (page) => page.getByRole('link', { name: 'sma_cross' }).first().waitFor()],
  ['sweep table', '/sweeps/sma_cross?compare=3,4', (page) => page.getByText('1,323 of 1,323 runs').waitFor()],
  ['sweep with a filter', '/sweeps/mixed?min.period=10&fixed.mood=good&status=done&sort=-profitRate', (page) => page.getByText('of 96 runs').waitFor()],
  ['column chooser', '/sweeps/mixed', (page) => page.getByRole('button', { name: /^Columns/ }).click()],
  ['heatmap', '/sweeps/sma_cross?view=heatmap', region('Heatmap')],
  ['heatmap as a table', '/sweeps/sma_cross?view=heatmap&hm.table=1', region('Heatmap')],
  ['parallel coordinates', '/sweeps/mixed?view=parallel&min.period=10', region('Parallel coordinates')],
  ['distribution', '/sweeps/sma_cross?view=distribution&max.profitRate=0.5', region('Distribution')],
  ['importance', '/sweeps/mixed?view=importance', region('Parameter importance')],
  ['equity', '/sweeps/sma_cross?view=equity', region('Equity')],
  ['scatter', '/sweeps/mixed?view=scatter', region('Scatter')],
  ['unfinished sweep', '/sweeps/unfinished', (page) => page.getByRole('heading', { level: 1 }).waitFor()],
  ['run', '/sweeps/sma_cross/runs/3', chart],
  ['failed run', '/sweeps/mixed?status=failed', (page) => page.getByText('of 96 runs').waitFor()],
  ['playground', '/playground', editor],
  ['playground with a result', '/playground', runOnce],
  ['sweep dialog', '/playground', async (page) => {
    await editor(page);
    await page.getByRole('button', { name: 'Make a sweep of it' }).click();
    await page.locator('dialog .cm-content').waitFor();
  }],
  ['data', '/data', (page) => page.getByText('GAPUSDT').first().waitFor()],
  ['series', '/data/GAPUSDT/1h', chart],
  ['docs', '/docs', (page) => page.getByRole('heading', { level: 2 }).first().waitFor()],
  ['not found', '/no/such/page', (page) => page.getByRole('heading', { name: 'There is no such page' }).waitFor()],
];

const withDraft = (page) => page.addInitScript((text) => localStorage.setItem('kmill.playground.draft', text), JSON.stringify(draft));

/** What axe finds: rule, element, and what is wrong with it. */
async function violations(page) {
  await page.evaluate(axeSource);
  const found = await page.evaluate((tags) => window.axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }), RULES);
  return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.html.slice(0, 160)} -- ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ''}`));
}

for (const [name, address, prepare] of PAGES)
  browserTest(`${name}: axe finds nothing, light and dark, wide and narrow`, async ({ page, open }) => {
    await withDraft(page);
    await open(address);
    await prepare(page);
    const found = [];
    for (const size of SIZES) {
      await page.setViewportSize(size);
      for (const theme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme: theme });
        await page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, theme);
        await page.waitForTimeout(400); // charts are drawn anew
        found.push(...(await violations(page)).map((text) => `${size.width} ${theme} ${text}`));
      }
    }
    assert.deepEqual(found, []);
  });
