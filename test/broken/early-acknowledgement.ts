/**
 * A write is acknowledged as soon as its I/O has begun.
 *
 * A write-back cache that does not know it is one: the client's FLUSH finds the fsync at once, while the data are still on their
 * way. It is what Eric Wheeler feared of loop, "flush could return before IO completion", and the one thing that breaks even what
 * Ming Lei promises: `completed` rests on an acknowledgement that means something.
 */
import { WRITE } from '../../ordering/history.ts';
import { hastyCast } from './hasty.ts';
import { plant } from './planted.ts';

export const earlyAcknowledgement = plant({
  name: 'early-acknowledgement',
  breaks: ['completed', 'integrity'],
  on: 'n-wq:2',
  cast: hastyCast(() => (disk, call) => disk.calls[call]!.kind === WRITE),
});
