/** Snapshots of backing files while designs write to them, at instants drawn by chance, held to the contracts. */
import { rmSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import type { TrialRecord } from '../../datasets/schema.ts';
import { now } from '../../engine/clock.ts';
import { MachineError } from '../../engine/errors.ts';
import { close, errorName, type Mapping, mapMemory, pread, unmap, viewOf } from '../../engine/libc.ts';
import { cloneFile } from '../../engine/reflink.ts';
import { versionOf } from '../../engine/stamps.ts';
import type { World } from '../../ordering/check.ts';
import { type History, SEEN_UNCHECKED } from '../../ordering/history.ts';
import { checkSnapshots, type Image, type SnapshotVerdicts } from '../../ordering/snapshot/check.ts';
import type { Companion, TrialAtHand } from '../companion.ts';

/** Milliseconds from one snapshot to the next, on average. */
const PAUSE = 10;
const CHUNK = 1 << 20;

/** What the snapshots of one trial showed. */
export interface Judged {
  record: TrialRecord;
  taken: number;
  verdicts: SnapshotVerdicts;
}

/**
 * Takes `wanted` snapshots of each trial, of its devices in turn, and then ends it.
 *
 * @param random numbers from 0 to 1, which place them in time
 */
export function photographer(
  wanted: number,
  random: () => number,
  tell: (judged: Judged) => void,
): Companion {
  let images: Image[] = [];
  return {
    async accompany(trial: TrialAtHand, over: AbortSignal): Promise<void> {
      images = [];
      const chunk = mapMemory(CHUNK);
      try {
        while (images.length < wanted && (await rest(2 * PAUSE * random(), over))) {
          images.push(photograph(trial, images.length % trial.files.length, chunk));
        }
      } finally {
        unmap(chunk);
      }
    },
    judge(record: TrialRecord, history: History, world: World): void {
      tell({ record, taken: images.length, verdicts: checkSnapshots(history, world, images) });
    },
  };
}

/** False when the trial was over before the time was. */
async function rest(milliseconds: number, over: AbortSignal): Promise<boolean> {
  await after(milliseconds, undefined, { signal: over }).catch(() => {});
  return !over.aborted;
}

/** Clones a device's file, reads which version each unit of the clone has, and removes it. */
function photograph(trial: TrialAtHand, device: number, chunk: Mapping): Image {
  const file = trial.files[device]!;
  const path = `${file.path}.snapshot`;
  const begin = now();
  const clone = cloneFile(file.buffered, path);
  const end = now();
  try {
    return { device, begin, end, seen: versionsIn(clone, trial, device, chunk) };
  } finally {
    close(clone);
    rmSync(path, { force: true });
  }
}

function versionsIn(clone: number, trial: TrialAtHand, device: number, chunk: Mapping): Uint32Array {
  const { unitBytes, base, cipher } = trial;
  const { path, bytes } = trial.files[device]!;
  const seen = new Uint32Array(Math.floor(bytes / unitBytes)).fill(SEEN_UNCHECKED);
  const words = new Uint32Array(viewOf(chunk));
  const step = Math.floor(CHUNK / unitBytes) * unitBytes;
  for (let from = 0; from < bytes; from += step) {
    const wanted = Math.min(step, bytes - from);
    const read = pread(clone, chunk.address, wanted, from);
    if (read !== wanted) throw new MachineError(`a snapshot of ${path} can't be read: ${errorName(read)}`);
    cipher?.decrypt(words, 0, wanted, from);
    for (let at = 0; at + unitBytes <= wanted; at += unitBytes) {
      const offset = from + at;
      seen[offset / unitBytes] = versionOf(words, at / 4, unitBytes, offset, base, trial.trial, device);
    }
  }
  return seen;
}
