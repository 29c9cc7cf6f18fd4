import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../../datasets/errors.ts';
import {
  CRASH_CONTRACTS,
  CRASH_OUTCOMES,
  formatLitmus,
  LITMUS_FLAGS,
  LITMUS_KINDS,
  LITMUS_OUTCOMES,
  type Litmus,
  type LitmusOperation,
} from '../../datasets/litmus.ts';
import { parseLitmus, readLitmus } from '../../datasets/litmus-read.ts';
import { CONTRACTS } from '../../ordering/contracts.ts';
import { KIND_NAMES } from '../../ordering/history.ts';

const HEAD = 'design n-wq:2\nbackend uring\n';
const OP = 'op a submitter 0 WRITE disk0 block 0\n';

test('what stands in a file is what is read', () => {
  const litmus = parseLitmus(
    `# Two lines
# of words.

design n-wq:2   # as on the command line
backend uring
replaced disk0
devices 2
op a submitter 0 WRITE disk0 blocks 2-3 flags FUA|PREFLUSH cpu 1
op f submitter 1 FLUSH disk1 after a
schedule s0*2 w11
schedule io3 replacer
expect submitted lost
expect crash barrier illegal
`,
    'x',
  );
  const common = { flags: [], after: [] };
  assert.deepEqual(litmus, {
    about: 'Two lines\nof words.',
    design: 'n-wq:2',
    backend: 'uring',
    depth: 1,
    devices: 2,
    replaced: 0,
    operations: [
      {
        ...common,
        name: 'a',
        submitter: 0,
        kind: 'WRITE',
        flags: ['FUA', 'PREFLUSH'],
        cpu: 1,
        device: 0,
        unit: 2,
        units: 2,
      },
      { ...common, name: 'f', submitter: 1, kind: 'FLUSH', device: 1, unit: 0, units: 0, after: ['a'] },
    ],
    schedule: ['s0', 's0', 'w11', 'io3', 'replacer'],
    expected: { submitted: 'lost' },
    expectedCrash: { barrier: 'illegal' },
  });
});

const operation = (name: string, above: readonly string[]): fc.Arbitrary<LitmusOperation> =>
  fc
    .record({
      submitter: fc.nat(3),
      kind: fc.constantFrom(...LITMUS_KINDS),
      flags: fc.subarray([...LITMUS_FLAGS]),
      cpu: fc.option(fc.nat(3), { nil: undefined }),
      device: fc.nat(2),
      unit: fc.nat(9),
      units: fc.integer({ min: 1, max: 3 }),
      after: fc.subarray([...above]),
    })
    .map(({ cpu, kind, flags, unit, units, ...rest }) => ({
      name,
      kind,
      ...rest,
      flags: kind === 'WRITE' ? flags : [],
      ...(cpu === undefined ? {} : { cpu }),
      ...(kind === 'FLUSH' ? { unit: 0, units: 0 } : { unit, units }),
    }));

const NAMES = ['w1', 'f1', 'w2', 'r1'];
const operations = fc
  .integer({ min: 1, max: NAMES.length })
  .chain((n) => fc.tuple(...NAMES.slice(0, n).map((name, i) => operation(name, NAMES.slice(0, i)))));

test('what is written is read as the same', () => {
  fc.assert(
    fc.property(
      operations,
      fc.array(fc.constantFrom('s0', 'w1', 'io12', 'replacer'), { maxLength: 60 }),
      fc.dictionary(fc.constantFrom(...CONTRACTS), fc.constantFrom(...LITMUS_OUTCOMES), {
        noNullPrototype: true,
      }),
      fc.dictionary(fc.constantFrom(...CRASH_CONTRACTS), fc.constantFrom(...CRASH_OUTCOMES), {
        noNullPrototype: true,
      }),
      fc.option(fc.record({ shortTransfer: fc.nat(3), failedFsync: fc.nat(3), cpus: fc.constant(4) }), {
        nil: {},
      }),
      (made, schedule, expected, expectedCrash, more) => {
        const litmus: Litmus = {
          about: 'one line\nand another',
          design: 'blk-flush>n-wq:2+quiesce',
          backend: 'sync',
          depth: 4,
          devices: 3,
          ...more,
          operations: made,
          schedule,
          expected,
          expectedCrash,
        };
        assert.deepEqual(parseLitmus(formatLitmus(litmus), 'x'), litmus);
      },
    ),
  );
});

test('kinds are those of a history', () => {
  assert.deepEqual(LITMUS_KINDS, KIND_NAMES.slice(0, LITMUS_KINDS.length));
});

test('what is wrong is told with its line and the nearest right word', () => {
  const cases: [text: string, message: RegExp][] = [
    [OP, /^x: no design/],
    [HEAD, /^x: no operation/],
    ['desing n-wq:2', /^x:1: unknown key 'desing'\. Did you mean 'design'\?/],
    [`${HEAD}design thread`, /^x:3: a second 'design'/],
    ['backend urin', /^x:1: unknown backend 'urin'\. Did you mean 'uring'\?/],
    ['depth 0', /^x:1: '0' should be a number of operations: a whole number from 1 to 255/],
    ['op a submiter 0', /^x:1: unknown word 'submiter'\. Did you mean 'submitter'\?/],
    ['op a submitter 0 WRIT', /^x:1: unknown operation 'WRIT'\. Did you mean 'WRITE'\?/],
    ['op a submitter 0 WRITE disk', /^x:1: 'disk' is no device: disk0, disk1/],
    ['op a submitter 0 WRITE disk0', /^x:1: the line ends where one of block, blocks should stand/],
    ['op a submitter 0 WRITE disk0 block 1-2', /^x:1: '1-2': write 'block 3' or 'blocks 3-4'/],
    ['op a submitter 0 WRITE disk0 blocks 3-2', /^x:1: '2' should be a block: a whole number from 3/],
    ['op a submitter 0 READ disk0 block 1 flags FUA', /^x:1: flags are those of a WRITE/],
    ['op a submitter 0 FLUSH disk0 after b', /^x:1: unknown operation 'b'/],
    [`${OP}${OP}`, /^x:2: a second operation 'a'/],
    ['schedule s0 x1', /^x:1: 'x1' is no turn/],
    ['schedule s0*999999', /^x:1: more than 100000 turns/],
    ['expect submited lost', /^x:1: unknown rule 'submited'\. Did you mean 'submitted'\?/],
    ['expect submitted losst', /^x:1: unknown outcome 'losst'\. Did you mean 'lost'\?/],
    ['expect crash dependent legal', /^x:1: unknown rule 'dependent'/],
    ['design a b', /^x:1: 'b' is a word too many/],
    [`${HEAD}devices 1\nop a submitter 0 FLUSH disk1`, /^x: disk1 is used, and 'devices' says 1/],
    [`${HEAD}${OP}cpus 3`, /^x: cpus is an even number/],
    [`${HEAD}${OP}replaced disk0`, /^x: the last device takes the place of the replaced one/],
    [
      `${HEAD}${Array.from({ length: 65 }, (_, i) => OP.replace('op a', `op a${i}`)).join('')}`,
      /^x:67: more than 64 operations/,
    ],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseLitmus(text, 'x'),
      (error: unknown) => error instanceof InputError && message.test(error.message),
      text,
    );
  }
  assert.throws(() => readLitmus('/nowhere.litmus'), /nowhere\.litmus: can't read the litmus file: ENOENT/);
});
