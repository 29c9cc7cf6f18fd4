/**
 * hwq-kthread:N, a proposal of Ming Lei's (2014, again 2025): N hardware queues per device with a thread each.
 *
 * "It is better to use multi hw-queue with per-hwq kthread than current work approach suppose there is so high performance
 * requirement for loop." blk-mq maps neighbouring CPUs to one hardware queue, and never more queues than there are CPUs,
 * so an operation goes to queue (CPU * N / CPUs) where `n-wq` takes CPU mod N: CPUs of one socket stay together. FIFO
 * within a hardware queue, one thread behind each, nothing between them. A FLUSH runs in its submitter's hardware queue and
 * knows nothing of the others; since f70ced0 the block layer's flush machine is one per hardware queue as well.
 */
import type { Strategy } from './types.ts';

export const hwqKthread: Strategy = {
  name: 'hwq-kthread',
  summary: 'N hardware queues with a thread each per device, neighbouring CPUs together',
  source: 'Ming Lei, Linux 4.4, e03a3d7a94e2: "multi hw-queue with per-hwq kthread"; proposed, not merged',
  parameter: { name: 'N', default: 4, least: 1, most: 64 },
  claims: ['integrity', 'completed', 'progress'],

  open(n, { devices, cpus }) {
    const hardware = Math.min(n, cpus);
    const each = Array.from({ length: devices * hardware }, (_, queue) => queue);
    return {
      layout: {
        queues: each.map(() => ({ maxActive: 1 })),
        workers: each.map((queue) => ({ serves: [queue] })),
      },
      route: (op, { ops }) => ops.device[op]! * hardware + Math.floor((ops.cpu[op]! * hardware) / cpus),
    };
  },
};
