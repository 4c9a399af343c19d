// Browser tests of the pages: the real `kmill serve` with the built pages, a real store and real results, and Debian's Chromium.
//
//   import { assert, pages } from './harness.mjs';
//   const browserTest = pages('sweeps');                       // one server for the tests of a file
//   browserTest('a click opens the sweep', async ({ page, open, shot, server, world }) => {
//     await open('/sweeps');                                    // and waits until the page shows something
//     await page.getByRole('link', { name: 'sma_cross' }).click();
//     await shot('sweep');                                      // build/screenshots/sweep-{light,dark}.png
//   });
//
// Every test has a browser context of its own (1280 x 800, English, light), and fails when its page logs an error, throws, asks for
// anything outside the server, or is refused something (status 400 and above), whatever else it asserts. A test that means to see
// that says so first: allow(/pattern of the message/).
//
// script: `tests/e2e/pages.sh browser [FILE...]` makes the world once and runs all; `node --test tests/e2e/docs.e2e.mjs` does too.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { Server } from './kmill_serve.mjs';
import { copyFolder, makeWorld, source } from './world.mjs';

export { assert };
export { kmill, source, startSweep } from './world.mjs';

const { chromium } = createRequire(path.join(source, 'frontend/package.json'))('playwright-core');
const executablePath = process.env.KMILL_CHROMIUM || '/usr/bin/chromium';
const screenshots = process.env.KMILL_SCREENSHOTS || path.join(source, 'build/screenshots');
export const patience = 20_000; // for one step on a machine that others use as well

/** Others keep the machine busy: what is timed now says little of kmill. */
export const machineIsBusy = () => os.loadavg()[0] > 2 * os.cpus().length;

let browserStarting;
const browser = () => (browserStarting ??= chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] }));

const temporary = [];
async function temporaryFolder() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'kmill-e2e-'));
  temporary.push(folder);
  return folder;
}
const servers = [];
after(async () => {
  if (browserStarting) await (await browserStarting).close();
  await Promise.all(servers.map((server) => server.stop()));
  await Promise.all(temporary.map((folder) => rm(folder, { recursive: true, force: true })));
});

let worldMaking;
/** {folder, store, results} of world.mjs: what pages.sh made before (KMILL_E2E_WORLD), or made here. */
export function world() {
  worldMaking ??= (async () => {
    let folder = process.env.KMILL_E2E_WORLD;
    if (!folder) folder = path.join(await temporaryFolder(), 'world');
    if (!existsSync(folder)) await makeWorld(folder);
    return { folder, store: path.join(folder, 'klines'), results: path.join(folder, 'results') };
  })();
  return worldMaking;
}

/** Collects what a page does wrong; what a pattern given to allow() matches is meant to happen. */
function watch(page, server) {
  const complaints = [];
  const allowed = [];
  const complain = (text) => complaints.push(text);
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complain(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => complain(`not caught: ${error.stack ?? error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${server.url}/`) && !/^(data|blob):/.test(url)) complain(`outside request: ${url}`);
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    if (reason !== 'net::ERR_ABORTED') complain(`request failed: ${reason} ${request.url()}`); // aborted: the page itself gave it up
  });
  page.on('response', (answer) => {
    if (answer.status() >= 400) complain(`refused: ${answer.status()} ${answer.url()}`);
  });
  return {
    allow: (...patterns) => allowed.push(...patterns),
    left: () => complaints.filter((text) => !allowed.some((pattern) => pattern.test(text))),
  };
}

/** Waits until the page has its content: no loading notice, and what was asked for is there. */
async function settled(page) {
  await page.locator('main#content').waitFor({ timeout: patience });
  await page.waitForFunction(() => !document.querySelector('.loading'), undefined, { timeout: patience });
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

async function setTheme(page, theme) {
  await page.emulateMedia({ colorScheme: theme });
  await page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, theme);
  await page.waitForTimeout(400); // charts are drawn anew in the colours of the theme
}

/** The page as a picture in both themes: build/screenshots/NAME-light.png and NAME-dark.png. */
async function shot(page, name, { fullPage = false } = {}) {
  await mkdir(screenshots, { recursive: true });
  for (const theme of ['dark', 'light']) {
    await setTheme(page, theme);
    await page.screenshot({ path: path.join(screenshots, `${name}-${theme}.png`), fullPage });
  }
}

async function pageOf(server, { viewport = { width: 1280, height: 800 }, locale = 'en-US', ...options } = {}) {
  const context = await (await browser()).newContext({ viewport, locale, colorScheme: 'light', baseURL: server.url, ...options });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  return { context, page, ...watch(page, server) };
}

/**
 * The test function of a file: `pages(name, options)` gives browserTest(claim, body, contextOptions). Options: serve: more words for
 * `kmill serve`; ownStore: the tests change the store, and get a copy of it; results: another results folder, used as it is.
 */
export function pages(name, { serve = [], ownStore = false, results: givenResults } = {}) {
  let starting;
  const start = async () => {
    const base = await world();
    const folder = await temporaryFolder();
    const results = givenResults ?? path.join(folder, 'results');
    if (!givenResults) await copyFolder(base.results, results);
    if (ownStore) await copyFolder(base.store, path.join(folder, 'klines'));
    const server = new Server({ folder, results, store: ownStore ? path.join(folder, 'klines') : base.store, words: serve });
    servers.push(server);
    await server.start();
    return server;
  };
  return (claim, body, contextOptions) =>
    test(`${name}: ${claim}`, { timeout: 180_000 }, async (t) => {
      const server = await (starting ??= start());
      await server.start(); // a test before this one may have stopped it
      const { context, page, allow, left } = await pageOf(server, contextOptions);
      const open = async (address) => {
        await page.goto(address);
        await settled(page);
      };
      try {
        const kit = { page, context, server, allow, open, t, settled: () => settled(page), shot: (to, options) => shot(page, to, options) };
        await body({ ...kit, world: await world() });
        assert.deepEqual(left(), [], 'what the browser complains about');
      } catch (error) {
        await mkdir(screenshots, { recursive: true });
        const picture = path.join(screenshots, `failed-${name}-${claim.replace(/[^a-z0-9]+/gi, '_').slice(0, 60)}.png`);
        await page.screenshot({ path: picture }).catch(() => undefined);
        t.diagnostic(`picture: ${picture}; the browser complained: ${JSON.stringify(left())}`);
        t.diagnostic(`server: ${server.logTail()}`);
        throw error;
      } finally {
        await context.close();
      }
    });
}
