/**
 * io-wq:N, io_uring's own worker pool: N bounded workers for all files, and writes of one file to one of them.
 *
 * "All the popular filesystems need to grab the inode lock for buffered writes", so io_uring hashes the buffered writes
 * of a regular file by its inode, and one bucket executes one at a time; its first remedy was a second workqueue with a
 * limit of 2. Reads and fsyncs are not hashed: any worker takes them. So the writes of a device keep their order, its reads
 * start in order and end in any, and a FLUSH passes the writes queued before it. Devices share all N workers; two devices
 * whose numbers are equal mod N share a bucket.
 *
 * The kernel allows min(SQ entries, 4 x CPUs) workers and lets any of them take a bucket that nobody executes. Here bucket i
 * belongs to worker i, which takes turns between it and the common queue: a bucket may wait for one read of its
 * worker. With `uring` that worker has many writes in flight, as newer kernels do not hash direct writes. On `null` a mix of reads and
 * writes takes 1.3 to 1.8 x the CPU time of `single-wq`: N workers contend for the common queue.
 */
import type { Strategy } from './types.ts';

const READ = 0;
const FLUSH = 2;

/** What any worker takes; behind it the buckets. */
const COMMON = 0;

export const ioWq: Strategy = {
  name: 'io-wq',
  summary: 'N workers for all devices, writes of one file serial in one of them',
  source:
    'io_uring/io-wq.c; 54a91f3bb9b9 ("io_uring: limit parallelism of buffered writes"), Jens Axboe, linux-block',
  parameter: { name: 'N', default: 4, least: 1, most: 256 },
  claims: ['integrity', 'completed', 'progress'],

  open(n) {
    const each = Array.from({ length: n }, (_, worker) => worker);
    return {
      layout: {
        queues: [{ maxActive: n }, ...each.map(() => ({ maxActive: 1 }))],
        workers: each.map((worker) => ({ serves: [COMMON, 1 + worker] })),
      },
      route(op, { ops }) {
        const hashed = ops.kind[op] !== READ && ops.kind[op] !== FLUSH;
        return hashed ? 1 + (ops.device[op]! % n) : COMMON;
      },
    };
  },
};
