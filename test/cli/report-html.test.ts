import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { chartData } from '../../charts/chart.ts';
import { CHARTS, drawFrom } from '../../charts/index.ts';
import { witness } from '../../charts/witness.ts';
import { inScript, jsonInScript } from '../../cli/report-html.ts';
import { reportPage } from '../../cli/report-page.ts';
import { writeReport } from '../../cli/report-write.ts';
import { shellWords } from '../../cli/shell-words.ts';
import type { RunFile } from '../../datasets/run-file.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { thread, trial, verdict } from '../benchmarks/trials.ts';
import { violations } from '../charts/sample.ts';

async function pageOf(records: TrialRecord[], argv: string[] = [], order?: string[]): Promise<string> {
  const data = chartData(records, order);
  const drawings = await drawFrom(data, CHARTS);
  const file: RunFile = {
    schema: 'loopwq.run',
    version: 1,
    run: 'r',
    argv,
    designs: ['single-wq'],
    base: 'single-wq',
    seed: 7,
  };
  return reportPage({ runs: [{ path: 'a/results.jsonl', file, truncated: false }], data, drawings });
}

/** The page without its scripts: what stands there when nothing runs. */
const still = (page: string): string => page.replace(/<script[\s\S]*?<\/script>/g, '');

test('the verdict comes first: ratio, interval, flush p99 and every contract of each design, claims with a star', async () => {
  const page = still(await pageOf(thread(), [], ['single-wq', 'steal:4']));
  const table = page.slice(page.indexOf('<table>'), page.indexOf('</table>'));
  for (const head of ['IOPS', 'ratio', 'interval', 'flush<br>p99', 'integrity', 'submitted', 'progress'])
    assert.ok(table.includes(`>${head}</th>`), head);
  const row = /<tr data-design="steal:4">.*<\/tr>/.exec(table)![0].replace(/<svg.*?<\/svg>/, '');
  const cells = row.replace(/<[^>]+>/g, '|').split(/\|+/);
  assert.deepEqual(cells.slice(1, 6), ['steal:4 (4 of 5)', '26.0k', '2.14', '[1.94, 2.14]', '4.41 ms']);
  assert.ok(cells.includes('LOST 10/4.10k*') && cells.includes('LOST 60/75'));
  assert.match(page, /<p class="verdict red">2 claims failed: .*<b>steal:4<\/b> submitted lost/);
  assert.ok(page.indexOf('class="verdict') < page.indexOf('id="verdict"'));
  assert.ok(page.indexOf('</table>') < page.indexOf('<figure'));
});

test('every violation has its witness in words, also those that the findings leave out', async () => {
  const witness = (sentence: string) => ({
    ...verdict(1, 0, 3),
    witness: { sentence, rows: [], crossesQueues: false },
  });
  const page = await pageOf([
    trial({ design: 'a', verdicts: { submitted: witness('WRITE #1 escaped.') } }),
    trial({ design: 'b', verdicts: { submitted: witness('WRITE #2 escaped, and far later.') } }),
  ]);
  for (const words of ['WRITE #1 escaped.', 'WRITE #2 escaped, and far later.', 'LOST 3/4'])
    assert.ok(page.includes(words), words);
  assert.match(page, /A witness of each violation \(2\)/);
  assert.doesNotMatch(await pageOf([trial()]), /A witness of each/);
});

test('of several workloads each one with violations has them as lanes, below its own table', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loopwq-test-lanes-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const records = ['first', 'second', 'third'].flatMap((workload) =>
    violations()
      .filter(({ design }) => workload !== 'third' || design === 'single-wq')
      .map((record) => ({ ...record, workload })),
  );
  await writeReport(folder, { records, runs: [], order: undefined }, ['html'], [witness]);
  const page = still(readFileSync(join(folder, 'report.html'), 'utf8'));
  const sections = page.split('<section>').slice(1);
  assert.equal(sections.length, 3);
  for (const [at, name] of ['first', 'second'].entries()) {
    const lanes = /<details class="witnesses">[\s\S]*?<svg([\s\S]*?)<\/svg>/.exec(sections[at]!)![1]!;
    assert.match(lanes, />n-wq:4, submitted: lost 9 of 30/);
    assert.ok(lanes.includes(`; ${name}, direct`));
  }
  assert.doesNotMatch(sections[2]!.split('<h2')[0]!, /class="witnesses"/);
  // The chart of all shows the rule once.
  assert.equal(/<figure[\s\S]*<\/figure>/.exec(page)![0].match(/>n-wq:4, submitted: lost/g)!.length, 1);
});

