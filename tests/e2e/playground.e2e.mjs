// The playground: both engines give the same, mistakes are marked where they are, nothing that was written is lost, a sweep of it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assert, pages, source } from './harness.mjs';

const examples = path.join(source, 'strategies');
const browserTest = pages('playground', { serve: ['--strategies', examples] });
const exampleNames = readdirSync(examples).filter((file) => file.endsWith('.py') && !file.startsWith('kmill')).map((file) => file.replace('.py', ''));

const draftOf = (strategy, config = {}, engine = 'server') => ({
  name: '', source: strategy, base: strategy, engine,
  config: { symbol: 'SYNTHUSDT', interval: '1h', from: '2020-01-01', to: '2020-05-01', warmup: '0', initialBalance: '10000', feeRate: '0.001', slippage: '0', priceCheck: 'count', window: '50', parameters: [], ...config },
});

/** Opens the page with a draft, as if it had been written there before. */
async function openWith(page, open, draft) {
  await page.addInitScript((text) => localStorage.getItem('kmill.playground.draft') ?? localStorage.setItem('kmill.playground.draft', text), JSON.stringify(draft));
  await open('/playground');
  await page.locator('.cm-content').waitFor();
}

/** Keeps what both engines answer: the worker's messages, and a copy of the server's stream. */
const keepResults = (page) =>
  page.addInitScript(() => {
    window.workerResults = [];
    window.serverResults = [];
    const realFetch = window.fetch;
    window.fetch = async (...words) => {
      const answer = await realFetch(...words);
      if (answer.url.endsWith('/api/v1/backtests') && answer.headers.get('content-type') === 'text/event-stream')
        void answer.clone().text().then((text) => window.serverResults.push(JSON.parse(/^event: result\r?\ndata: (.*)$/m.exec(text)?.[1] ?? 'null')), () => undefined);
      return answer;
    };
    const Real = window.Worker;
    window.Worker = class extends Real {
      constructor(...words) {
        super(...words);
        this.addEventListener('message', ({ data }) => data.kind === 'result' && window.workerResults.push(JSON.parse(data.json)));
      }
    };
  });

const chooseEngine = (page, name) => page.getByRole('group', { name: 'Where it runs' }).getByRole('button', { name }).click();
const runButton = (page) => page.getByRole('button', { name: 'Run', exact: true });
const terminal = (page) => page.getByRole('log', { name: 'Output of the run' });

async function resultOf(page, engine, list) {
  await chooseEngine(page, engine);
  const before = await page.evaluate((name) => window[name].length, list);
  await runButton(page).click();
  await page.waitForFunction(([name, count]) => window[name].length > count, [list, before], { timeout: 90_000 });
  await runButton(page).waitFor();
  return page.evaluate((name) => window[name].at(-1), list);
}
const runOnServer = (page) => resultOf(page, 'Server', 'serverResults');
const runInBrowser = (page) => resultOf(page, 'Browser', 'workerResults');

const documentFields = ['initialBalance', 'finalBalance', 'profit', 'profitRate', 'maxDrawdown', 'totalTrades', 'winRate', 'baseAsset', 'quoteAsset', 'baseFee', 'quoteFee', 'bars', 'start', 'end', 'buys', 'sells', 'refusedOrders', 'priceOutside', 'trades', 'buyHoldReturn', 'warnings'];
const common = (result) => Object.fromEntries(documentFields.map((name) => [name, result[name]]));

