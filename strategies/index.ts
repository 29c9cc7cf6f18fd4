/** The explicit list of what exists: a strategy or policy that is not here can't be named on the command line. */
import { blkcg } from './blkcg.ts';
import { passThrough } from './flush/pass-through.ts';
import { quiesce } from './flush/quiesce.ts';
import { nWq } from './n-wq.ts';
import { perSocket } from './per-socket.ts';
import { sharedPool } from './shared-pool.ts';
import { singleWq } from './single-wq.ts';
import type { GatePolicy, Strategy } from './types.ts';

export const STRATEGIES: readonly Strategy[] = [singleWq, perSocket, nWq, sharedPool, blkcg];

/** The first is what a design without a flush policy in its name has. */
export const FLUSH_POLICIES: readonly GatePolicy[] = [passThrough, quiesce];
