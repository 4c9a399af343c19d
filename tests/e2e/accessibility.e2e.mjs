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
  ['failed run', '/sweeps/mixed/runs/7', (page) => page.getByText('in a bad mood').first().waitFor()],
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

async function setTheme(page, theme) {
  await page.emulateMedia({ colorScheme: theme });
  await page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, theme);
  await page.waitForTimeout(400); // charts are drawn anew
}

for (const [name, address, prepare] of PAGES)
  browserTest(`${name}: axe finds nothing, light and dark, wide and narrow; at 200 % nothing lies outside`, async ({ page, open }) => {
    await withDraft(page);
    await open(address);
    await prepare(page);
    const found = [];
    for (const size of SIZES) {
      await page.setViewportSize(size);
      for (const theme of ['light', 'dark']) {
        await setTheme(page, theme);
        found.push(...(await violations(page)).map((text) => `${size.width} ${theme} ${text}`));
      }
    }
    await page.setViewportSize({ width: 640, height: 400 }); // 1280 x 800 at 200 %
    await page.waitForTimeout(200);
    found.push(...(await violations(page)).map((text) => `200 % ${text}`));
    assert.deepEqual(found, []);
    assert.equal(await page.evaluate(() => Math.max(innerWidth, document.scrollingElement.scrollWidth)), 640, 'the page is no wider than the window');
  }, { deviceScaleFactor: 2 });

// ---- the keyboard ----

/** What has the focus: its place in the order of the document, and whether it can be seen that it has it. */
function focusSeen() {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const before = window.lastFocused;
  window.lastFocused = element;
  const field = element.matches('.cm-content') ? element.closest('.cm-editor') : element; // an editor is outlined as a whole
  const style = getComputedStyle(field);
  const box = field.getBoundingClientRect();
  const channels = (colour) => {
    const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => {
    const [r, g, b] = channels(colour).map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let under = field.parentElement;
  while (under && channels(getComputedStyle(under).backgroundColor)[3] < 255) under = under.parentElement;
  const [one, two] = [light(style.outlineColor), light(under ? getComputedStyle(under).backgroundColor : 'white')];
  // Somewhere in the part of it that lies in the window nothing lies over it.
  const [left, right, upper, lower] = [Math.max(0, box.left), Math.min(innerWidth, box.right), Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
  const free = [0.1, 0.5, 0.9].some((part) => {
    const at = document.elementFromPoint(left + (right - left) * part, upper + (lower - upper) * part);
    return at && (field.contains(at) || at.contains(element) || element.labels?.[0]?.contains(at));
  });
  return {
    name: `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ''} "${(element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent ?? '').trim().slice(0, 40)}"`,
    isEditor: element.matches('.cm-content'),
    outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    contrast: (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05),
    onScreen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    covered: !free,
    inOrder: !before || before === element || !document.contains(before) || (before.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0,
  };
}

/** Presses Tab from the top of the page until the focus leaves it; Escape before it in an editor, where Tab indents. */
async function walk(page, most = 400) {
  const stops = [];
  await page.evaluate(() => {
    document.activeElement?.blur();
    window.lastFocused = undefined;
    window.getSelection()?.removeAllRanges();
  });
  for (let i = 0; i < most; i++) {
    if (stops.at(-1)?.isEditor) await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    await page.waitForFunction(() => !document.activeElement.matches('.cm-content') || document.activeElement.closest('.cm-focused')); // an editor says so a moment later
    const stop = await page.evaluate(focusSeen);
    if (!stop) return stops;
    if (stops[0]?.name === stop.name && !stop.inOrder) return stops; // round again
    stops.push(stop);
  }
  throw new Error(`the focus does not leave the page: ... ${stops.slice(-6).map((stop) => stop.name).join(', ')}`);
}

const DARK = new Set(['sweeps', 'sweep table', 'parallel coordinates', 'playground with a result', 'docs']);
const ONLY_ONCE = new Set(['heatmap as a table', 'sweep with a filter', 'column chooser', 'sweep dialog']);
for (const [name, address, prepare] of PAGES.filter(([name]) => !ONLY_ONCE.has(name)))
  browserTest(`${name}: Tab comes past everything in the order of the page, always seen, never caught`, async ({ page, open }) => {
    await withDraft(page);
    await open(address);
    await prepare(page);
    const stops = await walk(page);
    const wrong = (is) => stops.filter(is).map((stop) => stop.name);
    assert.ok(stops.length >= 7, `${stops.length} stops`); // the frame alone has as many
    assert.deepEqual(wrong((stop) => !stop.inOrder), [], 'out of order');
    assert.deepEqual(wrong((stop) => !stop.outlined), [], 'without an outline');
    assert.deepEqual(wrong((stop) => stop.contrast < 3), [], 'outline without contrast');
    assert.deepEqual(wrong((stop) => !stop.onScreen || stop.covered), [], 'not seen');
  }, { colorScheme: DARK.has(name) ? 'dark' : 'light' });

browserTest('dialogs keep the focus inside and give it back', async ({ page, open }) => {
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim());
  await withDraft(page);
  await open('/playground');
  await editor(page);
  const opener = page.getByRole('button', { name: 'Make a sweep of it' });
  await opener.focus();
  await page.keyboard.press('Enter');
  await page.locator('dialog .cm-content').waitFor();
  let editors = 0;
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab'); // also in the editor: Escape would close the dialog
    // Past the last one the browser's own controls have their turn, and the page's body stands for them.
    assert.ok(await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest('dialog') !== null), `step ${i}: ${await focused()}`);
    if (await page.evaluate(() => document.activeElement.matches('.cm-content'))) editors++;
  }
  assert.ok(editors >= 2, 'it went round, through the editor');
  await page.locator('dialog').getByLabel('Name').focus();
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  assert.equal(await focused(), 'Make a sweep of it');

  await open('/sweeps/mixed');
  const columns = page.getByRole('button', { name: /^Columns \d/ }); // with their number once they are known
  await columns.and(page.locator(':enabled')).waitFor();
  await columns.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('searchbox').waitFor();
  await page.keyboard.type('sharpe');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  await page.getByRole('searchbox').waitFor({ state: 'detached' });
  assert.match(await focused(), /^Columns/);
});

browserTest('an editor: Tab indents, Escape and Tab leave it, and the page says so', async ({ page, open }) => {
  await withDraft(page);
  await open('/playground');
  await editor(page);
  await page.getByText('Escape, then Tab leaves the editor').waitFor();
  const content = page.locator('.cm-content');
  await content.focus();
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('Tab');
  assert.match(await content.innerText(), /^    class Strategy/);
  await page.keyboard.press('Shift+Tab');
  assert.match(await content.innerText(), /^class Strategy/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.closest('.cm-editor') === null), true);
});

