/**
 * dm-crypt:OPTIONS, the target below the thread's author's dm-thin: every block of the file is encrypted.
 *
 * A WRITE goes to kcryptd, an unbound workqueue with a worker for each CPU, where AES-XTS takes most of the time. What is
 * encrypted enters a tree that is sorted by sector. The device's writer thread takes the whole tree and submits it
 * ascending, while the next tree grows. A READ is begun by its submitter, and decrypted by kcryptd once it has come back.
 * kcryptd's workers serve all devices, as unbound workqueues of equal attributes share their pools. Writes start in no
 * order but that of their sectors, and overlapping ones may change places twice: between two workers, and in the tree.
 *
 * A FLUSH bypasses all of it (`crypt_map`), as does a DISCARD: its submitter calls fsync at once, beside writes that are
 * still being encrypted. The comment there says that device-mapper has nothing in flight by then. That was so for barriers;
 * since 6a8736d10cb4 ("dm: relax ordering of bio-based flush implementation") nobody waits. So `submitted` is lost, as the
 * thread's author alleges. `completed` holds: a write is acknowledged when it was written, so who waits for it loses nothing.
 *
 * The options are dm-crypt's. `same-cpu`: each CPU's worker does that CPU's operations. `submit`: it writes what it has
 * encrypted, without tree and thread (submit_from_crypt_cpus). `no-read`, `no-write`: what is in kcryptd's place is the
 * request's submitter, which then writes at once; with both this is `inline` with a cipher.
 *
 * On `null` an operation takes 8 to 13 x the CPU time of `single-wq`: 4.2 us of CPU for the cipher of 4 KiB (engine/crypt.ts), and the
 * wake-ups of a second thread.
 */
import { HERE, INLINE, NONE, type OpId, type Ops, type Runtime, type Strategy } from './types.ts';

const READ = 0;
const WRITE = 1;

const OPTIONS = ['same-cpu', 'submit', 'no-read', 'no-write'] as const;
const has = (options: number, option: (typeof OPTIONS)[number]): boolean =>
  (options & (1 << OPTIONS.indexOf(option))) !== 0;

export const dmCrypt: Strategy = {
  name: 'dm-crypt',
  summary: 'AES-XTS in a worker per CPU, then one writer per device in the order of sectors',
  source:
    'drivers/md/dm-crypt.c; f3396c58fd84 ("dm crypt: use unbound workqueue for request processing"), b3c5fd305249 ' +
    '("dm crypt: sort writes"), 39d42fa96ba1',
  parameter: { name: 'OPTIONS', default: 0, least: 0, most: 2 ** OPTIONS.length - 1, flags: OPTIONS },
  claims: ['integrity', 'completed', 'progress'],

  open(options, { cpus, devices }) {
    const [sameCpu, submit, noRead, noWrite] = OPTIONS.map((option) => has(options, option));
    const kcryptd = noRead && noWrite ? 0 : cpus;
    const pools = sameCpu ? kcryptd : Math.min(1, kcryptd);
    const writers = submit || noWrite ? 0 : devices;
    const crypt = (op: OpId, { cpu }: Ops): number => cpu[op]! % pools;
    const tree = sectorTree();
    return {
      layout: {
        queues: [
          ...Array.from({ length: pools }, () => ({ maxActive: sameCpu ? 1 : cpus })),
          ...Array.from({ length: writers }, () => ({ maxActive: 1 })),
        ],
        workers: [
          ...Array.from({ length: kcryptd }, (_, cpu) => ({ serves: [cpu % pools] })),
          ...Array.from({ length: writers }, (_, device) => ({ serves: [pools + device] })),
        ],
        inline: true,
        transform: true,
      },
      route(op, { ops }) {
        const kind = ops.kind[op];
        const first = ops.step[op] === 0;
        if (kind === READ && !first) return noRead ? HERE : crypt(op, ops);
        if (kind !== WRITE || (first && noWrite)) return INLINE;
        if (first) return crypt(op, ops);
        return writers > 0 ? pools + ops.device[op]! : HERE;
      },
      next: (worker, rt) =>
        worker < kcryptd ? rt.pop(worker % pools) : tree.next(pools + worker - kcryptd, rt),
    };
  },
};

/** The writer's: the tree that it took, the highest sector first, so that the next one is the last. */
function sectorTree(): { next(queue: number, rt: Runtime): OpId } {
  const taken: OpId[] = [];
  return {
    next(queue, rt) {
      if (taken.length === 0) {
        for (let op = rt.pop(queue); op !== NONE; op = rt.pop(queue)) insert(taken, op, rt.ops.offset);
      }
      return taken.pop() ?? NONE;
    },
  };
}

/** Of equal sectors the older one is taken first. */
function insert(taken: OpId[], op: OpId, offset: Float64Array): void {
  let place = taken.length;
  taken.push(op);
  while (place > 0 && offset[taken[place - 1]!]! <= offset[op]!) {
    taken[place] = taken[place - 1]!;
    place--;
  }
  taken[place] = op;
}
