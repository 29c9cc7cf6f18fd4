import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  CATALOGUE,
  type Catalogue,
  parseDesign,
  REFERENCES,
  STANDARD_DESIGNS,
} from '../../benchmarks/designs.ts';
import { InputError } from '../../datasets/errors.ts';
import { CONTRACTS } from '../../ordering/contracts.ts';
import { FLUSH_POLICIES, FRONTS, ORDER_POLICIES, STRATEGIES } from '../../strategies/index.ts';

const refusal = (text: string, catalogue?: Catalogue): string => {
  try {
    parseDesign(text, catalogue);
  } catch (error) {
    assert.ok(error instanceof InputError, `${text}: ${error}`);
    return error.message;
  }
  throw new assert.AssertionError({ message: `'${text}' was taken` });
};

/** Every design that has a name, as its parts. */
const parts = fc.constantFrom(...STRATEGIES).chain((strategy) =>
  fc.record({
    strategy: fc.constant(strategy),
    parameter: strategy.parameter
      ? fc.integer({ min: strategy.parameter.least, max: strategy.parameter.most })
      : fc.constant(undefined),
    flush: fc.constantFrom(...FLUSH_POLICIES),
    order: fc.constantFrom(undefined, ...ORDER_POLICIES),
    front: fc.constantFrom(undefined, ...FRONTS),
  }),
);

test('a name says strategy, parameter and policies, and the printed name says them again', () => {
  fc.assert(
    fc.property(parts, fc.boolean(), ({ strategy, parameter, flush, order, front }, orderFirst) => {
      const policies = [flush.name, ...(order ? [order.name] : [])];
      if (orderFirst) policies.reverse();
      const { choices, flags } = strategy.parameter ?? {};
      const words = flags?.filter((_, flag) => ((parameter! >> flag) & 1) === 1);
      const spelled = words ? words.join(':') || 'none' : (choices?.[parameter!] ?? parameter);
      const head =
        parameter === undefined || words?.length === 0 ? strategy.name : `${strategy.name}:${spelled}`;
      const design = parseDesign(`${front ? `${front.name}>` : ''}${[head, ...policies].join('+')}`);
      assert.equal(design.reference, undefined);
      assert.equal(design.crew?.strategy, strategy);
      assert.equal(design.crew?.flush, flush);
      assert.equal(design.crew?.order, order);
      assert.equal(design.crew?.front, front);
      assert.deepEqual(design.crew?.ref, {
        module: CATALOGUE.module,
        strategy: strategy.name,
        parameter: parameter ?? 0,
        flush: flush.name,
        order: order?.name,
        front: front?.name,
      });
      assert.deepEqual(design.parameters, {
        ...(strategy.parameter ? { [strategy.parameter.name]: spelled } : {}),
        flush: flush.name,
        order: order?.name ?? 'none',
        front: front?.name ?? 'none',
      });
      assert.deepEqual(parseDesign(design.name), design);
    }),
  );
});

test('the printed name spells the parameter out and leaves out what is usual', () => {
  const printed = (text: string): string => parseDesign(text).name;
  assert.equal(printed('n-wq'), 'n-wq:4');
  assert.equal(printed('n-wq:07'), 'n-wq:7');
  assert.equal(printed('affinity'), 'affinity:cache');
  assert.equal(printed('affinity:numa-strict+quiesce'), 'affinity:numa-strict+quiesce');
  assert.equal(printed('single-wq'), 'single-wq');
  assert.equal(printed('single-wq+pass-through'), 'single-wq');
  assert.equal(printed('single-wq+none'), 'single-wq');
  assert.equal(printed('n-wq:2+none+quiesce'), 'n-wq:2+quiesce');
  assert.equal(printed('dm-crypt'), 'dm-crypt');
  assert.equal(printed('dm-crypt:no-write:same-cpu+quiesce'), 'dm-crypt:same-cpu:no-write+quiesce');
  assert.equal(printed('n-wq+range-lock+epoch'), 'n-wq:4+epoch+range-lock');
});

test('a design claims what its parts claim, each contract once and in the one order', () => {
  fc.assert(
    fc.property(parts, ({ strategy, flush, order }) => {
      const { claims } = parseDesign([strategy.name, flush.name, ...(order ? [order.name] : [])].join('+'));
      const claimed = [...strategy.claims, ...flush.claims, ...(order?.claims ?? [])];
      assert.deepEqual(new Set(claims), new Set(claimed));
      assert.deepEqual(
        claims,
        CONTRACTS.filter((contract) => claims.includes(contract)),
      );
    }),
  );
});

test('reference rows are no designs and claim nothing', () => {
  for (const name of REFERENCES) {
    const { crew, claims, reference } = parseDesign(name);
    assert.deepEqual([crew, claims, reference?.kind], [undefined, [], name]);
  }
  assert.deepEqual(parseDesign('kernel-loop:cgroups=4').reference, { kind: 'kernel-loop', cgroups: 4 });
  assert.deepEqual(parseDesign('kernel-loop:cgroups=4').parameters, { cgroups: 4 });
  for (const bad of [
    'kernel-loop:4',
    'kernel-loop:cgroups=0',
    'kernel-loop:cgroups=65',
    'kernel-loop:cgroups=',
  ]) {
    assert.match(refusal(bad), /kernel-loop:cgroups=N, N from 1 to 64/);
  }
});