browserTest('every example gives the same trades, figures and equity on the server and in the browser', async ({ page, open }) => {
  assert.ok(exampleNames.length >= 7);
  await keepResults(page);
  await openWith(page, open, draftOf('', { warmup: '30', from: '2020-02-01' }));
  for (const name of exampleNames) {
    await page.getByLabel('Slippage, bp').fill(name === 'buy_and_hold' ? '0' : '1.5'); // it spends all there is
    await page.getByLabel('Examples').selectOption({ label: name });
    const server = await runOnServer(page);
    const shown = await page.locator('[data-figure=finalBalance]').getAttribute('data-value');
    const browser = await runInBrowser(page);
    assert.equal(server.status, 'done', name);
    assert.ok(server.totalTrades > 0, `${name} trades`);
    assert.deepEqual(common(browser), common(server), name);
    assert.deepEqual(browser.equityCurve, server.equityCurve, name);
    assert.equal(Number(shown), server.finalBalance, name);
    assert.equal(Number(await page.locator('[data-figure=finalBalance]').getAttribute('data-value')), browser.finalBalance, name);
  }
  await page.getByLabel('klineWndSize').fill('20');
  await page.getByLabel('Examples').selectOption({ label: 'sma_cross' });
  const short = await runOnServer(page);
  assert.deepEqual(short.warnings, ['slow_period 30 never fits klineWndSize 20']);
  assert.deepEqual(common(await runInBrowser(page)), common(short));
});

