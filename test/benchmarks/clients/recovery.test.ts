/**
 * Clients in the simulator. Both directions of the thread's question, and planted mistakes on either side: a client that does not
 * wait where jbd2 does, and designs that do not keep `completed`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sceneOf } from '../../../benchmarks/clients/program.ts';
import { parseDesign } from '../../../benchmarks/designs.ts';
import { schedulerOf } from '../../../benchmarks/search/schedules.ts';
import { seededRandom } from '../../../benchmarks/statistics/seeded-random.ts';
import { ENGINE, type SimulatedDesign, simulate } from '../../../engine/simulator/simulation.ts';
import type { Cast } from '../../../engine/simulator/world.ts';
import { CALLER, type Client, type Step } from '../../../ordering/clients/client.ts';
import { fireAndForget } from '../../../ordering/clients/fire-and-forget.ts';
import { jbd2, jbd2AsyncCommit } from '../../../ordering/clients/jbd2.ts';
import type { Rule } from '../../../ordering/clients/recover.ts';
import {
  addRecoveries,
  emptyRecovery,
  type RecoveryReport,
  recoveryOf,
} from '../../../ordering/clients/recovery.ts';
import { xfsLog } from '../../../ordering/clients/xfs-log.ts';
import { FUA, PREFLUSH } from '../../../ordering/history.ts';
import { type GatePolicy, GO, NONE, SKIP } from '../../../strategies/types.ts';

/** Of what has to be found; of what must not be, as many as are quick. */
const MOST_SEEDS = 60;
const SEEDS = 2;
const TRANSACTIONS = 12;

function designOf(name: string): SimulatedDesign {
  const { crew } = parseDesign(name);
  return { ...crew!, parameter: crew!.ref.parameter };
}

/** So many seeds, or until all of some rules are found broken. */
function play(
  client: Client,
  design: SimulatedDesign,
  seeds: number,
  rules: readonly Rule[] = [],
  cast: Cast = ENGINE,
): RecoveryReport {
  let sum = emptyRecovery();
  const found = (): boolean => rules.length > 0 && rules.every((rule) => sum.byRule[rule] > 0);
  for (let seed = 1; seed <= seeds && !found(); seed++) {
    const random = seededRandom(seed);
    const { program, players } = sceneOf(client, 2, TRANSACTIONS, seed % 2 === 0 ? 'sync' : 'uring', random);
    const scheduler = schedulerOf('mixed', seed, program.operations.length, random);
    const { history, stalled } = simulate(design, program, scheduler, cast);
    assert.equal(stalled, undefined, `${client.name}, seed ${seed}`);
    const world = { inodeOf: () => 0, dataHeld: true, start: 0, unitBytes: 4096, deviceNames: ['disk'] };
    sum = addRecoveries(sum, recoveryOf(history, world, players, { budget: 2 ** 16, seed }));
  }
  return sum;
}

const FLUSH_POLICIES = ['pass-through', 'epoch', 'quiesce', 'generation'];

for (const client of [jbd2, jbd2AsyncCommit, xfsLog]) {
  test(`${client.name} recovers from every crash state under every flush policy, with and without blk-flush`, () => {
    for (const policy of FLUSH_POLICIES) {
      for (const front of ['', policy === 'generation' ? 'blk-flush:hwq:fua>' : 'blk-flush>']) {
        const name = `${front}n-wq:4+${policy}`;
        const report = play(client, designOf(name), SEEDS);
        assert.equal(
          report.unrecoverable + report.unrecoverableTorn,
          0,
          `${name}: ${report.witness?.sentence}`,
        );
        assert.ok(
          report.explored > 200 && report.promised === SEEDS * 2 * TRANSACTIONS,
          JSON.stringify(report),
        );
      }
    }
  });
}

test('fire-and-forget is lost without a barrier, and recovers under quiesce', () => {
  for (const strategy of ['n-wq:4', 'per-socket', 'shared-pool:4']) {
    for (const policy of ['pass-through', 'epoch', 'generation']) {
      const report = play(fireAndForget, designOf(`${strategy}+${policy}`), MOST_SEEDS, ['uncommitted']);
      assert.ok(report.byRule.uncommitted > 0, `${strategy}+${policy}`);
      assert.match(report.witness!.sentence, /fire-and-forget: after a crash at/);
    }
    const report = play(fireAndForget, designOf(`${strategy}+quiesce`), 4 * SEEDS);
    assert.equal(report.unrecoverable + report.unrecoverableTorn, 0, report.witness?.sentence);
    assert.ok(report.explored > 500);
  }
});

