/**
 * per-cpu: what the thread rules out, "certainly not 1:1 CPU to workqueue mapping because of the old WQ issue running out
 * of pid's with lots of CPUs".
 *
 * Each device has a queue and a worker for every CPU, and an operation goes to its own CPU's. Operations of a CPU keep
 * their order, those of two CPUs have none, and a FLUSH knows its own CPU's queue alone: `n-wq` with N as large as it can
 * be. It is here so that its price is seen, and that is devices x CPUs threads: 16 devices on 64 CPUs are 1,024, more than
 * a run may have, and the run is refused with that number. Since cmwq the kernel's workqueues share their workers, and
 * the "old WQ issue" is history; the threads and the switches between them still cost.
 */
import type { Strategy } from './types.ts';

export const perCpu: Strategy = {
  name: 'per-cpu',
  summary: 'one queue and one worker per device and CPU',
  source: 'Eric Wheeler, linux-block, 2022-04-14: "Certainly not 1:1 CPU to workqueue mapping"',
  claims: ['integrity', 'completed', 'progress'],

  open(_parameter, { devices, cpus }) {
    const each = Array.from({ length: devices * cpus }, (_, queue) => queue);
    return {
      layout: {
        queues: each.map(() => ({ maxActive: 1 })),
        workers: each.map((queue) => ({ serves: [queue] })),
      },
      route: (op, rt) => rt.ops.device[op]! * cpus + rt.ops.cpu[op]!,
    };
  },
};
