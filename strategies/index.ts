/** The explicit list of what exists: a strategy or policy that is not here can't be named on the command line. */
import { affinity } from './affinity.ts';
import { blkcg } from './blkcg.ts';
import { dmCrypt } from './dm-crypt.ts';
import { epoch } from './flush/epoch.ts';
import { generation } from './flush/generation.ts';
import { passThrough } from './flush/pass-through.ts';
import { quiesce } from './flush/quiesce.ts';
import { blkFlush, blkFlushFua, blkFlushHwq, blkFlushHwqFua } from './front/blk-flush.ts';
import { hwqKthread } from './hwq-kthread.ts';
import { inline } from './inline.ts';
import { ioWq } from './io-wq.ts';
import { kthreadWorker } from './kthread-worker.ts';
import { mqDev16 } from './mq-dev16.ts';
import { mqGlobal } from './mq-global.ts';
import { nWq } from './n-wq.ts';
import { nowait } from './nowait.ts';
import { lbaAffinity } from './order/lba-affinity.ts';
import { rangeLock } from './order/range-lock.ts';
import { perCpu } from './per-cpu.ts';
import { perSocket } from './per-socket.ts';
import { roundRobin } from './round-robin.ts';
import { sharedPool } from './shared-pool.ts';
import { singleWq } from './single-wq.ts';
import { split } from './split.ts';
import { thread } from './thread.ts';
import type { Front, GatePolicy, Strategy } from './types.ts';
import { ublk } from './ublk.ts';
import { workStealing } from './work-stealing.ts';
import { zloop } from './zloop.ts';

export { PLUGIN_INTERFACE } from './types.ts';

/** The thread's, then what kernels shipped, then the siblings. */
export const STRATEGIES: readonly Strategy[] = [
  singleWq,
  perSocket,
  nWq,
  sharedPool,
  perCpu,
  thread,
  mqGlobal,
  mqDev16,
  kthreadWorker,
  blkcg,
  nowait,
  hwqKthread,
  split,
  ublk,
  zloop,
  ioWq,
  affinity,
  roundRobin,
  dmCrypt,
  inline,
  workStealing,
];

/** What may stand in front of the driver; a design without one in its name takes operations as they come. */
export const FRONTS: readonly Front[] = [blkFlush, blkFlushHwq, blkFlushFua, blkFlushHwqFua];

/** The first is what a design without a flush policy in its name has. */
export const FLUSH_POLICIES: readonly GatePolicy[] = [passThrough, quiesce, epoch, generation];

/** How overlapping operations keep their order; a design without one in its name has none. */
export const ORDER_POLICIES: readonly GatePolicy[] = [lbaAffinity, rangeLock];
