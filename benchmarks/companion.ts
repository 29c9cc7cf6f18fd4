/** What goes on beside the trials of a run, and judges each of them afterwards. */
import type { TrialRecord } from '../datasets/schema.ts';
import type { BackingFile } from '../engine/backing.ts';
import type { SectorCipher } from '../engine/crypt.ts';
import type { World } from '../ordering/check.ts';
import type { History } from '../ordering/history.ts';

export interface Companion {
  /**
   * A trial is about to begin; warm-ups are left out. It lasts until what this returns has resolved, and `over` tells when its
   * own jobs end it before.
   */
  accompany(trial: TrialAtHand, over: AbortSignal): Promise<void>;
  /** That trial's history, of a reference row as well. It lasts until this returns. */
  judge(record: TrialRecord, history: History, world: World): void;
}

export interface TrialAtHand {
  /** The backing files, by device. */
  files: readonly BackingFile[];
  unitBytes: number;
  /** Where what lies in the files is encrypted. */
  cipher: SectorCipher | undefined;
  /** Words of the run and of the trial, as stamps.ts has them. */
  base: number;
  trial: number;
}

/** Sets a companion going. `done` ends the trial; `end` tells the companion that the trial is over, and waits for it. */
export function keepCompany(
  companion: Companion | undefined,
  trial: TrialAtHand,
): { done: AbortSignal; end(): Promise<void> } {
  const over = new AbortController();
  const done = new AbortController();
  const company = companion?.accompany(trial, over.signal).finally(() => done.abort());
  // What it throws is thrown by `end`, and until then it is nobody's.
  company?.catch(() => {});
  return {
    done: done.signal,
    async end() {
      over.abort();
      await company;
    },
  };
}