test('the pictures stand in the page without a script; a chart without data says what to run', async () => {
  const page = still(await pageOf(thread()));
  assert.match(page, /<figure id="ratio"[^>]*><div class="drawn"><svg/);
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
  assert.equal(new Set(ids).size, ids.length, 'no name stands twice');
  for (const [, name] of page.matchAll(/url\(#([^)]+)\)/g)) assert.ok(ids.includes(name!), name);
  assert.match(still(await pageOf([trial()])), /<code>ratio<\/code>.*run npx loopwq run --designs/);
});

test('nothing is fetched, and the command can be pasted', async () => {
  const argv = ['run', '--designs', 'raw,blk-flush>n-wq:4', "it's.fio"];
  const page = await pageOf([trial()], argv);
  assert.ok(
    page.includes(
      'npx loopwq run --designs &#39;raw,blk-flush&gt;n-wq:4&#39; &#39;it&#39;\\&#39;&#39;s.fio&#39;',
    ),
  );
  assert.match(page, /Content-Security-Policy" content="default-src 'none'/);
  assert.doesNotMatch(still(page), /<(?:link|img|iframe)[^>]* (?:src|href)=/);
  assert.doesNotMatch(page, /sourceMappingURL/);
  assert.doesNotMatch(page, /^<(?:script|link|img|iframe)[^>]* (?:src|href)=/m);
  assert.match(page, /run r, seed 7/);
});

test('whatever a result is named, it stays text', async () => {
  const evil = `</script><script>alert(1)</script><img src=x onerror="alert('2')">&amp;`;
  const broken = { ...verdict(0, 0, 1), witness: { sentence: evil, rows: [], crossesQueues: true } };
  const records = ['single-wq', evil].map((design) =>
    trial({
      design,
      workload: evil,
      host: { hostname: evil, fileSystem: evil },
      verdicts: { submitted: broken },
    }),
  );
  const page = await pageOf(
    [...records, trial({ design: 'c', failure: evil })],
    ['run', evil],
    ['single-wq'],
  );
  const plain = JSON.parse(JSON.stringify(records).replaceAll(JSON.stringify(evil).slice(1, -1), 'x'));
  const harmless = await pageOf(plain, ['run']);
  const tags = (text: string) => new Set([...text.matchAll(/<\/?(\w+)/g)].map((match) => match[1]));
  assert.deepEqual(
    [...tags(still(page))].filter((tag) => !tags(still(harmless)).has(tag!)),
    [],
  );
  assert.equal(page.match(/<script/g)!.length, page.match(/<\/script>/g)!.length);
  assert.doesNotMatch(still(page), /<[^>]*onerror=["']/);
  for (const [, json] of page.matchAll(/<script type="application\/json"[^>]*>(.*?)<\/script>/g))
    assert.match(JSON.stringify(JSON.parse(json!)), /alert/);
});

test('code keeps its meaning inside of a script', () => {
  const code = 'const a = "</script>" + "</SCRIPT >" + "<!-- x"; a';
  const kept = inScript(code);
  assert.doesNotMatch(kept, /<\/script|<!--/i);
  assert.equal(runInNewContext(kept), '</script></SCRIPT ><!-- x');
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = jsonInScript(value);
      assert.ok(!json.includes('<'));
      assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('a shell reads the words as they were', () => {
  const word = fc.string({ minLength: 1 }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
      const text = execFileSync('sh', ['-c', `printf '%s\\0' ${shellWords(words)}`], { encoding: 'utf8' });
      assert.deepEqual(text.split('\0').slice(0, -1), words);
    }),
    { numRuns: 30 },
  );
  assert.equal(shellWords(['run', '--designs', 'a,b:4+c', 'x y']), "run --designs a,b:4+c 'x y'");
});
