/**
 * nowait:N, what was applied for Linux 6.19 and reverted before its release: the submitter tries first.
 *
 * A READ or WRITE is issued where it was submitted, with IOCB_NOWAIT. If that would have to wait, for a lock of the inode,
 * for blocks to be allocated or for a page that is not there, it is refused at once or at its completion, and goes to the
 * workqueue after all: a punt. Writes are tried only while no write of the device is on the slow path ("NOWAIT won't cause
 * contention with blocking WRITE", the hint that took back 5 to 10 % on sparse files); reads always. The slow path is
 * `blkcg`: a worker per device and cgroup, and a root worker, which has the FLUSHes. Nothing else is tried, so a FLUSH runs beside what
 * the submitters have in flight, and on another thread than all of it.
 *
 * The kernel did so for direct I/O alone; for a buffered loop device it remains `blkcg`. Here `sync` tries as well, as that
 * is the question behind it: a read of the page cache needs no worker. ext4 refuses every buffered write (EOPNOTSUPP) and
 * tmpfs everything; after the first refusal of that kind the submitter spares itself the call. O_DIRECT writes into blocks
 * that the page cache holds, or that the file has not yet, are refused one by one. Not modelled is why it was reverted:
 * the depth of the kernel's stack, and journal and plug state of the submitting task. On `null` an operation takes 0.4 to 0.6 x the CPU
 * time of `single-wq` and, as one thread does all of it, up to 2 x as long.
 */
import { NOWAIT, type Strategy } from './types.ts';

const READ = 0;
const WRITE = 1;
const FLUSH = 2;

export const nowait: Strategy = {
  name: 'nowait',
  summary: 'the submitter tries without waiting; what would wait goes the way of blkcg',
  source:
    'Linux 6.19-rc, 0ba93a9 ("loop: try to handle loop aio command via NOWAIT IO first"), 837ed30, reverted by 96f03c8; ' +
    'Ming Lei',
  parameter: { name: 'N', default: 1, least: 0, most: 64 },
  claims: ['integrity', 'completed', 'progress'],

  open(n, { devices }) {
    const each = Array.from({ length: devices * (n + 1) }, (_, queue) => queue);
    return {
      layout: {
        queues: each.map(() => ({ maxActive: 1 })),
        workers: each.map((queue) => ({ serves: [queue] })),
        inline: true,
        // Per device: writes on the slow path, queued or under way.
        words: devices,
      },
      route(op, { ops, words }) {
        const kind = ops.kind[op]!;
        const device = ops.device[op]!;
        const root = device * (n + 1);
        if (kind === FLUSH) return root;
        const stable = kind === READ || (kind === WRITE && words.load(device) === 0);
        if (stable && ops.tries[op] === 0) return NOWAIT;
        if (kind === WRITE) words.add(device, 1);
        return n === 0 ? root : root + 1 + (ops.cgroup[op]! % n);
      },
      done(op, { ops, words }) {
        if (ops.kind[op] === WRITE) words.add(ops.device[op]!, -1);
      },
    };
  },
};
