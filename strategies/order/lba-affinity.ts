/**
 * lba-affinity: operations on the same stretch of the disk go through the same queue.
 *
 * The strategy routes by the CPU and cgroup of an operation; this policy gives it those of the operation's stretch of 1 MiB
 * in place of the submitter's. So overlapping operations are *dequeued* in order. They complete in order only where the queue
 * executes one at a time, which is why it claims nothing: `dependent` holds on `sync` with one worker a queue, and with
 * `uring` it does not. A FLUSH keeps its submitter's label.
 */
import { type GatePolicy, GO, NONE } from '../types.ts';

const FLUSH = 2;
const STRETCH = 2 ** 20;

export const lbaAffinity: GatePolicy = {
  name: 'lba-affinity',
  summary: 'operations on the same 1 MiB of the disk go through the same queue',
  source:
    'Eric Wheeler, linux-block, 2022-04-14, 2a; dm-vdo, drivers/md/dm-vdo/logical-zone.c: a logical zone per queue',
  claims: [],
  words: 0,
  label: (op, ops) => (ops.kind[op] === FLUSH ? NONE : Math.floor(ops.offset[op]! / STRETCH)),
  submit: () => GO,
  settle: () => {},
};
