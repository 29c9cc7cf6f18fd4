/** Designs from files outside of the tree: taken like the built-in ones, held to what they claim, and refused by what is wrong. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { layoutOf } from '../../benchmarks/layout.ts';
import { catalogueWith } from '../../benchmarks/plugins.ts';
import { topologyFor } from '../../benchmarks/topology.ts';
import { chosenDesigns } from '../../cli/chosen-designs.ts';
import { InputError } from '../../datasets/errors.ts';
import { readResults } from '../../datasets/results.ts';
import { folderFor, JOB, leftIn, run } from './program.ts';

const EXAMPLE = fileURLToPath(new URL('../../../examples/journal-apart.js', import.meta.url));
/** Each write is acknowledged before the next operation begins, so there is always one that a FLUSH must cover. */
const ONE_BY_ONE = JOB.replace('rw=randrw', 'rw=randwrite')
  .replace('iodepth=4', 'iodepth=1')
  .replace('runtime=20ms\ntime_based', 'number_ios=32');
/** Of a plain object, so that the fields are all that a test changes. */
const STRATEGY = {
  plugin: "'strategy'",
  name: "'mine'",
  summary: "'one queue'",
  source: "'a test'",
  claims: "['integrity', 'completed', 'progress']",
  open: '() => ({ layout: { queues: [{}], workers: [{ serves: [0] }] }, route: () => 0 })',
};
const POLICY = {
  plugin: "'flush policy'",
  name: "'early'",
  summary: "'a FLUSH is answered at once, and nothing is flushed'",
  source: "'a test'",
  claims: "['completed']",
  words: '1',
  submit: '(op, gate) => (gate.ops.kind[op] === 2 ? 2 : 1)',
  settle: '() => {}',
};

const moduleOf = (fields: Record<string, string>): string =>
  `export default { ${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')} };\n`;