const failing = `class Strategy(IStrategy):
    def run(self, context, kline, params):
        print('at', kline.open_time)
        if len(self.kline_cache) == 3:
            self.ratio = 1 / (kline.close - kline.close)
`;
for (const engine of ['Server', 'Browser'])
  browserTest(`an error of a strategy is marked at its line, its prints are shown (${engine})`, async ({ page, open }) => {
    await openWith(page, open, draftOf(failing));
    await chooseEngine(page, engine);
    await runButton(page).click();
    await terminal(page).getByText('ZeroDivisionError').waitFor({ timeout: 60_000 });
    await runButton(page).waitFor();
    const text = await terminal(page).innerText();
    assert.match(text, /at 2020-01-01T00:00:00\+00:00\s+at 2020-01-01T01:00:00\+00:00\s+at 2020-01-01T02:00:00\+00:00\s+Traceback/);
    assert.match(text, /File "strategy\.py", line 5, in run\s+self\.ratio = 1 \/ /);
    assert.match(text, /at the bar of 2020-01-01T02:00:00/);
    const marked = page.locator('.cm-line', { has: page.locator('.cm-lintRange-error') });
    assert.equal(await marked.count(), 1);
    assert.match(await marked.innerText(), /self\.ratio = 1/);
    await page.locator('.cm-lint-marker-error').waitFor();
    await terminal(page).getByRole('button', { name: '5', exact: true }).click();
    await page.keyboard.type('#');
    assert.match(await page.locator('.cm-line').nth(4).innerText(), /^#/, 'a click on the line leads to it');
  });

browserTest('what a strategy may not do is marked while it is written, and refused by both engines', async ({ page, open, allow }) => {
  allow(/refused: 422/, /status of 422/);
  await openWith(page, open, draftOf('import os\nclass Strategy(IStrategy):\n    def run(self, context, kline, params):\n        pass\n'));
  await page.locator('.cm-lintRange-error').waitFor();
  for (const engine of ['Server', 'Browser']) {
    await chooseEngine(page, engine);
    await runButton(page).click();
    await terminal(page).getByText(/line 1: .*os/).waitFor();
    await runButton(page).waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
  }
});

const endless = `class Strategy(IStrategy):
    def run(self, context, kline, params):
        print('looping')
        while True:
            pass
`;
for (const engine of ['Server', 'Browser'])
  browserTest(`an endless loop is stopped, and the next run works (${engine})`, async ({ page, open, server }) => {
    await openWith(page, open, draftOf(endless));
    await chooseEngine(page, engine);
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+Enter');
    const runs = page.locator('.playground-progress', { hasText: engine === 'Server' ? 'Starting' : 'Running' });
    await runs.waitFor({ timeout: 60_000 });
    if (engine === 'Server') await page.waitForFunction(async () => (await (await fetch('/api/v1/backtests')).json()).backtests.length === 1);
    await page.keyboard.press('Escape');
    await terminal(page).getByText('Stopped.').waitFor();
    for (let i = 0; i < 100 && (await server.get('/api/v1/backtests')).backtests.length; i++) await page.waitForTimeout(50);
    assert.deepEqual((await server.get('/api/v1/backtests')).backtests, []);
    await page.getByLabel('Examples').selectOption({ label: 'buy_and_hold' });
    await runButton(page).click();
    await page.locator('[data-figure=totalTrades]').waitFor({ timeout: 60_000 });
  });

const recursing = `class Strategy(IStrategy):
    def run(self, context, kline, params):
        self.run(context, kline, params)
`;
for (const engine of ['Server', 'Browser'])
  browserTest(`a recursion without an end fails its run only (${engine})`, async ({ page, open }) => {
    await openWith(page, open, draftOf(recursing));
    await chooseEngine(page, engine);
    await runButton(page).click();
    await terminal(page).getByText('RecursionError').first().waitFor({ timeout: 60_000 });
    await runButton(page).waitFor();
    assert.match(await terminal(page).innerText(), /line 3, in run[^[]*\[Previous line repeated \d+ more times\]/);
    await page.getByLabel('Examples').selectOption({ label: 'buy_and_hold' });
    await runButton(page).click();
    await page.locator('[data-figure=totalTrades]').waitFor({ timeout: 60_000 });
  });

browserTest('without the server a run says so, and what was written stays', async ({ page, open, server, allow }) => {
  allow(/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_SOCKET|status of 503|refused: 503/);
  await openWith(page, open, draftOf('# mine\nclass Strategy(IStrategy):\n    def run(self, context, kline, params):\n        pass\n'));
  await server.stop();
  await runButton(page).click();
  await terminal(page).getByText('The server does not answer').waitFor();
  await server.start();
  await page.getByText('The pages keep trying').waitFor({ state: 'detached' });
  await runButton(page).click();
  await terminal(page).getByText(/^Done: /).waitFor();
  await page.locator('.cm-line', { hasText: '# mine' }).waitFor();
});

browserTest('a reload keeps what was written, configured and chosen', async ({ page, open }) => {
  await open('/playground');
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('# mine');
  await page.getByLabel('Initial balance').fill('777');
  await page.getByLabel('Value of fast_period').fill('12');
  await chooseEngine(page, 'Browser');
  await page.reload();
  await page.locator('.cm-content').waitFor();
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+End');
  await page.locator('.cm-line', { hasText: '# mine' }).waitFor();
  assert.equal(await page.getByLabel('Initial balance').inputValue(), '777');
  assert.equal(await page.getByLabel('Value of fast_period').inputValue(), '12');
  assert.equal(await page.getByRole('button', { name: 'Browser', pressed: true }).count(), 1);
});

browserTest('strategies are saved, opened, renamed and deleted; a draft that is replaced is kept', async ({ page, open }) => {
  await openWith(page, open, draftOf('# first\n'));
  await page.keyboard.press('Control+s');
  await page.getByLabel('Name', { exact: true }).fill('one');
  await page.keyboard.press('Enter');
  await page.locator('.playground-title', { hasText: 'one' }).waitFor();
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('# second');
  await page.getByLabel('Examples').selectOption({ label: 'dca' });
  await page.getByRole('status').filter({ hasText: 'kept under My strategies' }).waitFor();
  await page.getByRole('button', { name: /^My strategies/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Rename: one', exact: true }).click();
  await page.getByLabel('Name', { exact: true }).fill('uno');
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Delete: uno', exact: true }).click();
  await dialog.getByRole('button', { name: 'Really delete' }).click();
  assert.equal(await dialog.getByRole('listitem').count(), 1);
  await dialog.getByRole('listitem').getByRole('button').first().click();
  assert.equal(await page.locator('.cm-content').innerText(), '# first\n# second');
});

async function typeAtEnd(page, text) {
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(text);
}
const kept = (page) => page.evaluate(() => JSON.parse(localStorage.getItem('kmill.playground.strategies') ?? '[]').map(({ source }) => source));
const draftKept = (page, text) => page.waitForFunction((wanted) => JSON.parse(localStorage.getItem('kmill.playground.draft')).source.includes(wanted), text);

browserTest('two tabs have a draft each, and neither is lost', async ({ page, context, open }) => {
  await openWith(page, open, draftOf('# both\n'));
  await typeAtEnd(page, '# first');
  await draftKept(page, '# first');
  const other = await context.newPage();
  await other.goto('/playground');
  await other.locator('.cm-line', { hasText: '# first' }).waitFor();
  await typeAtEnd(other, ' and second');
  await draftKept(other, 'and second');
  await typeAtEnd(page, ' alone');
  await draftKept(page, 'alone');
  assert.deepEqual(await kept(page), ['# both\n# first and second'], 'what the other tab wrote is kept before it is written over');
  await page.getByRole('button', { name: 'My strategies (1)' }).waitFor();
  for (const [tab, text] of [[page, '# first alone'], [other, '# first and second']]) {
    await tab.reload();
    await tab.locator('.cm-line', { hasText: text }).waitFor();
  }
});

browserTest('a browser that keeps no more says so, and keeps what it refused once there is room', async ({ page, open }) => {
  await openWith(page, open, draftOf('# mine\n'));
  await page.evaluate(() => {
    for (let part = 'x'.repeat(1 << 20); part; ) {
      try {
        localStorage.setItem(`full ${Object.keys(localStorage).length}`, part);
      } catch {
        part = part.slice(0, part.length >> 1);
      }
    }
  });
  await typeAtEnd(page, '# more');
  await page.getByRole('alert').filter({ hasText: 'keeps no more' }).waitFor();
  await page.keyboard.press('Control+s');
  await page.getByLabel('Name', { exact: true }).fill('one');
  await page.keyboard.press('Enter');
  await page.getByLabel('Examples').selectOption({ label: 'dca' });
  await page.getByRole('button', { name: 'My strategies (1)' }).waitFor();
  await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('full')).forEach((key) => localStorage.removeItem(key)));
  await typeAtEnd(page, '# now');
  await page.getByRole('alert').waitFor({ state: 'detached' });
  assert.deepEqual(await kept(page), ['# mine\n# more']);
});

browserTest('files are opened, saved and dropped', async ({ page, open, server }) => {
  await open('/playground');
  const file = path.join(server.folder, 'my_idea.py');
  writeFileSync(file, "class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        x = params.get('speed', 3)\n");
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open file' }).click();
  await (await choosing).setFiles(file);
  await page.locator('.playground-title', { hasText: 'my_idea' }).waitFor();
  assert.equal(await page.getByLabel('Value of speed').inputValue(), '3');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  const download = await saving;
  assert.equal(download.suggestedFilename(), 'my_idea.py');
  assert.equal(readFileSync(await download.path(), 'utf8'), readFileSync(file, 'utf8'));
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(['# dropped\n'], 'dropped.py'));
    document.querySelector('.playground').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  await page.locator('.cm-line', { hasText: '# dropped' }).waitFor();
});

browserTest('the editor completes and explains the strategy API', async ({ page, open }) => {
  await openWith(page, open, draftOf('class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        '));
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('context.get_avg');
  const option = page.getByRole('option', { name: /get_avg_position_price/ });
  await option.waitFor();
  assert.match(await page.locator('.cm-completionInfo').innerText(), /Average buy price/);
  await page.waitForTimeout(150); // a completion that just opened does not take Enter yet
  await page.keyboard.press('Enter');
  assert.match(await page.locator('.cm-line').nth(2).innerText(), /context\.get_avg_position_price\(\)/);
  await page.getByText('get_avg_position_price').first().hover();
  await page.locator('.playground-help').waitFor();
});

browserTest('a wrong configuration is said at its field, also by the server', async ({ page, open, allow }) => {
  allow(/refused: 400/, /status of 400/);
  await openWith(page, open, draftOf('class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        pass\n', { symbol: 'NOPEUSDT' }));
  await page.getByLabel('Fee rate').fill('2');
  const described = await page.getByLabel('Fee rate').getAttribute('aria-describedby');
  assert.match(await page.locator(`[id="${described}"]`).innerText(), /from 0 to below 1/);
  assert.equal(await runButton(page).isDisabled(), true);
  await page.getByLabel('Fee rate').fill('0.001');
  await runButton(page).click();
  await page.locator('.playground-problem', { hasText: 'no series NOPEUSDT 1h' }).waitFor();
  assert.equal(await page.getByLabel('Symbol').getAttribute('aria-invalid'), 'true');
});

browserTest('a run of a sweep opens here and gives the same final balance', async ({ page, open, server }) => {
  const run = await server.get('/api/v1/sweeps/sma_cross/runs/700');
  await keepResults(page);
  await open('/playground?sweep=sma_cross&run=700');
  await page.locator('.playground-title', { hasText: 'sma_cross #700' }).waitFor();
  assert.equal(await page.getByLabel('Value of fast_period').inputValue(), String(run.params.fast_period));
  const result = await runOnServer(page);
  assert.deepEqual([result.finalBalance, result.totalTrades, result.maxDrawdown], [run.metrics.finalBalance, run.metrics.totalTrades, run.metrics.maxDrawdown]);
  assert.equal(new URL(page.url()).search, '');
});

browserTest('a click on a trade leads the chart to it', async ({ page, open, shot }) => {
  await open('/playground');
  await page.getByLabel('Symbol').selectOption('SYNTHUSDT');
  await page.getByLabel('Interval').selectOption('1h');
  await page.getByRole('button', { name: 'All', exact: true }).first().click();
  await runButton(page).click();
  await page.getByRole('region', { name: 'Result' }).waitFor();
  await page.locator('.candles canvas').first().waitFor();
  const row = page.locator('.playground-trades tbody tr[data-trade]').nth(2);
  const time = await row.locator('td').first().innerText();
  await row.click();
  await page.locator('.candles').getByText(time).first().waitFor();
  await page.evaluate(() => window.scrollTo(0, 0));
  await shot('playground', { fullPage: true });
});

browserTest('a sweep is made of the parameters; a mistake in its file is marked; it leads to the sweep', async ({ page, open, server, allow, shot }) => {
  allow(/refused: 422/, /status of 422/, /made_here\/runs/); // a sweep that waits has no runs to show
  await openWith(page, open, draftOf(readFileSync(path.join(examples, 'sma_cross.py'), 'utf8'), { parameters: [{ name: 'fast_period', kind: 'int', text: '10' }, { name: 'slow_period', kind: 'int', text: '30' }] }));
  await page.getByRole('button', { name: 'Make a sweep of it' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('made_here');
  for (const [label, value] of [['fast_period: low', '5'], ['fast_period: high', '8'], ['fast_period: step', '1'], ['slow_period: low', '20'], ['slow_period: high', '40'], ['slow_period: step', '10']]) await dialog.getByLabel(label).fill(value);
  await dialog.getByText('12 runs').waitFor();
  await shot('playground-sweep');
  const file = dialog.locator('.cm-content');
  await file.click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('nmae: x\n');
  await dialog.getByRole('button', { name: 'Start the sweep' }).click();
  await dialog.getByRole('alert').filter({ hasText: 'nmae' }).waitFor();
  await dialog.locator('.cm-lintRange-error').waitFor();
  await dialog.getByRole('button', { name: 'Undo edits by hand' }).click();
  await dialog.getByRole('button', { name: 'Start the sweep' }).click();
  await page.waitForURL('**/sweeps/made_here');
  for (let i = 0; i < 200 && (await server.get('/api/v1/sweeps/made_here')).state !== 'complete'; i++) await page.waitForTimeout(100);
  assert.equal((await server.get('/api/v1/sweeps/made_here')).done, 12);
});
