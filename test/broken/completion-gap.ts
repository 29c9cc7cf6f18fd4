/**
 * A ring whose completions are taken to come in order: when a later write has completed, all before it are done.
 *
 * fio kept the last few completions of a job and took every write issued before them for written; a write that stalled fell into
 * the gap and was verified although it had never completed (axboe/fio issue 1950).
 */
import type { Disk } from '../../engine/simulator/disk.ts';
import { WRITE } from '../../ordering/history.ts';
import { hastyCast, type Taken } from './hasty.ts';
import { plant } from './planted.ts';

/** Takes a write for done when one that this worker has begun after it is. */
function upToTheLatest(): Taken {
  let writes: { call: number; version: number }[] = [];
  const isInFlight = (disk: Disk, { call, version }: (typeof writes)[number]): boolean =>
    disk.calls[call]!.version === version && (disk.inFlight(call) || disk.isDone(call));
  return (disk, call) => {
    const { kind, version } = disk.calls[call]!;
    if (kind !== WRITE) return false;
    writes = writes.filter((write) => isInFlight(disk, write));
    if (!writes.some((write) => write.version === version)) writes.push({ call, version });
    const at = writes.findIndex((write) => write.version === version);
    return writes.slice(at + 1).some((later) => disk.isDone(later.call));
  };
}

export const completionGap = plant({
  name: 'completion-gap',
  breaks: ['completed', 'integrity'],
  on: 'n-wq:2',
  cast: hastyCast(upToTheLatest),
});
