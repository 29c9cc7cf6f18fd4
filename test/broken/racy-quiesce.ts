/**
 * An operation decides to wait and only then enters the list. The completion that would have let it go has come between, found
 * the list empty and gone; nobody comes again.
 */
import { GATELESS, lockFreeQuiesce } from './lock-free-quiesce.ts';
import { plant } from './planted.ts';

export const racyQuiesce = plant({
  name: 'racy-quiesce',
  breaks: ['progress'],
  on: 'n-wq:2',
  parts: { flush: GATELESS },
  cast: lockFreeQuiesce({ park: true }),
});
