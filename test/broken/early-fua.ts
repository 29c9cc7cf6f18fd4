/**
 * A write with FUA is acknowledged when it has been written, and no flush follows: its flag got lost on the way.
 *
 * Source: a device without FUA in front of which nobody emulates it; the sequence POSTFLUSH of block/blk-flush.c is what is missing.
 */
import { FUA } from '../../ordering/history.ts';
import { flagFront } from './flag-front.ts';
import { plant } from './planted.ts';

export const earlyFua = plant({
  name: 'early-fua',
  breaks: ['completed'],
  on: 'n-wq:2',
  parts: { front: flagFront('early-fua', (flags) => flags & ~FUA) },
});
