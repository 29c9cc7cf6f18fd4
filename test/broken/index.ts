/** The explicit list of what the checker must reject: one file each. */
import { checkThenCount } from './check-then-count.ts';
import { completionGap } from './completion-gap.ts';
import { discardCrosses } from './discard-crosses.ts';
import { earlyAcknowledgement } from './early-acknowledgement.ts';
import { earlyFua } from './early-fua.ts';
import { forgetfulGeneration } from './forgetful-generation.ts';
import { lateRemainder } from './late-remainder.ts';
import { lostWakeUp } from './lost-wake-up.ts';
import { noGracePeriod } from './no-grace-period.ts';
import { oneQueueFlush } from './one-queue-flush.ts';
import type { Planted } from './planted.ts';
import { preflushOvertaken } from './preflush-overtaken.ts';
import { racyQuiesce } from './racy-quiesce.ts';
import { swallowedError } from './swallowed-error.ts';
import { unfairRangeLock } from './unfair-range-lock.ts';
import { zeroFilledRead } from './zero-filled-read.ts';

export const PLANTED: readonly Planted[] = [
  oneQueueFlush,
  earlyAcknowledgement,
  racyQuiesce,
  checkThenCount,
  unfairRangeLock,
  noGracePeriod,
  lateRemainder,
  lostWakeUp,
  zeroFilledRead,
  completionGap,
  earlyFua,
  preflushOvertaken,
  discardCrosses,
  forgetfulGeneration,
  swallowedError,
];