test('behind blk-flush even quiesce is no barrier', () => {
  const report = play(fireAndForget, designOf('blk-flush>n-wq:4+quiesce'), MOST_SEEDS, ['uncommitted']);
  assert.ok(report.byRule.uncommitted > 0);
});

/** jbd2 with some of its steps changed. */
function mistaken(base: Client, fits: (step: Step) => boolean, change: Partial<Step>): Client {
  return { ...base, script: base.script.map((step) => (fits(step) ? { ...step, ...change } : step)) };
}

const isCommit = ({ flags }: Step): boolean => flags === (PREFLUSH | FUA);
const isTail = ({ flags }: Step): boolean => flags === FUA;
const isHome = ({ thread, flags, units }: Step): boolean => thread === 2 && flags === 0 && units > 0;

const MISTAKES: [what: string, client: Client, rules: Rule[]][] = [
  ['commits without waiting', mistaken(jbd2, isCommit, { after: [] }), ['stale log', 'data']],
  ['commits without PREFLUSH', mistaken(jbd2, isCommit, { flags: FUA }), ['stale log', 'data']],
  ['commits without FUA', mistaken(jbd2, isCommit, { flags: PREFLUSH }), ['promise', 'uncommitted']],
  ['writes in place without waiting for the commit', mistaken(jbd2, isHome, { after: [] }), ['uncommitted']],
  [
    'moves the tail without waiting for the flush',
    mistaken(jbd2, isTail, { after: [], thread: CALLER }),
    ['overtaken'],
  ],
  [
    'acknowledges an asynchronous commit before its flush',
    mistaken(jbd2AsyncCommit, ({ promises }) => promises, { after: [] }),
    ['promise'],
  ],
  ['writes records without PREFLUSH', mistaken(xfsLog, isCommit, { flags: FUA }), ['overtaken']],
  ['writes records without FUA', mistaken(xfsLog, isCommit, { flags: PREFLUSH }), ['promise']],
];

for (const [what, client, rules] of MISTAKES) {
  test(`planted: a ${client.name} that ${what} is found out`, () => {
    const report = play(client, designOf('n-wq:4'), MOST_SEEDS, rules);
    for (const rule of rules) assert.ok(report.byRule[rule] > 0, `${rule}: ${JSON.stringify(report)}`);
  });
}

/** Answers every FLUSH at once; behind blk-flush these are the flush requests, of which PREFLUSH and FUA are made. */
const skips: GatePolicy = {
  name: 'skips',
  summary: 'answers a FLUSH without doing it',
  source: 'planted',
  claims: [],
  words: 1,
  submit: (op, { ops }) => (ops.kind[op] === 2 ? SKIP : GO),
  settle: () => {},
};

/** Acknowledges what it takes from its queue, and never does it: the earliest that an acknowledgement can be. */
const early: Cast = {
  ...ENGINE,
  *worker(world, index) {
    const pipeline = world.pipelines[index]!;
    const { ops, queues } = world.shared;
    const { serves } = pipeline.hooks.layout.workers[index]!;
    for (;;) {
      const op = pipeline.rt.pop(serves[0]!);
      if (op === NONE) {
        yield () => serves.some((queue) => !queues.empty(queue));
        continue;
      }
      ops.st[op] = ops.co[op] = 0;
      ops.result[op] = ops.length[op]!;
      yield;
      pipeline.done(op);
      yield;
    }
  },
};

test('planted: a design that skips flushes breaks every client', () => {
  for (const client of [jbd2, jbd2AsyncCommit, xfsLog, fireAndForget]) {
    const report = play(client, { ...designOf('blk-flush>n-wq:4'), flush: skips }, 1);
    assert.ok(report.unrecoverable > 0, client.name);
  }
});

test('planted: a design that acknowledges early breaks every client that relies on an acknowledgement', () => {
  for (const client of [jbd2, jbd2AsyncCommit, xfsLog]) {
    const report = play(client, designOf('n-wq:4'), 1, [], early);
    assert.ok(report.byRule.promise > 0, client.name);
  }
});
