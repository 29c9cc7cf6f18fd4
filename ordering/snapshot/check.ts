/** Snapshots of one trial's files and its history -> a verdict for each contract that an image can break. Pure. */
import type { Verdict } from '../contracts.ts';
import { type Facts, gather, type World } from '../facts.ts';
import type { History } from '../history.ts';
import {
  type FilePlaces,
  type Image,
  type Judgement,
  judgeImage,
  placesOf,
  SNAPSHOT_CONTRACTS,
} from './image.ts';
import { snapshotWitness } from './witness.ts';

export type { Image } from './image.ts';
export { SNAPSHOT_CONTRACTS } from './image.ts';
export type SnapshotContract = (typeof SNAPSHOT_CONTRACTS)[number];
/** A situation is an image: `proved` where something had to be in it and was. */
export type SnapshotVerdicts = Record<SnapshotContract, Verdict>;

/** Images of a contract among which the smallest witness is looked for. */
const LOOK_AT = 8;

/** @example checkSnapshots(history, world, [{ device: 0, begin, end, seen }]).barrier.lost */
export function checkSnapshots(history: History, world: World, images: readonly Image[]): SnapshotVerdicts {
  const facts = gather(history, world);
  const files = new Map<number, FilePlaces>();
  const verdicts = noVerdicts();
  const lost = SNAPSHOT_CONTRACTS.map((): { judgement: Judgement; places: FilePlaces }[] => []);
  for (const image of images) {
    const file = fileOf(facts, image.device);
    const places = files.get(file) ?? placesOf(facts, file);
    files.set(file, places);
    const judgement = judgeImage(facts, places, image);
    for (const [c, contract] of SNAPSHOT_CONTRACTS.entries()) {
      if (judgement.lost[c]) {
        verdicts[contract].lost++;
        if (lost[c].length < LOOK_AT) lost[c].push({ judgement, places });
      } else if (judgement.exercised[c]) verdicts[contract].proved++;
      else verdicts[contract].notExercised++;
    }
  }
  for (const [c, contract] of SNAPSHOT_CONTRACTS.entries()) {
    const witness = snapshotWitness(facts, lost[c], c);
    if (witness !== undefined) verdicts[contract].witness = witness;
  }
  return verdicts;
}

/** A device that no operation went to may still share its file with one that was used. */
function fileOf({ inode, devices, world }: Facts, device: number): number {
  for (let d = 0; d < devices; d++) if (world.inodeOf(d) === world.inodeOf(device)) return inode[d];
  return -1;
}

/** The sum over trials; of two witnesses the smaller one is kept. */
export function addVerdicts(sum: SnapshotVerdicts, more: SnapshotVerdicts): SnapshotVerdicts {
  const total = noVerdicts();
  for (const contract of SNAPSHOT_CONTRACTS) {
    const [a, b] = [sum[contract], more[contract]];
    const verdict = total[contract];
    for (const key of ['proved', 'unproved', 'lost', 'notExercised'] as const) verdict[key] = a[key] + b[key];
    const crosses = (v: Verdict): number => (v.witness?.crossesQueues ? 0 : 1);
    const size = (v: Verdict): number => v.witness?.rows.length ?? Infinity;
    const first = crosses(a) - crosses(b) || size(a) - size(b);
    const witness = (first <= 0 ? a : b).witness ?? b.witness;
    if (witness !== undefined) verdict.witness = witness;
  }
  return total;
}

export function noVerdicts(): SnapshotVerdicts {
  const none = (): Verdict => ({ proved: 0, unproved: 0, lost: 0, notExercised: 0 });
  return { integrity: none(), completed: none(), submitted: none(), barrier: none() };
}
