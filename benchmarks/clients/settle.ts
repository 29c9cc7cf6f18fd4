/**
 * `npm run settle-the-thread [-- CLIENT ...]`: four journals under every rule for a FLUSH. First in the simulator, over seeds and schedules: the
 * crash states from which a journal does not recover, of those explored of those possible. Then the same journals on the disk
 * below the current folder: what each rule costs, and what a crash could have left of these very runs. At the end two
 * sentences, which follow from the numbers. docs/the-thread.md says what all that can and can't show.
 *
 * LOOPWQ_SETTLE_SEEDS schedules of each cell (12), LOOPWQ_SETTLE_ROUNDS on the disk (7), LOOPWQ_SETTLE_RUNTIME seconds each (0.3).
 */
import { unknownName } from '../../datasets/errors.ts';
import { readHost } from '../../datasets/host.ts';
import { exitNow } from '../../engine/libc.ts';
import type { Client } from '../../ordering/clients/client.ts';
import { CLIENTS } from '../../ordering/clients/index.ts';
import type { RecoveryReport } from '../../ordering/clients/recovery.ts';
import { parseDesign } from '../designs.ts';
import { leaveOnSignal } from '../leave-on-signal.ts';
import { type Cost, costsOf } from './cost.ts';
import { BACKENDS, recoveriesOf } from './matrix.ts';
import { type Cell, costTable, inShort, matrixTables, witnesses } from './tables.ts';
import { type Found, type Price, sentencesOf } from './verdict.ts';

const SEEDS = Number(process.env.LOOPWQ_SETTLE_SEEDS ?? 12);
const ROUNDS = Number(process.env.LOOPWQ_SETTLE_ROUNDS ?? 7);
const RUNTIME = Number(process.env.LOOPWQ_SETTLE_RUNTIME ?? 0.3);

/** The thread's. */
const STRATEGIES = ['single-wq', 'per-socket', 'n-wq:4', 'shared-pool:4'];
const POLICIES = ['pass-through', 'generation', 'epoch', 'quiesce'];
/** A FLUSH as the driver sees it without the block layer in front, and with it. */
const RULES = [...POLICIES, ...POLICIES.map((policy) => `blk-flush>${policy}`)];
const MODES = { sync: 'Blocking workers, as of buffered I/O', uring: 'Rings, as of direct I/O' };
/** On the disk: the thread's option b, as it is the one whose number can be chosen; and the rules that tell most. */
const ON_DISK = 'n-wq:4';
const RULES_ON_DISK = [...POLICIES, 'blk-flush>pass-through', 'blk-flush>quiesce'];

function designOf(strategy: string, rule: string): string {
  const [policy, front] = rule.split('>').reverse();
  return `${front ? `${front}>` : ''}${strategy}+${policy}`;
}

function found(client: string, design: string, report: RecoveryReport): Found {
  const { name, claims } = parseDesign(design);
  const waits = client !== 'fire-and-forget';
  return { client, design: name, barrier: claims.includes('barrier'), waits, report };
}

function simulated(clients: readonly Client[]): Cell[] {
  return clients.flatMap((client) =>
    BACKENDS.flatMap((backend) =>
      RULES.flatMap((rule) =>
        STRATEGIES.map((strategy): Cell => {
          const report = recoveriesOf(client, designOf(strategy, rule), backend, 1, SEEDS);
          return { client: client.name, rule, strategy, mode: MODES[backend], report };
        }),
      ),
    ),
  );
}

/** What quiesce costs a journal that does not need it. */
function pricesOf(costs: readonly Cost[]): Price[] {
  const stronger = parseDesign(designOf(ON_DISK, 'quiesce')).name;
  return costs
    .filter(({ client, design }) => client === 'jbd2' && design === stronger)
    .flatMap(({ direct, transactionsRatio: ratio }): Price[] => {
      if (ratio === undefined) return [];
      const { value, interval } = ratio;
      return [
        { mode: direct ? 'direct' : 'buffered', ratio: value, low: interval?.low, high: interval?.high },
      ];
    });
}

function clientsNamed(names: readonly string[]): readonly Client[] {
  const known = CLIENTS.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownName('client', unknown, known);
  return names.length === 0 ? CLIENTS : CLIENTS.filter(({ name }) => names.includes(name));
}

async function main(names: readonly string[]): Promise<void> {
  const clients = clientsNamed(names);
  const host = readHost(process.cwd());
  console.log(
    '## Crash states from which a journal does not recover\n\n' +
      `Unrecoverable / explored of possible, simulated: ${SEEDS} schedules of each cell; two journals on one device and one on ` +
      'another, 12 transactions each; a disk with a volatile cache.\n',
  );
  const cells = simulated(clients);
  const told = witnesses(cells);
  console.log(`${matrixTables(cells)}\n`);
  if (told.length > 0)
    console.log(`The smallest crash state of each rule that loses one:\n\n${told.join('\n')}\n`);

  console.log(
    `## What each rule costs\n\n${host.cpuModel}, ${host.cores} cores, Linux ${host.kernel}, ` +
      `${host.fileSystem.split(' ')[0]}, Node ${host.node}; ${ROUNDS} shuffled rounds of ${RUNTIME} s, two journals on one device; ` +
      'medians, ratios to the first design by round [95 %]. commit: from the first write of a transaction to the promise that it is ' +
      'safe. unrecoverable: of the crash states of these very runs.\n',
  );
  const designs = RULES_ON_DISK.map((rule) => designOf(ON_DISK, rule));
  const costs = await costsOf(clients, designs, ROUNDS, RUNTIME);
  console.log(`${costTable(costs)}\n`);

  const ruleOf = (design: string): string =>
    RULES_ON_DISK.find((rule) => parseDesign(designOf(ON_DISK, rule)).name === design)!;
  console.log(`## In short\n\nSimulated over all strategies; IOPS and commits of ${ON_DISK} on the disk.\n`);
  console.log(`${inShort(cells, costs, ruleOf)}\n`);
  const all = [
    ...cells.map(({ client, strategy, rule, report }) => found(client, designOf(strategy, rule), report)),
    ...costs.map(({ client, design, recovery }) => found(client, design, recovery)),
  ];
  console.log(sentencesOf(all, pricesOf(costs)).join('\n\n'));
}

leaveOnSignal();
await main(process.argv.slice(2)).then(
  () => exitNow(0),
  (error: Error) => {
    console.error(error.name === 'InputError' ? error.message : error.stack);
    exitNow(error.name === 'InputError' ? 2 : 1);
  },
);