function written(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('a design of the user’s own', { concurrency: 2 }, () => {
  test('runs beside the others, with any parameter, policy and front, and keeps its name in the results', async (t) => {
    const folder = folderFor(t);
    const words = [
      '--designs',
      'single-wq,blk-flush>journal-apart:3+quiesce',
      '--backend',
      'sync',
      '--rounds',
      '1',
    ];
    const { code, stdout, stderr } = await run(
      t,
      { cwd: folder },
      ...['run', 't.fio', '--design', EXAMPLE, ...words, '--out', 'out'],
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^ {2}blk-flush>journal-apart:3\+quiesce +[\d.]+k? /m);
    // What is suggested next can be run as it is.
    assert.ok(
      stdout.includes(`--design ${EXAMPLE} --designs 'single-wq,blk-flush>journal-apart:3+quiesce'`),
      stdout,
    );
    const records = readResults(join(folder, 'out')).records.filter(({ reference }) => !reference);
    assert.deepEqual(records.map(({ design, metrics }) => [design, metrics.workers]).sort(), [
      ['blk-flush>journal-apart:3+quiesce', 2],
      ['single-wq', 1],
    ]);
    assert.deepEqual(records.find(({ design }) => design !== 'single-wq')!.parameters, {
      M: 3,
      flush: 'quiesce',
      order: 'none',
      front: 'blk-flush',
    });
    assert.ok(readdirSync(join(folder, 'out/charts')).includes('ratio.svg'));
  });

  test('that breaks what it claims makes the run leave with 1, naming the rule', async (t) => {
    const folder = folderFor(t, ONE_BY_ONE);
    const early = written(folder, 'early.js', moduleOf(POLICY));
    const words = ['--designs', 'n-wq:2+early', '--backend', 'sync', '--rounds', '1', '--out', 'out'];
    const { code, stdout, stderr } = await run(
      t,
      { cwd: folder },
      'run',
      't.fio',
      '--design',
      early,
      ...words,
    );
    assert.equal(code, 1, stderr);
    assert.match(stdout, /VIOLATION {2}n-wq:2\+early, completed: \d+\/\d+ lost\. WRITE of block/);
    assert.deepEqual(leftIn(folder), []);
  });

  for (const [what, route, message] of [
    [
      'throws',
      "() => { throw new TypeError('planted'); }",
      /TypeError: planted\n +at (Object\.)?route \(file:\/\/.*\/bad\.js:1:\d+\)/,
    ],
    ['names a queue that is not there', '() => 7', /route returned queue 7, the layout has 1/],
  ] as const) {
    test(`whose route ${what} ends the run with 1, named with its file`, async (t) => {
      const folder = folderFor(t);
      const open = `() => ({ layout: { queues: [{}], workers: [{ serves: [0] }] }, route: ${route} })`;
      const bad = written(folder, 'bad.js', moduleOf({ ...STRATEGY, open }));
      const { code, stdout, stderr } = await run(
        t,
        { cwd: folder },
        ...['run', 't.fio', '--design', bad, '--designs', 'mine+quiesce', '--backend', 'sync'],
      );
      assert.equal(code, 1, stderr);
      assert.equal(stdout, '');
      assert.ok(stderr.startsWith(`loopwq: design mine+quiesce (${bad}): thrown in a submitter: `), stderr);
      assert.match(stderr, message);
      assert.deepEqual(readdirSync(folder).sort(), ['bad.js', 't.fio']);
    });
  }

  test('that has no file is refused by the program with 2, and nothing is left', async (t) => {
    const folder = folderFor(t);
    const { code, stderr } = await run(t, { cwd: folder }, 'run', 't.fio', '--design', 'nowhere.js');
    assert.equal(code, 2);
    assert.equal(stderr, `loopwq: --design ${folder}/nowhere.js: there is no such file\n`);
    assert.deepEqual(readdirSync(folder), ['t.fio']);
  });
});

/** A module's text and what is said of it, behind the file's name. */
const REFUSED: Record<string, [text: string, says: RegExp]> = {
  'no default export': [
    'export const mine = 1;',
    / has no default export, only mine\. Expected: export default defineStrategy/,
  ],
  'nothing at all': ['', / has no default export\. Expected/],
  'a syntax error': [
    'export default {\n  name: 1 2 };',
    / can't be loaded: (file:\/\/)?\/.*mine\.js:2\n(.*\n)*SyntaxError/,
  ],
  'an error while it is loaded': [
    "throw new Error('planted');",
    / can't be loaded: Error: planted\n +at file:\/\/.*mine\.js:1/,
  ],
  'a module that is missing': ["import './none.js';", / can't be loaded: .*Cannot find module '.*none\.js'/],
  'a value that was not defined': [
    'export default { name: 1, open: 2 };',
    /is an object with name, open, not what defineStrategy/,
  ],
  'a function': ['export default () => 1;', /is a function, not what defineStrategy/],
  'no open': [moduleOf({ ...STRATEGY, open: '3' }), /: open is 3; expected a function/],
  'no summary': [moduleOf({ ...STRATEGY, summary: 'undefined' }), /: summary is missing; expected a text/],
  'a name in capitals': [
    moduleOf({ ...STRATEGY, name: "'Mine'" }),
    /: name is "Mine"; expected a word of small letters/,
  ],
  'claims that are no list': [
    moduleOf({ ...STRATEGY, claims: "'completed'" }),
    /: claims is "completed"; expected a list of contracts/,
  ],
  'a claim that is none': [
    moduleOf({ ...STRATEGY, claims: "['complete']" }),
    /: claims: unknown contract 'complete'\. Did you mean 'completed'/,
  ],
  'a parameter without its bounds': [
    moduleOf({ ...STRATEGY, parameter: "{ name: 'N', default: 1 }" }),
    /: parameter\.least is missing; expected a whole number/,
  ],
  'a parameter with its bounds crossed': [
    moduleOf({ ...STRATEGY, parameter: "{ name: 'N', default: 1, least: 2, most: 3 }" }),
    /: parameter: least 2, default 1 and most 3 must not fall/,
  ],
  'choices that do not fit their bounds': [
    moduleOf({ ...STRATEGY, parameter: "{ name: 'c', default: 0, least: 0, most: 5, choices: ['a', 'b'] }" }),
    /: parameter: 2 choices go from least 0 to most 1/,
  ],
  'flags that are set by default': [
    moduleOf({ ...STRATEGY, parameter: "{ name: 'f', default: 1, least: 0, most: 3, flags: ['a', 'b'] }" }),
    /: parameter: 2 flags go without choices, from least 0 and default 0 to most 3/,
  ],
  'a policy without settle': [
    moduleOf({ ...POLICY, settle: 'null' }),
    /: settle is null; expected a function/,
  ],
  'a policy without words': [
    moduleOf({ ...POLICY, words: '0' }),
    /: words is 0; expected a whole number from 1 to \d+ \(a policy without a word of state is never asked\)/,
  ],
  'the name of a strategy': [moduleOf({ ...STRATEGY, name: "'n-wq'" }), /: 'n-wq' is taken by loopwq itself/],
  'the name of a policy': [moduleOf({ ...STRATEGY, name: "'quiesce'" }), /: 'quiesce' is taken/],
  'the name of a reference row': [moduleOf({ ...STRATEGY, name: "'raw'" }), /: 'raw' is taken/],
  'the name of a preset': [moduleOf({ ...STRATEGY, name: "'thread-2022-a'" }), /: 'thread-2022-a' is taken/],
  'the word for all': [moduleOf({ ...STRATEGY, name: "'all'" }), /: 'all' is taken/],
};

for (const [what, [text, says]] of Object.entries(REFUSED)) {
  test(`refused: ${what}`, async (t) => {
    const path = written(folderFor(t), 'mine.js', text);
    await refused(path, says);
  });
}

async function refused(path: string, says: RegExp, more: string[] = []): Promise<void> {
  await assert.rejects(catalogueWith([...more, path]), (error) => {
    assert.ok(error instanceof InputError, `${(error as Error).stack}`);
    assert.ok(error.message.startsWith(`--design ${path}`), error.message);
    assert.match(error.message, says);
    return true;
  });
}

test('refused: a folder, TypeScript, one name twice, a package that is not found', async (t) => {
  const folder = folderFor(t);
  mkdirSync(join(folder, 'dir.js'));
  await refused(join(folder, 'dir.js'), / is no file$/);
  const typed = written(folder, 'mine.ts', moduleOf(STRATEGY));
  await refused(
    typed,
    /is TypeScript, which Node 20 does not read\. Compile it, .*npx tsc --module nodenext.*\.js file/,
  );
  const first = written(folder, 'a.js', moduleOf(STRATEGY));
  const second = written(folder, 'b.js', moduleOf(STRATEGY));
  await refused(second, /b\.js: .*a\.js is named 'mine' as well/, [first]);
});

const layouts: Record<string, [open: string, says: RegExp]> = {
  'no route': [
    '() => ({ layout: { queues: [{}], workers: [{ serves: [0] }] } })',
    /without a function 'route'/,
  ],
  'no layout': ['() => ({ route: () => 0 })', /without lists of 'queues' and 'workers'/],
  nothing: ['() => undefined', /without a function 'route'/],
  'a worker of nothing': [
    '() => ({ layout: { queues: [{}], workers: [{}] }, route: () => 0 })',
    /worker 0 has no list 'serves'/,
  ],
  'a worker of a queue that is not there': [
    '() => ({ layout: { queues: [{}], workers: [{ serves: [0, 4] }] }, route: () => 0 })',
    /worker 0 serves queue 4, the layout has 1/,
  ],
  'a queue without a worker': [
    '() => ({ layout: { queues: [{}, {}], workers: [{ serves: [0] }] }, route: () => 0 })',
    /queue 1 has 0 workers/,
  ],
  'a table of another kind': [
    '() => ({ layout: { queues: [{}], workers: [{ serves: [0] }], table: [0] }, route: () => 0 })',
    /table is no Int32Array/,
  ],
  'a table of queues that are not there': [
    '() => ({ layout: { queues: [{}], workers: [{ serves: [0] }], table: Int32Array.of(0, 3) }, route: () => 0 })',
    /slot 1 of the table is queue 3, the layout has 1/,
  ],
  'an error': [
    "() => { throw new Error('planted'); }",
    /thrown in open\(\): Error: planted\n +at (Object\.)?open/,
  ],
};

for (const [what, [open, says]] of Object.entries(layouts)) {
  test(`a strategy that opens to ${what} is refused with its file`, async (t) => {
    const path = written(folderFor(t), 'mine.js', moduleOf({ ...STRATEGY, open }));
    const [design] = chosenDesigns(['mine'], await catalogueWith([path]));
    assert.throws(
      () => layoutOf(design!, topologyFor({ sockets: 1, cpusPerSocket: 2, virtual: true }, 1, 1)),
      (error: Error) => {
        assert.ok(error.message.includes(`mine (${path}): `), error.message);
        assert.match(error.message, says);
        return /^(Input|Machine|Design)Error$/.test(error.name);
      },
    );
  });
}

test('a strategy that no name asks for runs as well; a policy has to be asked for', async (t) => {
  const folder = folderFor(t);
  const strategy = await catalogueWith([written(folder, 'mine.js', moduleOf(STRATEGY))]);
  const names = (asked: string[] | undefined) => chosenDesigns(asked, strategy).map(({ name }) => name);
  assert.deepEqual(names(['single-wq']), ['single-wq', 'mine', 'raw']);
  assert.deepEqual(names(['mine+epoch', 'single-wq']), ['mine+epoch', 'single-wq', 'raw']);
  assert.equal(names(undefined).at(-2), 'mine');
  const policy = await catalogueWith([written(folder, 'early.js', moduleOf(POLICY))]);
  assert.throws(
    () => chosenDesigns(['single-wq'], policy),
    /no design has the policy 'early'\. Say --designs n-wq:4\+early/,
  );
  const [design] = chosenDesigns(['n-wq:2+early+range-lock'], policy);
  assert.equal(design!.crew!.flush.name, 'early');
  assert.equal(design!.crew!.ref.module, policy.module);
});

test('an order policy of the user’s own stands beside a flush policy', async (t) => {
  const order = { ...POLICY, plugin: "'order policy'", name: "'my-order'", claims: "['dependent']" };
  const catalogue = await catalogueWith([written(folderFor(t), 'order.js', moduleOf(order))]);
  const [design] = chosenDesigns(['n-wq:2+my-order+quiesce'], catalogue);
  assert.equal(design!.name, 'n-wq:2+quiesce+my-order');
  assert.deepEqual([design!.crew!.flush.name, design!.crew!.order?.name], ['quiesce', 'my-order']);
  assert.ok(design!.claims.includes('dependent'));
});

test('the example is a whole one: it begins with its name and is as short as a strategy', () => {
  const text = readFileSync(EXAMPLE, 'utf8');
  assert.ok(text.split('\n').length < 120);
  assert.match(text, /^\/\*\*\n \* journal-apart:M, /);
});
