/**
 * split:N, what 4.0 knew of files and later drivers forgot: reads in parallel, writes one behind the other.
 *
 * A buffered write takes the inode's lock for itself, so a second writer of the same file only waits and switches; reads
 * share. Each device has N queues for reads, chosen by the submitting CPU, with a worker each, and one queue with one
 * worker for everything else. Reads of a CPU keep their order. So do writes and FLUSHes of the device, whatever their
 * CPU; with `sync` a FLUSH therefore runs after every write queued before it. Reads and writes overtake each other.
 *
 * Direct writes need no such lock, and with `uring` the one worker submits them in order and has them in flight together.
 * A FLUSH stops that worker while it runs. Unlike `mq-global` no pool is shared: N + 1 threads a device. On `null` a mix of reads
 * and writes takes 1.3 to 2.6 x the CPU time of `single-wq`, since it wakes two workers where that wakes one.
 */
import type { Strategy } from './types.ts';

const READ = 0;

export const split: Strategy = {
  name: 'split',
  summary: 'N read queues by CPU and one write queue per device',
  source:
    'Linux 4.0, b5dd2f6047ca: "write requests over same file are often run exclusively, so don\'t handle them ' +
    'concurrently"',
  parameter: { name: 'N', default: 4, least: 1, most: 64 },
  claims: ['integrity', 'completed', 'progress'],

  open(n, { devices }) {
    const each = Array.from({ length: devices * (n + 1) }, (_, queue) => queue);
    return {
      layout: {
        queues: each.map(() => ({ maxActive: 1 })),
        workers: each.map((queue) => ({ serves: [queue] })),
      },
      route(op, { ops }) {
        const writes = ops.device[op]! * (n + 1);
        return ops.kind[op] === READ ? writes + 1 + (ops.cpu[op]! % n) : writes;
      },
    };
  },
};
