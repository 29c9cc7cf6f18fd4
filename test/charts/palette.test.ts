import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DesignStyle, designOrder, designStyles, STRATEGIES } from '../../charts/palette.ts';
import { STRATEGIES as BUILT, FLUSH_POLICIES, ORDER_POLICIES } from '../../strategies/index.ts';

const REFERENCES = ['raw', 'kernel-loop', 'kernel-loop:cgroups=4'];
const named = (...designs: string[]) =>
  designs.map((design) => ({ design, reference: REFERENCES.includes(design) }));
const styles = (...designs: string[]): Map<string, DesignStyle> =>
  new Map(designStyles(named(...designs)).map((style) => [style.design, style]));

const STANDARD = ['single-wq', 'per-socket', 'n-wq:4', 'shared-pool:4'].flatMap((it) => [
  it,
  `${it}+quiesce`,
]);

test('every strategy that exists has a place of its own in the palette', () => {
  for (const { name } of BUILT)
    assert.ok((STRATEGIES as readonly string[]).includes(name), `append ${name} to charts/palette.ts`);
});

test('every flush policy that exists has a dash of its own, and an order policy is none', () => {
  const policies = [...FLUSH_POLICIES.map(({ name }) => name), 'unheard-of'];
  const dashes = policies.map((policy) => `${styles(`n-wq:4+${policy}`).get(`n-wq:4+${policy}`)?.dash}`);
  assert.equal(new Set(dashes).size, policies.length);
  for (const { name } of ORDER_POLICIES)
    assert.deepEqual(styles(`n-wq:4+${name}`).get(`n-wq:4+${name}`)?.dash, [1, 0]);
});

test('a strategy keeps hue and shape, a flush policy its dash and fill', () => {
  const all = styles(...STANDARD, 'raw');
  assert.deepEqual(
    ['single-wq', 'per-socket', 'n-wq:4', 'shared-pool:4'].map((it) => [
      all.get(it)?.color,
      all.get(it)?.shape,
    ]),
    [
      ['#000000', 'circle'],
      ['#e69f00', 'square'],
      ['#0072b2', 'triangle-up'],
      ['#009e73', 'diamond'],
    ],
  );
  for (const plain of ['single-wq', 'per-socket', 'n-wq:4', 'shared-pool:4']) {
    const [passing, quiescing] = [all.get(plain)!, all.get(`${plain}+quiesce`)!];
    assert.equal(passing.color, quiescing.color);
    assert.equal(passing.shape, quiescing.shape);
    assert.notDeepEqual(passing.dash, quiescing.dash);
    assert.deepEqual([passing.filled, quiescing.filled], [true, false]);
  }
  const [red, green, blue] = all.get('raw')!.color.match(/[0-9a-f]{2}/g)!;
  assert.ok(red === green && green === blue, 'a reference is grey');
});

test('a design that is missing changes no look, and neither does the order of the table', () => {
  const designs = [...STANDARD, 'blkcg', 'nowait+epoch', 'raw', 'kernel-loop'];
  const all = styles(...designs);
  fc.assert(
    fc.property(fc.shuffledSubarray(designs), (some) => {
      for (const [design, style] of styles(...some)) assert.deepEqual(style, all.get(design));
    }),
  );
});

test('a strategy that the palette does not know has a colour of its name', () => {
  const color = styles('stranger').get('stranger')?.color;
  assert.equal(styles(...STANDARD, 'stranger', 'zloop').get('stranger')?.color, color);
});

test('in a sweep the parameter shades the hue and the plain one keeps its look', () => {
  const sweep = styles('n-wq:1', 'n-wq:2', 'n-wq:4', 'n-wq:8', 'n-wq:16', 'n-wq:4+quiesce', 'single-wq');
  assert.deepEqual(sweep.get('n-wq:4'), styles('n-wq:4').get('n-wq:4'));
  const light = ['n-wq:1', 'n-wq:2', 'n-wq:4', 'n-wq:8', 'n-wq:16'].map((it) => {
    const channels = sweep.get(it)!.color.match(/[0-9a-f]{2}/g)!;
    return channels.reduce((sum, channel) => sum + Number.parseInt(channel, 16), 0);
  });
  assert.deepEqual(
    light,
    [...light].sort((a, b) => b - a),
  );
  assert.equal(new Set(light).size, 5);
  assert.equal(sweep.get('n-wq:4+quiesce')?.shape, 'triangle-up');
});

test('without colour no two designs of a table look alike, up to eight besides their flush policies', () => {
  const eight = [
    ...[
      'single-wq',
      'n-wq:2',
      'n-wq:4',
      'n-wq:4+range-lock',
      'blk-flush>n-wq:4',
      'nowait',
      'thread',
      'blkcg',
    ],
    ...REFERENCES,
  ];
  const policies = ['', '+quiesce', '+epoch', '+generation'];
  const designs = eight.flatMap((it) =>
    REFERENCES.includes(it) ? [it] : policies.map((policy) => it + policy),
  );
  const looks = [...styles(...designs).values()].map(
    (style) => `${style.shape} ${style.dash} ${style.filled}`,
  );
  assert.equal(new Set(looks).size, designs.length);
});

test('more designs than shapes are drawn all the same', () => {
  const designs = STRATEGIES.flatMap((it) => [`${it}:1`, `${it}:64`, `${it}:nonsense+unheard-of`]);
  assert.equal(designStyles(named(...designs)).length, designs.length);
  for (const style of designStyles(named(...designs))) assert.match(style.color, /^#[0-9a-f]{6}$/);
});

test('the fixed order: strategy, parameter as a number, flush policy; strangers, then references last', () => {
  const order = [
    'single-wq',
    'n-wq:2',
    'n-wq:16',
    'n-wq:16+quiesce',
    'n-wq:16+epoch',
    'a',
    'b',
    ...REFERENCES,
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(order, { minLength: order.length }), (shuffled) =>
      assert.deepEqual(designOrder(named(...shuffled, 'b')), order),
    ),
  );
});

test('policies of a user’s own: each design looks like no other one, and a shipped flush policy keeps its dash', () => {
  const designs = ['', '+quiesce', '+mine', '+theirs', '+quiesce+my-order', '+mine+my-order'].map(
    (policies) => `n-wq:4${policies}`,
  );
  const all = styles(...designs);
  const looks = [...all.values()].map(
    ({ color, dash, shape, filled }) => `${color} ${dash} ${shape} ${filled}`,
  );
  assert.equal(new Set(looks).size, designs.length, looks.join('\n'));
  assert.deepEqual(all.get('n-wq:4+quiesce+my-order')!.dash, all.get('n-wq:4+quiesce')!.dash);
});
