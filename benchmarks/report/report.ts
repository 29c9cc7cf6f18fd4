/**
 * `npm run bench:report`: what a report of 10,000 trials takes. The records are those of a real run, repeated as further rounds
 * with other IOPS; `loopwq report` draws all of it, as page, SVG and PNG, and Chromium opens the page from its file.
 *
 * LOOPWQ_REPORT_RESULTS names other results than the shipped ones, LOOPWQ_REPORT_TRIALS another number of trials.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { median } from 'simple-statistics';
import { readResults } from '../../datasets/results.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { leaveOnSignal } from '../leave-on-signal.ts';
import { seededRandom } from '../statistics/seeded-random.ts';

const RESULTS = process.env.LOOPWQ_REPORT_RESULTS ?? 'datasets/results/thread';
const TRIALS = Number(process.env.LOOPWQ_REPORT_TRIALS ?? 10_000);
const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url));
/** Times that the page is opened, each in a browser of its own. */
const OPENINGS = 5;
const PROBE_MS = 20;

/** Writes so many records; IOPS vary by a tenth or so, everything else is as it was measured. */
function writeRecords(file: string, records: readonly TrialRecord[]): void {
  const random = seededRandom(1);
  const rounds = 1 + Math.max(...records.map(({ round }) => round));
  const fd = fs.openSync(file, 'w');
  for (let i = 0; i < TRIALS; i++) {
    const record = records[i % records.length]!;
    const round = record.round + rounds * Math.floor(i / records.length);
    const iops = record.metrics.iops * (0.9 + 0.2 * random());
    fs.writeSync(fd, `${JSON.stringify({ ...record, round, metrics: { ...record.metrics, iops } })}\n`);
  }
  fs.closeSync(fd);
}

interface Drawn {
  seconds: number;
  /** Most memory that the process had at once. */
  mebibytes: number;
}

/** Runs `loopwq report`; throws when it fails. */
async function draw(folder: string): Promise<Drawn> {
  const began = performance.now();
  const child = spawn(process.execPath, [MAIN, 'report', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  let kibibytes = 0;
  // The kernel keeps the highest value itself, so only what came after the last look is missed.
  const probe = setInterval(() => {
    try {
      const status = fs.readFileSync(`/proc/${child.pid}/status`, 'utf8');
      kibibytes = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? kibibytes);
    } catch {
      // It has ended.
    }
  }, PROBE_MS);
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  clearInterval(probe);
  if (code !== 0) throw new Error(`loopwq report ended with ${code}`);
  return { seconds: (performance.now() - began) / 1000, mebibytes: kibibytes / 1024 };
}

interface Opened {
  /** Milliseconds until the page was loaded, and until the first chart was live. */
  loaded: number;
  live: number;
}

async function openPage(page: string): Promise<Opened[]> {
  const { chromium } = await import('playwright-core');
  const openings: Opened[] = [];
  for (let n = 0; n < OPENINGS; n++) {
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    try {
      const tab = await browser.newPage({ viewport: { width: 1240, height: 900 } });
      const began = performance.now();
      await tab.goto(pathToFileURL(page).href);
      const loaded = performance.now() - began;
      await tab.locator('figure').first().scrollIntoViewIfNeeded();
      await tab.waitForFunction("document.querySelector('figure').dataset.state === 'live'");
      openings.push({ loaded, live: performance.now() - began });
    } finally {
      await browser.close();
    }
  }
  return openings;
}

async function main(): Promise<void> {
  const { records } = readResults(RESULTS);
  const folder = fs.mkdtempSync(join(process.cwd(), 'loopwq-report-'));
  const clean = () => fs.rmSync(folder, { recursive: true, force: true });
  process.once('exit', clean);
  const file = join(folder, 'results.jsonl');
  writeRecords(file, records);
  const designs = new Set(records.map(({ design }) => design)).size;
  const cells = new Set(records.map((it) => `${it.workload} ${it.direct} ${it.backend}`)).size;
  console.log(
    `${TRIALS} trials, ${designs} designs, ${cells} cells, ${mebi(fs.statSync(file).size)} of records from ${RESULTS}`,
  );
  const { seconds, mebibytes } = await draw(folder);
  console.log(
    `loopwq report: ${seconds.toFixed(1)} s (goal 10), ${Math.round(mebibytes)} MiB at most (goal 1024)`,
  );
  const page = join(folder, 'report.html');
  if (!fs.existsSync('/usr/bin/chromium')) {
    console.log('its page: skipped, there is no chromium (apt-get install chromium)');
    return;
  }
  const openings = await openPage(page);
  const loaded = openings.map((it) => it.loaded);
  const live = openings.map((it) => it.live);
  console.log(
    `its page, ${mebi(fs.statSync(page).size)}: loaded in ${median(loaded).toFixed(0)} ms (${range(loaded)}; goal 2000), ` +
      `first chart live after ${median(live).toFixed(0)} ms (${range(live)}); ${OPENINGS} openings, each in a fresh browser`,
  );
}

function mebi(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function range(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(0)}-${Math.max(...values).toFixed(0)}`;
}

leaveOnSignal();
await main();
