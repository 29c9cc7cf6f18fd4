/** The clients, in the order of the tables. */
import type { Client } from './client.ts';
import { fireAndForget } from './fire-and-forget.ts';
import { jbd2, jbd2AsyncCommit } from './jbd2.ts';
import { xfsLog } from './xfs-log.ts';

export const CLIENTS: readonly Client[] = [jbd2, jbd2AsyncCommit, xfsLog, fireAndForget];