test('what is wrong is said with the nearest right thing and the list', () => {
  const cases: [text: string, message: RegExp][] = [
    ['n-qw:4', /unknown design 'n-qw'. Did you mean 'n-wq'\? Valid: single-wq, .*, raw/],
    ['', /unknown design ''. Valid: single-wq/],
    ['SINGLE-WQ', /Did you mean 'single-wq'/],
    ['constructor', /unknown design 'constructor'. Valid/],
    [
      'n-wq:4+quisce',
      /design 'n-wq:4\+quisce': unknown policy 'quisce'. Did you mean 'quiesce'\? Valid: .*none/,
    ],
    ['n-wq:4+', /unknown policy ''/],
    ['quiesce', /unknown design 'quiesce'/],
    ['n-wq:4+n-wq', /unknown policy 'n-wq'/],
    ['n-wq:0', /N is a whole number from 1 to 64, not '0'/],
    ['n-wq:65', /from 1 to 64, not '65'/],
    ['n-wq:', /from 1 to 64, not ''/],
    ['n-wq:4.5', /not '4.5'/],
    ['n-wq:-1', /not '-1'/],
    ['n-wq:1e1', /not '1e1'/],
    ['n-wq: 4', /not ' 4'/],
    ['affinity:nuna', /unknown SCOPE 'nuna'\. Did you mean 'numa'\? Valid: cpu, cache, /],
    // A choice has no number.
    ['affinity:2', /unknown SCOPE '2'\. .*Valid: cpu, /],
    ['affinity:', /unknown SCOPE ''\. .*Valid: cpu, /],
    ['n-wq:4:5', /one parameter at most, as in n-wq:4/],
    ['dm-crypt:no_read', /unknown OPTIONS 'no_read'\. Did you mean 'no-read'\?/],
    ['dm-crypt:no-read:no-read', /'no-read' stands there twice/],
    ['single-wq:2', /single-wq has no parameter/],
    ['n-wq:4+quiesce+quiesce', /one flush policy at most, of pass-through, quiesce/],
    ['n-wq:4+quiesce+epoch', /one flush policy at most/],
    ['n-wq:4+range-lock+lba-affinity', /one order policy at most, of lba-affinity, range-lock/],
  ];
  for (const [text, message] of cases) assert.match(refusal(text), message, text);
});

test('a reference row with a policy or parameter is told that it takes none', () => {
  for (const text of ['raw+quiesce', 'raw:2', 'kernel-loop+quiesce']) {
    assert.doesNotMatch(refusal(text), /unknown design|Did you mean/, text);
  }
});

test('no text does anything but name a design or be refused as bad input', () => {
  const words = fc.constantFrom(
    'n-wq',
    'raw',
    'quiesce',
    'none',
    'range-lock',
    ':',
    '+',
    '4',
    '0',
    ' ',
    '>',
    '=',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map((all) => all.join('')),
      ),
      (text) => {
        try {
          parseDesign(text);
        } catch (error) {
          assert.ok(error instanceof InputError);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('the standard designs are those of the thread, each without and with quiesce', () => {
  const names = STANDARD_DESIGNS.map((name) => parseDesign(name).name);
  assert.deepEqual(names, [...STANDARD_DESIGNS]);
  const plain = names.filter((name) => !name.endsWith('+quiesce'));
  assert.deepEqual(plain, ['single-wq', 'per-socket', 'n-wq:4', 'shared-pool:4']);
  assert.deepEqual(
    names,
    plain.flatMap((name) => [name, `${name}+quiesce`]),
  );
});

test('a thread finds the same parts under the module that a design names', async () => {
  const { module } = parseDesign('n-wq:2+quiesce').crew!.ref;
  const listed = (await import(module)) as typeof import('../../strategies/index.ts');
  assert.equal(listed.STRATEGIES, STRATEGIES);
  assert.equal(listed.FLUSH_POLICIES, FLUSH_POLICIES);
  assert.equal(listed.ORDER_POLICIES, ORDER_POLICIES);
});

test('a catalogue of a test has the names that it lists, and no others', () => {
  const catalogue: Catalogue = {
    module: 'file:///planted.js',
    strategies: [{ ...STRATEGIES[0], name: 'planted' }],
    flushPolicies: [FLUSH_POLICIES[1]],
    orderPolicies: [],
    fronts: [],
  };
  const design = parseDesign('planted', catalogue);
  assert.equal(design.crew?.ref.module, 'file:///planted.js');
  assert.equal(
    design.crew?.flush,
    FLUSH_POLICIES[1],
    'the first policy is what a design has that names none',
  );
  assert.match(refusal('single-wq', catalogue), /Valid: planted/);
  assert.match(refusal('planted+epoch', catalogue), /unknown policy 'epoch'/);
});
