/** The example workflow: it parses, its commands are ones that exist, and its gate step passes each exit code on as it says. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CATALOGUE } from '../../benchmarks/designs.ts';
import { openGate } from '../../cli/run-gate.ts';
import { readRunOptions } from '../../cli/run-options.ts';
import { readHost } from '../../datasets/host.ts';
import { folderFor, run } from './program.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const TEXT = readFileSync(join(ROOT, 'examples/ci/gate-strategies.yml'), 'utf8');

interface Step {
  name: string | undefined;
  run: string;
}

/**
 * The steps that run something. As much of YAML as the file has: a block behind `|` ends where a line is indented no deeper than its key;
 * what is no list item, key, comment or block is an error.
 */
function stepsIn(text: string): Step[] {
  const steps: Step[] = [];
  let name: string | undefined;
  let block: { indent: number; lines: string[]; isRun: boolean } | undefined;
  for (const line of text.split('\n')) {
    const indent = line.search(/\S/);
    if (block !== undefined && (indent < 0 || indent > block.indent)) {
      block.lines.push(line.slice(block.indent + 2));
      continue;
    }
    if (block?.isRun) steps.push({ name, run: block.lines.join('\n') });
    block = undefined;
    if (indent < 0 || line[indent] === '#') continue;
    const [, dash, key, value = ''] = /^ *(- )?(?:([\w-]+):(?: (.*))?)?$/.exec(line) ?? [];
    if (key === undefined) {
      assert.match(line, /^ *- \S+$/);
      continue;
    }
    assert.doesNotMatch(line, /\t/);
    if (dash) name = undefined;
    if (key === 'name') name = value;
    if (value === '|') block = { indent: indent + (dash?.length ?? 0), lines: [], isRun: key === 'run' };
    else if (key === 'run') steps.push({ name, run: value });
  }
  return steps;
}

const steps = stepsIn(TEXT);
const commands = steps.flatMap(({ run: text }) => text.split('\n')).map((line) => line.trim());
/** Words of the `loopwq` commands, as a shell makes them. */
const loopwq = commands.flatMap((line) => {
  const words = /npx loopwq ([^>|;]*)/.exec(line)?.[1];
  if (words === undefined) return [];
  const script = `BASE=origin/main; printf '%s\\n' ${words}`;
  return [spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trimEnd().split('\n')];
});

test('what it runs is there: paths, npm scripts, commands and their options', async (t) => {
  assert.match(TEXT, /^ {4}paths:\n {6}- strategies\/\*\*$/m);
  assert.match(TEXT, /^ {10}fetch-depth: 0$/m);
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const line of commands) {
    const script = /^npm run (\S+)/.exec(line)?.[1];
    if (script !== undefined) assert.ok(script in scripts, script);
  }
  assert.deepEqual(commands.slice(0, 2), ['npm ci', 'npm run build']);
  assert.deepEqual(
    loopwq.map(([name]) => name),
    ['aa', 'run'],
  );

  const revision = { name: 'origin/main', commit: 'abc', catalogue: CATALOGUE };
  const choices = readRunOptions(loopwq[1]!.slice(1), readHost(ROOT), CATALOGUE, revision);
  assert.equal(choices.gate.against, 'origin/main');
  assert.equal(choices.strict, true);
  // Its rounds are enough for all of its cells: else this throws.
  assert.ok(openGate(choices, readHost(ROOT)));
  assert.equal(choices.plan.rounds, 24);

  // Options of aa are read before anything is measured, and an odd one after them is what is told.
  const { code, stderr } = await run(t, { cwd: folderFor(t) }, ...loopwq[0]!, '--designs', 'raw');
  assert.equal(code, 2);
  assert.match(stderr, /names reference rows alone/);
});

test('the gate step: a regression fails, an unclear answer warns, a pass passes; the table is in the summary', (t) => {
  const cwd = folderFor(t);
  const script = steps.find(({ name }) => name === 'Gate')!.run;
  const bin = join(cwd, 'npx');
  for (const [code, ends, warned] of [
    [0, 0, false],
    [1, 1, false],
    [2, 2, false],
    [3, 0, true],
    [4, 4, false],
  ] as const) {
    writeFileSync(bin, `#!/bin/sh\necho table\necho 'BASE origin/main'\necho 'gate: x'\nexit ${code}\n`);
    chmodSync(bin, 0o755);
    const summary = join(cwd, `summary-${code}`);
    const env = { PATH: `${cwd}:${process.env.PATH}`, BASE: 'origin/main', GITHUB_STEP_SUMMARY: summary };
    // As GitHub's runner calls it.
    const args = ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', script];
    const { status, stdout } = spawnSync('bash', args, { cwd, env, encoding: 'utf8' });
    assert.equal(status, ends, `exit ${code}`);
    assert.equal(/^::warning /m.test(stdout), warned, `exit ${code}`);
    assert.match(stdout, /^gate: x$/m);
    assert.equal(readFileSync(summary, 'utf8'), '```\nBASE origin/main\ngate: x\n```\n');
  }
});
