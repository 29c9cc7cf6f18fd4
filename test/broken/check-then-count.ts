/**
 * A write leaves the list, and is counted a moment later. A FLUSH that arrives in between finds an empty list and a count of zero, and
 * its fsync passes a write that was submitted long before.
 *
 * The same mistake where a write is *submitted* breaks no rule: its submission has not ended, so the FLUSH owes it nothing.
 */
import { GATELESS, lockFreeQuiesce } from './lock-free-quiesce.ts';
import { plant } from './planted.ts';

export const checkThenCount = plant({
  name: 'check-then-count',
  breaks: ['submitted', 'barrier'],
  on: 'n-wq:2',
  parts: { flush: GATELESS },
  cast: lockFreeQuiesce({ count: true }),
});
