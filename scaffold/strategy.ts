/** What `npm run new -- strategy NAME` writes: a strategy that runs as it is, whose comments are the manual, and its test. */

/** The strategy's file. */
export function strategyFile(name: string, constant: string): string {
  return `/**
 * ${name}:N, one sentence that says what it is. This header is the design in prose, as its mail or commit would say it.
 *
 * As it stands: each device has N queues with one worker each, and an operation goes to the queue of its MiB, so
 * neighbours on the disk keep their order and distant ones run in parallel. A FLUSH goes to the device's first queue and
 * knows nothing of the others: \`completed\` holds, as what was acknowledged had been written before, and \`submitted\`
 * does not. Say here what your design keeps, what it gives up, and why that may be worth it.
 */
import type { Strategy } from './types.ts';

/** Constants of the design stand here, with their unit and where they come from. */
const STRIPE = 2 ** 20;

/** READ 0, WRITE 1, FLUSH 2, DISCARD 3, WRITE_ZEROES 4: what is neither READ nor FLUSH changes the disk. */
const FLUSH = 2;

export const ${constant}: Strategy = {
  // The name on the command line, and of this file.
  name: '${name}',
  // \`loopwq list\` prints these two. The source is the mail, commit or file that it stands for.
  summary: 'N queues per device, chosen by the MiB that is touched',
  source: 'linux-block, not sent yet: say who proposed it and when',
  // What stands behind the colon, as in ${name}:8. Leave it out where there is nothing to choose.
  parameter: { name: 'N', default: 4, least: 1, most: 64 },
  // The ordering rules that it keeps (docs/ARCHITECTURE.md). A claim that does not hold fails every run with a witness.
  claims: ['integrity', 'completed', 'progress'],

  // Called once in each thread: what is made here is the thread's own, and no other thread sees it change.
  open(n, { devices }) {
    const each = Array.from({ length: devices * n }, (_, queue) => queue);
    return {
      layout: {
        // maxActive: work items of the queue that execute at one time. At least the number of its workers; 1 makes it serial.
        queues: each.map(() => ({ maxActive: 1 })),
        // A worker is a thread; it takes turns between the queues that it serves. Every queue needs one.
        workers: each.map((queue) => ({ serves: [queue] })),
        // table: an Int32Array that \`retune\` may replace under RCU, see shared-pool.ts. words: counters that all threads see,
        // see nowait.ts. inline: route may return INLINE, see inline.ts.
      },
      // For every operation, on the submitter's way: no waiting, no allocation, no clock. Ops are columns, one row an operation:
      // kind, flags, cpu, device, cgroup, tries, offset and length in bytes.
      route(op, { ops }) {
        const first = ops.device[op]! * n;
        if (ops.kind[op] === FLUSH) return first;
        return first + (Math.floor(ops.offset[op]! / STRIPE) % n);
      },
    };
  },
};
`;
}

/** The test's file: known values, and the rule that the header states. */
export function strategyTest(name: string, constant: string): string {
  return `import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FLUSH, WRITE } from '../../ordering/history.ts';
import { ${constant} } from '../../strategies/${name}.ts';
import { runtimeOf } from './runtime.ts';

const MIB = 2 ** 20;
const topology = { cpus: 2, sockets: 1, devices: 3, cgroups: 1, socketOf: new Uint16Array(2) };

/** The queue of one operation. */
function queueOf(n: number, kind: number, device: number, offset: number): number {
  const hooks = ${constant}.open(n, topology);
  const rt = runtimeOf([{ kind, cpu: 1, device, cgroup: 0 }], hooks.layout);
  rt.ops.offset[0] = offset;
  return hooks.route(0, rt);
}

test('known places', () => {
  assert.equal(queueOf(4, WRITE, 0, 0), 0);
  assert.equal(queueOf(4, WRITE, 0, MIB - 512), 0);
  assert.equal(queueOf(4, WRITE, 0, 5 * MIB), 1);
  assert.equal(queueOf(4, WRITE, 2, 3 * MIB), 11);
  assert.equal(queueOf(4, FLUSH, 2, 0), 8);
});

test('operations of one MiB of a device share a queue, and devices share none', () => {
  const places = fc.record({ mib: fc.nat(4000), a: fc.nat(2047), b: fc.nat(2047), n: fc.integer({ min: 1, max: 64 }) });
  fc.assert(
    fc.property(places, ({ mib, a, b, n }) => {
      const [one, other] = [a, b].map((sector) => queueOf(n, WRITE, 1, mib * MIB + sector * 512));
      assert.equal(one, other);
      assert.equal(Math.floor(one! / n), 1);
    }),
  );
});
`;
}
