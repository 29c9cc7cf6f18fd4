/**
 * A write with PREFLUSH whose data do not wait for the flush: they go first, and one flush behind them is to serve for both. A commit
 * record is then on the medium before what it commits.
 *
 * Source: what jbd2's PREFLUSH|FUA commit relies on (fs/jbd2/commit.c); the author of the thread suspected dm-crypt of the like.
 */
import { FUA, PREFLUSH } from '../../ordering/history.ts';
import { flagFront } from './flag-front.ts';
import { plant } from './planted.ts';

export const preflushOvertaken = plant({
  name: 'preflush-overtaken',
  breaks: ['completed'],
  on: 'n-wq:2',
  parts: {
    front: flagFront('preflush-overtaken', (flags) =>
      (flags & PREFLUSH) !== 0 ? (flags & ~PREFLUSH) | FUA : flags,
    ),
  },
});
