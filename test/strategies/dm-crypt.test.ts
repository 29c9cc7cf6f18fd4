import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FLUSH, READ, WRITE } from '../../ordering/history.ts';
import { dmCrypt } from '../../strategies/dm-crypt.ts';
import { HERE, INLINE, NONE, type Topology } from '../../strategies/types.ts';
import { everyOperation, topologies } from './cases.ts';
import { type Operation, runtimeOf } from './runtime.ts';

const OPTIONS = { sameCpu: 1, submit: 2, noRead: 4, noWrite: 8 };

/** dm-crypt on a machine, and where it sends an operation before each step. */
function cryptOn(options: number, topology: Topology) {
  const hooks = dmCrypt.open(options, topology);
  const at = (operation: Operation): number => hooks.route(0, runtimeOf([operation], hooks.layout));
  return { hooks, at };
}

test('dm-crypt: writes are encrypted and then written, reads read and then decrypted, everything else bypasses', () => {
  const crypt = fc.tuple(fc.integer({ min: 0, max: 15 }), topologies);
  fc.assert(
    fc.property(crypt, ([options, topology]) => {
      const has = (option: keyof typeof OPTIONS): boolean => (options & OPTIONS[option]) !== 0;
      const { hooks, at } = cryptOn(options, topology);
      const { workers, queues } = hooks.layout;
      const writers = workers.length - (has('noRead') && has('noWrite') ? 0 : topology.cpus);
      const pools = queues.length - writers;
      for (const operation of everyOperation(topology)) {
        const { kind, cpu, device } = operation;
        const [first, second] = [at(operation), kind === FLUSH ? NONE : at({ ...operation, step: 1 })];
        const pool = has('sameCpu') ? cpu : 0;
        if (kind === FLUSH) assert.equal(first, INLINE);
        else if (kind === READ) assert.deepEqual([first, second], [INLINE, has('noRead') ? HERE : pool]);
        else if (has('noWrite')) assert.deepEqual([first, second], [INLINE, HERE]);
        else assert.deepEqual([first, second], [pool, has('submit') ? HERE : pools + device]);
        // DISCARD and WRITE_ZEROES have no data.
        for (const other of [3, 4]) assert.equal(at({ ...operation, kind: other }), INLINE);
      }
      // A CPU's worker serves that CPU alone, or all of them serve one queue.
      for (let cpu = 0; cpu < workers.length - writers; cpu++) {
        assert.deepEqual(workers[cpu]!.serves, [has('sameCpu') ? cpu : 0]);
      }
    }),
  );
});

test('dm-crypt: the writer takes the whole tree and submits it ascending, of equal sectors the older one first', () => {
  const topology = { cpus: 2, sockets: 1, devices: 2, cgroups: 1, socketOf: new Uint16Array(2) };
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(5), { maxLength: 12 }), { maxLength: 4 }), (waves) => {
      const { hooks } = cryptOn(0, topology);
      const sectors = waves.flat();
      const rt = runtimeOf(
        sectors.map(() => ({ kind: WRITE, cpu: 0, device: 1, cgroup: 0 })),
        hooks.layout,
      );
      sectors.forEach((sector, op) => {
        rt.ops.offset[op] = sector * 4096;
      });
      // One queue for what is encrypted; the queue of device 1 is the third.
      let queued: number[] = [];
      rt.pop = (queue) => (queue === 2 ? (queued.shift() ?? NONE) : NONE);
      const writer = hooks.layout.workers.findIndex(({ serves }) => serves.includes(2));
      let next = 0;
      for (const wave of waves) {
        queued = wave.map(() => next++);
        const expected = [...queued].sort((a, b) => sectors[a]! - sectors[b]! || a - b);
        const taken = [];
        for (let op = hooks.next!(writer, rt); op !== NONE; op = hooks.next!(writer, rt)) {
          taken.push(op);
          // What arrives meanwhile is for the next tree.
          assert.equal(queued.length, 0, 'the whole tree was taken');
        }
        assert.deepEqual(taken, expected);
      }
    }),
  );
});
