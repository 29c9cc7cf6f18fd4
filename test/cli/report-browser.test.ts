/** The page in a real browser: from a file, without a network, with a script and without. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { CHARTS } from '../../charts/index.ts';
import { readReportData } from '../../cli/report-data.ts';
import { writeReport } from '../../cli/report-write.ts';
import { openResults } from '../../datasets/results.ts';
import { thread } from '../benchmarks/trials.ts';
import { everything } from '../charts/sample.ts';

const CHROMIUM = spawnSync('which', ['chromium'], { encoding: 'utf8' }).stdout.trim();
const skip = CHROMIUM === '' && 'needs chromium (apt-get install chromium)';
const FIGURE = '#ratio';
const DESIGN = 'steal:4';

describe('the page in Chromium', { skip }, () => {
  let folder: string;
  let browser: Browser;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'loopwq-test-page-'));
    for (const [name, records] of Object.entries({ thread: thread(), everything: everything() })) {
      const results = openResults(join(folder, name));
      for (const record of records) results.append(record);
      results.close();
      await writeReport(join(folder, name), readReportData([join(folder, name)]), ['html'], CHARTS);
    }
    // Chromium has no sandbox for root.
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Opened {
    page: Page;
    /** Errors and warnings on its console, and what it threw. */
    complaints: string[];
    /** Addresses that it asked for, besides itself. */
    requests: string[];
  }

  async function open(options: BrowserContextOptions = {}, name = 'thread'): Promise<Opened> {
    const context = await browser.newContext({ viewport: { width: 1240, height: 900 }, ...options });
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    const address = pathToFileURL(join(folder, name, 'report.html')).href;
    page.on('console', (line) => {
      if (['error', 'warning'].includes(line.type())) complaints.push(line.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (request.url() !== address) requests.push(request.url());
    });
    await page.route('**', (route) => (route.request().url() === address ? route.continue() : route.abort()));
    await page.goto(address);
    return { page, complaints, requests };
  }

  /** Scrolls to every chart, as a reader does, until it is live; their names. */
  async function enliven(page: Page): Promise<(string | null)[]> {
    const names: (string | null)[] = [];
    for (const figure of await page.locator('figure[data-chart]').all()) {
      await figure.scrollIntoViewIfNeeded();
      const name = await figure.getAttribute('data-chart');
      await page.waitForFunction(`/live|failed/.test(document.getElementById('${name}').dataset.state)`);
      assert.equal(await figure.getAttribute('data-state'), 'live', `${name}`);
      assert.ok((await figure.locator('.vega-embed svg path').count()) > 0, `${name} is empty`);
      names.push(name);
    }
    return names;
  }

  test('every chart comes to life without a complaint, and nothing leaves the page', async () => {
    const { page, complaints, requests } = await open({}, 'everything');
    const names = await enliven(page);
    assert.deepEqual(
      names,
      CHARTS.map(({ name }) => name),
    );
    const naming = await figuresThatName(page, DESIGN);
    assert.ok(naming.length >= 10, `${naming}`);
    await page.locator(`#designs input[value="${DESIGN}"]`).uncheck();
    await page.waitForFunction(
      `![...document.querySelectorAll('figure svg')].some((it) => it.textContent.includes('${DESIGN}'))`,
    );
    await page.locator('#designs button', { hasText: 'all' }).first().click();
    for (const name of naming)
      await page.locator(`#${name} svg text`, { hasText: DESIGN }).first().waitFor({ state: 'attached' });
    assert.deepEqual(complaints, []);
    assert.deepEqual(requests, []);
  });

  /** Charts whose picture, not its description, has the name. */
  function figuresThatName(page: Page, design: string): Promise<string[]> {
    return page.evaluate(
      `[...document.querySelectorAll('figure')].filter((it) => it.querySelector('svg').textContent.includes('${design}')).map((it) => it.id)`,
    );
  }

  test('a design that is switched off leaves charts and tables, and comes back', async () => {
    const { page, complaints } = await open();
    await enliven(page);
    const labels = page.locator(`${FIGURE} svg text`, { hasText: DESIGN });
    const points = page.locator(`${FIGURE} svg .mark-symbol path`);
    const rows = page.locator(`tr[data-design="${DESIGN}"]:visible`);
    const tail = page.locator('#flush-tail svg text', { hasText: DESIGN });
    const [before, shown] = [await points.count(), await rows.count()];
    assert.ok((await labels.count()) > 0 && before > 1 && shown > 0 && (await tail.count()) > 0);
    const box = page.locator(`#designs input[value="${DESIGN}"]`);
    await box.uncheck();
    await labels.first().waitFor({ state: 'detached' });
    await tail.first().waitFor({ state: 'detached' });
    assert.equal(await points.count(), before - 1);
    assert.equal(await rows.count(), 0);
    await box.check();
    await tail.first().waitFor();
    assert.deepEqual([await points.count(), await rows.count()], [before, shown]);
    assert.deepEqual(complaints, []);
  });

  test('the base alone, all again; a chart that is reached later knows what is switched off', async () => {
    const { page } = await open({ viewport: { width: 1240, height: 200 } });
    await page.locator('#designs button', { hasText: 'base alone' }).click();
    assert.equal(await page.locator('#designs input:checked').count(), 1);
    await enliven(page);
    assert.equal(await page.locator(`${FIGURE} svg text`, { hasText: DESIGN }).count(), 0);
    await page.locator('#designs button', { hasText: 'all' }).first().click();
    await page.locator(`${FIGURE} svg text`, { hasText: DESIGN }).first().waitFor();
  });

  test('a mark says what it stands for', async () => {
    const { page } = await open();
    await enliven(page);
    await page.locator(`${FIGURE} svg .mark-symbol path`).nth(1).hover({ force: true });
    const tooltip = page.locator('#vg-tooltip-element.visible');
    await tooltip.waitFor();
    assert.match(await tooltip.innerText(), /design\s+\S+[\s\S]*ratio\s+[\d.]+/);
  });

  test('without a script there are tables and pictures, and no switches that do nothing', async () => {
    const { page, requests } = await open({ javaScriptEnabled: false });
    assert.equal(await page.locator('#designs').isVisible(), false);
    assert.ok(await page.locator(`tr[data-design="${DESIGN}"]`).first().isVisible());
    for (const name of ['ratio', 'flush-tail'])
      assert.ok((await page.locator(`#${name} .drawn > svg text`).count()) > 10, name);
    assert.deepEqual(requests, []);
  });

  test('on a narrow screen the page itself is as wide as the screen', async () => {
    const { page } = await open({ viewport: { width: 390, height: 800 } });
    await enliven(page);
    const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
    assert.ok(wide <= 390, `${wide} pixels`);
  });
});
