/**
 * affinity:SCOPE, an unbound workqueue with affinity scopes: the submitting CPU's pod has the workers.
 *
 * A scope divides the CPUs into pods: `cpu` makes each one a pod, `numa` each socket, `system` all of them, and `cache`
 * those that share a last-level cache. Unbound workqueues with equal attributes share their pools, so there is one queue per
 * pod for all devices and not one per device. A pod has as many workers as CPUs, so every scope has the same number of threads
 * and only who serves whom differs. Items start in the order of submission within a pod and end in any; a FLUSH is an item
 * like any other and runs beside the rest.
 *
 * The strict scopes pin a worker to its pod: it serves that pod's queue alone, and an idle pod does not help a busy one.
 * Where the kernel lets a worker migrate, another pod's worker helps here: its `serves` names its own pod first, then the
 * others, and it takes turns between all that have something; a new item wakes a sleeper of its own pod, and another one's
 * only when there is none. `system` has one pod, so strict or not is the same.
 *
 * The topology knows sockets and no caches. `cache` follows the default since 7.1, `cache_shard`: at most 8 CPUs of one
 * socket, in even shares; on sockets of 8 CPUs or fewer it is `numa`. `smt` would need siblings, which it does not know.
 *
 * On `null` an operation takes 1.1 to 1.6 x the CPU time of `single-wq`: the workers of other pods look into this one's queue.
 */
import type { Strategy, Topology } from './types.ts';

const SCOPES = ['cpu', 'cache', 'numa', 'system', 'cpu-strict', 'cache-strict', 'numa-strict'] as const;

/** CPUs of a `cache_shard` at most (`wq_cache_shard_size`). */
const SHARD = 8;

export const affinity: Strategy = {
  name: 'affinity',
  summary: 'a queue per pod of CPUs for all devices, and a worker for each CPU',
  source:
    'Documentation/core-api/workqueue.rst, "Affinity Scopes"; 4cdc8a7389d5 ' +
    '("workqueue: set WQ_AFFN_CACHE_SHARD as the default affinity scope")',
  parameter: {
    name: 'SCOPE',
    default: SCOPES.indexOf('cache'),
    least: 0,
    most: SCOPES.length - 1,
    choices: SCOPES,
  },
  claims: ['integrity', 'completed', 'progress'],

  open(choice, topology) {
    const [scope, strict] = SCOPES[choice]!.split('-');
    const { podOf, pods } = podsOf(scope!, topology);
    const workers = [...podOf].map((pod) => ({
      serves: strict ? [pod] : Array.from({ length: pods }, (_, k) => (pod + k) % pods),
    }));
    return {
      layout: {
        queues: Array.from({ length: pods }, (_, queue) => ({
          maxActive: strict ? podOf.filter((pod) => pod === queue).length : workers.length,
        })),
        workers,
      },
      route: (op, rt) => podOf[rt.ops.cpu[op]!]!,
    };
  },
};

/** The pod of each CPU; pods are numbered in the order of their first CPUs. */
function podsOf(scope: string, { cpus, socketOf }: Topology): { podOf: Uint16Array; pods: number } {
  const sizes = new Map<number, number>();
  for (const socket of socketOf) sizes.set(socket, (sizes.get(socket) ?? 0) + 1);
  const seen = new Map<number, number>();
  const numbers = new Map<string, number>();
  const podOf = new Uint16Array(cpus);
  for (let cpu = 0; cpu < cpus; cpu++) {
    const socket = socketOf[cpu]!;
    const size = sizes.get(socket)!;
    const place = seen.get(socket) ?? 0;
    seen.set(socket, place + 1);
    const shard = Math.floor((place * Math.ceil(size / SHARD)) / size);
    const names: Record<string, string> = {
      cpu: `${cpu}`,
      cache: `${socket}.${shard}`,
      numa: `${socket}`,
      system: 'all',
    };
    const pod = names[scope]!;
    if (!numbers.has(pod)) numbers.set(pod, numbers.size);
    podOf[cpu] = numbers.get(pod)!;
  }
  return { podOf, pods: numbers.size };
}