browserTest('a chart and its trades by keyboard: bar by bar, closer, to the ends; a trade brings the chart to it', async ({ page, open, server }) => {
  await open('/sweeps/sma_cross/runs/3');
  await chart(page);
  const seen = () => page.locator('.candles-seen').innerText();
  const read = () => page.locator('.candles-legend strong').innerText();
  const until = (claim, wanted) => page.waitForFunction(([selector, from]) => document.querySelector(selector).innerText !== from, [claim, wanted]);
  const frame = page.locator('.candles-frame');
  await page.waitForFunction(() => document.querySelector('.candles-seen').innerText.includes('UTC'));
  await frame.focus();
  const whole = await seen();
  for (let i = 0; i < 12; i++) await page.keyboard.press('+');
  await until('.candles-seen', whole);
  await page.waitForTimeout(300);
  const middle = await seen();
  await page.keyboard.press('Home');
  await until('.candles-seen', middle);
  await page.keyboard.press('Shift+ArrowLeft');
  const legend = page.locator('.candles-legend');
  await page.waitForFunction(() => document.querySelector('.candles-legend').getAttribute('aria-live') === 'polite');
  assert.equal(await legend.getAttribute('aria-live'), 'polite', 'what the keys point at is read out');
  const before = await read();
  await page.keyboard.press('Shift+ArrowLeft');
  await until('.candles-legend strong', before);
  assert.equal(Date.parse(`${before.replace(' ', 'T')}Z`) - Date.parse(`${(await read()).replace(' ', 'T')}Z`), 3_600_000);
  const first = await seen();
  await page.keyboard.press('End');
  await until('.candles-seen', first);
  await page.keyboard.press('0');
  await page.waitForFunction((from) => document.querySelector('.candles-seen').innerText === from, whole);

  const { trades } = await server.get('/api/v1/sweeps/sma_cross/runs/3/trades?limit=3');
  const table = page.locator('.run-trades');
  await table.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.equal(await table.getAttribute('aria-activedescendant'), 'trade-2');
  await page.keyboard.press('Enter');
  const time = (trades[2].time ?? trades[2].timestamp).slice(0, 16).replace('T', ' ');
  await page.waitForFunction((wanted) => document.querySelector('.candles-legend strong').innerText.startsWith(wanted), time);
});

// ---- calmer, in the colours of the system ----

browserTest('who wants no motion gets none', async ({ page, open }) => {
  for (const address of ['/sweeps', '/sweeps/sma_cross?view=scatter', '/playground', '/docs']) {
    await open(address);
    const moving = await page.evaluate(() => [...document.querySelectorAll('*')].filter((element) => ['', '::before', '::after'].some((part) => {
      const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(element, part || null);
      return animationName !== 'none' || parseFloat(transitionDuration) > 0 || scrollBehavior === 'smooth';
    })).map((element) => element.className || element.tagName));
    assert.deepEqual(moving, [], address);
  }
}, { reducedMotion: 'reduce' });

browserTest('in forced colours limits, the current page and what is pressed are still told apart', async ({ page, open }) => {
  await open('/sweeps/mixed?view=parallel&min.period=10');
  await region('Parallel coordinates')(page);
  await page.emulateMedia({ forcedColors: 'active' });
  const colour = (selector, name = 'backgroundColor') => page.locator(selector).first().evaluate((element, property) => getComputedStyle(element)[property], name);
  const surface = await colour('.view-parallel');
  for (const thumb of ['.view-axis-thumb.set', '.view-axis-thumb:not(.set)']) assert.notEqual(await colour(thumb), surface, thumb);
  assert.notEqual(await colour('.topbar nav a[aria-current=page]', 'borderBottomColor'), await colour('.topbar nav a:not([aria-current])', 'borderBottomColor'));
  // Canvases lie over each other: one with a ground of its own would hide those below it.
  const grounds = (selector) => page.locator(selector).evaluateAll((all) => all.slice(1).map((canvas) => getComputedStyle(canvas).backgroundColor));
  assert.deepEqual(await grounds('.view-parallel canvas'), ['rgba(0, 0, 0, 0)']);
  await open('/sweeps/sma_cross/runs/3');
  await chart(page);
  const drawn = await grounds('.candles-holder canvas');
  assert.ok(drawn.length > 1 && drawn.every((ground) => ground === 'rgba(0, 0, 0, 0)'), drawn.join());
  await open('/playground');
  await editor(page);
  assert.notEqual(await colour('[aria-pressed=true]'), await colour('[aria-pressed=false]'));
});
